"""LLM SELECTOR (arXiv 2510.09418), the reference method, with eps given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayessel.acquisition.base import TIE, argmax
from bayessel.errors import BudgetError, DataError
from bayessel.inference.engines.exact import FLAT, independent_rates, posterior_best
from bayessel.outcomes import counts
from bayessel.priors import Prior
from bayessel.strategies.base import AskInfo, Standing, check_draws, with_row
from bayessel.strategies.paper.parts.expected_entropy import expected_entropy
from bayessel.tasks.task import Task
from bayessel.weak_judges import KGRAMS
from bayessel.weak_judges.votes import votes


@dataclass(frozen=True)
class LLMSelectorState:
    """Judgments and votes.

    Attributes
    ----------
    outcome
        [N, M] judgments bought so far.
    votes
        [J, N, M] weak judges' votes.
    counts
        [M, K] judged cells by candidate and outcome.
    p_best
        [M] posterior over F.
    """

    outcome: NDArray[np.int8]
    votes: NDArray[np.int8]
    counts: NDArray[np.int64]
    p_best: NDArray[np.float64]


@dataclass(frozen=True)
class LLMSelector:
    """Fixed eps, k-gram weak judges, lowest expected posterior entropy.

    The posterior over F is the paper's. The paper has no posterior of the win rates; their
    intervals, and P(within delta), are those of the ``random`` strategy's model, which does not
    know how the queries were chosen: on queries that separate the candidates win rates come out
    low or high.

    Parameters
    ----------
    eps_loss, eps_draw
        Probabilities that the best candidate loses, and draws; the paper's grid search chose .20
        and .40 on AlpacaEval and Arena-Hard.
    draws
        S, for the win-rate intervals.
    weak_judges
        Names of the weak judges.
    priors
        Of the model that gives the win-rate intervals.

    Raises
    ------
    BudgetError
        An eps that is not positive, or a sum that leaves nothing for a win.
    """

    eps_loss: float = 0.20
    eps_draw: float = 0.40
    draws: int = 1000
    weak_judges: tuple[str, ...] = KGRAMS
    priors: dict[str, Prior] = field(default_factory=lambda: {"rates": FLAT})
    name: str = field(default="llm-selector", init=False)
    needs_weak_judges: bool = field(default=True, init=False)
    carries: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        check_draws(self.draws)
        given = (self.eps_loss, self.eps_draw)
        if not (np.isfinite(given).all() and min(given) > 0 and sum(given) < 1):
            raise BudgetError(
                f"eps_loss={self.eps_loss}, eps_draw={self.eps_draw}: both must be above 0 and "
                "their sum below 1 (the rest is the probability of a win)"
            )

    @property
    def eps(self) -> NDArray[np.float64]:
        """[K] probabilities of loss, draw and win."""
        return np.array([self.eps_loss, self.eps_draw, 1 - self.eps_loss - self.eps_draw])

    @property
    def options(self) -> dict[str, Any]:
        """The two presets."""
        return {"eps_loss": self.eps_loss, "eps_draw": self.eps_draw}

    def _state(
        self, outcome: NDArray[np.int8], vote: NDArray[np.int8], counted: NDArray[np.int64]
    ) -> LLMSelectorState:
        return LLMSelectorState(outcome, vote, counted, posterior_best(counted, self.eps))

    def init(
        self, rng: np.random.Generator, task: Task, outcome: NDArray[np.int8]
    ) -> LLMSelectorState:
        """Votes from the task's weak judge scores, and the posterior after ``outcome``."""
        if "weak_score" not in task.data:
            raise DataError(
                "llm-selector needs weak judges: give a task with responses or weak judge scores, "
                "or use the strategy bayessel or random"
            )
        return self._state(outcome, votes(task.data["weak_score"].values), counts(outcome))

    def ask(
        self, rng: np.random.Generator, state: LLMSelectorState, available: NDArray[np.bool_]
    ) -> tuple[int, AskInfo]:
        """Query with the lowest expected posterior entropy; ties broken at random."""
        rows = np.flatnonzero(available)
        entropy = expected_entropy(state.p_best, state.votes, self.eps)
        query = argmax(rng, -entropy, available)
        return int(query), AskInfo(score=float(-entropy[rows].min()))

    def tell(
        self,
        rng: np.random.Generator,
        state: LLMSelectorState,
        query: int,
        outcomes: NDArray[np.int8],
    ) -> LLMSelectorState:
        """Bayes' rule."""
        updated = with_row(state.outcome, query, outcomes)
        new = counts(updated[query : query + 1]) - counts(state.outcome[query : query + 1])
        return self._state(updated, state.votes, state.counts + new)

    def recommend(self, rng: np.random.Generator, state: LLMSelectorState) -> Standing:
        """Mode of the posterior over F; ties broken at random."""
        top = np.flatnonzero(state.p_best >= state.p_best.max() - TIE)
        best = int(rng.choice(top))
        draws = independent_rates(rng, state.outcome, self.priors["rates"], self.draws)
        fixed = {"eps_loss": self.eps_loss, "eps_draw": self.eps_draw}
        return Standing(best, state.p_best, draws, fixed)
