"""The history of a selection: one row for each call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from bayessel.selection.race import Race
from bayessel.strategies.base import Standing


@dataclass(frozen=True)
class Call:
    """One verdict, and how it was chosen.

    Attributes
    ----------
    call, question
        Number of the call and of the question that it belongs to, from 1.
    query, candidate
        Names: which cell was judged.
    outcome
        ``loss``, ``draw`` or ``win``.
    chance, score, score_error, why
        How the question was chosen, see :class:`~bayessel.strategies.base.AskInfo`; NaN and empty
        where nobody asked for the cell.
    cost
        What the call cost; 1 where costs are not known.
    """

    call: int
    question: int
    query: str
    candidate: str
    outcome: str
    chance: float
    score: float
    score_error: float
    cost: float
    why: str


@dataclass(frozen=True)
class Step:
    """A row of the history: a call, and what was known after its question.

    Attributes
    ----------
    of
        The call.
    recommended
        Name of the candidate that was recommended.
    p_best, win_rate, lower, upper, p_within_1pct
        What was known of this candidate; see :func:`bayessel.selection.standing.candidate_table`.
    seconds
        Time since the previous question was answered: choosing, answering and learning.
    race
        Who was in the race; it is no column of the table.
    chances
        [M] P(best) of every candidate, to four decimals; likewise no column, see
        :func:`chances_table`.
    """

    of: Call
    recommended: str
    p_best: float
    win_rate: float
    lower: float
    upper: float
    p_within_1pct: float
    seconds: float
    race: Race
    chances: tuple[float, ...]

    @property
    def row(self) -> dict[str, Any]:
        """Columns of the history by name, and ``race`` and ``chances``, as plain data."""
        found = asdict(self)
        return {**found.pop("of"), **found}


COLUMNS = (
    *Call.__dataclass_fields__,
    *(name for name in Step.__dataclass_fields__ if name not in ("of", "race", "chances")),
)
"""Columns of the history."""


def steps_after(
    standing: Standing, calls: Iterable[Call], *, recommended: str, seconds: float, race: Race
) -> list[Step]:
    """Make the rows of a question.

    Parameters
    ----------
    standing
        What is known after it.
    calls
        Its calls.
    recommended, seconds, race
        See :class:`Step`.
    """
    lower, upper = standing.interval_of_best
    known: dict[str, Any] = {
        "recommended": recommended,
        "p_best": float(standing.p_best[standing.best]),
        "win_rate": float(standing.win_rate[standing.best]),
        "lower": lower,
        "upper": upper,
        "p_within_1pct": float(standing.p_within(0.01)[standing.best]),
        "seconds": seconds,
        "race": race,
        "chances": tuple(round(float(p), 4) for p in standing.p_best),
    }
    return [Step(of=call, **known) for call in calls]


def history_table(steps: Iterable[Step | Mapping[str, Any]]) -> pd.DataFrame:
    """Lay out the history: one row for each call, the columns :data:`COLUMNS`.

    Parameters
    ----------
    steps
        Steps, or the rows that a ledger keeps.
    """
    rows = [step.row if isinstance(step, Step) else dict(step) for step in steps]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def chances_table(
    steps: Iterable[Step | Mapping[str, Any]], candidates: Sequence[str]
) -> pd.DataFrame:
    """P(best) of every candidate after each call.

    Parameters
    ----------
    steps
        Steps, or the rows that a ledger keeps; those of an older version have no chances.
    candidates
        [M] names.

    Returns
    -------
    pandas.DataFrame
        One row by ``call``, one column a candidate.
    """
    rows = [step.row if isinstance(step, Step) else step for step in steps]
    kept = {int(row["call"]): row["chances"] for row in rows if "chances" in row}
    return pd.DataFrame.from_dict(kept, orient="index", columns=list(candidates)).rename_axis(
        "call"
    )
