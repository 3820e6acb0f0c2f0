"""Win rates of the candidates: of a selection, of a fit, of the check of the decision."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from bayessel.pictures import style

_MOST = 30


def plot_win_rates(
    table: pd.DataFrame,
    recorded: pd.Series | None = None,
    *,
    by: str = "win_rate",
    first: str = "recommended",
    ticks: str = "all recorded judgments",
) -> Figure:
    """Win rates with 90 % intervals, the highest on top.

    Parameters
    ----------
    table
        [M] columns ``win_rate``, ``lower``, ``upper``, ``p_best``, by candidate, the one to mark
        first; at most the 30 highest are drawn.
    recorded
        [M] win rates over judgments, by candidate, drawn as ticks where known.
    by
        Column that says which is highest.
    first
        What the marked candidate is.
    ticks
        What ``recorded`` holds.
    """
    shown = table.sort_values(by, ascending=False, kind="stable").iloc[:_MOST]
    drawn = style.figure(7.2, 1.3 + 0.26 * len(shown))
    axes = drawn.axes[0]
    y = style.name_rows(axes, [str(name) for name in shown.index])
    axes.tick_params(axis="y", pad=46)  # room for the column of P(best)
    column: dict[str, Any] = {"textcoords": "offset points", "ha": "right", "fontsize": 9}
    of_row = axes.get_yaxis_transform()
    for at, p in zip(y, shown["p_best"], strict=True):
        axes.annotate(f"{p:.2f}", (0, at), (-8, 0), of_row, va="center", **column)
    axes.annotate("P(best)", (0, 1), (-8, 4), "axes fraction", color=style.MUTED, **column)
    colour = [style.ORANGE if name == table.index[0] else style.BLUE for name in shown.index]
    axes.hlines(y, shown["lower"], shown["upper"], color=colour, lw=2.2)
    axes.scatter(shown["win_rate"], y, color=colour, s=26, zorder=3)
    keys = [
        Line2D([], [], color=style.BLUE, marker="o", lw=2.2, label="posterior, 90 %"),
        Line2D([], [], color=style.ORANGE, marker="o", lw=2.2, label=first),
    ]
    ends = [shown["lower"].min(), shown["upper"].max()]
    if recorded is not None:
        known = recorded.reindex(shown.index)
        ends = [np.fmin(ends[0], known.min()), np.fmax(ends[1], known.max())]
        axes.scatter(known, y, marker="|", s=110, color=style.INK, zorder=4)
        keys.append(Line2D([], [], color=style.INK, marker="|", ms=11, ls="", label=ticks))
    style.legend(drawn, handles=keys)
    style.title(drawn, f"Win rates against the baseline{style.left_out(shown, table)}")
    axes.set_xlabel("win rate (a draw counts half)")
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.3g} %")
    axes.set_xlim(max(-0.02, ends[0] - 0.05), min(1.02, ends[1] + 0.05))
    return drawn
