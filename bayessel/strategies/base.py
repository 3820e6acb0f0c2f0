"""What every strategy offers, and what it says of its choices and of the candidates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import BudgetError
from bayessel.inference.draws import Draws, p_within
from bayessel.outcomes import MISSING
from bayessel.priors import Prior
from bayessel.tasks.task import Task


@dataclass(frozen=True)
class AskInfo:
    """What a person may want to know about the choice of a query.

    Attributes
    ----------
    score
        Value of the acquisition for the chosen query, or the chance with which it was drawn; NaN
        where there is none.
    error
        Monte Carlo standard error of the score: 0 for a chance, NaN where it is not known.
    """

    score: float = float("nan")
    error: float = float("nan")


@dataclass(frozen=True)
class Standing:
    """What is known about the candidates.

    Attributes
    ----------
    best
        Position of the recommended candidate.
    p_best
        [M] probability of being the best.
    draws
        S posterior draws of win rates and of the best candidate's eps.
    fixed
        Numbers that the strategy presets instead of learning them, by name.
    more_draws
        Computes draws of a longer run at the same posterior, for the record; None where ``draws``
        are independent already.
    """

    best: int
    p_best: NDArray[np.float64]
    draws: Draws
    fixed: dict[str, float]
    more_draws: Callable[[], Draws] | None = None

    def interval(self, level: float = 0.9) -> NDArray[np.float64]:
        """[M, 2] central posterior intervals of the win rates."""
        tail = (1 - level) / 2
        return np.quantile(self.draws.win_rate, [tail, 1 - tail], axis=0).T

    def p_within(self, delta: float) -> NDArray[np.float64]:
        """[M] probability that a candidate's win rate is within ``delta`` of the best's."""
        return p_within(self.draws.win_rate, delta)


def require_draws(draws: int) -> None:
    """Refuse too few posterior draws.

    Raises
    ------
    BudgetError
        Below 100: probabilities and Monte Carlo errors would mean nothing.
    """
    if draws < 100:
        raise BudgetError(f"draws {draws}: expected at least 100 posterior draws")


class Strategy(Protocol):
    """How queries are chosen and a candidate recommended.

    A state is an immutable value. It depends on the task and on the outcomes of the judged cells.
    Where the strategy ``carries``, it also depends on the order of the answers, within Monte Carlo
    error. Random numbers come from the generator that is given: the same generator gives the same
    result.
    """

    @property
    def name(self) -> str:
        """Name in :data:`bayessel.strategies.STRATEGIES`."""

    @property
    def weak_judges(self) -> tuple[str, ...]:
        """Names of the weak judges whose scores the strategy reads."""

    @property
    def needs_weak_judges(self) -> bool:
        """Whether the strategy needs the scores of weak judges."""

    @property
    def carries(self) -> bool:
        """Whether a state depends, within Monte Carlo error, on the order of the answers."""

    @property
    def options(self) -> dict[str, Any]:
        """What the user has set, for the record; names and values as the class takes them."""

    @property
    def priors(self) -> dict[str, Prior]:
        """Priors of its model."""

    def init(self, rng: np.random.Generator, task: Task, outcome: NDArray[np.int8]) -> Any:
        """State after the judgments ``outcome`` [N, M] (``MISSING`` where not judged)."""

    def ask(
        self, rng: np.random.Generator, state: Any, available: NDArray[np.bool_]
    ) -> tuple[int, AskInfo]:
        """Choose one of the ``available`` [N] queries; these have no judged cell."""

    def tell(
        self, rng: np.random.Generator, state: Any, query: int, outcomes: NDArray[np.int8]
    ) -> Any:
        """State after judging ``query``: ``outcomes`` [M], ``MISSING`` where not judged."""

    def recommend(self, rng: np.random.Generator, state: Any) -> Standing:
        """Who is best, and how probable that is."""


def with_row(outcome: NDArray[np.int8], query: int, outcomes: NDArray[np.int8]) -> NDArray[np.int8]:
    """Copy of ``outcome`` [N, M] with the judged cells of a row filled in."""
    updated = outcome.copy()
    updated[query] = np.where(outcomes != MISSING, outcomes, updated[query])
    return updated
