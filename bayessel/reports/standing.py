"""The table of candidates that the command line prints, and the sentences about the best of them.

A selection's and a fit's table have one row for each candidate, and the columns ``p_best``,
``win_rate``, ``lower`` and ``upper`` (90 % interval) and ``p_within_1pct``. A selection's also has
``calls`` (spent on a candidate), ``cost`` where costs are known, and ``last`` (what dropped it);
only it is printed as a table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from bayessel.selection.race import race_level
from bayessel.support.notebook import notebook_table
from bayessel.support.text import shorten_all
from bayessel.support.ties import TIE

if TYPE_CHECKING:
    import pandas as pd

    from bayessel.tasks.task import Task

LEADERS = 8
"""Rows that are shown while a selection runs."""


def percent(value: float) -> str:
    """A rate as a percentage with one decimal."""
    return f"{100 * value:.1f} %"


def interval(lower: float, upper: float) -> str:
    """A 90 % interval of rates in percent, for a column that says so: ``55.0 to 67.2``."""
    return f"{100 * lower:.1f} to {100 * upper:.1f}"


def with_interval(value: float, lower: float, upper: float) -> str:
    """A rate with its 90 % interval: ``61.6 % (90 %: 55.0 to 67.2)``."""
    return f"{percent(value)} (90 %: {interval(lower, upper)})"


def money(value: float) -> str:
    """A cost with as many digits as people care for; its unit is the user's own."""
    return f"{value:,.2f}" if value >= 1 else f"{value:.3g}"


def standing_table(table: pd.DataFrame, *, width: int = 100, most: int | None = None) -> Table:
    """The candidates as a table for a terminal.

    Parameters
    ----------
    table
        M rows by candidate, such as ``Selector.table``.
    width
        Characters of a line; long names are cut in their middle.
    most
        Rows that are shown, the leading ones; all where None.
    """
    shown = table.head(most or len(table))
    intervals = [interval(*ends) for ends in zip(shown["lower"], shown["upper"], strict=True)]
    widest = max([13, *map(len, intervals)])  # 14 where one is 100.0 to 100.0
    columns = {"P(best)": 7, "win rate": 8, "90 % interval": widest, "P(1 pt)": 7, "calls": 5}
    if "cost" in table:
        columns["cost"] = 6
    columns["out since"] = 9
    level = race_level(len(table))
    drawn = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    taken = sum(columns.values()) + 2 * len(columns)
    name_width = max(10, min(44, width - taken))
    drawn.add_column("candidate", overflow="ellipsis", no_wrap=True, max_width=name_width)
    for name, least in columns.items():
        drawn.add_column(name, justify="right", no_wrap=True, min_width=least)
    names = shorten_all([str(name) for name in shown.index], name_width)
    for name, ends, (_, row) in zip(names, intervals, shown.iterrows(), strict=True):
        drawn.add_row(
            Text(name),
            _p_best(row["p_best"], level, out=bool(row["last"])),
            percent(row["win_rate"]),
            ends,
            f"{row['p_within_1pct']:.3f}",
            f"{int(row['calls'])}",
            *([money(row["cost"])] if "cost" in table else []),
            row["last"].partition(" since ")[2],
        )
    rest = len(table) - len(drawn.rows)
    more = f"and {rest} more; " if rest > 0 else ""
    drawn.caption = (
        f"{more}P(1 pt): probability to be within one point of the best; out: P(best) below "
        f"{level:.2g}"
    )
    drawn.caption_justify = "left"
    return drawn


def standing_html(table: pd.DataFrame, said: str) -> str:
    """The candidates as a notebook shows them, under a sentence."""
    head = ["candidate", "P(best)", "win rate", "90 % interval", "P(1 pt)"]
    rows = [
        [
            name,
            f"{row['p_best']:.3f}",
            percent(row["win_rate"]),
            interval(row["lower"], row["upper"]),
            f"{row['p_within_1pct']:.3f}",
            *([int(row["calls"])] if "calls" in table else []),
        ]
        for name, row in table.iterrows()
    ]
    return notebook_table(said, [*head, *(["calls"] if "calls" in table else [])], rows)


