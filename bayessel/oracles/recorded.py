"""An oracle that answers from the task's recorded judgments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bayessel.errors import OutcomeError
from bayessel.outcomes import MISSING
from bayessel.tasks.task import Task


@dataclass(frozen=True)
class RecordedOracle:
    """Answers with the recorded outcomes of a task.

    Parameters
    ----------
    task
        Where the judgments are.
    """

    task: Task

    def __call__(self, query: str) -> dict[str, int]:
        """Outcome of every candidate that was judged on the query.

        Raises
        ------
        UnknownNameError
            No such query.
        OutcomeError
            The query has no recorded judgment.
        """
        row = self.task.recorded[self.task.query_index(query)]
        judged = np.flatnonzero(row != MISSING)
        if len(judged) == 0:
            raise OutcomeError(f"query {query!r} has no recorded judgment")
        return {self.task.candidates[j]: int(row[j]) for j in judged}
