"""Drawing that the checks share; no global state is changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from bayessel.support.text import shorten

INK, MUTED, BLUE, ORANGE = "#1b1f24", "#6b7280", "#2a6fbb", "#d9822b"
MOST_ROWS = 60
"""Rows of a picture at most: those that matter most are kept."""


def figure(width: float, height: float, columns: int = 1) -> Figure:
    """A figure with one row of axes in the package's style."""
    drawn = Figure(figsize=(width, height), layout="constrained", dpi=130)
    for axes in np.atleast_1d(drawn.subplots(1, columns, sharey=False)):
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(MUTED)
        axes.tick_params(colors=INK, labelsize=8)
        axes.grid(color="#e5e7eb", linewidth=0.8)
        axes.set_axisbelow(True)
    return drawn


def tall(rows: int, columns: int = 1, width: float = 7.2) -> Figure:
    """A figure whose height fits as many named rows."""
    return figure(width if columns == 1 else 2.0 + 3.1 * columns, 1.5 + 0.19 * rows, columns)


def name_rows(axes: Axes, names: Sequence[str], *, show: bool = True, most: int = 34) -> np.ndarray:
    """Put names on the y axis, the first on top; returns the [rows] positions.

    Names are cut to ``most`` characters.
    """
    y = np.arange(len(names))[::-1]
    labels = [shorten(str(n), most) for n in names] if show else [""] * len(names)
    axes.set_yticks(y, labels, parse_math=False)
    axes.set_ylim(-0.7, len(names) - 0.3)
    return y


def title(drawn: Figure, text: str) -> None:
    """One title over the whole figure."""
    drawn.suptitle(text, fontsize=10, x=0.01, ha="left", parse_math=False)


def limit(axes: Axes, at: float, label: str) -> None:
    """A threshold as a dotted vertical line."""
    axes.axvline(at, color=INK, lw=1, ls=":", label=label)


def intervals(
    axes: Axes,
    y: ArrayLike,
    low: ArrayLike,
    mid: ArrayLike,
    high: ArrayLike,
    observed: ArrayLike | None = None,
    flagged: ArrayLike | None = None,
    label: str = "replicated, 95 %",
) -> None:
    """Intervals with their middle, what was observed beside them; flagged rows are orange."""
    axes.hlines(y, low, high, color=BLUE, lw=2, label=label)
    axes.scatter(mid, y, color=BLUE, s=12, zorder=3)
    if observed is None:
        return
    y, observed = np.asarray(y), np.asarray(observed)
    bad = np.zeros(len(y), bool) if flagged is None else np.asarray(flagged, bool)
    axes.scatter(
        observed[~bad], y[~bad], marker="|", s=70, color=INK, zorder=4, label="observed, inside"
    )
    if bad.any():
        axes.scatter(
            observed[bad], y[bad], marker="D", s=22, color=ORANGE, zorder=5, label="observed, fails"
        )


def legend(drawn: Figure, columns: int = 3) -> None:
    """One legend below all axes, each label once."""
    found: dict[str, Any] = {}
    for axes in drawn.axes:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    drawn.legend(
        handles=list(found.values()),
        labels=list(found),
        frameon=False,
        fontsize=8,
        loc="outside lower left",
        ncols=columns,
    )