def _p_best(value: float, level: float, *, out: bool) -> str:
    """P(best) with three decimals; rounding takes nobody who is out up to the level."""
    said = f"{value:.3f}"
    return f"<{said}" if out and float(said) >= level else said


def leader_numbers(table: pd.DataFrame) -> dict[str, Any]:
    """What a table says of the recommended candidate, for JSON.

    Parameters
    ----------
    table
        M rows by candidate, the recommended one first.

    Returns
    -------
    dict
        ``best`` (its name), ``p_best``, ``win_rate``, ``interval_90`` and ``p_within_1pct``; also
        ``highest_p_best`` where another candidate has the highest P(best), and ``p_f`` where F is
        a parameter of the model.
    """
    first = table.iloc[0]
    return {
        "best": str(table.index[0]),
        "p_best": round(float(first["p_best"]), 6),
        "win_rate": round(float(first["win_rate"]), 6),
        "interval_90": [round(float(first["lower"]), 6), round(float(first["upper"]), 6)],
        "p_within_1pct": round(float(first["p_within_1pct"]), 6),
        **({"p_f": round(float(first["p_f"]), 6)} if "p_f" in table else {}),
        **highest_p_best(table),
    }


def highest_p_best(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """``highest_p_best``: who has it, where that is not the recommended candidate; else nothing.

    Parameters
    ----------
    table
        Columns ``p_best`` and ``win_rate``, the recommended candidate first.
    """
    at = int(table["p_best"].argmax())
    row = table.iloc[at]
    if row["p_best"] <= table["p_best"].iloc[0] + TIE:
        return {}
    numbers = {k: round(float(row[k]), 6) for k in ("p_best", "win_rate")}
    return {"highest_p_best": {"candidate": str(table.index[at]), **numbers}}


def leader_lines(found: Mapping[str, Any]) -> list[str]:
    """Sentences about the recommended candidate.

    Parameters
    ----------
    found
        See :func:`leader_numbers`.
    """
    lines = [
        f"Best: {found['best']}",
        f"  P(best) {found['p_best']:.3f}; win rate "
        + with_interval(found["win_rate"], *found["interval_90"]),
        f"  within one point of the best with probability {found['p_within_1pct']:.3f}",
    ]
    if "p_f" in found:
        lines.append(f"  P(F), were there queries without end: {found['p_f']:.3f}")
    if other := found.get("highest_p_best"):
        why = ""
        if other["win_rate"] < found["win_rate"]:
            why = f"; {found['best']} is recommended because its expected win rate is the highest"
        lines.append(
            f"  {other['candidate']} has the highest P(best), {other['p_best']:.3f}, at an "
            f"expected win rate of {percent(other['win_rate'])}{why}"
        )
    return lines


def race_line(names: Sequence[str], best: str, candidates: int) -> str:
    """Who is still in the race, as a sentence.

    Parameters
    ----------
    names
        Candidates in the race.
    best
        The recommended one.
    candidates
        M.
    """
    others = [name for name in names if name != best]
    level = f"P(best) of {race_level(candidates):.2g} or more"
    if not others:
        return f"  no other candidate has a {level}"
    if len(names) == candidates:
        return f"  still in the race ({level}): all {candidates} candidates"
    return f"  still in the race ({level}): {best}, {', '.join(others[:7])}" + (
        f" and {len(others) - 7} more" if others[7:] else ""
    )


def recorded_win_rates(task: Task) -> pd.Series:
    """Win rates over all recorded judgments, the highest first; empty where there are none."""
    import pandas as pd

    rates = pd.Series(
        task.win_rate, index=pd.Index(task.candidates, name="candidate"), name="win_rate"
    )
    return rates.dropna().sort_values(ascending=False)
