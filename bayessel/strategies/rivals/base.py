"""What the rivals that count points share: judged cells, win rates so far, and batches.

A rival says which question comes next (:meth:`RivalStrategy.choose`) and how good each candidate
looks (:meth:`RivalStrategy.candidate_value`). The candidate with the highest value is named; ties
are broken at random.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bayessel.inference.engines.exact import FLAT, independent_rates
from bayessel.outcomes import MISSING, points
from bayessel.priors import Prior, merge
from bayessel.strategies.base import (
    AskInfo,
    Choice,
    Standing,
    Unit,
    not_default,
    require_draws,
    with_row,
)
from bayessel.support.ties import pick_highest
from bayessel.tasks.task import Task


@dataclass(frozen=True)
class RivalState:
    """Judged cells.

    Attributes
    ----------
    outcome
        [N, M] outcomes bought so far.
    judged
        [M] judged cells of each candidate.
    points
        [M] their points: a win is 1, a draw 1/2.
    """

    outcome: NDArray[np.int8]
    judged: NDArray[np.int64]
    points: NDArray[np.float64]

    @property
    def rate(self) -> NDArray[np.float64]:
        """[M] win rates so far; -1 where nothing is judged."""
        return np.where(self.judged > 0, self.points / np.maximum(self.judged, 1), -1.0)


@dataclass(frozen=True, kw_only=True)
class RivalStrategy(ABC):
    """Base of the rivals.

    None of them has a posterior. The draws of their win rates, and with them P(best), the
    intervals and P(within delta), come from independent Dirichlet posteriors of each candidate's
    rates, completed to the N queries, as for the methods of the paper.

    Parameters
    ----------
    draws
        S, draws of the win rates.
    priors
        ``rates``: the Dirichlet prior of a candidate's rates, also as text.

    Raises
    ------
    BudgetError
        Too few draws.
    """

    name: ClassVar[str]
    weak_judges: ClassVar[tuple[str, ...]] = ()
    needs_weak_judges: ClassVar[bool] = False
    reads_given: ClassVar[bool] = False
    reads_costs: ClassVar[bool] = False
    carries: ClassVar[bool] = False
    unit: ClassVar[Unit] = "cells"

    draws: int = 1000
    priors: dict[str, Prior] = field(default_factory=lambda: {"rates": FLAT})

    def __post_init__(self) -> None:
        require_draws(self.draws)
        object.__setattr__(self, "priors", merge({"rates": FLAT}, self.priors))

    @property
    def options(self) -> dict[str, Any]:
        """Draws and priors where they are not the default; a rival adds parameters of its own."""
        return not_default(self, "draws", "priors")

    # ------------------------------------------------------------------ what a rival defines
    @abstractmethod
    def choose(
        self,
        rng: np.random.Generator,
        state: RivalState,
        available: NDArray[np.bool_],
        pending: NDArray[np.int64],
    ) -> Choice:
        """The next question.

        Parameters
        ----------
        rng
            Random numbers.
        state
            What is known.
        available
            [N, M] cells that may be asked, at least one.
        pending
            [M] cells of each candidate that were chosen before it in its batch.
        """

    def candidate_value(self, state: RivalState) -> NDArray[np.float64]:
        """[M] how good each candidate looks: its win rate so far, -1 where nothing is judged."""
        return state.rate

    # ------------------------------------------------------------------ what all do alike
    def named(self, rng: np.random.Generator, state: RivalState) -> int:
        """Candidate that looks best; ties broken at random."""
        return pick_highest(rng, self.candidate_value(state))

    def init(self, rng: np.random.Generator, task: Task, outcome: NDArray[np.int8]) -> RivalState:
        """Count what is judged."""
        return RivalState(
            outcome, (outcome != MISSING).sum(axis=0), np.nansum(points(outcome), axis=0)
        )

    def ask(
        self,
        rng: np.random.Generator,
        state: RivalState,
        available: NDArray[np.bool_],
        cost: NDArray[np.float64],
        batch: int = 1,
    ) -> list[Choice]:
        """One question after the other; costs are not read."""
        free = available
        pending = np.zeros(available.shape[1], dtype=np.int64)
        chosen: list[Choice] = []
        while not chosen or (pending.sum() < batch and free.any()):
            choice = self.choose(rng, state, free, pending)
            chosen.append(choice)
            pending[choice.candidates] += 1
            if pending.sum() < batch:
                free = free.copy()
                free[choice.query, choice.candidates] = False
        return chosen

    def tell(
        self, rng: np.random.Generator, state: RivalState, query: int, outcomes: NDArray[np.int8]
    ) -> RivalState:
        """Fill the cells in, and count them."""
        updated = with_row(state.outcome, query, outcomes)
        before, after = state.outcome[query], updated[query]
        judged = state.judged + (after != MISSING) - (before != MISSING)
        gained = np.nan_to_num(points(after)) - np.nan_to_num(points(before))
        return RivalState(updated, judged, state.points + gained)

    def recommend(self, rng: np.random.Generator, state: RivalState) -> Standing:
        """Candidate that looks best, and what independent rates say of all."""
        best = self.named(rng, state)
        draws = independent_rates(rng, state.outcome, self.priors["rates"], self.draws)
        return Standing(best, draws.p_best.mean(axis=0), draws, {})


def row_of(
    rng: np.random.Generator, available: NDArray[np.bool_], wanted: NDArray[np.bool_], why: str
) -> Choice:
    """A random query for the wanted candidates together.

    Parameters
    ----------
    rng
        Draws the query: of those on which all wanted candidates may be asked; where there are
        none, of those on which one may; where there are none either, of all that may be asked,
        and then for every candidate that may be asked on it.
    available
        [N, M] cells that may be asked, at least one.
    wanted
        [M] booleans.
    why
        Said of the question where a wanted candidate is in it.
    """
    of_wanted = available & wanted
    queries = np.flatnonzero(of_wanted.sum(axis=1) == wanted.sum())
    if not len(queries):
        queries = np.flatnonzero(of_wanted.any(axis=1))
    if not len(queries):
        of_wanted, why = available, "nothing else is left"
        queries = np.flatnonzero(available.any(axis=1))
    query = int(rng.choice(queries))
    return Choice(
        query, np.flatnonzero(of_wanted[query]), AskInfo(chance=1 / len(queries), why=why)
    )
