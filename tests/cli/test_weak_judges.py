"""``--weak-judges``: which are used, and what is refused before anything is kept."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

COMMANDS = {
    "select": ("--budget", "1"),
    "start": (),
    "fit": ("--chains", "2", "--draws", "20", "--warmup", "20"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_weak_judges_are_those_that_are_named(bayessel, table, tmp_path, command):
    done = bayessel(
        command,
        table,
        "--baseline",
        "base",
        "--weak-judges",
        "length, query-coverage",
        *COMMANDS[command],
        "--out",
        "one",
    )
    assert done.returncode == 0, done.stderr
    if command == "start":
        assert bayessel("next", "one").returncode == 0
    (kept,) = (tmp_path / "one").glob("weak-judges-*.npz")
    with np.load(kept) as scores:
        assert scores["names"].tolist() == ["length", "query-coverage"]


@pytest.mark.parametrize("command", COMMANDS)
def test_without_responses_they_are_refused_and_nothing_is_kept(bayessel, table, tmp_path, command):
    bare = tmp_path / "bare.csv"
    pd.read_csv(table).drop(columns="text").query("model != 'base'").to_csv(bare, index=False)
    done = bayessel(
        command, bare, "--baseline", "base", "--weak-judges", "length", *COMMANDS[command]
    )
    assert done.returncode == 2
    assert "this task has no responses" in done.stderr
    assert not list(tmp_path.rglob("run.db"))
    assert not list(tmp_path.rglob("result.nc"))


@pytest.mark.parametrize(
    ("names", "reason"),
    [("lenght", "did you mean 'length'"), ("length,length", "different names"), ("", "'length,")],
)
def test_names_that_mean_nothing_are_refused(bayessel, table, names, reason):
    done = bayessel("select", table, "--baseline", "base", "--weak-judges", names)
    assert done.returncode == 2
    assert reason in done.stderr


def test_none_uses_none(bayessel, table, tmp_path):
    few = ("--baseline", "base", "--budget", "1", "--out", "one")
    assert bayessel("select", table, *few, "--weak-judges", "none").returncode == 0
    assert not list((tmp_path / "one").glob("weak-judges-*.npz"))
