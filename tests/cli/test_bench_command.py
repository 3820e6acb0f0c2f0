"""``bayessel bench`` and ``bayessel data`` as a user calls them."""

from __future__ import annotations

import re

import pandas as pd

from bayessel.cli.bench import _progress
from bayessel.studies.axis import UNITS
from bayessel.tasks.simulated_fields import FIELDS
from bayessel.tasks.sub_tasks import PROTOCOLS
from sample import rows


def test_two_data_sets_and_an_oracle_that_errs(bayessel, table, tmp_path):
    other = tmp_path / "other.csv"
    pd.DataFrame(rows(n_queries=8)).to_csv(other, index=False)
    arguments = ["bench", table, other, "--strategies", "random,llm-selector,random:draws=100"]
    arguments += ["--oracle-noise", "0,.2", "--realizations", "3", "--budget", "3", "--out", "a"]
    result = bayessel(*arguments)
    assert result.returncode == 0, result.stderr
    assert "100 % of the realizations done" in result.stderr
    assert "note: budget" not in result.stderr
    found = pd.read_parquet(tmp_path / "a" / "realizations.parquet")
    assert list(found["data"].unique()) == ["task", "other"]
    assert len(found) == 2 * 3 * 2 * 3 * 9  # M is 3: each call of 3 whole-query equivalents
    assert {"calls", "calls_per_candidate", "share_of_cells", "queries"} <= set(found.columns)
    text = (tmp_path / "a" / "tables.md").read_text(encoding="utf-8")
    assert "## other, oracle noise 0.2" in text
    assert (tmp_path / "a" / "figures" / "other-oracle-noise-0-2_gap.png").exists()
    first = {f: f.read_bytes() for f in (tmp_path / "a").rglob("*.*") if f.is_file()}
    assert bayessel(*arguments).returncode == 0  # everything is there: the same files
    assert {f: f.read_bytes() for f in first} == first


def test_one_sentence_before_any_work(bayessel, table, unjudged, tmp_path):
    copy = tmp_path / "sub" / "task.csv"
    copy.parent.mkdir()
    copy.write_bytes(table.read_bytes())
    for arguments, said in (
        ([table, copy], "two data sets are called 'task'"),
        ([unjudged, "--baseline", "base"], "there are no judgments"),
        ([table, "--strategies", "randon"], "did you mean 'random'"),
        ([table, "--oracle-noise", "much"], "oracle noise 'much': expected numbers"),
        ([table, "--kgrams", "0"], "kgrams 0: expected a number from 1 to 20"),
        ([table, "--workers", "0"], "workers 0: expected at least 1"),
        ([table, "--budget", "0"], "budget 0: expected at least 1"),
        ([table, "--unit", "rows"], "unit 'rows': expected calls or queries"),
        ([table, "--protocol", "whol"], "did you mean 'whole'"),
        ([table, "--unit", "queries", "--strategies", "racing"], "racing chooses cells"),
        (["simulated:closed"], "did you mean 'close'"),
        (["simulated:close:x"], "simulated:close:x: expected simulated:NAME"),
        (["simulated:close", "--baseline", "b"], "baseline with simulated:close"),
    ):
        result = bayessel("bench", *arguments, "--out", "out")
        assert result.returncode == 2
        assert said in result.stderr
        assert result.stderr.startswith("error: ")
    assert not (tmp_path / "out").exists()


def test_without_responses(bayessel, tmp_path):
    path = tmp_path / "bare.csv"
    pd.DataFrame(rows()).drop(columns="text").to_csv(path, index=False)
    result = bayessel("bench", path, "--realizations", "2", "--out", "out")
    assert result.returncode == 2
    assert "need weak judges" in result.stderr
    few = ["--strategies", "random", "--realizations", "2", "--out", "out"]
    result = bayessel("bench", path, *few)
    assert result.returncode == 0
    assert "note: budget 80 was cut to 3, the queries of each sub-task of bare" in result.stderr


