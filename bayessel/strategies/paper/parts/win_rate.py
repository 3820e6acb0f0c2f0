"""What strategies share that recommend the highest win rate so far: the paper's baselines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayessel.acquisition.base import TIE
from bayessel.errors import DataError
from bayessel.inference.engines.exact import FLAT, independent_rates
from bayessel.outcomes import win_rate
from bayessel.priors import Prior
from bayessel.strategies.base import Standing, check_draws, with_row
from bayessel.tasks.task import Task
from bayessel.weak_judges import KGRAMS
from bayessel.weak_judges.votes import votes


@dataclass(frozen=True)
class VoteState:
    """Judgments, and what the weak judges say.

    Attributes
    ----------
    outcome
        [N, M] judgments bought so far.
    votes
        [J, N, M] weak judges' votes.
    score
        [N] score of each query that never changes; zeros where there is none.
    """

    outcome: NDArray[np.int8]
    votes: NDArray[np.int8]
    score: NDArray[np.float64]


def task_votes(task: Task, name: str) -> NDArray[np.int8]:
    """[J, N, M] votes of the task's weak judges.

    Raises
    ------
    DataError
        The task has no weak judge scores.
    """
    if "weak_score" not in task.data:
        raise DataError(
            f"{name} needs weak judges: give a task with responses or weak judge scores, or use "
            "the strategy bayessel or random"
        )
    return votes(task.data["weak_score"].values)


def recommend_win_rate(
    rng: np.random.Generator, outcome: NDArray[np.int8], priors: dict[str, Prior], draws: int
) -> Standing:
    """Candidate with the highest win rate so far; ties broken at random.

    Parameters
    ----------
    rng
        Randomness.
    outcome
        [N, M] judgments bought so far.
    priors, draws
        Of independent Dirichlet rates, whose probabilities and intervals are given: they do not
        know how the queries were chosen.
    """
    rate = np.nan_to_num(win_rate(outcome), nan=-1.0)
    best = int(rng.choice(np.flatnonzero(rate >= rate.max() - TIE)))
    posterior = independent_rates(rng, outcome, priors["rates"], draws)
    return Standing(best, posterior.p_best.mean(axis=0), posterior, {})


@dataclass(frozen=True)
class WinRateStrategy:
    """Base of the baselines that read weak judges' votes and recommend the highest win rate.

    Parameters
    ----------
    draws
        S, for the probabilities and intervals that the paper's baselines lack; they are those of
        the strategy ``random``.
    weak_judges
        Names of the weak judges.
    priors
        Of the model that gives them.
    """

    draws: int = 1000
    weak_judges: tuple[str, ...] = KGRAMS
    priors: dict[str, Prior] = field(default_factory=lambda: {"rates": FLAT})
    name: str = field(default="", init=False)
    needs_weak_judges: bool = field(default=True, init=False)
    carries: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        check_draws(self.draws)

    @property
    def options(self) -> dict[str, Any]:
        """Nothing is set."""
        return {}

    def query_score(self, votes: NDArray[np.int8]) -> NDArray[np.float64]:
        """[N] score that orders the queries once; zeros where answers decide."""
        return np.zeros(votes.shape[1])

    def init(self, rng: np.random.Generator, task: Task, outcome: NDArray[np.int8]) -> VoteState:
        """Votes from the task's weak judge scores."""
        weak = task_votes(task, self.name)
        return VoteState(outcome, weak, self.query_score(weak))

    def tell(
        self, rng: np.random.Generator, state: Any, query: int, outcomes: NDArray[np.int8]
    ) -> VoteState:
        """Fill the row in."""
        return VoteState(with_row(state.outcome, query, outcomes), state.votes, state.score)

    def recommend(self, rng: np.random.Generator, state: Any) -> Standing:
        """Candidate with the highest win rate so far; ties broken at random."""
        return recommend_win_rate(rng, state.outcome, self.priors, self.draws)
