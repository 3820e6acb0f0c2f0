"""The history of a selection: one row an answer."""

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
        Queries and cells judged so far, with this answer.
    query
        Name of the query that was answered.
    best
        Name of the candidate recommended then.
    p_best, win_rate, lower, upper, p_within_1pct
        Of that candidate; see :func:`bayessel.selection.standing.candidate_table`.
    score, score_error
        See :class:`~bayessel.strategies.base.AskInfo`; NaN for a query that was not asked.
    seconds
        Since the answer before.
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
    """Row of the history for an answer.

    Parameters
    ----------
    standing
        What is known with the answer.
    asked
        Of the choice of the query.
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
    """One row an answer, the columns of :class:`Step`.

    Parameters
    ----------
    steps
        Steps, or what a ledger keeps of them.
    """
    rows = [asdict(step) if isinstance(step, Step) else dict(step) for step in steps]
    return pd.DataFrame(rows, columns=list(Step.__dataclass_fields__))
