"""Pictures of a study, as matplotlib figures; lines are named where they end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bayessel.benchmark.specs import BASELINES
from bayessel.benchmark.tables import Tables
from bayessel.names import shorten
from bayessel.plots import save_figure

_INK, _MUTED = "#1b1f24", "#6b7280"
_PAPER = {
    "random": "#6b7280",
    "bradley-terry": "#a16207",
    "most-draws": "#7c3aed",
    "uncertainty": "#0f766e",
    "confidence": "#be185d",
    "llm-selector": "#d9822b",
    "llm-selector-grid": "#b91c1c",
}
_OTHERS = ("#2a6fbb", "#15803d", "#0891b2", "#1e3a8a", "#65a30d", "#4338ca", "#0d9488", "#9d174d")
_CURVES = {
    "identified": "probability that the best candidate is named",
    "within 1 %": "probability of a candidate within 1 % of the best",
    "gap": "mean gap to the best, points of win rate",
    "gap p95": "95th percentile of the gap, points of win rate",
}
_BARS = (("identified", 0.5), ("identified", 0.7), ("within 1 %", 0.7), ("within 1 %", 0.8))


def colours(strategies: Sequence[str]) -> dict[str, str]:
    """One colour a strategy; the paper's have their own."""
    others = [name for name in strategies if name not in _PAPER]
    return _PAPER | {name: _OTHERS[i % len(_OTHERS)] for i, name in enumerate(others)}


def write_figures(tables: Tables, folder: Path) -> list[Path]:
    """Draw every figure of every data set as PNG and SVG into ``figures/``."""
    folder = folder / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, group in tables.by_budget.groupby("data", sort=False):
        stem = re.sub(r"[^\w-]+", "-", str(name))  # a dot would begin a suffix
        figures = {column.replace(" %", "pct"): plot_curves(group, column) for column in _CURVES}
        prices = tables.needed[tables.needed["data"] == name]
        figures["needed"] = plot_needed(prices, int(group["annotations"].max()))
        if len(tables.calibration):
            reported = tables.calibration[tables.calibration["data"] == name]
            if len(reported):
                figures["calibration"] = plot_calibration(reported)
        for what, figure in figures.items():
            written += save_figure(figure, folder / f"{stem}_{what.replace(' ', '-')}")
    return written


def plot_curves(by_budget: pd.DataFrame, column: str) -> Figure:
    """A measure against annotations, with a band of one standard error.

    Parameters
    ----------
    by_budget
        :func:`bayessel.benchmark.measures.by_budget` of one data set.
    column
        Which measure.
    """
    figure = Figure(figsize=(8.2, 5.0), layout="constrained", dpi=130)
    axes = _axes(figure.add_subplot())
    palette = colours(list(by_budget["strategy"].unique()))
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
    _title(axes, str(by_budget["data"].iloc[0]))
    _name_ends(axes, ends, palette, last)
    return figure


def plot_needed(prices: pd.DataFrame, budget: int) -> Figure:
    """Annotations needed to reach four levels, as bars with standard errors.

    Parameters
    ----------
    prices
        :func:`bayessel.benchmark.measures.annotations_needed` of one data set.
    budget
        T; a bar that ends there and is hatched was not enough.
    """
    names = list(prices["strategy"].unique())
    palette = colours(names)
    figure = Figure(figsize=(11.5, 1.5 + 0.34 * len(names)), layout="constrained", dpi=130)
    panels = figure.subplots(1, len(_BARS), sharey=True, squeeze=False)[0]
    y = np.arange(len(names))[::-1]
    for axes, (criterion, level) in zip(panels, _BARS, strict=True):
        _axes(axes).grid(axis="y", visible=False)
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
                axes.errorbar(value, at, xerr=error, color=_INK, lw=1, capsize=2)
            end = (value + (error if np.isfinite(error) else 0)) if reached else budget
            text = f"{value:.0f}" if reached else f"> {budget}"
            axes.text(end + 0.02 * budget, at, text, va="center", fontsize=8, color=_INK)
        axes.set_xlim(0, 1.22 * budget)
        axes.set_title(f"{criterion} with probability {level:g}", fontsize=9, loc="left")
        axes.set_xlabel("annotations needed", fontsize=9)
    panels[0].set_yticks(y, [shorten(name, 40) for name in names], parse_math=False)
    _suptitle(figure, str(prices["data"].iloc[0]))
    return figure


