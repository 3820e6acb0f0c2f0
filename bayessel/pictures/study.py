"""Pictures of a study: curves, calls needed and calibration; and all of them as files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from bayessel.pictures.stopping import plot_stopping
from bayessel.pictures.strategy_colours import colours, line_of, main_of, palette_of
from bayessel.pictures.style import INK, MUTED, figure, legend, name_ends, save_figure, title
from bayessel.pictures.varied import plot_varied
from bayessel.studies.specs import RIVALS
from bayessel.studies.tables import Tables
from bayessel.studies.varied import drawn, usual
from bayessel.support.text import shorten

_CURVES = {
    "identified": "probability that the best candidate is named",
    "within 1 %": "probability of a candidate within 1 % of the best",
    "gap": "mean gap to the best, points of win rate",
    "gap p95": "95th percentile of the gap, points of win rate",
}
_BARS = (("identified", 0.5), ("identified", 0.7), ("within 1 %", 0.7), ("within 1 %", 0.8))


def write_figures(tables: Tables, folder: Path) -> list[Path]:
    """Draw every figure of every data set, as PNG and SVG in ``figures/``.

    Each strategy has one colour in all figures. Figures of all strategies show one number of weak
    judges and no grid over eps; see :func:`bayessel.studies.varied.usual`.
    """
    folder = folder / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    shown = usual(tables.settings)
    palette = palette_of(tables.settings, shown)
    stems: dict[str, str] = {}
    written = []
    for name in tables.by_budget["data"].unique():
        labels = list(shown.loc[shown["data"] == name, "strategy"])
        for what, picture in _of_data(tables, str(name), labels, palette).items():
            written += save_figure(picture, folder / f"{_stem(str(name), stems)}_{what}")
    every = tables.by_budget[
        tables.by_budget.set_index(["data", "strategy"]).index.isin(
            shown.set_index(["data", "strategy"]).index
        )
    ]
    written += save_figure(plot_identified(every, palette), folder / "identified-against-calls")
    main = every[every["strategy"].isin(main_of(list(map(str, every["strategy"].unique()))))]
    few = plot_identified(main, palette, bands=True)
    written += save_figure(few, folder / "identified-by-the-main-strategies")
    for factor, part in drawn(tables.varied, shown).groupby("factor", sort=False):
        for name, group in part.groupby("data", sort=False):
            stem = _stem(str(name), stems)
            for what, picture in plot_varied(str(factor), group, palette).items():
                written += save_figure(picture, folder / f"{stem}_{what}")
    return written


def _of_data(
    tables: Tables, name: str, labels: Sequence[str], palette: Mapping[str, str]
) -> dict[str, Figure]:
    """Figures of one data set, by file name."""

    def of(frame: pd.DataFrame) -> pd.DataFrame:
        if frame.empty:
            return frame
        return frame[(frame["data"] == name) & frame["strategy"].isin(labels)]

    curves = of(tables.by_budget)
    figures = {
        column.replace(" %", "pct").replace(" ", "-"): plot_curves(curves, column, palette)
        for column in _CURVES
    }
    budget = float(curves["calls / M"].max())
    figures["needed"] = plot_needed(of(tables.needed), budget, palette)
    if len(reported := of(tables.calibration)):
        figures["calibration"] = plot_calibration(reported, palette)
    if len(stops := of(tables.stopping)):
        figures["stopping"] = plot_stopping(stops, budget, palette)
    return figures


def _stem(name: str, stems: dict[str, str]) -> str:
    """File name of a data set; two data sets never have the same."""
    if name not in stems:
        stem = plain = re.sub(r"[^\w-]+", "-", name)  # a dot would begin a suffix
        number = 1
        while stem in stems.values():
            number += 1
            stem = f"{plain}-{number}"
        stems[name] = stem
    return stems[name]


def plot_curves(
    by_budget: pd.DataFrame, column: str, palette: Mapping[str, str] | None = None
) -> Figure:
    """A measure against queries opened and against calls / M, with bands of one standard error.

    Parameters
    ----------
    by_budget
        :func:`bayessel.studies.measures.by_budget.by_budget` of one data set.
    column
        The measure.
    palette
        Colour of each strategy.
    """
    picture = figure(12.0, 5.0, columns=2)
    opened, calls = picture.axes
    palette = palette or colours(list(by_budget["strategy"].unique()))
    ends = {}
    for name, part in by_budget.groupby("strategy", sort=False):
        for axes, x in ((opened, "queries"), (calls, "calls / M")):
            _curve(axes, part[part[x] > 0], x, column, str(name), palette)
        ends[str(name)] = float(part[column].iloc[-1])
    seen = by_budget[by_budget["calls / M"] > 0]
    for axes, x in ((opened, "queries"), (calls, "calls / M")):
        if "gap" in column:
            above = (seen[column] + seen[f"{column} se"].fillna(0)).max()
            axes.set_ylim(0, 1.05 * max(float(above), 0.1))
        else:
            axes.set_ylim(0, 1.04)
        _logarithmic(axes, by_budget.loc[by_budget[x] > 0, x])
    opened.set(xlabel="queries opened (mean)", ylabel=_CURVES.get(column, column))
    calls.set(xlabel="calls / M (whole-query equivalents)")
    title(picture, str(by_budget["data"].iloc[0]))
    name_ends(calls, ends, palette, calls.get_xlim()[1])
    return picture


def plot_identified(
    by_budget: pd.DataFrame, palette: Mapping[str, str] | None = None, *, bands: bool = False
) -> Figure:
    """How often the best is named against calls / M: a panel a data set.

    Parameters
    ----------
    by_budget
        :func:`bayessel.studies.measures.by_budget.by_budget` of all data sets.
    palette
        Colour of each strategy.
    bands
        Bands of one standard error, for a few strategies; many would hide each other.
    """
    names = list(by_budget["data"].unique())
    strategies = list(map(str, by_budget["strategy"].unique()))
    palette = palette or colours(strategies)
    across = min(len(names), 3)
    down = -(-len(names) // across)
    below = -(-len(strategies) // 4)
    picture = figure(max(6.4, 3.3 * across), 0.7 + 2.9 * down + 0.2 * below, across, down)
    panels = picture.axes
    for axes in panels[len(names) :]:
        axes.set_visible(False)
    for axes, data in zip(panels, names, strict=False):
        of_data = by_budget[by_budget["data"] == data]
        for name, part in of_data.groupby("strategy", sort=False):
            _curve(axes, part, "calls / M", "identified", str(name), palette, 0.16 * bands)
        axes.set_ylim(0, 1.04)
        _logarithmic(axes, of_data["calls / M"])
        axes.set_title(shorten(str(data), 32), fontsize=11, loc="left", parse_math=False)
        axes.set_xlabel("calls / M", fontsize=10)
    for axes in panels[::across]:
        axes.set_ylabel("best candidate is named", fontsize=10)
    keys = [
        Line2D([], [], color=palette[n], ls=line_of(n), lw=_width(n), label=shorten(n, 40))
        for n in strategies
    ]
    legend(picture, columns=4, handles=keys)
    return picture


def _curve(
    axes: Axes,
    part: pd.DataFrame,
    x: str,
    column: str,
    name: str,
    palette: Mapping[str, str],
    alpha: float = 0.1,
) -> None:
    """One strategy's line, with a band of one standard error; none where ``alpha`` is 0."""
    y, error = part[column], part[f"{column} se"].fillna(0)
    band: dict[str, Any] = {"color": palette[name], "alpha": alpha, "lw": 0, "step": "post"}
    most = np.inf if "gap" in column else 1.0  # no probability is above one
    axes.fill_between(part[x], (y - error).clip(0), (y + error).clip(upper=most), **band)
    style: dict[str, Any] = {"lw": _width(name), "ls": line_of(name), "drawstyle": "steps-post"}
    axes.plot(part[x], y, color=palette[name], **style)


