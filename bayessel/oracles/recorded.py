"""An oracle that answers with the outcomes that came with the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bayessel.outcomes import MISSING, Outcome
from bayessel.tasks.task import Task

if TYPE_CHECKING:
    from bayessel.tasks.question import Question


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
        """[N, M] which cells have a recorded outcome."""
        return self.task.recorded != MISSING

    def __call__(self, question: Question) -> dict[str, Outcome]:
        """Recorded outcomes of the candidates that are asked for; those without one are left out.

        Raises
        ------
        UnknownNameError
            No such query or candidate.
        """
        row = self.task.recorded[self.task.query_index(question.query)]
        said = {name: int(row[self.task.candidate_index(name)]) for name in question.candidates}
        return {name: Outcome(value) for name, value in said.items() if value != MISSING}


ORACLE = RecordedOracle
