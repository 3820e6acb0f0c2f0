"""A result as it lies in its folder, whatever made it: what the parts of a report are made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from bayessel.outcomes import MISSING, points

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from bayessel.inference.load import Model
    from bayessel.tasks.task import Task


@dataclass(frozen=True)
class Source:
    """What is known of a result.

    Attributes
    ----------
    kind
        What made it.
    name
        What the report calls it.
    candidates
        [M] names, in the order of the arrays.
    queries
        [R] names of the rows of ``outcome``.
    outcome
        [R, M] judged outcomes, ``MISSING`` elsewhere.
    n_queries
        N.
    table
        M rows by candidate, the recommended one first: ``p_best``, ``win_rate``, ``lower``,
        ``upper``, ``p_within_1pct``; of a selection also ``calls``, ``cost``, ``last``.
    draws
        [S, M] posterior draws of the win rates.
    strategy
        How calls were chosen; of a fit, the model.
    task
        The task, where the folder has it.
    history
        One row a call, of a selection.
    chances
        P(best) by call and candidate, where they were kept.
    fitted
        A fit of the model to the judged cells, where there is one.
    model
        The generative model of the fit.
    facts
        Whatever else is said of it: ``baseline``, ``seed``, ``data_hash``, ``options``, ``priors``,
        ``stop``, ``cost``, what the judges were paid, ``judging``, and its
        ``unit``.
    """

    kind: Literal["selection", "fit"]
    name: str
    candidates: tuple[str, ...]
    queries: tuple[str, ...]
    outcome: NDArray[np.int8]
    n_queries: int
    table: pd.DataFrame
    draws: NDArray[np.float64]
    strategy: str
    task: Task | None = None
    history: pd.DataFrame | None = None
    chances: pd.DataFrame | None = None
    fitted: xr.DataTree | None = None
    model: Model | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """[M] positions of the candidates as the table has them, the recommended one first."""
        place = {name: j for j, name in enumerate(self.candidates)}
        return np.array([place[str(name)] for name in self.table.index])

    @cached_property
    def judged(self) -> NDArray[np.bool_]:
        """[R, M] which cells are judged."""
        return self.outcome != MISSING

    @cached_property
    def points(self) -> NDArray[np.float64]:
        """[R, M] points of the judged cells, NaN elsewhere."""
        return points(self.outcome)

    @property
    def calls(self) -> int:
        """Judged cells."""
        return int(self.judged.sum())

    @property
    def best(self) -> str:
        """Name of the recommended candidate."""
        return str(self.table.index[0])

    def counts(self, j: int, rows: NDArray[np.bool_] | None = None) -> tuple[int, int, int]:
        """Wins, draws and losses of candidate ``j``, on some rows [R] or all."""
        own = self.outcome[:, j] if rows is None else self.outcome[rows, j]
        return int((own == 1).sum()), int((own == 0).sum()), int((own == -1).sum())
