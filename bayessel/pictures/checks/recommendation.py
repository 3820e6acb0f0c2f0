"""Pictures of the checks of who is called best, and of the model's calibration."""

from __future__ import annotations

from matplotlib.figure import Figure

from bayessel.checks.base import Check
from bayessel.pictures import style
from bayessel.pictures.calibration import plot_calibration
from bayessel.pictures.win_rates import plot_win_rates


def plot_lead(check: Check) -> Figure:
    """Lead of the highest P(best) over each other candidate, beside its replicates."""
    shown = check.table.iloc[: style.MOST_ROWS]
    drawn = style.tall(len(shown))
    axes = drawn.axes[0]
    y = style.name_rows(axes, [str(name) for name in shown.index])
    bad = shown["possible"] < check.numbers["alpha"]
    style.intervals(axes, y, shown["lower"], shown["median"], shown["upper"], shown["lead"], bad)
    axes.axvline(0, color=style.MUTED, lw=1)
    axes.set_xlabel(f"lead of {check.numbers['leader']} in win rate", parse_math=False)
    style.title(drawn, "Lead of the highest P(best) on the judged rows")
    style.legend(drawn)
    return drawn


def plot_decision(check: Check) -> Figure:
    """Win rates by P(best), with those of the judged rows."""
    return plot_win_rates(
        check.table,
        check.table.get("observed_win_rate"),
        by="p_best",
        first="highest P(best)",
        ticks="judged rows",
    )


def plot_simulated(check: Check) -> Figure:
    """Ranks of the truth among draws, of data that the model itself makes."""
    return plot_calibration(
        check.numbers["calibration"], check.numbers["model"], check.numbers["alpha"]
    )
