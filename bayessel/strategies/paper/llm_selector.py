r"""LLM SELECTOR (arXiv 2510.09418), the reference method, with eps given.

If candidate j is the best, its outcome is a loss with probability ``eps_loss``, a draw with
``eps_draw``, else a win; the posterior over the best F is

``log p(F=j | A) = const + Σ_{q in A} log eps[Y[q, j]]``

The next query has the lowest expected entropy of this posterior, weak judges' votes standing in for
the answer: :mod:`bayessel.strategies.paper.parts.expected_entropy`.

The paper judges every candidate on a query. Where a cell of a judged query is missing, it counts as
the mean of the candidate's judged cells does, and neither costs nor favours the candidate
(:func:`bayessel.inference.engines.exact.posterior_best`).
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import BudgetError
from bayessel.inference.draws import Draws
from bayessel.inference.engines.exact import posterior_best
from bayessel.outcomes import MISSING, counts
from bayessel.strategies.paper.base import PaperState, PaperStrategy
from bayessel.strategies.paper.parts.expected_entropy import expected_entropy


@dataclass(frozen=True)
class PosteriorStrategy(PaperStrategy):
    """The method for any eps: what is prepared is the pair (eps_loss, eps_draw)."""

    @abstractmethod
    def prepare(self, votes: NDArray[np.int8]) -> tuple[float, float]:
        """(eps_loss, eps_draw)."""

    def query_value(self, state: PaperState) -> NDArray[np.float64]:
        """[N] minus the expected entropy of the posterior after each query."""
        return -expected_entropy(self.candidate_value(state), state.votes, _eps(state))

    def candidate_value(self, state: PaperState) -> NDArray[np.float64]:
        """[M] posterior over F."""
        queries = int((state.outcome != MISSING).any(axis=1).sum())
        return posterior_best(counts(state.outcome), _eps(state), queries=queries)

    def p_best(self, state: PaperState, draws: Draws) -> NDArray[np.float64]:
        """[M] posterior over F."""
        return self.candidate_value(state)

    def fixed(self, state: PaperState) -> dict[str, float]:
        """The two presets."""
        eps_loss, eps_draw = state.prepared
        return {"eps_loss": eps_loss, "eps_draw": eps_draw}


def _eps(state: PaperState) -> NDArray[np.float64]:
    """[K] probabilities of loss, draw and win if the candidate is the best."""
    eps_loss, eps_draw = state.prepared
    return np.array([eps_loss, eps_draw, 1 - eps_loss - eps_draw])


@dataclass(frozen=True)
class LLMSelector(PosteriorStrategy):
    """Fixed eps, k-gram weak judges, lowest expected posterior entropy.

    Parameters
    ----------
    eps_loss, eps_draw
        Probabilities that the best candidate loses, and draws. The paper's grid search chose .20
        and .40 on AlpacaEval and Arena-Hard.
    draws, weak_judges, priors
        See :class:`bayessel.strategies.paper.base.PaperStrategy`.

    Raises
    ------
    BudgetError
        An eps that is not positive, or a sum that leaves nothing for a win.
    """

    name: ClassVar[str] = "llm-selector"

    eps_loss: float = 0.20
    eps_draw: float = 0.40

    def __post_init__(self) -> None:
        super().__post_init__()
        given = (self.eps_loss, self.eps_draw)
        if not (np.isfinite(given).all() and min(given) > 0 and sum(given) < 1):
            raise BudgetError(
                f"eps_loss={self.eps_loss}, eps_draw={self.eps_draw}: both must be above 0 and "
                "their sum below 1 (the rest is the probability of a win)"
            )

    @property
    def options(self) -> dict[str, Any]:
        """The two presets; what all methods of the paper say."""
        return {"eps_loss": self.eps_loss, "eps_draw": self.eps_draw, **super().options}

    def prepare(self, votes: NDArray[np.int8]) -> tuple[float, float]:
        """The two presets; the votes are not read."""
        return self.eps_loss, self.eps_draw


STRATEGY = LLMSelector
