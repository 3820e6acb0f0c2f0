"""The history of a selection: one row for each answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from bayessel.strategies.base import AskInfo, Standing


@dataclass(frozen=True)
class Step:
    """One row of the history.

    Attributes
    ----------
    annotations, cells
        Number of queries and of cells judged so far, this answer included.
    query
        Name of the query that was judged.
    best
        Name of the candidate that was recommended after this answer.
    p_best, win_rate, lower, upper, p_within_1pct
        What was known of this candidate; see :func:`bayessel.selection.standing.candidate_table`.
    score, score_error
        Why the query was asked, see :class:`~bayessel.strategies.base.AskInfo`; NaN where the query
        was not asked in this process.
    seconds
        Time since the previous answer.
    """

    annotations: int
    cells: int
    query: str
    best: str
    p_best: float
    win_rate: float
    lower: float
    upper: float
    p_within_1pct: float
    score: float
    score_error: float
    seconds: float


def step_after(
    standing: Standing,
    asked: AskInfo,
    *,
    annotations: int,
    cells: int,
    query: str,
    best: str,
    seconds: float,
) -> Step:
    """Make the row of the history for an answer.

    Parameters
    ----------
    standing
        What is known after the answer.
    asked
        Why the query was asked.
    annotations, cells, query, best, seconds
        See :class:`Step`.
    """
    lower, upper = standing.interval()[standing.best]
    return Step(
        annotations=annotations,
        cells=cells,
        query=query,
        best=best,
        p_best=float(standing.p_best[standing.best]),
        win_rate=float(standing.draws.win_rate[:, standing.best].mean()),
        lower=float(lower),
        upper=float(upper),
        p_within_1pct=float(standing.p_within(0.01)[standing.best]),
        score=asked.score,
        score_error=asked.error,
        seconds=seconds,
    )


def history_table(steps: Iterable[Step | Mapping[str, Any]]) -> pd.DataFrame:
    """Lay out the history: one row for each answer, the columns of :class:`Step`.

    Parameters
    ----------
    steps
        Steps, or the rows that a ledger keeps.
    """
    rows = [asdict(step) if isinstance(step, Step) else dict(step) for step in steps]
    return pd.DataFrame(rows, columns=list(Step.__dataclass_fields__))
