"""What the desk needs of a run: questions to ask, and a place for outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from bayessel.outcomes import Outcome

if TYPE_CHECKING:
    from bayessel.tasks.question import Question
    from bayessel.tasks.task import Task

Cell = tuple[str, str]
"""Names of a query and of a candidate."""

SOURCE = "page"
"""Under this name the run's ledger keeps outcomes that come from people's verdicts."""


class Questions(Protocol):
    """Where questions come from. It is used by one thread, the one that asks ahead."""

    @property
    def task(self) -> Task:
        """What is judged."""

    def opening(self, calls: int, available: NDArray[np.bool_]) -> list[Question]:
        """Questions that are there at once, where the run is new; as :meth:`ask` takes them."""

    def warm(self) -> None:
        """Make ready to ask."""

    def ask(self, calls: int, available: NDArray[np.bool_]) -> list[Question]:
        """Questions with about as many calls; none where the run is over.

        Parameters
        ----------
        calls
            How many are wanted, at least 1.
        available
            [N, M] which cells may be asked.
        """

    def close(self) -> None:
        """Let go of the run."""


class Outcomes(Protocol):
    """Where outcomes go. They are on disk when a method returns."""

    @property
    def judged(self) -> Mapping[Cell, Outcome]:
        """The outcome of every cell that the run has, whoever told it."""

    def tell(self, cell: Cell, outcome: Outcome) -> None:
        """Store the outcome of a cell that has none."""

    def take_back(self, cell: Cell) -> None:
        """Remove the outcome of a cell, if it came from here."""

    def close(self) -> None:
        """Let go of the run."""
