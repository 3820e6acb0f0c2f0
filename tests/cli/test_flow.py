"""The command line as a user runs it, from files to a named best candidate."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr

from bayessel.acquisition import ACQUISITIONS
from bayessel.cli.strategy_options import StrategyChoice
from bayessel.inference.engines import ENGINES
from bayessel.strategies import STRATEGIES
from bayessel.tasks.readers import FORMATS
from sample import rows

PICTURES = ("p_best", "win_rates", "eps")


def test_select_names_the_best_and_leaves_the_files(bayessel, table, tmp_path):
    result = bayessel("select", table, "--budget", "6", "--out", "run")
    assert result.returncode == 0, result.stderr
    assert "Best: a" in result.stdout
    assert "All recorded judgments together: a is best, win rate 100.0 %" in result.stdout
    run = tmp_path / "run"
    for name in PICTURES:
        assert (run / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert "<svg" in (run / f"{name}.svg").read_text()
    history = pd.read_csv(run / "history.csv")
    assert history["annotations"].tolist() == [1, 2, 3, 4, 5, 6]
    assert history["query"].nunique() == 6
    assert history["p_best"].iloc[-1] == 1.0  # all is judged: nothing is uncertain
    with xr.open_datatree(run / "result.nc", engine="h5netcdf") as tree:
        assert tree["posterior"]["p_best"].sel(candidate="a").mean() == 1.0
        assert tree.attrs["strategy"] == "bayessel"


@pytest.mark.parametrize("strategy", ["bayessel", "llm-selector", "random"])
def test_json_is_one_object_and_the_seed_decides(bayessel, table, strategy):
    arguments = ("select", table, "--budget", "3", "--strategy", strategy, "--json", "--seed", "5")
    first = bayessel(*arguments, "--out", "one")
    again = bayessel(*arguments, "--out", "two")
    found, same = json.loads(first.stdout), json.loads(again.stdout)
    assert found.pop("files") != same.pop("files")
    assert found == same
    assert found["annotations"] == 3
    assert found["cells"] == 9
    assert found["strategy"] == strategy
    assert found["recorded_best"] == "a"


def test_the_same_command_goes_on_where_it_stopped(bayessel, table, tmp_path):
    assert bayessel("select", table, "--budget", "2", "--out", "run").returncode == 0
    assert bayessel("select", table, "--budget", "5", "--out", "run").returncode == 0
    assert bayessel("select", table, "--budget", "5", "--out", "whole").returncode == 0
    columns = ["query", "best", "p_best", "win_rate"]
    resumed = pd.read_csv(tmp_path / "run" / "history.csv")[columns]
    whole = pd.read_csv(tmp_path / "whole" / "history.csv")[columns]
    pd.testing.assert_frame_equal(resumed, whole)


def test_a_budget_above_what_is_judged_is_cut_with_a_note(bayessel, table):
    result = bayessel("select", table, "--budget", "60", "--strategy", "random")
    assert result.returncode == 0, result.stderr
    assert "note: budget 60 was cut to 6, all the queries with recorded" in result.stdout
    assert "6 of 6 queries judged" in result.stdout


def test_a_budget_below_what_was_judged_buys_nothing(bayessel, table):
    few = ("select", table, "--strategy", "random", "--out", "run", "--budget")
    assert bayessel(*few, "3").returncode == 0
    result = bayessel(*few, "2")
    assert "note: 3 queries were judged before in run, more than the budget of 2" in result.stdout
    assert "  3 of 6 queries judged" in result.stdout
    assert "as many as the budget of 3: nothing more is bought" in bayessel(*few, "3").stdout


def test_ties_over_all_recorded_judgments(bayessel, tmp_path):
    table = pd.DataFrame(rows())
    table.loc[table["outcome"] != "", "outcome"] = 0
    table.to_csv(tmp_path / "drawn.csv", index=False)
    result = bayessel("select", "drawn.csv", "--budget", "2", "--strategy", "random")
    assert "together: 3 candidates tie for best (a is one), win rate 50.0 %" in result.stdout


def test_who_has_the_highest_p_best_is_said(bayessel, table, monkeypatch):
    other = {"candidate": "b", "p_best": 0.4, "win_rate": 0.1}
    monkeypatch.setattr(
        "bayessel.reports.standing.highest_p_best", lambda table: {"highest_p_best": other}
    )
    result = bayessel("select", table, "--budget", "2", "--strategy", "random")
    assert (
        "  b has the highest P(best), 0.400, at an expected win rate of 10.0 %; a is recommended "
        "because its expected win rate is the highest" in result.stdout
    )


@pytest.mark.parametrize(("judged", "said"), [(2, False), (0, True)])
def test_a_recommendation_without_judgments_of_its_own_is_said(
    bayessel, table, monkeypatch, judged, said
):
    from bayessel.selection.selector import Selector

    table_of = Selector.table.fget
    monkeypatch.setattr(Selector, "table", property(lambda s: table_of(s).assign(judged=judged)))
    result = bayessel("select", table, "--budget", "2", "--strategy", "random")
    assert ("has no judgments of its own" in result.stdout) == said


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
    never = bayessel("select", table, "--budget", "2", "--stop-at", "1", "--json", "--out", "a")
    assert json.loads(never.stdout)["stopped"] is False
    early = bayessel("select", table, "--stop-at", "0.9", "--within", "0.5", "--json", "--out", "b")
    found = json.loads(early.stdout)
    assert found["stopped"] is True
    assert found["annotations"] < 6
    again = json.loads(bayessel("status", "b", "--json").stdout)
    assert {k: again[k] for k in found if k != "files"} == {
        k: v for k, v in found.items() if k != "files"
    }
    text = bayessel("select", table, "--stop-at", "0.9", "--within", "0.5", "--out", "c")
    assert "stopping rule P(within 0.5) >= 0.9: reached" in text.stdout


def test_judging_by_hand_in_many_processes(bayessel_process, unjudged, tmp_path):
    bayessel = bayessel_process
    run = tmp_path / "run"
    begun = bayessel("select", unjudged, "--baseline", "base", "--out", run)
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
        assert set(asked["responses"]) == {"a", "b", "c"}
        seen.append(query)
        path = tmp_path / "o.csv"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["model", "outcome"])
            writer.writerows([["a", "win"], ["b", "draw"], ["c", "loss"]][: 1 + len(seen)])
        told = bayessel("tell", run, query, path)
        assert told.returncode == 0, told.stderr
    assert len(set(seen)) == 2
    status = json.loads(bayessel("status", run, "--json").stdout)
    assert status["best"] == "a"
    assert status["annotations"] == 2
    assert status["cells"] == 5
    assert status["open"] == []
    history = pd.read_csv(run / "history.csv")
    assert history["query"].tolist() == seen
    assert history["cells"].tolist() == [2, 5]
    # the rest of the row that was judged in part
    late = tmp_path / "late.csv"
    late.write_text("model,outcome\nc,loss\n")
    assert bayessel("tell", run, seen[0], late).returncode == 0
    status = bayessel("status", run)
    assert "6 cells" in status.stdout
    assert pd.read_csv(run / "history.csv")["cells"].tolist() == [3, 6]


def test_judging_by_hand_without_texts(bayessel, unjudged, tmp_path):
    pd.read_csv(unjudged).drop(columns="text").to_csv(tmp_path / "bare.csv", index=False)
    begun = bayessel("start", "bare.csv", "--baseline", "base", "--out", "run")
    assert begun.returncode == 0, begun.stderr
    asked = json.loads(bayessel("next", "run", "--json").stdout)
    assert asked["responses"] == {"a": None, "b": None, "c": None}
    assert "candidates: a, b, c" in bayessel("next", "run").stdout
    (tmp_path / "o.csv").write_text("model,outcome\na,win\nb,loss\nc,draw\n")
    assert bayessel("tell", "run", asked["query"], "o.csv").returncode == 0
    assert json.loads(bayessel("status", "run", "--json").stdout)["cells"] == 3


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
    result = bayessel("select", "t.csv", "--baseline", "base", "--budget", "2")
    assert "left out 1 candidate without any judgment: 'c'" in result.stdout


def test_the_demo_finds_and_compares(bayessel, bayessel_process, tmp_path):
    result = bayessel_process("demo", "--budget", "12")
    assert result.returncode == 0, result.stderr
    assert "Best: candidate-" in result.stdout
    assert "After the same number of random queries (12)" in result.stdout
    assert (tmp_path / "bayessel-demo" / "win_rates.png").is_file()
    again = json.loads(bayessel("demo", "--budget", "1", "--json").stdout)
    assert Path(again["files"]["result"]).parent.name == "bayessel-demo-2"


def test_help_and_version(bayessel):
    assert "select" in bayessel("--help").stdout
    assert bayessel("--version").stdout.startswith("bayessel 0.")
    assert "select" in bayessel().stdout
