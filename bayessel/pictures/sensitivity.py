"""The picture of a prior sensitivity analysis."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from bayessel.checks.sensitivity import Sensitivity
from bayessel.pictures import style
from bayessel.support.text import shorten

_COLOURS = (style.ORANGE, style.BLUE, "#7fb1e0", "#9a86c9", "#4f9d8f")


def plot_sensitivity(found: Sensitivity, most: int = 5) -> Figure:
    """P(best) of the leading candidates and eps under each prior.

    Parameters
    ----------
    found
        Of :func:`~bayessel.checks.sensitivity.sensitivity`.
    most
        Candidates to show: those with the highest P(best) under any prior.
    """
    table = found.table
    labels = [f"{i} (not fitted)" if why else str(i) for i, why in table["failed"].items()]
    drawn = style.tall(len(labels) + 2, columns=3)
    y = style.name_rows(drawn.axes[0], labels, most=44)
    leading = found.p_best.max().sort_values(ascending=False).index[:most]
    left = np.zeros(len(labels))
    for i, candidate in enumerate(leading):
        share, colour = found.p_best[candidate].to_numpy(), _COLOURS[i % len(_COLOURS)]
        drawn.axes[0].barh(
            y, share, left=left, height=0.7, color=colour, label=shorten(str(candidate), 34)
        )
        left = left + share
    drawn.axes[0].barh(y, 1 - left, left=left, height=0.7, color=style.GRID, label="others")
    drawn.axes[0].set(xlabel="P(best)", xlim=(0, 1))
    for axes, name in zip(drawn.axes[1:], ("eps_loss", "eps_draw"), strict=True):
        style.name_rows(axes, labels, show=False)
        axes.hlines(y, table[f"{name}_lower"], table[f"{name}_upper"], color=style.BLUE, lw=2)
        axes.scatter(table[name], y, color=style.BLUE, s=14, zorder=3)
        axes.axvline(table[name].iloc[0], color=style.MUTED, lw=1, ls=":")
        axes.set(xlabel=f"{name}, 90 %")
        axes.set_xlim(left=0)
    style.title(drawn, "The decision under each prior")
    style.legend(drawn, columns=3)
    return drawn