def _width(name: str) -> float:
    return 1.3 if name in RIVALS else 2.0


def _logarithmic(axes: Axes, budgets: pd.Series) -> None:
    """A logarithmic x axis whose ticks are numbers that people read."""
    axes.set_xscale("log")
    first = float(budgets.min())
    last = max(float(budgets.max()), 1.05 * first)
    axes.set_xlim(first, last)
    ticks = [t for t in (0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500) if first <= t <= last]
    axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
    axes.xaxis.set_minor_locator(NullLocator())


def plot_needed(
    prices: pd.DataFrame, budget: float, palette: Mapping[str, str] | None = None
) -> Figure:
    """Calls / M needed to reach four levels, as bars with standard errors.

    Behind each number stands, in brackets, how many queries were opened by then.

    Parameters
    ----------
    prices
        :func:`bayessel.studies.measures.needed.calls_needed` of one data set.
    budget
        The last, in whole-query equivalents; a hatched bar means that it was not enough.
    palette
        Colour of each strategy.
    """
    names = list(prices["strategy"].unique())
    palette = palette or colours(names)
    picture = figure(11.5, 1.5 + 0.34 * len(names), columns=len(_BARS))
    y = np.arange(len(names))[::-1]
    for panel, (axes, (criterion, level)) in enumerate(zip(picture.axes, _BARS, strict=True)):
        axes.grid(axis="y", visible=False)
        part = prices[(prices["criterion"] == criterion) & (prices["level"] == level)]
        part = part.set_index("strategy").loc[names]
        for at, name in zip(y, names, strict=True):
            value, error, queries = map(float, part.loc[name, ["needed", "needed se", "queries"]])
            _bar(axes, at, value, error, queries, budget, palette[name])
        axes.set_xlim(0, 1.32 * budget)
        axes.set_title(f"{criterion} with probability {level:g}", fontsize=9, loc="left")
        axes.set_xlabel("calls / M needed (queries opened)", fontsize=9)
        shown = ["" if panel else shorten(name, 40) for name in names]
        axes.set_yticks(y, shown, parse_math=False)
        axes.set_ylim(-0.6, len(names) - 0.4)
    title(picture, str(prices["data"].iloc[0]))
    return picture


