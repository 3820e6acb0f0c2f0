"""An oracle that answers with the outcomes that came with the data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import OutcomeError
from bayessel.outcomes import MISSING, Outcome
from bayessel.tasks.task import Task


@dataclass(frozen=True)
class RecordedOracle:
    """Answers with the recorded outcomes of a task.

    Parameters
    ----------
    task
        Where the outcomes are.
    """

    task: Task

    @property
    def answerable(self) -> NDArray[np.bool_]:
        """[N] which queries have a recorded outcome."""
        return self.task.judged

    def __call__(self, query: str) -> dict[str, Outcome]:
        """Outcome of every candidate that was judged on the query.

        Raises
        ------
        UnknownNameError
            No such query.
        OutcomeError
            The query has no recorded outcome.
        """
        row = self.task.recorded[self.task.query_index(query)]
        judged = np.flatnonzero(row != MISSING)
        if len(judged) == 0:
            raise OutcomeError(f"query {query!r} has no recorded outcome")
        return {self.task.candidates[j]: Outcome(int(row[j])) for j in judged}


ORACLE = RecordedOracle
