"""Bands and bars stand whole in the picture."""

from __future__ import annotations

import pandas as pd

from bayessel.pictures.stopping import plot_stopping
from bayessel.pictures.study import plot_curves


def top(axes) -> float:
    """The upper end of all bands and error bars, in data."""
    paths = [path for drawn in axes.collections for path in drawn.get_paths()]
    return max(path.vertices[:, 1].max() for path in paths)


def test_no_band_of_the_gap_is_cut_at_the_top():
    frame = pd.DataFrame(
        {
            "data": "set",
            "strategy": "random",
            "calls / M": [0.5, 1.0, 5.0, 10.0],
            "queries": [1, 1, 5, 10],
            "gap": [30.0, 20.0, 4.0, 1.0],
            "gap se": [5.0, 4.0, 1.0, 0.5],
        }
    )
    for axes in plot_curves(frame, "gap").axes:
        assert axes.get_ylim()[1] > top(axes) == 35


def test_no_bar_of_the_error_is_cut_at_the_top():
    level = [0.8, 0.9]
    frame = pd.DataFrame(
        {
            "data": "set",
            "strategy": "bayessel",
            "promise": "P(best)",
            "level": level,
            "right": [1.0, 0.9],
            "right lower": [0.4, 0.6],
            "right upper": [1.0, 1.0],
            "calls / M": [2.0, 3.0],
            "calls / M se": [0.1, 0.1],
            "queries": [4, 5],
            "stopped": [1.0, 0.5],
        }
    )
    error = plot_stopping(frame, 10.0).axes[0]
    assert error.get_ylim()[1] > top(error) > 0.59
