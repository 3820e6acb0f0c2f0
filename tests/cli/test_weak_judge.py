"""``--weak-judge NAME=FILE``: scores of the user's own, from the file to the posterior."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayessel import simulate_task
from bayessel.inference.evidence import Evidence
from bayessel.selection.run import Run

FEW = ("--baseline", "base", "--weak-judges", "length")


@pytest.fixture
def files(tmp_path):
    """Verdicts on every cell, and scores of some."""
    cells = [(f"q{q}", m) for q in range(6) for m in "abc"]
    frame = pd.DataFrame(cells, columns=["query_id", "model"])
    frame.assign(outcome=[(-1) ** i for i in range(18)]).to_csv(tmp_path / "v.csv", index=False)
    frame[:10].assign(score=np.arange(10.0)).to_json(
        tmp_path / "s.jsonl", orient="records", lines=True
    )
    frame[:10].assign(score=np.arange(10.0)).to_parquet(tmp_path / "s.parquet")


def test_a_run_keeps_them(bayessel, table, tmp_path, files):
    given = ("--weak-judge", "cheap=v.csv", "--weak-judge", "rm=s.jsonl")
    done = bayessel("start", table, *FEW, *given, "--out", "one")
    assert done.returncode == 0, done.stderr
    assert "the weak judge 'rm' says nothing of 8 of 18 cells" in done.stdout
    assert bayessel("next", "one").returncode == 0
    with Run.open(tmp_path / "one") as run:
        evidence = Evidence.of(run.selector.task, run.bought)
        assert evidence.signals.names == ("length", "cheap")
        assert evidence.given.names == ("cheap", "rm")
        assert evidence.given.kinds == ("verdict", "score")
        assert evidence.given.said[0].ravel().tolist() == [(-1) ** i for i in range(18)]
    again = bayessel("start", table, *FEW, "--out", "one")
    assert "run of another task" in again.stderr
    assert bayessel("start", table, *FEW, *given, "--out", "one").returncode == 0


def test_a_fit_reads_them(bayessel, table, tmp_path, files):
    sampled = ("--chains", "2", "--draws", "20", "--warmup", "20")
    given = ("--weak-judge", "cheap=v.csv", "--weak-judge", "rm=s.parquet")
    done = bayessel("fit", table, *FEW, *given, *sampled, "--out", "one")
    assert done.returncode == 0, done.stderr
    import xarray as xr

    with xr.open_datatree(tmp_path / "one" / "result.nc", engine="h5netcdf") as tree:
        assert tree.attrs["weak_judges"] == '["length", "cheap", "rm"]'
        posterior = tree["posterior"]
        assert posterior["text_within"].coords["text_feature"].values.tolist() == ["length"]
        assert posterior["score_within"].coords["score_feature"].values.tolist() == ["rm"]
        assert posterior["verdict_within"].coords["verdict_feature"].values.tolist() == ["cheap"]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (["cheap"], "expected NAME=FILE"),
        (["=v.csv"], "expected NAME=FILE"),
        (["x=v.csv", "x=s.jsonl"], "'x' was given twice"),
        (["x=nowhere.csv"], "nowhere.csv"),
        (["x=v.txt"], "ends in '.txt'"),
        (["length=v.csv"], "'length' has the name of a text statistic"),
    ],
)
def test_what_gives_no_weak_judge_is_refused(bayessel, table, tmp_path, files, given, reason):
    options = [part for text in given for part in ("--weak-judge", text)]
    for command in ("select", "start"):
        done = bayessel(command, table, *FEW, *options, "--out", "one")
        assert done.returncode == 2
        assert reason in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "one").exists()


def test_the_benchmark_reads_them(bayessel, tmp_path):
    """With a judge that knows all, few calls name the best; a study with it is one of its own."""
    task = simulate_task(n_queries=40, n_candidates=6, seed=4)
    said = task.to_tables().judgments
    for name in ("all.csv", "task.csv"):
        said.to_csv(tmp_path / name, index=False)
    fixed = ["bench", "task.csv", "--baseline", "baseline", "--strategies", "bayessel"]
    fixed += ["--protocol", "whole", "--realizations", "4", "--budget", "6", "--out", "b"]
    right = {}
    for given in ((), ("--weak-judge", "knows=all.csv")):
        done = bayessel(*fixed, *given)
        assert done.returncode == 0, done.stderr
        found = pd.read_parquet(tmp_path / "b" / "realizations.parquet")
        right[bool(given)] = found[found["calls_per_candidate"] == 6]["gap"].mean()
    assert right[True] == 0 < right[False]
    wrong = bayessel(*fixed, "--weak-judge", "knows")
    assert wrong.returncode == 2
    assert "expected NAME=FILE" in wrong.stderr
