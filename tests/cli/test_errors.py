"""Every error a user can make: one line on standard error, exit code 2, nothing lost."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from sample import rows


def fails(result, *words: str) -> None:
    assert result.returncode == 2, result.stdout + result.stderr
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("error: ")
    for word in words:
        assert word in lines[0], (word, lines[0])


def write(path: Path, table: list[dict[str, object]] | pd.DataFrame) -> Path:
    pd.DataFrame(table).to_csv(path, index=False)
    return path


# ------------------------------------------------------------------ the files
def test_missing_file(bayessel):
    fails(bayessel("select", "nowhere.csv"), "nowhere.csv")


def test_empty_file(bayessel, tmp_path):
    (tmp_path / "empty.csv").touch()
    fails(bayessel("select", "empty.csv"), "empty")


def test_empty_folder(bayessel, tmp_path):
    (tmp_path / "folder").mkdir()
    fails(bayessel("select", "folder"), "folder")


def test_unknown_format(bayessel, table):
    fails(bayessel("select", table, "--format", "alpaca-evl"), "did you mean 'alpaca-eval'")


def test_a_file_in_no_format(bayessel, tmp_path):
    (tmp_path / "notes.md").write_text("# hello\n")
    fails(bayessel("select", "notes.md"), "notes.md")


def test_missing_columns(bayessel, tmp_path):
    path = write(tmp_path / "t.csv", [{"query_id": "q", "mdoel": "a", "outcome": 1}])
    fails(bayessel("select", path), "candidate")


def test_non_utf8_bytes(bayessel, tmp_path):
    path = tmp_path / "latin.csv"
    path.write_bytes("query_id,model,outcome\nq1,caf\xe9,1\n".encode("latin-1"))
    fails(bayessel("select", path), "UTF-8")


def test_duplicate_rows(bayessel, tmp_path):
    path = write(tmp_path / "t.csv", [*rows(), {**rows()[0], "outcome": -1}])
    fails(bayessel("select", path), "duplicate", "'q0'", "'a'")


@pytest.mark.parametrize("outcome", ["nan", "2", "maybe", "NaN"])
def test_nan_or_unknown_outcomes(bayessel, tmp_path, outcome):
    table = rows()
    table[4]["outcome"] = outcome
    fails(bayessel("select", write(tmp_path / "t.csv", table)), "unknown outcome", repr(outcome))


def test_one_candidate_only(bayessel, tmp_path):
    path = write(tmp_path / "t.csv", rows(models=("a",)))
    fails(bayessel("select", path), "one candidate ('a')", "at least two")


# ------------------------------------------------------------------ names and numbers
def test_unknown_baseline(bayessel, table):
    fails(bayessel("select", table, "--baseline", "bass"), "did you mean 'base'")


def test_a_baseline_that_was_judged(bayessel, table):
    fails(bayessel("select", table, "--baseline", "b"), "'b'", "judgments of its own")


def test_the_baseline_cannot_be_told(bayessel, unjudged):
    fails(bayessel("select", unjudged), "--baseline NAME")


def test_unknown_strategy(bayessel, table):
    fails(bayessel("select", table, "--strategy", "bayesel"), "did you mean 'bayessel'")


def test_unknown_model(bayessel, table):
    fails(bayessel("select", table, "--model", "dual_param"), "did you mean 'dual_parameter'")


def test_an_option_of_another_strategy(bayessel, table):
    fails(bayessel("select", table, "--eps-loss", "0.1"), "takes no eps_loss")


def test_eps_that_leave_no_win(bayessel, table):
    arguments = ("--strategy", "llm-selector", "--eps-loss", "0.6", "--eps-draw", "0.4")
    fails(bayessel("select", table, *arguments), "sum below 1")


def test_llm_selector_without_responses(bayessel, tmp_path):
    table = pd.DataFrame(rows()).query("model != 'base'").drop(columns="text")
    path = write(tmp_path / "t.csv", table)
    fails(bayessel("select", path, "--strategy", "llm-selector"), "needs weak judges")


@pytest.mark.parametrize("path", ["task.csv", "nowhere.csv"])
@pytest.mark.parametrize(
    ("option", "value", "word"),
    [
        ("--budget", "0", "at least 1"),
        ("--strategy", "randon", "did you mean 'random'"),
        ("--model", "regresion", "did you mean 'regression'"),
        ("--prior", "level", "NAME=TEXT"),
        ("--prior", "sd_quality=Normal(0, 1)", "sd_quality is"),
        ("--prior", "sd_quality=-1", "sd_quality is"),
        ("--prior", "F=Categorical({'a': 3})", "F has no prior of its own; take a model in which"),
        ("--eps-loss", "0.1", "takes no eps_loss"),
        ("--cost", "a", "expected NAME=NUMBER"),
        ("--cost", "a=0", "numbers above 0"),
        ("--cost", "a=1,a=2", "gives 'a' twice"),
    ],
)
def test_options_are_refused_before_anything_is_read(
    bayessel, table, tmp_path, path, option, value, word
):
    fails(bayessel("select", path, option, value), word)
    assert not (tmp_path / "bayessel-run").exists()


@pytest.mark.parametrize("command", ["select", "start", "judge"])
@pytest.mark.parametrize("strategy", ["ucb-e", "contenders"])
def test_whole_queries_of_a_strategy_that_chooses_cells(bayessel, tmp_path, command, strategy):
    fails(
        bayessel(command, "nowhere.csv", "--strategy", strategy, "--whole-queries"),
        f"the strategy {strategy} chooses single cells: leave --whole-queries out, or take "
        "--strategy bayessel",
    )
    assert not (tmp_path / "bayessel-run").exists()


def test_a_cheap_judge_that_the_strategy_would_not_read_is_refused(bayessel):
    words = ("judge", "nowhere.csv", "--judge", "a", "--cheap-judge", "b", "--strategy", "ucb-e")
    fails(bayessel(*words), "does not read given weak judges: leave --cheap-judge out")


@pytest.mark.parametrize("command", ["select", "start"])
def test_what_a_strategy_does_not_read_is_noted(bayessel, table, tmp_path, command):
    cheap = write(tmp_path / "cheap.csv", pd.DataFrame(rows()).query("outcome != ''"))
    given = ("--weak-judge", f"cheap={cheap}", "--cost", "a=2")
    few = ("--budget", 6) if command == "select" else ()
    result = bayessel(command, table, *few, *given, "--strategy", "ucb-e", "--out", "one")
    assert result.returncode == 0, result.stderr
    assert result.stderr.splitlines() == [
        "note: the strategy ucb-e does not read given weak judges: they change nothing",
        "note: the strategy ucb-e does not choose by cost: costs are only counted",
    ]
    result = bayessel(command, table, *few, *given, "--out", "two")
    assert (result.returncode, result.stderr) == (0, "")
    result = bayessel(command, table, *few, "--strategy", "ucb-e", "--out", "three")
    assert (result.returncode, result.stderr) == (0, "")


def test_within_without_a_level(bayessel, table):
    fails(bayessel("select", table, "--within", "0.01"), "--stop-at")


def test_a_level_that_is_no_probability(bayessel, table):
    fails(bayessel("select", table, "--stop-at", "95"), "probability")


# ------------------------------------------------------------------ run folders
@pytest.fixture
def run(bayessel, unjudged, tmp_path) -> Path:
    """A run with one answer; the query asked next is open."""
    folder = tmp_path / "run"
    assert bayessel("start", unjudged, "--baseline", "base", "--out", folder).returncode == 0
    query = ask(bayessel, folder)
    outcomes = write(tmp_path / "first.csv", [{"model": m, "outcome": "win"} for m in "abc"])
    assert bayessel("tell", folder, query, outcomes).returncode == 0
    ask(bayessel, folder)
    return folder


def ask(bayessel, folder: Path) -> str:
    return json.loads(bayessel("next", folder, "--json").stdout)["query"]


def told(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "run.db")) as db:
        return db.execute("SELECT count(*) FROM answers").fetchone()[0]


def test_a_folder_without_a_run(bayessel, tmp_path):
    fails(bayessel("next", tmp_path), "no run in", "bayessel start")
    fails(bayessel("status", tmp_path / "nowhere"), "no run in")


def test_a_run_of_another_task(bayessel, table, tmp_path):
    assert bayessel("select", table, "--budget", "6", "--out", "run").returncode == 0
    other = write(tmp_path / "other.csv", rows(n_queries=5))
    fails(bayessel("select", other, "--budget", "6", "--out", "run"), "another task")
    judged_otherwise = pd.DataFrame(rows())
    judged_otherwise.loc[0, "outcome"] = -1
    other = write(tmp_path / "again.csv", judged_otherwise)
    fails(bayessel("select", other, "--budget", "6", "--out", "run"), "another task")
    assert told(tmp_path / "run") == 6


def test_a_run_with_another_strategy(bayessel, table):
    few = ("select", table, "--budget", "3", "--out", "run")
    assert bayessel(*few).returncode == 0
    fails(bayessel(*few, "--strategy", "random"), "strategy bayessel (now random)")
    fails(bayessel(*few, "--cost", "a=2"), "other costs")


def test_costs_of_unknown_candidates(bayessel, table, tmp_path):
    fails(bayessel("select", table, "--cost", "d=2"), "unknown candidate 'd'")
    assert not (tmp_path / "bayessel-run").exists()


@pytest.mark.parametrize(
    ("costs", "words"),
    [
        (["x", 1, 1, 1], ("line 2", "cost is 'x'", "finite number")),
        ([0, 1, 1, 1], ("line 2", "cost is '0'", "above 0")),
        (["", 1, 1, 1], ("no cost is given of 'a'",)),
    ],
)
def test_a_column_of_costs_at_fault(bayessel, tmp_path, costs, words):
    frame = pd.DataFrame(rows())
    path = write(tmp_path / "t.csv", frame.assign(cost=costs * 6))
    fails(bayessel("select", path), *words)


def test_outcomes_for_the_wrong_query(bayessel, run, tmp_path):
    good = write(tmp_path / "o.csv", [{"model": "a", "outcome": 1}])
    fails(bayessel("tell", run, "q99", good), "unknown query 'q99'")
    open_query = ask(bayessel, run)
    unasked = next(f"q{q}" for q in range(6) if f"q{q}" not in (open_query,) and not done(run, q))
    fails(bayessel("tell", run, unasked, good), "was not asked", open_query, "--unasked")
    fails(bayessel("tell", run, unasked, "a=win"), "was not asked", open_query, "--unasked")
    other = write(tmp_path / "p.csv", [{"query_id": unasked, "model": "a", "outcome": 1}])
    fails(bayessel("tell", run, open_query, other), f"outcomes of query {unasked!r}")
    fails(bayessel("tell", run, other), "was not asked", "--unasked")
    both = [{"query": q, "model": "a", "outcome": 1} for q in (open_query, unasked)]
    fails(bayessel("tell", run, write(tmp_path / "b.csv", both)), "was not asked")
    assert told(run) == 3


def done(folder: Path, query: int) -> bool:
    with closing(sqlite3.connect(folder / "run.db")) as db:
        sql = "SELECT count(*) FROM answers WHERE query = ?"
        return db.execute(sql, (f"q{query}",)).fetchone()[0] > 0


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ([{"model": "d", "outcome": 1}], ("unknown candidate 'd'",)),
        ([{"model": "base", "outcome": 1}], ("is the baseline",)),
        ([{"model": "a", "outcome": "good"}], ("unknown outcome 'good'", "line 2")),
        ([{"model": "a", "outcome": "nan"}], ("unknown outcome 'nan'",)),
        ([{"model": "a", "outcome": 1}, {"model": "a", "outcome": 0}], ("stands twice",)),
        ([{"name": "a", "result": 1}], ("columns name, result", "expected candidate,outcome")),
        ([{"model": "a", "outcome": ""}], ("no outcomes",)),
    ],
)
def test_outcomes_that_cannot_be_recorded(bayessel, run, tmp_path, table, words):
    query = ask(bayessel, run)
    fails(bayessel("tell", run, query, write(tmp_path / "o.csv", table)), *words)
    assert told(run) == 3


def test_outcomes_missing_empty_or_not_utf8(bayessel, run, tmp_path):
    query = ask(bayessel, run)
    fails(bayessel("tell", run, query, "nowhere.csv"), "nowhere.csv")
    (tmp_path / "empty.csv").touch()
    fails(bayessel("tell", run, query, "empty.csv"), "empty")
    (tmp_path / "latin.csv").write_bytes(b"model,outcome\ncaf\xe9,1\n")
    fails(bayessel("tell", run, query, "latin.csv"), "UTF-8")
    assert told(run) == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("d=win",), ("unknown candidate 'd'",)),
        (("base=win",), ("is the baseline",)),
        (("a=good",), ("unknown outcome 'good'",)),
        (("a=win", "b"), ("'b'", "expected NAME=win")),
        (("a=win", "=loss"), ("'=loss'", "expected NAME=win")),
        (("a=win", "a=loss"), ("'a' stands twice",)),
        (("nowhere.csv",), ("nowhere.csv",)),
        ((), ("has no outcomes: give NAME=win",)),
    ],
)
def test_words_that_cannot_be_stored(bayessel, run, words, said):
    fails(bayessel("tell", run, ask(bayessel, run), *words), *said)
    assert told(run) == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("candidate,outcome\na,win\n", ("expected query,candidate,outcome", "QUERY before it")),
        ('{"query": "q1", "candidate": "a", "outcome": "win"\n', ("line 1 is not JSON",)),
        (
            '{"query": "q1", "outcome": "win"}\n',
            ("line 1 has the keys query, outcome: expected query, candidate, outcome",),
        ),
        ('{"query": "q1", "candidate": 0.5, "outcome": 1}\n', ("the candidate is 0.5",)),
        ("query,candidate,outcome\n,a,win\n", ("line 2: the query is empty",)),
        ("query,candidate,outcome\nq77,a,win\n", ("line 2: unknown query 'q77'",)),
        ("query,candidate,outcome\nq1,a,win\nq1,d,win\n", ("line 3: unknown candidate 'd'",)),
        ("query,candidate,outcome\nq1,a,win\nq1,d,\n", ("line 3: unknown candidate 'd'",)),
        ("query,candidate,outcome\nq1,base,win\n", ("'base' is the baseline",)),
        (
            "query,candidate,outcome\nq1,a,win\nq1,\u200ba,win\n",
            ("'a' stands twice, written in two ways",),
        ),
    ],
)
def test_files_of_several_queries_that_cannot_be_stored(bayessel, run, tmp_path, text, said):
    (tmp_path / "several").write_text(text)
    fails(bayessel("tell", run, "several"), *said)
    assert told(run) == 3


def test_standard_input_that_is_empty(bayessel, run, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    fails(bayessel("tell", run, "-"), "standard input is empty")


def test_a_batch_of_nothing(bayessel, run):
    fails(bayessel("next", run, "--batch", "0"), "batch 0: expected a whole number of calls")


def test_an_answer_that_contradicts_the_first(bayessel, run, tmp_path):
    with closing(sqlite3.connect(run / "run.db")) as db:
        query = db.execute("SELECT query FROM answers").fetchone()[0]
    same = bayessel("tell", run, query, tmp_path / "first.csv")
    assert same.returncode == 0
    assert "stored before" in same.stdout
    other = write(tmp_path / "o.csv", [{"model": "a", "outcome": "loss"}])
    words = ("already judged for 'a': win, now loss", "nothing was stored", "--replace")
    fails(bayessel("tell", run, query, other), *words)
    assert told(run) == 3
    corrected = bayessel("tell", run, query, other, "--replace")
    assert corrected.returncode == 0
    assert f"corrected 1 outcome for query {query}; 3 calls on 1 query so far" in corrected.stdout
    assert "new" not in corrected.stdout
    assert told(run) == 3
    with closing(sqlite3.connect(run / "run.db")) as db:
        kept = db.execute("SELECT query, candidate, outcome FROM replaced").fetchall()
        now = db.execute("SELECT outcome FROM answers WHERE candidate = 'a'").fetchone()
    assert (kept, now) == ([(query, "a", 1)], (-1,))
    assert json.loads(bayessel("status", run, "--json").stdout)["calls"] == 3


def test_a_locked_database(bayessel, run, tmp_path):
    question = json.loads(bayessel("next", run, "--json").stdout)
    query, candidate = question["query"], question["candidates"][0]
    good = write(tmp_path / "o.csv", [{"model": candidate, "outcome": 1}])
    db = sqlite3.connect(run / "run.db", isolation_level=None)
    try:
        db.execute("BEGIN EXCLUSIVE")
        fails(bayessel("tell", run, query, good), "locked by another process")
    finally:
        db.close()
    assert bayessel("tell", run, query, good).returncode == 0
    assert told(run) == 4


@pytest.mark.parametrize("keep", [0, 10, 0.4, 0.9])
def test_a_truncated_database(bayessel, run, tmp_path, keep):
    path = run / "run.db"
    whole = path.read_bytes()
    shutil.copy(path, tmp_path / "copy.db")
    part = whole[: int(keep * len(whole)) if isinstance(keep, float) else keep]
    path.write_bytes(part)
    for command in (("status", run), ("next", run)):
        fails(bayessel(*command), "damaged or truncated")
    assert path.read_bytes() == part  # left as it is, for whoever repairs it
    shutil.copy(tmp_path / "copy.db", path)
    assert bayessel("next", run).returncode == 0
    assert told(run) == 3


def test_a_run_whose_task_was_damaged(bayessel, run):
    (run / "task" / "responses.parquet").write_bytes(b"PAR1")
    fails(bayessel("next", run), "responses.parquet")


def test_a_run_that_lost_its_task(bayessel, run):
    shutil.rmtree(run / "task")
    fails(bayessel("status", run), "lost its task/")


def test_results_that_cannot_be_written(bayessel, table, tmp_path):
    (tmp_path / "run" / "history.csv").mkdir(parents=True)
    few = ("select", table, "--budget", "6", "--out", "run")
    fails(bayessel(*few), "history.csv is there and bayessel did not write it")
    assert not (tmp_path / "run" / "run.db").exists()  # nothing was bought
    (tmp_path / "run" / "history.csv").rmdir()
    assert bayessel(*few).returncode == 0
    (tmp_path / "run" / "history.csv").unlink()
    (tmp_path / "run" / "history.csv").mkdir()
    fails(bayessel(*few), "the answers are kept")
    assert told(tmp_path / "run") == 6


@pytest.mark.parametrize(
    "arguments",
    [("selct",), ("select",), ("select", "x", "--bugdet", "3"), ("demo", "--budget", "abc")],
)
def test_usage_errors_are_one_line_too(bayessel, arguments):
    fails(bayessel(*arguments), "bayessel --help")


def test_a_baseline_without_rows_of_its_own(bayessel, tmp_path):
    path = write(tmp_path / "t.csv", [r for r in rows() if r["model"] != "base"])
    fails(bayessel("select", path), "rows of its own")
    fails(bayessel("select", path, "--baseline", "base"), "needs its responses")


def test_a_file_where_the_run_folder_should_be(bayessel, table, tmp_path):
    (tmp_path / "taken").write_text("mine")
    fails(bayessel("select", table, "--out", "taken"), "is a file")
    assert (tmp_path / "taken").read_text() == "mine"