def test_generated_fields_whole_queries_and_everything(bayessel, tmp_path):
    few = ["--strategies", "random,random-cells", "--realizations", "2", "--budget", "2"]
    result = bayessel("bench", "simulated:twins:3", *few, "--protocol", "whole", "--out", "a")
    assert result.returncode == 0, result.stderr
    assert "simulated:twins:3: 400 queries, 40 candidates" in result.stderr
    found = pd.read_parquet(tmp_path / "a" / "realizations.parquet")
    assert set(found["strategy"]) == {"random", "random-cells"}
    assert found["calls"].max() == 80
    assert found["share_of_cells"].max() == 80 / 16000
    whole = ["--strategies", "random", "--realizations", "2", "--budget", "2", "--unit", "queries"]
    assert bayessel("bench", "simulated:close", *whole, "--out", "b").returncode == 0
    found = pd.read_parquet(tmp_path / "b" / "realizations.parquet")
    assert list(found["queries"]) == [1, 2, 1, 2]
    assert list(found["calls"]) == [20, 40, 20, 40]


def test_fields_and_protocols_are_named_in_the_help(bayessel):
    words = set(re.findall(r"[a-z]+", bayessel("bench", "--help").stdout))
    assert {*FIELDS, *PROTOCOLS, *UNITS} <= words


def test_progress_is_said_at_every_tenth_and_every_five_seconds(capsys):
    now = 0.0
    show = _progress(lambda: now)
    for done in range(1, 31):  # in an instant
        show(done, 1000, float("nan"))
    assert capsys.readouterr().err.splitlines() == ["0 % of the realizations done"]
    now = 6.0
    show(31, 1000, 125.0)
    now = 7.0
    show(32, 1000, 125.0)
    show(100, 1000, 90.0)
    show(1000, 1000, 0.0)
    assert capsys.readouterr().err.splitlines() == [
        "3 % of the realizations done; about 2 min 5 s left",
        "10 % of the realizations done; about 1 min 30 s left",
        "100 % of the realizations done",
    ]


def test_data_list(bayessel):
    result = bayessel("data", "list")
    assert result.returncode == 0
    for name in ("alpaca-eval", "arena-hard", "mt-bench", "flickr30k", "bingo", "mediqa"):
        assert name in result.stdout
    wrong = bayessel("data", "get", "mtbench")
    assert wrong.returncode == 2
    assert "did you mean 'mt-bench'" in wrong.stderr


def test_data_sets_are_read_as_every_command_reads_them(bayessel, tmp_path):
    """Pass and fail of each LLM: the judge, the scale and the rules change what is measured."""
    told = {"a": "1111", "b": "1010", "z": "0000"}
    records = [
        {"query_id": q, "candidate": name, "outcome": passed, "judge": judge}
        for name, said in told.items()
        for q, passed in enumerate(said)
        for judge in ("x", "y")
    ]
    pd.DataFrame(records).to_csv(tmp_path / "t.csv", index=False)
    strategy = ("--strategies", "random", "--realizations", "2", "--budget", "2")
    read = ("--baseline", "z", "--outcomes", "pass-fail", "--judge", "x")
    result = bayessel("bench", "t.csv", *strategy, *read, "--out", "one")
    assert result.returncode == 0, result.stderr
    plain = bayessel("bench", "t.csv", *strategy, "--outcomes", "-1-0-1", "--out", "two")
    assert "note: " in plain.stderr
    for option, said in (
        (("--rule", "games=agree"), "unknown rule of the format 'table' 'games'"),
        (("--rule", "games"), "expected NAME=READING"),
        (("--outcomes", "0-2"), "unknown reading of outcomes '0-2'"),
        (("--judge", "w"), "unknown judge 'w'"),
        (("--null", "draw"), "the option null was given"),
    ):
        wrong = bayessel("bench", "t.csv", *strategy, *option, "--out", "three")
        assert wrong.returncode == 2
        assert said in wrong.stderr
    assert not (tmp_path / "three").exists()
