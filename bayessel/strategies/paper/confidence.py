"""Confidence: the queries on which the weak judges are least sure."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bayessel.strategies.paper.parts.vote_order import VoteOrderStrategy
from bayessel.strategies.paper.parts.vote_scores import vote_confidence


@dataclass(frozen=True)
class Confidence(VoteOrderStrategy):
    """The query with the lowest confidence of the weak judges first.

    A baseline of LLM SELECTOR (arXiv 2510.09418); recommends the highest win rate so far. What is
    computed is in :func:`bayessel.strategies.paper.parts.vote_scores.vote_confidence`.
    """

    name: str = field(default="confidence", init=False)

    def query_score(self, votes: NDArray[np.int8]) -> NDArray[np.float64]:
        """[N] minus the mean share of the commonest vote, from ``votes`` [J, N, M]."""
        return -vote_confidence(votes)
