"""Pictures of a study, as matplotlib figures; lines are named where they end."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bayessel.pictures.stopping import plot_stopping
from bayessel.pictures.study_style import INK, MUTED, clean, colours, name_ends, suptitle, title
from bayessel.pictures.style import save_figure
from bayessel.pictures.varied import palette_of, plot_varied
from bayessel.studies.specs import BASELINES
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
    """Draw every figure of every data set as PNG and SVG into ``figures/``.

    A strategy has one colour in all of them. Pictures of all strategies show one number of weak
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
        for what, figure in _of_data(tables, str(name), labels, palette).items():
            written += save_figure(figure, folder / f"{_stem(str(name), stems)}_{what}")
    for factor, part in drawn(tables.varied, shown).groupby("factor", sort=False):
        for name, group in part.groupby("data", sort=False):
            stem = _stem(str(name), stems)
            for what, figure in plot_varied(str(factor), group, palette).items():
                written += save_figure(figure, folder / f"{stem}_{what}")
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
    figures["needed"] = plot_needed(of(tables.needed), int(curves["annotations"].max()), palette)
    if len(reported := of(tables.calibration)):
        figures["calibration"] = plot_calibration(reported, palette)
    if len(stops := of(tables.stopping)):
        figures["stopping"] = plot_stopping(stops, int(curves["annotations"].max()), palette)
    return figures


def _stem(name: str, stems: dict[str, str]) -> str:
    """A file name for a data set that no other one has."""
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
    """A measure against annotations, with a band of one standard error.

    Parameters
    ----------
    by_budget
        :func:`bayessel.studies.measures.by_budget` of one data set.
    column
        Which measure.
    palette
        Colour of each strategy.
    """
    figure = Figure(figsize=(8.2, 5.0), layout="constrained", dpi=130)
    axes = clean(figure.add_subplot())
    palette = palette or colours(list(by_budget["strategy"].unique()))
    ends = {}
    for name, part in by_budget.groupby("strategy", sort=False):
        own = name not in BASELINES
        x, y, error = part["annotations"], part[column], part[f"{column} se"].fillna(0)
        axes.fill_between(x, y - error, y + error, color=palette[str(name)], alpha=0.13, lw=0)
        axes.plot(x, y, color=palette[str(name)], lw=2.0 if own else 1.3)
        ends[str(name)] = float(y.iloc[-1])
    probability = "gap" not in column
    if probability:
        axes.set_ylim(0, 1.02)
    else:
        late = by_budget.loc[by_budget["annotations"] >= 5, column]
        axes.set_ylim(0, 1.05 * max(float(late.max()), 0.1) if len(late) else None)
    last = int(by_budget["annotations"].max())
    axes.set_xlim(1, last)
    axes.set(xlabel="annotations (queries judged)", ylabel=_CURVES.get(column, column))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    title(axes, str(by_budget["data"].iloc[0]))
    name_ends(axes, ends, palette, last)
    return figure


def plot_needed(
    prices: pd.DataFrame, budget: int, palette: Mapping[str, str] | None = None
) -> Figure:
    """Annotations needed to reach four levels, as bars with standard errors.

    Parameters
    ----------
    prices
        :func:`bayessel.studies.measures.annotations_needed` of one data set.
    budget
        T; a bar that ends there and is hatched was not enough.
    palette
        Colour of each strategy.
    """
    names = list(prices["strategy"].unique())
    palette = palette or colours(names)
    figure = Figure(figsize=(11.5, 1.5 + 0.34 * len(names)), layout="constrained", dpi=130)
    panels = figure.subplots(1, len(_BARS), sharey=True, squeeze=False)[0]
    y = np.arange(len(names))[::-1]
    for axes, (criterion, level) in zip(panels, _BARS, strict=True):
        clean(axes).grid(axis="y", visible=False)
        part = prices[(prices["criterion"] == criterion) & (prices["level"] == level)]
        part = part.set_index("strategy").loc[names]
        for at, name in zip(y, names, strict=True):
            value, error = part.loc[name, ["needed", "needed se"]]
            reached = np.isfinite(value)
            axes.barh(
                at,
                value if reached else budget,
                color=palette[name] if reached else "none",
                edgecolor=palette[name],
                hatch=None if reached else "////",
                height=0.7,
            )
            if reached and np.isfinite(error):
                axes.errorbar(value, at, xerr=error, color=INK, lw=1, capsize=2)
            end = (value + (error if np.isfinite(error) else 0)) if reached else budget
            text = f"{value:.0f}" if reached else f"> {budget}"
            axes.text(end + 0.02 * budget, at, text, va="center", fontsize=8, color=INK)
        axes.set_xlim(0, 1.22 * budget)
        axes.set_title(f"{criterion} with probability {level:g}", fontsize=9, loc="left")
        axes.set_xlabel("annotations needed", fontsize=9)
    panels[0].set_yticks(y, [shorten(name, 40) for name in names], parse_math=False)
    suptitle(figure, str(prices["data"].iloc[0]))
    return figure


def plot_calibration(calibration: pd.DataFrame, palette: Mapping[str, str] | None = None) -> Figure:
    """Reported P(best) against how often it was right, all budgets together, with counts.

    Parameters
    ----------
    calibration
        :func:`bayessel.studies.measures.calibration` of one data set.
    palette
        Colour of each strategy.
    """
    pooled = calibration[calibration["annotations"] == 0]
    names = list(pooled["strategy"].unique())
    palette = palette or colours(names)
    across = min(len(names), 3)
    down = -(-len(names) // across)
    size = (max(4.4, 3.6 * across), 0.5 + 3.7 * down)
    figure = Figure(figsize=size, layout="constrained", dpi=130)
    panels = figure.subplots(down, across, squeeze=False).ravel()
    for axes in panels[len(names) :]:
        axes.set_visible(False)
    for axes, name in zip(panels, names, strict=False):
        part = pooled[pooled["strategy"] == name]
        clean(axes).plot([0, 1], [0, 1], color=MUTED, lw=1, ls=":")
        style = {"color": palette[name], "marker": "o", "ms": 5, "lw": 1.5, "capsize": 2}
        ends = np.abs([part["low"] - part["right"], part["high"] - part["right"]])
        axes.errorbar(part["reported"], part["right"], yerr=ends, **style)
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
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.04, 1.04), aspect="equal")
        axes.set_title(shorten(name, 40), fontsize=10, loc="left", pad=14, parse_math=False)
        axes.set(xlabel="reported P(best)", ylabel="share that is right")
    suptitle(figure, f"{calibration['data'].iloc[0]}: grey numbers are cases")
    return figure


def _count(cases: int) -> str:
    if cases >= 1000:
        return f"{cases / 1000:.0f}k" if cases >= 10_000 else f"{cases / 1000:.1f}k"
    return f"{cases}"
