"""Bradley-Terry: LLM SELECTOR's rule with Bradley-Terry coefficients instead of the posterior."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bayessel.outcomes import counts
from bayessel.strategies.paper.base import PaperState, PaperStrategy
from bayessel.strategies.paper.parts.choice_entropy import coefficients, expected_choice_entropy


@dataclass(frozen=True)
class BradleyTerry(PaperStrategy):
    """Lowest expected entropy of the coefficients' choice probabilities.

    A method that arXiv 2510.09418 compares with. It recommends the highest coefficient; where
    every candidate has the same number of judged cells, this is the highest win rate so far. What
    is computed is in :mod:`bayessel.strategies.paper.parts.choice_entropy`. Choice probabilities
    are not probabilities of being the best: P(best) is that of the strategy ``random``.
    """

    name: ClassVar[str] = "bradley-terry"

    def query_value(self, state: PaperState) -> NDArray[np.float64]:
        """[N] minus the expected entropy after each query."""
        return -expected_choice_entropy(counts(state.outcome), state.votes)

    def candidate_value(self, state: PaperState) -> NDArray[np.float64]:
        """[M] logarithms of the coefficients: a tie does not depend on their size."""
        return np.log(coefficients(counts(state.outcome)))


STRATEGY = BradleyTerry
