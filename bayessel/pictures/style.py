"""One look for all pictures: colours, axes, titles, names; no global state is changed."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from numpy.typing import ArrayLike, NDArray

from bayessel.pictures.fonts import make_legible
from bayessel.support.files import written_whole
from bayessel.support.text import printable, shorten, shorten_all

INK, MUTED, BLUE, ORANGE, GRID = "#1b1f24", "#6b7280", "#2a6fbb", "#d9822b", "#e5e7eb"
BAND = "#dbe7f5"
"""Of what is expected, behind what is found."""
MORE = ("#15803d", "#0891b2", "#1e3a8a", "#65a30d", "#4338ca", "#0d9488", "#9d174d")
"""Further colours, for lines that are many."""
MOST_ROWS = 60
"""Rows of a picture at most: those that matter most are kept."""


# ------------------------------------------------------------------ figures and axes
def figure(width: float, height: float, columns: int = 1, rows: int = 1) -> Figure:
    """A figure with a grid of axes in the package's look."""
    drawn = blank(width, height)
    for axes in np.ravel(drawn.subplots(rows, columns, squeeze=False)):
        clean(axes)
    return drawn


def blank(width: float, height: float) -> Figure:
    """A figure without axes; sizes in inches."""
    return Figure(figsize=(width, height), layout="constrained", dpi=130)


def tall(rows: int, columns: int = 1, width: float = 7.2) -> Figure:
    """A figure whose height fits as many named rows."""
    return figure(width if columns == 1 else 2.0 + 3.1 * columns, 1.5 + 0.19 * rows, columns)


def clean(axes: Axes, size: float = 9) -> Axes:
    """Put axes in the package's look; ``size`` of the tick labels in points."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(MUTED)
    axes.tick_params(colors=INK, labelsize=size)
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    return axes


# ------------------------------------------------------------------ words
def title(drawn: Figure | Axes, text: str, most: int = 100) -> Text:
    """One title over a whole figure, or over one pair of axes."""
    shown = shorten(text, most)
    if isinstance(drawn, Axes):
        return drawn.set_title(shown, fontsize=11, loc="left", parse_math=False)
    return drawn.suptitle(shown, fontsize=11, x=0.01, ha="left", parse_math=False)


def legend(drawn: Figure, columns: int = 3, handles: Sequence[Any] | None = None) -> None:
    """One legend below all axes, each label once; of ``handles`` where they are given."""
    found: dict[str, Any] = {}
    if handles is not None:
        found = {printable(str(handle.get_label())): handle for handle in handles}
    else:
        for axes in drawn.axes:
            for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
                found.setdefault(printable(label), handle)
    below = drawn.legend(
        handles=list(found.values()),
        labels=list(found),
        frameon=False,
        fontsize=9,
        loc="outside lower left",
        ncols=columns,
    )
    for text in below.get_texts():
        text.set_parse_math(False)


def left_out(shown: pd.DataFrame, table: pd.DataFrame) -> str:
    """What a title says where only the first rows of a table are drawn; else nothing."""
    return f": highest {len(shown)} of {len(table)}" if len(shown) < len(table) else ""


# ------------------------------------------------------------------ rows with names
def name_rows(
    axes: Axes, names: Sequence[str], *, show: bool = True, most: int = 34
) -> NDArray[np.intp]:
    """Put names on the y axis, the first on top; returns the [rows] positions.

    Names are cut to ``most`` characters.
    """
    y = np.arange(len(names))[::-1]
    labels = shorten_all([str(n) for n in names], most) if show else [""] * len(names)
    axes.set_yticks(y, labels, parse_math=False)
    axes.set_ylim(-0.7, len(names) - 0.3)
    return y


def limit(axes: Axes, at: float, label: str) -> None:
    """A threshold as a dotted vertical line."""
    axes.axvline(at, color=INK, lw=1, ls=":", label=label)


def intervals(
    axes: Axes,
    y: ArrayLike,
    lower: ArrayLike,
    middle: ArrayLike,
    upper: ArrayLike,
    observed: ArrayLike | None = None,
    flagged: ArrayLike | None = None,
    label: str = "replicated, 95 %",
) -> None:
    """Intervals with their middle, what was observed beside them; flagged rows are orange."""
    axes.hlines(y, lower, upper, color=BLUE, lw=2, label=label)
    axes.scatter(middle, y, color=BLUE, s=12, zorder=3)
    if observed is None:
        return
    y, observed = np.asarray(y), np.asarray(observed)
    bad = np.zeros(len(y), bool) if flagged is None else np.asarray(flagged, bool)
    axes.scatter(
        observed[~bad], y[~bad], marker="|", s=70, color=INK, zorder=4, label="observed, passes"
    )
    if bad.any():
        axes.scatter(
            observed[bad], y[bad], marker="D", s=22, color=ORANGE, zorder=5, label="observed, fails"
        )


# ------------------------------------------------------------------ lines with names
def name_ends(
    axes: Axes, ends: Mapping[str, float], palette: Mapping[str, str], last: float
) -> None:
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


# ------------------------------------------------------------------ files
def save_figure(drawn: Figure, stem: Path) -> list[Path]:
    """Write a figure as PNG and SVG, each whole or not at all.

    Parameters
    ----------
    drawn
        What to write.
    stem
        Path without a suffix.

    Returns
    -------
    list of Path
        The files.
    """
    make_legible(drawn)
    written = []
    for suffix in ("png", "svg"):
        path = stem.with_name(f"{stem.name}.{suffix}")
        # the same picture is the same file: no date, no random names
        metadata = {"Date": None} if suffix == "svg" else None
        with (
            matplotlib.rc_context({"svg.hashsalt": "bayessel"}),
            warnings.catch_warnings(),
            written_whole(path) as partial,
        ):
            warnings.filterwarnings("ignore", "Glyph .* missing")  # a box is drawn for the letter
            drawn.savefig(partial, format=suffix, metadata=metadata)
        written.append(path)
    return written
