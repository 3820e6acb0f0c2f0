"""The heat map of a search over eps, with posteriors of eps on it."""

from __future__ import annotations

import numpy as np

from bayessel.pictures.eps_grid import _density, plot_eps_search
from bayessel.strategies.paper.parts.eps_search import GRID


def test_a_density_up_to_the_edges():
    draws = np.random.default_rng(0).dirichlet((1, 1, 1), 4000)[:, :2]  # 2 on the whole triangle
    at = np.array([[0.0, 0.3, 0.1, 0.5], [0.3, 0.0, 0.2, 0.499]])
    # 5 standard errors of a kernel estimate from 4,000 draws: false alarm below 1e-5
    np.testing.assert_allclose(_density(draws, at), 2, rtol=0.35)
    assert _density(draws, np.array([[0.005], [0.4]]))[0] > 1.5  # half of it is not cut off


def test_the_picture_says_what_is_drawn():
    rng = np.random.default_rng(1)
    grid = np.array(GRID)
    score = grid.sum(axis=1)
    draws = {
        "given the weak judges' votes alone": rng.dirichlet((1, 1, 1), 300)[:, :2],
        "given the votes and 20 annotations": rng.dirichlet((4, 8, 20), 300)[:, :2],
    }
    figure = plot_eps_search(grid, score, (0.25, 0.35), draws, "a set")
    axes = figure.axes[0]
    said = " ".join(text.get_text() for text in figure.legends[0].get_texts())
    assert "chosen by the search: 0.25, 0.35" in said
    assert "votes alone" in said
    assert "and 20 annotations" in said
    (square,) = (p for p in axes.patches if p.get_linewidth() > 2)
    np.testing.assert_allclose(square.get_bbox().bounds, (0.225, 0.325, 0.05, 0.05))
    assert len([t for t in axes.texts if t.get_text().startswith((".", "0", "1"))]) == len(GRID)
    assert axes.get_xlim()[1] > 0.8  # the wide posterior is inside
    assert axes.get_xlabel().startswith("eps_loss")
    alone = plot_eps_search(grid, score, (0.25, 0.35), {})
    assert alone.axes[0].get_xlim()[1] < 0.5