def _bar(
    axes: Axes,
    at: float,
    value: float,
    error: float,
    queries: float,
    budget: float,
    colour: str,
) -> None:
    """What one strategy needs, with the numbers; hatched up to the last budget if too few."""
    reached = np.isfinite(value)
    length = value if reached else budget
    axes.barh(
        at,
        length,
        color=colour if reached else "none",
        edgecolor=colour,
        hatch=None if reached else "////",
        height=0.7,
    )
    if reached and np.isfinite(error):
        axes.errorbar(value, at, xerr=error, color=INK, lw=1, capsize=2)
        length += error
    text = f"{value:.3g} ({queries:.0f})" if reached else f"> {budget:g}"
    axes.text(length + 0.02 * budget, at, text, va="center", fontsize=8, color=INK)


def plot_calibration(calibration: pd.DataFrame, palette: Mapping[str, str] | None = None) -> Figure:
    """Reported P(best) against how often it was right, all budgets together, with counts.

    Parameters
    ----------
    calibration
        :func:`bayessel.studies.measures.calibration.calibration` of one data set.
    palette
        Colour of each strategy.
    """
    pooled = calibration[calibration["calls / M"] == 0]
    names = list(pooled["strategy"].unique())
    palette = palette or colours(names)
    across = min(len(names), 3)
    down = -(-len(names) // across)
    picture = figure(max(4.4, 3.6 * across), 0.5 + 3.7 * down, columns=across, rows=down)
    panels = picture.axes
    for axes in panels[len(names) :]:
        axes.set_visible(False)
    for axes, name in zip(panels, names, strict=False):
        part = pooled[pooled["strategy"] == name]
        axes.plot([0, 1], [0, 1], color=MUTED, lw=1, ls=":")
        ends = np.abs([part["lower"] - part["right"], part["upper"] - part["right"]])
        axes.errorbar(
            part["reported"], part["right"], yerr=ends, color=palette[name], lw=1.2, capsize=2
        )
        size = 12 + 110 * np.sqrt(part["cases"] / pooled["cases"].max())
        axes.scatter(part["reported"], part["right"], s=size, color=palette[name], zorder=3)
        for _, row in part.iterrows():  # each above its tenth, where nothing else is drawn
            axes.annotate(
                _count(int(row["cases"])),
                (np.clip(np.floor(10 * row["reported"]), 0, 9) / 10 + 0.05, 1.0),
                xycoords=("data", "axes fraction"),
                xytext=(0, 2),
                textcoords="offset points",
                ha="center",
                fontsize=7,
                color=MUTED,
            )
        axes.set(xlim=(-0.04, 1.04), ylim=(-0.06, 1.06), aspect="equal")
        axes.set_title(shorten(name, 40), fontsize=10, loc="left", pad=14, parse_math=False)
        axes.set(xlabel="reported P(best)", ylabel="share that is right")
    title(
        picture,
        f"{calibration['data'].iloc[0]}. Grey: cases in each tenth of P(best); dots as large",
    )
    return picture


def _count(cases: int) -> str:
    if cases >= 1000:
        return f"{cases / 1000:.0f}k" if cases >= 10_000 else f"{cases / 1000:.1f}k"
    return f"{cases}"
