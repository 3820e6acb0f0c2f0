"""Every notebook runs from top to bottom, and shows what its text says."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.py"))


def first_selection(shown: dict[str, Any]) -> None:
    """It stops early, at a candidate within five points of the best."""
    selector, task = shown["selector"], shown["task"]
    assert 1 < selector.n_calls < 720
    assert selector.standing.p_within(0.05)[selector.standing.best] >= 0.9
    truth = dict(zip(task.candidates, task.win_rate, strict=True))
    assert truth[selector.best] >= max(truth.values()) - 0.05


def grid_search_to_posterior(shown: dict[str, Any]) -> None:
    """Many pairs of the grid are as good; the posterior of eps holds the best candidate's rates."""
    score, posterior, task = shown["score"], shown["posterior"], shown["task"]
    assert (score >= np.nanmax(score) - 0.05).sum() > 1
    best = task.recorded[:, np.argmax(task.recorded.mean(axis=0))]
    for name, outcome in (("eps_loss", -1), ("eps_draw", 0)):
        low, high = posterior[name].quantile([0.001, 0.999])
        assert low <= (best == outcome).mean() <= high
    assert shown["frame"]["learned"].sum() == pytest.approx(1)
    assert shown["frame"]["preset"].sum() == pytest.approx(1)


def adaptive_parameters(shown: dict[str, Any]) -> None:
    """Both models are compared on the same rows, and each asks for a query that is not judged."""
    assert set(shown["comparison"].table.index) == {"dual_parameter", "adaptive"}
    judged = {shown["evidence"].queries[q] for q in shown["evidence"].judged}
    assert len(judged) == 30
    for choice in shown["choices"].values():
        assert choice["next_query"] not in judged
        assert choice["gain"] > 0


SHOWN: dict[str, Callable[[dict[str, Any]], None]] = {
    check.__name__: check
    for check in (first_selection, grid_search_to_posterior, adaptive_parameters)
}


def test_what_each_notebook_shows_is_tested() -> None:
    assert set(SHOWN) == {path.stem for path in NOTEBOOKS}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mpl.use("Agg")
    monkeypatch.chdir(tmp_path)
    SHOWN[path.stem](runpy.run_path(str(path)))
