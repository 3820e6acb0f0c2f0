"""Picture of the stopping rules: how often they are wrong, what they cost, how often they stop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from bayessel.pictures.strategy_colours import colours
from bayessel.pictures.style import INK, MUTED, figure, legend, title
from bayessel.support.text import shorten

_SPREAD = 0.5


def plot_stopping(
    stopping: pd.DataFrame, budget: float, palette: Mapping[str, str] | None = None
) -> Figure:
    """Share that is wrong, both costs and share that stops, against a level; one row a rule.

    Parameters
    ----------
    stopping
        :func:`bayessel.studies.measures.stopping.stopping` of one data set.
    budget
        The last, in whole-query equivalents.
    palette
        Colour of each strategy.
    """
    names = list(stopping["strategy"].unique())
    palette = palette or colours(names)
    promises = list(stopping["promise"].unique())
    levels = sorted(stopping["level"].unique())
    drawn = figure(14.5, 1.1 + 3.0 * len(promises), columns=4, rows=len(promises))
    for row, promise in enumerate(promises):
        error, cost, opened, share = drawn.axes[4 * row : 4 * row + 4]
        _promised(error, levels)
        most = 1 - levels[0]
        for i, name in enumerate(names):
            part = stopping[(stopping["promise"] == promise) & (stopping["strategy"] == name)]
            if part.empty:
                continue
            part = part.set_index("level").loc[levels]
            shift = _SPREAD * ((i + 0.5) / len(names) - 0.5)
            x = np.arange(len(levels)) + shift
            style: dict[str, Any] = {
                "color": palette[name],
                "ls": "",
                "marker": "o",
                "ms": 5,
                "capsize": 2,
            }
            wrong = 1 - part["right"].to_numpy()
            ends = np.abs([1 - part["right upper"] - wrong, 1 - part["right lower"] - wrong])
            error.errorbar(x, wrong, yerr=ends, **style)
            most = max(most, float(np.nan_to_num(wrong + ends[1]).max()))
            cost.errorbar(x, part["calls / M"], yerr=part["calls / M se"], **style)
            marks = {key: value for key, value in style.items() if key != "capsize"}
            opened.plot(x, part["queries"], **marks)
            share.plot(x, part["stopped"], **marks)
        error.set(ylabel="share that is wrong when stopped", ylim=(-0.02 * most, 1.05 * most))
        cost.set(ylabel="calls / M spent (mean)", ylim=(0, 1.05 * budget))
        opened.set(ylabel="queries opened (mean)", ylim=(0, None))
        cost.axhline(budget, color=MUTED, lw=1, ls=":")
        share.set(ylabel="share of the runs that stop", ylim=(-0.03, 1.03))
        for axes in (error, cost, opened, share):
            axes.set_xticks(range(len(levels)), [f"{level:g}" for level in levels])
            axes.set_xlim(-0.5, len(levels) - 0.5)
            axes.grid(axis="x", visible=False)
            axes.set_xlabel(f"stop at {promise} ≥", fontsize=9)
            axes.yaxis.label.set_fontsize(9)
    keys = [Line2D([], [], color=INK, lw=1.2, label="allowed")]
    keys += [
        Line2D([], [], color=palette[name], ls="", marker="o", ms=5, label=shorten(name, 40))
        for name in names
    ]
    legend(drawn, columns=4, handles=keys)
    title(drawn, str(stopping["data"].iloc[0]))
    return drawn


def _promised(axes: Axes, levels: Sequence[float]) -> None:
    """A line at the error that each level allows."""
    at = np.arange(len(levels))
    allowed = [1 - level for level in levels]
    axes.hlines(allowed, at - 0.42, at + 0.42, color=INK, lw=1.2)
