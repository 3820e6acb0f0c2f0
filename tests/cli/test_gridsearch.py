"""``bayessel gridsearch`` as a user calls it."""

from __future__ import annotations

import re

import pandas as pd

from sample import rows


def test_a_heat_map_with_the_posterior_on_it(bayessel, tmp_path, monkeypatch):
    for name in ("WARMUP", "DRAWS"):
        monkeypatch.setattr(f"bayessel.studies.paper.eps_posterior.{name}", 100)
    pd.DataFrame(rows(n_queries=30)).to_csv(tmp_path / "task.csv", index=False)
    few = ["gridsearch", "task.csv", "--realizations", "2", "--budget", "2", "--out", "grid"]
    result = bayessel(*few, "--annotated", "24")
    assert result.returncode == 0, result.stderr
    assert "chosen: --eps-loss" in result.stdout
    spread = {
        what: float(deviation)
        for what, deviation in re.findall(r"(?m)^(given .*): eps_loss .* ± (\S+), ", result.stdout)
    }
    wide, narrow = "given the weak judges' votes alone", "given the votes and 24 annotations"
    assert set(spread) == {wide, narrow}
    assert spread[narrow] < 0.5 * spread[wide]
    files = {file.name: file.read_bytes() for file in (tmp_path / "grid").iterdir()}
    assert set(files) == {"eps_search.png", "eps_search.svg"}
    assert bayessel(*few, "--annotated", "24").stdout == result.stdout
    assert {f: (tmp_path / "grid" / f).read_bytes() for f in files} == files
    assert bayessel(*few, "--no-posterior").returncode == 0
    assert (tmp_path / "grid" / "eps_search.png").read_bytes() != files["eps_search.png"]


def test_no_annotation_is_read_unless_asked_for(bayessel, table, unjudged):
    few = ["--baseline", "base", "--realizations", "2", "--budget", "2"]
    judged, blank = (bayessel("gridsearch", path, *few) for path in (table, unjudged))
    assert judged.returncode == blank.returncode == 0
    assert judged.stdout == blank.stdout
    asked = bayessel("gridsearch", unjudged, *few, "--annotated", "2", "--out", "grid")
    assert asked.returncode == 2
    assert "records judgments of 0 queries" in asked.stderr


def test_a_budget_that_is_cut_is_said(bayessel, table):
    few = ("gridsearch", table, "--realizations", "2", "--budget")
    assert "note: budget 4 was cut to 3, the queries of a sub-task" in bayessel(*few, "4").stdout
    assert "note:" not in bayessel(*few, "3").stdout


def test_annotations_for_nothing(bayessel, table):
    for more in ([], ["--out", "grid", "--no-posterior"]):
        result = bayessel("gridsearch", table, "--annotated", "3", *more)
        assert result.returncode == 2
        assert "--annotated 3 is for the posterior" in result.stderr
