"""Pictures of leaving one query out."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from bayessel.checks.base import Check
from bayessel.pictures import style


def plot_leave_one_out(check: Check) -> Figure:
    """Pareto k of each judged query, the highest on top."""
    shown, good = check.table.iloc[: style.MOST_ROWS], check.numbers["good"]
    drawn = style.tall(len(shown))
    axes = drawn.axes[0]
    y = style.name_rows(axes, [str(query) for query in shown.index])
    above = ~(shown["pareto_k"].to_numpy() <= good)
    axes.scatter(shown["pareto_k"], y, s=20, color=np.where(above, style.ORANGE, style.BLUE))
    style.limit(axes, good, f"trusted up to {good:.2f}")
    axes.set_xlabel("Pareto k")
    style.title(drawn, f"Influence of each judged query{style.left_out(shown, check.table)}")
    style.legend(drawn)
    return drawn


def plot_leave_one_out_calibration(check: Check) -> Figure:
    """Ranks of the rows' points, and the points beside those that the other rows predict."""
    drawn = style.figure(8.4, 4.2, columns=2)
    left, right = drawn.axes
    pit, band = check.table["loo_pit"].to_numpy(), check.numbers["band"]
    grid = np.linspace(0, 1, 201)
    ecdf = np.searchsorted(np.sort(pit), grid, side="right") / len(pit)
    left.fill_between(grid, -band, band, color=style.BAND, label="99 % band")
    left.plot(grid, ecdf - grid, color=style.INK, lw=1.5, label="LOO-PIT")
    left.set(xlabel="LOO-PIT of a row's points", ylabel="ECDF - uniform")
    cells = check.table["judged"]
    right.axline((0, 0), slope=1, color=style.MUTED, lw=1)
    right.plot(
        check.table["expected"] / cells, check.table["points"] / cells, "o", ms=4, alpha=0.6,
        color=style.BLUE, label="a judged query",
    )  # fmt: skip
    right.set(
        xlabel="row's win rate as the other rows predict it",
        ylabel="observed",
        xlim=(-0.03, 1.03),
        ylim=(-0.03, 1.03),
    )
    right.set_aspect("equal")
    style.title(drawn, "Calibration, leaving one query out")
    style.legend(drawn)
    return drawn


def plot_comparison(check: Check) -> Figure:
    """Differences in elpd to the best of several results."""
    table, width = check.table, check.numbers["errors"]
    drawn = style.tall(len(table))
    axes = drawn.axes[0]
    y = style.name_rows(axes, [str(label) for label in table.index])
    middle, error = table["elpd_diff"], table["dse"]
    style.intervals(
        axes, y, middle - width * error, middle, middle + width * error,
        label=f"± {width:g} standard errors",
    )  # fmt: skip
    axes.set_xlabel("elpd, difference to the best (higher predicts better)")
    style.title(drawn, "Leave one query out: results compared")
    style.legend(drawn)
    return drawn
