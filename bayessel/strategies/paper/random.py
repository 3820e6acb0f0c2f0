"""Random queries and the plain win rate: what every strategy has to beat."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayessel.inference.engines.exact import FLAT, independent_rates
from bayessel.outcomes import win_rate
from bayessel.priors import Prior
from bayessel.strategies.base import AskInfo, Standing, check_draws, with_row
from bayessel.tasks.task import Task


@dataclass(frozen=True)
class Random:
    """Uniformly random queries; recommends the highest win rate so far.

    Probabilities and intervals are those of independent Dirichlet posteriors of the rates,
    completed to the N queries.
    """

    draws: int = 1000
    priors: dict[str, Prior] = field(default_factory=lambda: {"rates": FLAT})
    name: str = field(default="random", init=False)
    weak_judges: tuple[str, ...] = field(default=(), init=False)
    needs_weak_judges: bool = field(default=False, init=False)
    carries: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        check_draws(self.draws)

    @property
    def options(self) -> dict[str, Any]:
        """Nothing is set."""
        return {}

    def init(
        self, rng: np.random.Generator, task: Task, outcome: NDArray[np.int8]
    ) -> NDArray[np.int8]:
        """[N, M] the judgments: the whole state."""
        return outcome

    def ask(
        self, rng: np.random.Generator, state: NDArray[np.int8], available: NDArray[np.bool_]
    ) -> tuple[int, AskInfo]:
        """Any available query, all as likely."""
        return int(rng.choice(np.flatnonzero(available))), AskInfo()

    def tell(
        self,
        rng: np.random.Generator,
        state: NDArray[np.int8],
        query: int,
        outcomes: NDArray[np.int8],
    ) -> NDArray[np.int8]:
        """Fill the row in."""
        return with_row(state, query, outcomes)

    def recommend(self, rng: np.random.Generator, state: NDArray[np.int8]) -> Standing:
        """Candidate with the highest win rate so far; ties broken at random."""
        rate = np.nan_to_num(win_rate(state), nan=-1.0)
        best = int(rng.choice(np.flatnonzero(rate >= rate.max() - 1e-12)))
        draws = independent_rates(rng, state, self.priors["rates"], self.draws)
        return Standing(best, draws.p_best.mean(axis=0), draws, {})
