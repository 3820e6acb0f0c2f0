"""The command line as a user runs it, from files to a named best candidate."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr

from bayessel import Question
from bayessel.acquisition import ACQUISITIONS
from bayessel.cli.steps import _left, _waiting, by_query
from bayessel.cli.strategy_options import StrategyChoice
from bayessel.inference.engines import ENGINES
from bayessel.selection.ledger import Ledger
from bayessel.strategies import STRATEGIES
from bayessel.tasks.readers import FORMATS
from sample import rows

PICTURES = ("p_best", "win_rates", "eps")


def test_select_names_the_best_and_leaves_the_files(bayessel, table, tmp_path):
    result = bayessel("select", table, "--budget", "18", "--out", "run")
    assert result.returncode == 0, result.stderr
    assert "Best: a" in result.stdout
    assert "All recorded judgments together: a is best, win rate 100.0 %" in result.stdout
    run = tmp_path / "run"
    for name in ("p_best", "win_rates"):
        assert (run / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert "<svg" in (run / f"{name}.svg").read_text()
    assert not (run / "eps.png").exists()  # all is judged: the rates are known
    history = pd.read_csv(run / "history.csv")
    assert history["call"].tolist() == list(range(1, 19))
    assert history["query"].nunique() == 6
    assert history["p_best"].iloc[-1] == 1.0  # all is judged: nothing is uncertain
    with xr.open_datatree(run / "result.nc", engine="h5netcdf") as tree:
        assert tree["posterior"]["p_best"].sel(candidate="a").mean() == 1.0
        assert tree.attrs["strategy"] == "bayessel"


@pytest.mark.parametrize("strategy", ["bayessel", "llm-selector", "random"])
def test_json_is_one_object_and_the_seed_decides(bayessel, table, strategy):
    arguments = ("select", table, "--budget", "9", "--strategy", strategy, "--json", "--seed", "5")
    first = bayessel(*arguments, "--out", "one")
    again = bayessel(*arguments, "--out", "two")
    found, same = json.loads(first.stdout), json.loads(again.stdout)
    assert found.pop("files") != same.pop("files")
    assert found == same
    whole = strategy != "bayessel"
    assert (found["calls"], found["whole_queries"]) == (9, 3)
    assert found["queries_opened"] == 3 or not whole
    assert found["cost"] is None
    assert found["in_race"][0] in "abc"
    assert found["table"][0]["candidate"] == found["best"]
    assert {row["calls"] for row in found["table"]} == {3} or not whole
    assert sum(row["calls"] for row in found["table"]) == 9
    assert found["strategy"] == strategy
    assert found["recorded_best"] == "a"


def test_the_same_command_goes_on_where_it_stopped(bayessel, table, tmp_path):
    assert bayessel("select", table, "--budget", "7", "--out", "run").returncode == 0
    assert bayessel("select", table, "--budget", "15", "--out", "run").returncode == 0
    assert bayessel("select", table, "--budget", "15", "--out", "whole").returncode == 0
    columns = ["call", "query", "candidate", "recommended", "p_best", "win_rate"]
    resumed = pd.read_csv(tmp_path / "run" / "history.csv")[columns]
    whole = pd.read_csv(tmp_path / "whole" / "history.csv")[columns]
    pd.testing.assert_frame_equal(resumed, whole)


def test_a_budget_above_what_is_judged_is_cut_with_a_note(bayessel, table):
    result = bayessel("select", table, "--budget", "60", "--strategy", "random")
    assert result.returncode == 0, result.stderr
    assert "note: budget 60 was cut to 18 calls, all the cells with recorded" in result.stdout
    assert "  18 calls on 6 of 6 queries; as many as 6 whole queries take" in result.stdout


def test_a_budget_below_what_was_judged_buys_nothing(bayessel, table):
    few = ("select", table, "--strategy", "random", "--out", "run", "--budget")
    assert bayessel(*few, "9").returncode == 0
    result = bayessel(*few, "6")
    assert "note: 9 calls were made before in run, more than the budget of 6" in result.stdout
    assert "  9 calls on 3 of 6 queries" in result.stdout
    assert "as many as the budget of 9: nothing more is bought" in bayessel(*few, "9").stdout


def test_a_whole_query_that_does_not_fit_stays_unspent_with_a_note(bayessel, table):
    result = bayessel("select", table, "--budget", "8", "--strategy", "random")
    assert "note: 2 calls stay unspent: the next whole query takes more" in result.stdout
    assert "  6 calls on 2 of 6 queries" in result.stdout
    found = bayessel("select", table, "--budget", "8", "--strategy", "random", "--json")
    assert json.loads(found.stdout)["calls"] == 6


def test_progress_and_the_table_say_their_units(bayessel, table):
    result = bayessel("select", table, "--budget", "6", "--strategy", "random", "--whole-queries")
    assert result.returncode == 0, result.stderr
    assert "    3/6 calls, 1 query  q" in result.stdout
    assert "    6/6 calls, 2 queries  q" in result.stdout
    assert "; in the race: " in result.stdout
    head = next(line for line in result.stdout.splitlines() if "P(best)  win rate" in line)
    assert head.split("  ")[-1].strip() == "out since"
    assert "still in the race (P(best) of 0.01 or more): " in result.stdout
    assert "cost" not in result.stdout


def test_a_budget_that_is_much_more_than_needed_gets_a_hint(bayessel, tmp_path):
    many = [
        {"query_id": f"q{q:02}", "candidate": name, "outcome": outcome}
        for q in range(40)
        for name, outcome in (("a", "win"), ("b", "loss"), ("c", "loss"))
    ]
    pd.DataFrame(many).to_csv(tmp_path / "clear.csv", index=False)
    few = ("select", "clear.csv", "--baseline", "base", "--budget", "60")
    result = bayessel(*few, "--out", "all")
    assert result.returncode == 0, result.stderr
    hint = (
        r"hint: P\(best\) first reached 0.95 at call (\d+) of 60: --stop-at 0.95 would have ended"
    )
    (call,) = re.findall(rf"^{hint} there$", result.stdout, re.MULTILINE)
    stopped = bayessel(*few, "--stop-at", "0.95", "--out", "some")
    assert f"  {call} calls on " in stopped.stdout
    assert "hint" not in stopped.stdout
    assert "hint" not in bayessel(*few[:-1], str(int(call) + 1), "--out", "enough").stdout


def test_an_interval_says_its_level_and_its_unit_once(bayessel, table):
    result = bayessel("select", table, "--budget", "3", "--strategy", "random")
    said = r"win rate \d+\.\d % \(90 %: \d+\.\d to \d+\.\d\)"
    line = next(line for line in result.stdout.splitlines() if line.startswith("    3/3 calls"))
    assert re.search(said + "; in the race: ", line), line
    assert re.search(rf"^  P\(best\) \S+; {said}$", result.stdout, re.MULTILINE), result.stdout
    assert not re.search(r"\d - \d", result.stdout)
    assert "3 calls on 1 of 6 queries; as many as 1 whole query takes, 16.7 %" in result.stdout


def test_costs_are_spent_and_shown(bayessel, table, tmp_path):
    few = ("select", table, "--budget", "6", "--strategy", "random", "--out", "run")
    result = bayessel(*few, "--cost", "a=0.5,b=0.25")
    assert result.returncode == 0, result.stderr
    assert "3/6 calls, 1 query, cost 1.75  q" in result.stdout
    assert "6 calls on 2 of 6 queries, cost 3.50; as many as" in result.stdout
    standing = pd.read_csv(tmp_path / "run" / "standing.csv", index_col="candidate")
    assert standing["cost"].to_dict() == {"a": 1.0, "b": 0.5, "c": 2.0}
    assert pd.read_csv(tmp_path / "run" / "history.csv")["cost"].sum() == 3.5
    again = bayessel(*few, "--cost", "a=0.5", "--cost", "b=0.25", "--json")
    assert json.loads(again.stdout)["cost"] == 3.5


def test_a_column_of_costs(bayessel, tmp_path):
    costs = {"a": 0.5, "b": 0.25, "c": 1.0, "base": ""}
    frame = pd.DataFrame(rows())
    frame.assign(cost=frame["model"].map(costs)).to_csv(tmp_path / "t.csv", index=False)
    few = ("select", "t.csv", "--budget", "6", "--strategy", "random", "--json")
    assert json.loads(bayessel(*few, "--out", "one").stdout)["cost"] == 3.5
    dear = bayessel(*few, "--out", "two", "--cost", "a=10")
    assert json.loads(dear.stdout)["cost"] == 24


def test_a_run_that_is_begun_again_goes_on(bayessel, begun, unjudged):
    few = ("start", unjudged, "--baseline", "base", "--out", begun, "--cost", "a=0.5")
    again = bayessel(*few, "--strategy", "random")
    assert f"the run was in {begun} before and goes on, with 0 calls so far" in again.stdout


def test_what_else_waits_is_said(bayessel, begun):
    batch = json.loads(bayessel("next", begun, "--batch", "6", "--json").stdout)["questions"]
    first, second = (one["query"] for one in batch)
    assert bayessel("tell", begun, first, "a=win", "b=loss").returncode == 0
    said = bayessel("next", begun).stdout.splitlines()[-1]
    assert said.startswith("Asked before and not told yet: ")
    assert f"{second} (all 3 candidates)" in said


def test_who_was_not_judged_yet_did_not_catch_up(bayessel, unjudged):
    assert bayessel("start", unjudged, "--baseline", "base", "--out", "run").returncode == 0
    query = json.loads(bayessel("next", "run", "--json").stdout)["query"]
    assert bayessel("tell", "run", query, "a=draw").returncode == 0
    questions = json.loads(bayessel("next", "run", "--batch", "9", "--json").stdout)["questions"]
    (again,) = (one for one in questions if one["query"] == query)
    assert "not judged yet)" in again["why"]
    assert "catch" not in again["why"]


def test_whole_queries_say_why_and_are_named(bayessel, unjudged):
    few = ("start", unjudged, "--baseline", "base", "--out", "run", "--whole-queries")
    assert bayessel(*few).returncode == 0
    asked = json.loads(bayessel("next", "run", "--json").stdout)
    assert asked["why"] == "a query that was drawn, for all candidates"
    assert bayessel("tell", "run", asked["query"], "a=win", "b=draw", "c=loss").returncode == 0
    assert "strategy bayessel, whole queries\n" in bayessel("status", "run").stdout


def test_whole_queries_are_an_option_of_bayessel(bayessel, table):
    few = ("select", table, "--budget", "3", "--whole-queries", "--json")
    assert json.loads(bayessel(*few, "--out", "a").stdout)["options"]["whole_queries"] is True
    assert bayessel(*few, "--out", "b", "--strategy", "llm-selector").returncode == 0


def test_ties_over_all_recorded_judgments(bayessel, tmp_path):
    table = pd.DataFrame(rows())
    table.loc[table["outcome"] != "", "outcome"] = 0
    table.to_csv(tmp_path / "drawn.csv", index=False)
    result = bayessel("select", "drawn.csv", "--budget", "6", "--strategy", "random")
    assert "together: 3 candidates tie for best (a is one), win rate 50.0 %" in result.stdout


def test_who_has_the_highest_p_best_is_said(bayessel, table, monkeypatch):
    other = {"candidate": "b", "p_best": 0.4, "win_rate": 0.1}
    monkeypatch.setattr(
        "bayessel.reports.standing.highest_p_best", lambda table: {"highest_p_best": other}
    )
    result = bayessel("select", table, "--budget", "6", "--strategy", "random")
    assert (
        "  b has the highest P(best), 0.400, at an expected win rate of 10.0 %; a is recommended "
        "because its expected win rate is the highest" in result.stdout
    )


@pytest.mark.parametrize(("calls", "said"), [(2, False), (0, True)])
def test_a_recommendation_without_a_call_of_its_own_is_said(
    bayessel, table, monkeypatch, calls, said
):
    from bayessel.selection.selector import Selector

    table_of = Selector.table.fget
    monkeypatch.setattr(Selector, "table", property(lambda s: table_of(s).assign(calls=calls)))
    result = bayessel("select", table, "--budget", "6", "--strategy", "random")
    assert ("note: no call was spent on a: its win rate is a guess" in result.stdout) == said


@pytest.mark.parametrize(
    ("priors", "said"),
    [
        (["level=Normal(0, 1)"], ""),
        (
            ["drawing=Beta(1, 2)", "level=StudentT(4, 0, 1)"],
            "note: level=StudentT(df=4, loc=0, scale=1): the engine gibbs takes Normal there; "
            "Hamiltonian chains",
        ),
    ],
)
def test_a_prior_that_takes_the_sweeps_away_is_noted_once(capsys, priors, said):
    StrategyChoice(prior=priors).validate()
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(said)
    assert printed.err.count("\n") == bool(said)
    other_model = ["sd_quality=HalfNormal(0.2)"]  # no sweeps to lose
    StrategyChoice(prior=other_model, model="item_response").validate()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("command", ["select", "start"])
def test_strategies_and_acquisitions_are_named_in_the_help(bayessel, command):
    words = set(re.findall(r"[a-z-]+", bayessel(command, "--help").stdout))
    assert {*STRATEGIES, *ACQUISITIONS} <= words


def test_engines_and_formats_are_named_in_the_help(bayessel):
    words = set(re.findall(r"[a-z-]+", bayessel("fit", "--help").stdout))
    assert {*ENGINES, *FORMATS} <= words


def test_one_query_is_not_queries(bayessel, tmp_path):
    pd.DataFrame(rows(n_queries=1)).to_csv(tmp_path / "one.csv", index=False)
    result = bayessel("select", "one.csv", "--strategy", "random")
    assert "1 query, 3 candidates, baseline base" in result.stdout


def test_stopping_rules(bayessel, table):
    never = bayessel("select", table, "--budget", "6", "--stop-at", "1", "--json", "--out", "a")
    assert json.loads(never.stdout)["stopped"] is False
    early = bayessel("select", table, "--stop-at", "0.9", "--within", "0.5", "--json", "--out", "b")
    found = json.loads(early.stdout)
    assert found["stopped"] is True
    assert found["calls"] < 18
    again = json.loads(bayessel("status", "b", "--json").stdout)
    assert {k: again[k] for k in found if k != "files"} == {
        k: v for k, v in found.items() if k != "files"
    }
    text = bayessel("select", table, "--stop-at", "0.9", "--within", "0.5", "--out", "c")
    assert "stopping rule P(within 0.5) >= 0.9: reached" in text.stdout


def test_judging_by_hand_in_many_processes(bayessel_process, unjudged, tmp_path):
    bayessel = bayessel_process
    run = tmp_path / "run"
    begun = bayessel("select", unjudged, "--baseline", "base", "--whole-queries", "--out", run)
    assert begun.returncode == 0
    assert "bayessel next" in begun.stdout
    seen = []
    for _ in range(2):
        shown = bayessel("next", run)
        assert "--- candidate: a" in shown.stdout
        assert "answer" in shown.stdout
        asked = json.loads(bayessel("next", run, "--json").stdout)
        query = asked["query"]
        assert f"query: {query}" in shown.stdout  # the same until something is told
        assert set(asked["responses"]) == {"a", "b", "c"} == set(asked["candidates"])
        assert asked["judged_before"] == []
        assert f"bayessel tell {run} {query} a=OUTCOME b=OUTCOME c=OUTCOME" in shown.stdout
        seen.append(query)
        path = tmp_path / "o.csv"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["model", "outcome"])
            writer.writerows([["a", "win"], ["b", "draw"], ["c", "loss"]][: 1 + len(seen)])
        told = bayessel("tell", run, query, path)
        assert told.returncode == 0, told.stderr
        assert ("asked and not told yet" in told.stdout) == (len(seen) == 1)  # c is left out
    assert len(set(seen)) == 2
    status = json.loads(bayessel("status", run, "--json").stdout)
    assert status["best"] == "a"
    assert (status["queries_opened"], status["calls"]) == (2, 5)
    assert status["open"] == [{"query": seen[0], "candidates": ["c"]}]
    history = pd.read_csv(run / "history.csv")
    assert history["query"].tolist() == [seen[0]] * 2 + [seen[1]] * 3
    assert history["question"].tolist() == [1, 1, 2, 2, 2]
    # the rest of the question that was told in part
    assert bayessel("tell", run, seen[0], "c=loss").returncode == 0
    status = bayessel("status", run)
    assert "6 calls on 2 of 6 queries" in status.stdout
    assert pd.read_csv(run / "history.csv")["question"].tolist() == [1, 1, 2, 2, 2, 3]


@pytest.fixture
def begun(bayessel, unjudged, tmp_path) -> Path:
    """A run whose answers come by hand."""
    run = tmp_path / "run"
    few = ("start", unjudged, "--baseline", "base", "--out", run, "--cost", "a=0.5")
    assert bayessel(*few, "--strategy", "random").returncode == 0
    return run


def cells(run: Path) -> set[tuple[str, str, int]]:
    with Ledger(run / "run.db") as ledger:
        return set(ledger.answers)


def test_words_a_file_and_standard_input_say_the_same(bayessel, begun, tmp_path, monkeypatch):
    query = json.loads(bayessel("next", begun, "--json").stdout)["query"]
    first = bayessel("tell", begun, query, "b=draw", "a=win")
    assert first.returncode == 0, first.stderr
    assert f"stored 2 new outcomes for query {query}; 2 calls on 1 query so far" in first.stdout
    assert "so far, cost 1.50" in first.stdout
    assert f"asked and not told yet: {query} (c)" in first.stdout
    (tmp_path / "o.csv").write_text(f"query,candidate,outcome\n{query},a,1\n{query},c,-1\n")
    assert "stored 1 new outcome for" in bayessel("tell", begun, "o.csv").stdout
    lines = [
        {"query": query, "candidate": "a", "outcome": 1},
        {"query_id": query, "model": "b", "outcome": "tie"},
        {"query": query, "candidate": "c", "outcome": None},
    ]
    text = "\n".join(json.dumps(line) for line in lines) + "\n"
    (tmp_path / "o.jsonl").write_text(text)
    for given in (("o.jsonl",), (query, "o.jsonl"), ("-",), (query, "-")):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        told = bayessel("tell", begun, *given)
        assert "nothing new" in told.stdout, told.stderr
    assert cells(begun) == {(query, "a", 1), (query, "b", 0), (query, "c", -1)}


def test_a_batch_is_shown_and_told_by_many(bayessel, begun, tmp_path):
    shown = bayessel("next", begun, "--batch", "6")
    assert "=== query 1 of 2" in shown.stdout
    assert "=== query 2 of 2" in shown.stdout
    assert "Judge 6 responses to 2 queries against the baseline's" in shown.stdout
    assert f"bayessel tell {begun} FILE" in shown.stdout
    batch = json.loads(bayessel("next", begun, "--batch", "6", "--json").stdout)["questions"]
    one, two = (question["query"] for question in batch)
    told = bayessel("tell", begun, two, "c=win")
    assert f"asked and not told yet: {two} (a, b)" in told.stdout
    rest = [(one, "a", "win"), (two, "b", "loss"), (one, "c", ""), (two, "a", "draw")]
    table = pd.DataFrame(rest, columns=["query", "candidate", "outcome"])
    table.to_csv(tmp_path / "rest.csv", index=False)
    told = bayessel("tell", begun, "rest.csv")
    assert "stored 3 new outcomes for 2 queries; 4 calls on 2 queries so far" in told.stdout
    status = bayessel("status", begun)
    assert f"Asked and not told yet: {one} (b, c)" in status.stdout


def test_a_query_that_comes_back_says_why(bayessel, begun):
    for _ in range(6):
        query = json.loads(bayessel("next", begun, "--json").stdout)["query"]
        assert bayessel("tell", begun, query, "a=win").returncode == 0
    shown = bayessel("next", begun)
    assert "why: the rest of a query that was judged in part" in shown.stdout
    assert "(the query comes back: 1 candidate was judged on it before)" in shown.stdout
    assert "--- candidate: a" not in shown.stdout  # only what is to be judged
    asked = json.loads(bayessel("next", begun, "--json").stdout)
    assert (asked["candidates"], asked["judged_before"]) == (["b", "c"], ["a"])
    assert list(asked["responses"]) == ["b", "c"]
    assert asked["why"] == "the rest of a query that was judged in part"


def test_names_with_spaces_and_signs_can_be_told(bayessel, tmp_path):
    names = ("a b", "c=d", "e,f")
    table = pd.DataFrame(rows(models=names)).assign(outcome="")
    table.to_csv(tmp_path / "t.csv", index=False)
    few = ("start", "t.csv", "--baseline", "base", "--out", "run", "--strategy", "random")
    begun = bayessel(*few, "--cost", "e,f=3,c=d=0.5,a b=2")
    assert begun.returncode == 0, begun.stderr
    query = json.loads(bayessel("next", "run", "--json").stdout)["query"]
    assert f"bayessel tell run {query} 'a b=OUTCOME' c=d=OUTCOME" in bayessel("next", "run").stdout
    told = bayessel("tell", "run", query, "a b=win", "c=d=loss", "e,f=draw")
    assert "3 calls on 1 query so far, cost 5.50" in told.stdout, told.stderr


def test_judging_by_hand_without_texts(bayessel, unjudged, tmp_path):
    pd.read_csv(unjudged).drop(columns="text").to_csv(tmp_path / "bare.csv", index=False)
    begun = bayessel("start", "bare.csv", "--baseline", "base", "--out", "run")
    assert begun.returncode == 0, begun.stderr
    asked = json.loads(bayessel("next", "run", "--json").stdout)
    assert asked["responses"] == {"a": None, "b": None, "c": None}
    assert "candidates: a, b, c" in bayessel("next", "run").stdout
    (tmp_path / "o.csv").write_text("model,outcome\na,win\nb,loss\nc,draw\n")
    assert bayessel("tell", "run", asked["query"], "o.csv").returncode == 0
    assert json.loads(bayessel("status", "run", "--json").stdout)["calls"] == 3


def test_an_unasked_answer_is_taken_when_insisted(bayessel, unjudged, tmp_path):
    run = tmp_path / "run"
    assert bayessel("start", unjudged, "--baseline", "base", "--out", run).returncode == 0
    path = tmp_path / "o.csv"
    path.write_text("model,outcome\na,1\n")
    assert bayessel("tell", run, "q3", path).returncode == 2
    assert bayessel("tell", run, "q3", path, "--unasked").returncode == 0


def test_candidates_nobody_judged_are_left_out_with_a_note(bayessel, tmp_path):
    table = pd.DataFrame(rows())
    table.loc[table["model"] == "c", "outcome"] = ""
    table.to_csv(tmp_path / "t.csv", index=False)
    result = bayessel("select", "t.csv", "--baseline", "base", "--budget", "4")
    assert "left out 1 candidate without any judgment: 'c'" in result.stdout


def test_the_demo_finds_and_compares(bayessel, bayessel_process, tmp_path):
    result = bayessel_process("demo", "--budget", "144")
    assert result.returncode == 0, result.stderr
    assert "Best: candidate-" in result.stdout
    assert "For as many calls, 12 random queries can be judged for all candidates" in result.stdout
    assert (tmp_path / "bayessel-demo" / "win_rates.png").is_file()
    again = json.loads(bayessel("demo", "--budget", "12", "--json").stdout)
    assert Path(again["files"]["result"]).parent.name == "bayessel-demo-2"


def test_help_and_version(bayessel):
    assert "select" in bayessel("--help").stdout
    assert bayessel("--version").stdout.startswith("bayessel 0.")
    assert "select" in bayessel().stdout


def test_a_batch_shows_each_query_once():
    parts = [
        Question("q1", ("b",), "catches up"),
        Question("q2", ("a", "b"), "a new query"),
        Question("q1", ("a", "c"), "catches up"),
        Question("q1", ("d",), "a tie"),
    ]
    merged = by_query(parts)
    assert [(one.query, one.candidates, one.why) for one in merged] == [
        ("q1", ("b", "a", "c", "d"), "catches up; a tie"),
        ("q2", ("a", "b"), "a new query"),
    ]


def by_name(query: str, name: str) -> str:
    """As where nothing was shown by letter."""
    return name


def test_a_long_list_of_candidates_that_are_left_is_cut():
    names = tuple(f"c{i}" for i in range(12))
    assert _left(Question("q", names[:10]), names, by_name).endswith("c6, c7 and 2 more)")
    assert _left(Question("q", names[:8]), names, by_name) == "q (c0, c1, c2, c3, c4, c5, c6, c7)"
    assert _left(Question("q", names), names, by_name) == "q (all 12 candidates)"


def test_a_long_list_of_queries_that_wait_is_cut():
    names = ("a", "b")
    waiting = [Question(f"q{i}", names) for i in range(5)]
    of_three = "; ".join(f"q{i} (all 2 candidates)" for i in range(3))
    assert _waiting(waiting[:3], names, by_name) == of_three
    assert _waiting(waiting[:4], names, by_name) == f"{of_three}; and 1 more query (2 calls)"
    assert _waiting(waiting, names, by_name) == f"{of_three}; and 2 more queries (4 calls)"