def plot_calibration(calibration: pd.DataFrame) -> Figure:
    """Reported P(best) against how often it was right, all budgets together, with counts.

    Parameters
    ----------
    calibration
        :func:`bayessel.benchmark.measures.calibration` of one data set.
    """
    pooled = calibration[calibration["annotations"] == 0]
    names = list(pooled["strategy"].unique())
    palette = colours(names)
    across = min(len(names), 3)
    down = -(-len(names) // across)
    size = (max(4.4, 3.6 * across), 0.5 + 3.7 * down)
    figure = Figure(figsize=size, layout="constrained", dpi=130)
    panels = figure.subplots(down, across, squeeze=False).ravel()
    for axes in panels[len(names) :]:
        axes.set_visible(False)
    for axes, name in zip(panels, names, strict=False):
        part = pooled[pooled["strategy"] == name]
        _axes(axes).plot([0, 1], [0, 1], color=_MUTED, lw=1, ls=":")
        style = {"color": palette[name], "marker": "o", "ms": 5, "lw": 1.5, "capsize": 2}
        axes.errorbar(part["reported"], part["right"], yerr=part["error"], **style)
        for _, row in part.iterrows():
            axes.annotate(
                _count(int(row["cases"])),
                (row["reported"], row["right"]),
                xytext=(6, -4),
                textcoords="offset points",
                va="top",
                fontsize=7,
                color=_MUTED,
            )
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.04, 1.04), aspect="equal")
        axes.set_title(shorten(name, 40), fontsize=10, loc="left", parse_math=False)
        axes.set(xlabel="reported P(best)", ylabel="share that is right")
    _suptitle(figure, f"{calibration['data'].iloc[0]}: grey numbers are cases")
    return figure


def _axes(axes: Axes) -> Axes:
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(_MUTED)
    axes.tick_params(colors=_INK, labelsize=9)
    axes.grid(color="#e5e7eb", linewidth=0.8)
    axes.set_axisbelow(True)
    return axes


def _title(axes: Axes, text: str) -> None:
    axes.set_title(shorten(text, 80), fontsize=11, loc="left", parse_math=False)


def _suptitle(figure: Figure, text: str) -> None:
    figure.suptitle(shorten(text, 80), fontsize=11, x=0.01, ha="left", parse_math=False)


def _name_ends(axes: Axes, ends: dict[str, float], palette: dict[str, str], last: int) -> None:
    """Write each line's name to the right of its end, names kept apart."""
    low, high = axes.get_ylim()
    apart = 0.048 * (high - low)
    order = sorted(ends, key=lambda name: ends[name])
    place: list[float] = []
    for name in order:
        wanted = min(max(ends[name], low), high)
        place.append(max(wanted, place[-1] + apart) if place else wanted)
    over = place[-1] - high if place else 0.0
    if over > 0:  # push back down from the top
        place[-1] = high
        for i in range(len(place) - 2, -1, -1):
            place[i] = min(place[i], place[i + 1] - apart)
    for name, at in zip(order, place, strict=True):
        axes.annotate(
            shorten(name, 36),
            (last, ends[name]),
            xytext=(1.03, (at - low) / (high - low)),
            textcoords="axes fraction",
            va="center",
            fontsize=9,
            color=palette[name],
            arrowprops={
                "arrowstyle": "-",
                "color": palette[name],
                "lw": 0.7,
                "shrinkB": 0,
                "relpos": (0, 0.5),
            },
            annotation_clip=False,
            parse_math=False,
        )


def _count(cases: int) -> str:
    return f"{cases / 1000:.0f}k" if cases >= 10_000 else f"{cases}"
