"""What the reference methods of arXiv 2510.09418 share: votes, judged cells and win rates.

A method says how much each query is wanted (:meth:`PaperStrategy.query_value`) and how good each
candidate looks (:meth:`PaperStrategy.candidate_value`). The query and the candidate
with the highest value are asked and recommended; ties are broken at random.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import DataError
from bayessel.inference.draws import Draws
from bayessel.inference.engines.exact import FLAT, independent_rates
from bayessel.outcomes import win_rate
from bayessel.priors import Prior, merge
from bayessel.strategies.base import (
    AskInfo,
    Choice,
    Standing,
    Unit,
    not_default,
    picked_highest,
    require_draws,
    whole_queries,
    with_row,
)
from bayessel.support.ties import pick_highest
from bayessel.tasks.task import Task
from bayessel.weak_judges import KGRAMS, weak_judge_names
from bayessel.weak_judges.votes import votes


@dataclass(frozen=True)
class PaperState:
    """Judged cells, and what the weak judges say.

    Attributes
    ----------
    outcome
        [N, M] outcomes bought so far.
    votes
        [J, N, M] weak judges' votes; J = 0 for a method that does not read them.
    prepared
        What :meth:`PaperStrategy.prepare` found in the votes.
    """

    outcome: NDArray[np.int8]
    votes: NDArray[np.int8]
    prepared: Any = None


@dataclass(frozen=True, kw_only=True)
class PaperStrategy(ABC):
    """Base of the reference methods.

    The paper has no posterior of the win rates. Their draws, and with them the intervals and
    P(within delta), come from independent Dirichlet posteriors of each candidate's rates, completed
    to the N queries. These do not know how the queries were chosen: on queries that separate the
    candidates, win rates come out too low or too high.

    Parameters
    ----------
    draws
        S, draws of the win rates.
    weak_judges
        Names of the weak judges.
    priors
        ``rates``: the Dirichlet prior of a candidate's rates, also as text.

    Raises
    ------
    BudgetError
        Too few draws.
    UnknownNameError
        There is no weak judge of that name.
    """

    name: ClassVar[str]
    needs_weak_judges: ClassVar[bool] = True
    reads_given: ClassVar[bool] = False
    reads_costs: ClassVar[bool] = False
    carries: ClassVar[bool] = False
    unit: ClassVar[Unit] = "queries"

    draws: int = 1000
    weak_judges: tuple[str, ...] = KGRAMS
    priors: dict[str, Prior] = field(default_factory=lambda: {"rates": FLAT})

    def __post_init__(self) -> None:
        require_draws(self.draws)
        object.__setattr__(self, "priors", merge({"rates": FLAT}, self.priors))
        object.__setattr__(self, "weak_judges", weak_judge_names(self.weak_judges))

    @property
    def options(self) -> dict[str, Any]:
        """Draws, priors and the weak judges that are read, where they are not the default."""
        found = not_default(self, "draws", "priors")
        if self.needs_weak_judges and self.weak_judges != KGRAMS:
            found["weak_judges"] = list(self.weak_judges)
        return found

    # ------------------------------------------------------------------ what a method defines
    def prepare(self, votes: NDArray[np.int8]) -> Any:
        """Whatever is worked out once, from the votes [J, N, M]."""
        return None

    @abstractmethod
    def query_value(self, state: PaperState) -> NDArray[np.float64]:
        """[N] how much each query is wanted."""

    def candidate_value(self, state: PaperState) -> NDArray[np.float64]:
        """[M] how good each candidate looks: its win rate so far, -1 where nothing is judged."""
        return np.nan_to_num(win_rate(state.outcome), nan=-1.0)

    def p_best(self, state: PaperState, draws: Draws) -> NDArray[np.float64]:
        """[M] probability of being the best: that of the highest win rate."""
        return draws.p_best.mean(axis=0)

    def fixed(self, state: PaperState) -> dict[str, float]:
        """Numbers that the method presets, by name."""
        return {}

    # ------------------------------------------------------------------ what all do alike
    def init(self, rng: np.random.Generator, task: Task, outcome: NDArray[np.int8]) -> PaperState:
        """Votes from the task's weak judge scores, and the outcomes.

        Raises
        ------
        DataError
            The method reads votes, and the task has no weak judge scores.
        """
        if not self.needs_weak_judges:
            return PaperState(outcome, np.empty((0, *outcome.shape), dtype=np.int8))
        scores, names = task.weak_scores("text")
        if not names:
            raise DataError(
                f"{self.name} needs weak judges that read texts: give a task with responses, or "
                "use the strategy bayessel or random"
            )
        found = votes(scores)
        return PaperState(outcome, found, self.prepare(found))

    def ask(
        self,
        rng: np.random.Generator,
        state: PaperState,
        available: NDArray[np.bool_],
        cost: NDArray[np.float64],
        batch: int = 1,
    ) -> list[Choice]:
        """Whole queries, whatever they cost.

        The paper asks one query at a time; a batch takes the queries in the order in which they
        are wanted now.
        """

        def pick(rng: np.random.Generator, askable: NDArray[np.bool_]) -> tuple[int, AskInfo]:
            return picked_highest(rng, self.query_value(state), askable)

        return whole_queries(rng, state.outcome, available, batch, pick)

    def tell(
        self,
        rng: np.random.Generator,
        state: PaperState,
        query: int,
        outcomes: NDArray[np.int8],
    ) -> PaperState:
        """Fill the row in."""
        return replace(state, outcome=with_row(state.outcome, query, outcomes))

    def recommend(self, rng: np.random.Generator, state: PaperState) -> Standing:
        """Candidate that looks best; ties broken at random."""
        best = pick_highest(rng, self.candidate_value(state))
        draws = independent_rates(rng, state.outcome, self.priors["rates"], self.draws)
        return Standing(best, self.p_best(state, draws), draws, self.fixed(state))


@dataclass(frozen=True, kw_only=True)
class VoteOrderStrategy(PaperStrategy):
    """Base of the methods whose order of the queries the votes alone decide."""

    @abstractmethod
    def query_score(self, votes: NDArray[np.int8]) -> NDArray[np.float64]:
        """[N] score of each query from ``votes`` [J, N, M]; the highest comes first."""

    def prepare(self, votes: NDArray[np.int8]) -> NDArray[np.float64]:
        """[N] scores, which no answer changes."""
        return self.query_score(votes)

    def query_value(self, state: PaperState) -> NDArray[np.float64]:
        """[N] the scores."""
        value: NDArray[np.float64] = state.prepared
        return value
