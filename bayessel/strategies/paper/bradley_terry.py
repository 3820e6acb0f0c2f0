"""Bradley-Terry: LLM SELECTOR's rule with Bradley-Terry coefficients in the posterior's place."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bayessel.acquisition.base import TIE, argmax
from bayessel.outcomes import counts
from bayessel.strategies.base import AskInfo, Standing
from bayessel.strategies.paper.parts.choice_entropy import coefficients, expected_choice_entropy
from bayessel.strategies.paper.parts.win_rate import VoteState, WinRateStrategy, recommend_win_rate


@dataclass(frozen=True)
class BradleyTerry(WinRateStrategy):
    """Lowest expected entropy of the coefficients' choice probabilities.

    A baseline of LLM SELECTOR (arXiv 2510.09418); recommends the highest coefficient, which is the
    highest win rate so far where every candidate has as many judged cells. What is computed is in
    :mod:`bayessel.strategies.paper.parts.choice_entropy`. P(best) and the intervals are those of
    ``random``: choice probabilities are not probabilities of being the best.
    """

    name: str = field(default="bradley-terry", init=False)

    def ask(
        self, rng: np.random.Generator, state: VoteState, available: NDArray[np.bool_]
    ) -> tuple[int, AskInfo]:
        """Query with the lowest expected entropy; ties broken at random."""
        entropy = expected_choice_entropy(counts(state.outcome), state.votes)
        query = argmax(rng, -entropy, available)
        return query, AskInfo(score=float(-entropy[query]))

    def recommend(self, rng: np.random.Generator, state: VoteState) -> Standing:
        """Candidate with the highest coefficient; ties broken at random."""
        s = coefficients(counts(state.outcome))
        best = int(rng.choice(np.flatnonzero(s >= s.max() * (1 - TIE))))
        standing = recommend_win_rate(rng, state.outcome, self.priors, self.draws)
        return Standing(best, standing.p_best, standing.draws, {})
