"""Pictures of the chains' agreement and of the Monte Carlo error."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bayessel.checks.base import Check
from bayessel.pictures import style

_SHOWN = 30
_MOST = 48  # characters of a parameter's name
_LOG = 10.0  # r-hats above this are drawn on a logarithmic axis


def _worst(check: Check) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """Rows to draw and which of them are beyond their limit.

    Rows beyond their limit and quantities that are decided on come before nuisance parameters.
    """
    beyond = np.asarray(check.numbers["beyond"])
    order = np.lexsort((np.arange(len(beyond)), ~check.table["decided"], ~beyond))[:_SHOWN]
    order = np.sort(order)
    return check.table.iloc[order], beyond[order]


def _names(shown: pd.DataFrame) -> list[str]:
    return [str(name) for name in shown.index]


def plot_r_hat(check: Check) -> Figure:
    """r-hat of what is decided on and of the worst other parameters."""
    shown, beyond = _worst(check)
    drawn = style.tall(len(shown))
    axes = drawn.axes[0]
    y = style.name_rows(axes, _names(shown), most=_MOST)
    decided = shown["decided"].to_numpy()
    value = np.minimum(shown["r_hat"].to_numpy(), 1e6)
    for kept, colour, label in (
        (decided & ~beyond, style.BLUE, "decided on"),
        (~decided & ~beyond, style.MUTED, "nuisance parameter"),
        (beyond, style.ORANGE, "beyond its limit"),
    ):
        if kept.any():
            axes.scatter(value[kept], y[kept], color=colour, s=22, label=label, zorder=3)
    strict, loose = check.numbers["strict"], check.numbers["loose"]
    style.limit(axes, strict, f"limit of what is decided on: {strict:.3f}")
    if value.max() > (1 + loose) / 2 and not decided.all():
        axes.axvline(loose, color=style.MUTED, lw=1, ls="--", label=f"of the others: {loose:.3f}")
    axes.set_xlabel("rank-normalised split r-hat")
    if value.max() > _LOG:
        axes.set_xscale("log")
    else:
        axes.ticklabel_format(useOffset=False, axis="x")
    style.title(drawn, f"r-hat of {len(shown)} of {len(check.table)} parameters")
    style.legend(drawn, columns=2)
    return drawn


def plot_effective_sample_size(check: Check) -> Figure:
    """Bulk and tail effective sample size of what is decided on and of the worst others."""
    shown, beyond = _worst(check)
    drawn = style.tall(len(shown))
    axes = drawn.axes[0]
    y = style.name_rows(axes, _names(shown), most=_MOST)
    decided = shown["decided"].to_numpy()
    for column, marker in (("bulk", "o"), ("tail", "D")):
        value = shown[column].to_numpy()
        for kept, colour, label in (
            (decided & ~beyond, style.BLUE, column),
            (~decided & ~beyond, style.MUTED, f"{column}, nuisance parameter"),
            (beyond, style.ORANGE, f"{column}, too few"),
        ):
            if kept.any():
                axes.scatter(
                    value[kept], y[kept], color=colour, s=22, marker=marker, label=label, zorder=3
                )
    strict, loose = check.numbers["strict"], check.numbers["loose"]
    style.limit(axes, strict, f"needed of what is decided on: {strict}")
    if not decided.all():
        axes.axvline(loose, color=style.MUTED, lw=1, ls="--", label=f"of the others: {loose}")
    axes.set_xlim(left=0)
    axes.set_xlabel("effective sample size")
    style.title(drawn, f"Effective sample size of {len(shown)} of {len(check.table)} parameters")
    style.legend(drawn, columns=2)
    return drawn


def plot_monte_carlo_error(check: Check) -> Figure:
    """P(best) and win rates with their Monte Carlo errors."""
    shown = check.table.iloc[:_SHOWN]
    drawn = style.tall(len(shown), columns=2)
    for axes, column, label in zip(
        drawn.axes, ("p_best", "win_rate"), ("P(best)", "mean win rate"), strict=True
    ):
        y = style.name_rows(axes, _names(shown), show=column == "p_best")
        mean, error = shown[column].to_numpy(), shown[f"{column}_error"].to_numpy()
        within = np.asarray(check.numbers["within"][column])[:_SHOWN]
        for kept, colour, what in (
            (within, style.BLUE, "± 2 Monte Carlo errors"),
            (~within, style.ORANGE, "± 2 Monte Carlo errors, too large"),
        ):
            if kept.any():
                axes.hlines(
                    y[kept], (mean - 2 * error)[kept], (mean + 2 * error)[kept],
                    color=colour, lw=2, label=what,
                )  # fmt: skip
                axes.scatter(mean[kept], y[kept], color=colour, s=12, zorder=3)
        axes.set_xlabel(label)
    style.title(drawn, f"Monte Carlo error of the decision{style.left_out(shown, check.table)}")
    style.legend(drawn)
    return drawn
