"""Pictures of one factor of a study: k-gram weak judges, oracle's noise, baseline, fixed eps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from bayessel.pictures.eps_grid import plot_eps_grid
from bayessel.pictures.style import GRID, INK, MUTED, figure, legend, title
from bayessel.studies.varied import drawn_budgets
from bayessel.support.text import shorten

_LEVEL = 0.7
_COLUMNS = 4  # of the legend
_APART = 0.022  # between marks above the budget
_X = {
    "kgrams": "number z of k-gram weak judges",
    "noise": "the oracle's error rate",
}


def plot_varied(factor: str, group: pd.DataFrame, palette: Mapping[str, str]) -> dict[str, Figure]:
    """Figures of one factor on one data set, by file name.

    Parameters
    ----------
    factor
        One of :data:`bayessel.studies.varied.FACTORS`.
    group
        Its rows of :func:`bayessel.studies.varied.varied`.
    palette
        Colour of each strategy.
    """
    if factor == "eps":
        return {
            "eps" + str(name).removeprefix("llm-selector").replace(" z=", "-z"): plot_eps_grid(part)
            for name, part in group.groupby("strategy", sort=False)
        }
    if factor == "baseline":
        return {"baselines": plot_baselines(group, palette)}
    return {"kgrams" if factor == "kgrams" else "oracle-noise": plot_factor(factor, group, palette)}


def plot_factor(factor: str, group: pd.DataFrame, palette: Mapping[str, str]) -> Figure:
    """Identification at three budgets, and its price, against a number.

    Parameters
    ----------
    factor
        ``kgrams`` or ``noise``.
    group
        As in :func:`plot_varied`.
    palette
        Colour of each strategy.
    """
    budget = float(group["budget"].max())
    names = list(group["strategy"].unique())
    height = 4.0 + 0.2 * -(-(len(names) + 2) // _COLUMNS)
    panels = _panels(group)
    drawn = figure(12.5, height, columns=len(panels))
    grid = drawn.axes
    values = sorted({float(v) for v in group["value"] if v})
    for axes, (measure, at, heading) in zip(grid, panels, strict=True):
        axes.set_title(heading, fontsize=9.5, loc="left")
        price = measure.startswith("needed")
        part = group[(group["measure"] == measure) & (group["at"] == at)]
        for i, name in enumerate(names):
            own = part[part["strategy"] == name]
            _line(axes, own, palette[name], budget if price else None, i)
        axes.set_xlabel(_X[factor], fontsize=9)
        if factor == "kgrams":
            axes.set_xscale("log")
            axes.xaxis.set_minor_locator(NullLocator())
            axes.set_xlim(values[0] / 1.15, values[-1] * 1.15)
        axes.set_xticks(values, [f"{value:g}" for value in values])
        if price:
            axes.set_ylim(0, budget * (1.06 + _APART * len(names)))
            axes.axhline(budget, color=MUTED, lw=1, ls=":")
        else:
            axes.set_ylim(0, 1.02)
    grid[0].set_ylabel("probability that the best candidate is named", fontsize=9)
    grid[-1].set_ylabel("calls / M needed", fontsize=9)
    constant = set(group.loc[group["value"] == "", "strategy"])
    legend(drawn, _COLUMNS, _keys(names, palette, budget, constant))
    title(drawn, str(group["data"].iloc[0]))
    return drawn


def plot_baselines(group: pd.DataFrame, palette: Mapping[str, str]) -> Figure:
    """Identification at three budgets, and its price, against the baseline LLM; names on the left.

    Parameters
    ----------
    group, palette
        As in :func:`plot_varied`.
    """
    budget = float(group["budget"].max())
    values = list(dict.fromkeys(group["value"]))
    names = list(group["strategy"].unique())
    panels = _panels(group)
    height = (
        1.5 + 0.2 * -(-(len(names) + 1) // _COLUMNS) + len(values) * max(0.45, 0.16 * len(names))
    )
    drawn = figure(13.5, height, columns=len(panels))
    grid = drawn.axes
    place = {value: at for at, value in enumerate(reversed(values))}
    for axes, (measure, at, heading) in zip(grid, panels, strict=True):
        axes.grid(axis="y", visible=False)
        axes.set_title(heading, fontsize=9.5, loc="left")
        price = measure.startswith("needed")
        part = group[(group["measure"] == measure) & (group["at"] == at)]
        for edge in range(1, len(values)):
            axes.axhline(edge - 0.5, color=GRID, lw=0.8)
        for i, name in enumerate(names):
            own = part[part["strategy"] == name]
            y = np.array([place[v] for v in own["value"]])
            y = y + 0.8 * (0.5 - (i + 0.5) / len(names))
            _points(axes, own, y, palette[name], budget if price else None)
        axes.set_ylim(-0.5, len(values) - 0.5)
        if price:
            axes.set_xlim(0, 1.08 * budget)
            axes.axvline(budget, color=MUTED, lw=1, ls=":")
        else:
            axes.set_xlim(-0.02, 1.02)
    for axes in grid:
        names_shown = [shorten(value, 34) if axes is grid[0] else "" for value in place]
        axes.set_yticks(list(place.values()), names_shown, parse_math=False)
    for axes in grid[:-1]:
        axes.set_xlabel("probability that the best is named", fontsize=9)
    grid[0].set_ylabel("baseline LLM", fontsize=9)
    grid[-1].set_xlabel("calls / M needed", fontsize=9)
    legend(drawn, _COLUMNS, _keys(names, palette, budget))
    title(drawn, str(group["data"].iloc[0]))
    return drawn


def _panels(group: pd.DataFrame) -> Sequence[tuple[str, float, str]]:
    """Measure, at what, and heading of each panel."""
    budgets = drawn_budgets(group.loc[group["measure"] == "identified", "at"])
    found = [("identified", b, f"after calls / M = {b:g}") for b in budgets]
    return [*found, ("needed: identified", _LEVEL, f"identified with probability {_LEVEL:g}")]


def _line(axes: Axes, own: pd.DataFrame, colour: str, budget: float | None, order: int) -> None:
    """One strategy against a number; a dashed line where it does not depend on it."""
    if (own["value"] == "").all():
        value = float(own["estimate"].iloc[0])
        if np.isfinite(value):
            axes.axhline(value, color=colour, lw=1.3, ls="--")
        return
    x = own["value"].astype(float).to_numpy()
    y, error = own["estimate"].to_numpy(float), own["se"].to_numpy(float)
    style: dict[str, Any] = {"color": colour, "lw": 1.6, "marker": "o", "ms": 4.5, "capsize": 2}
    axes.errorbar(x, y, yerr=np.nan_to_num(error), **style)
    if budget is not None:
        missed = np.isnan(y)
        at = np.full(missed.sum(), budget * (1.02 + _APART * order))
        axes.plot(x[missed], at, "^", ms=5, mfc="none", color=colour)


def _points(
    axes: Axes, own: pd.DataFrame, y: np.ndarray, colour: str, budget: float | None
) -> None:
    x, error = own["estimate"].to_numpy(float), own["se"].to_numpy(float)
    style: dict[str, Any] = {"color": colour, "ls": "", "marker": "o", "ms": 4.5, "capsize": 2}
    axes.errorbar(x, y, xerr=np.nan_to_num(error), **style)
    if budget is not None:
        missed = np.isnan(x)
        axes.plot(np.full(missed.sum(), budget), y[missed], ">", ms=6, mfc="none", color=colour)


def _keys(
    names: Sequence[str],
    palette: Mapping[str, str],
    budget: float,
    constant: Set[str] = frozenset(),
) -> list[Line2D]:
    """Entries of the legend; a dashed line is a strategy that does not depend on the factor."""
    keys = [
        Line2D([], [], color=palette[name], lw=1.3, ls="--", label=shorten(name, 34))
        if name in constant
        else Line2D([], [], color=palette[name], marker="o", ms=5, lw=1.6, label=shorten(name, 34))
        for name in names
    ]
    missed = f"not within {budget:g}"
    return [*keys, Line2D([], [], color=INK, marker="^", ms=6, mfc="none", ls="", label=missed)]
