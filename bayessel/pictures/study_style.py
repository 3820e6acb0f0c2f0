"""One look for all pictures of a study: colours, axes, titles, names where lines end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bayessel.support.text import shorten

INK, MUTED = "#1b1f24", "#6b7280"
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


def colours(strategies: Sequence[str]) -> dict[str, str]:
    """One colour a strategy; the paper's have their own."""
    others = [name for name in strategies if name not in _PAPER]
    return _PAPER | {name: _OTHERS[i % len(_OTHERS)] for i, name in enumerate(others)}


def clean(axes: Axes) -> Axes:
    """Axes in the study's look."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(MUTED)
    axes.tick_params(colors=INK, labelsize=9)
    axes.grid(color="#e5e7eb", linewidth=0.8)
    axes.set_axisbelow(True)
    return axes


def title(axes: Axes, text: str) -> None:
    """A title over one pair of axes."""
    axes.set_title(shorten(text, 80), fontsize=11, loc="left", parse_math=False)


def suptitle(figure: Figure, text: str) -> None:
    """A title over a whole figure."""
    figure.suptitle(shorten(text, 80), fontsize=11, x=0.01, ha="left", parse_math=False)


def name_ends(axes: Axes, ends: Mapping[str, float], palette: Mapping[str, str], last: int) -> None:
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
