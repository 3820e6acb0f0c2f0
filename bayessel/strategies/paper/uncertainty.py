"""Uncertainty: the queries on which the weak judges disagree most."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bayessel.strategies.paper.parts.vote_order import VoteOrderStrategy
from bayessel.strategies.paper.parts.vote_scores import vote_entropy


@dataclass(frozen=True)
class Uncertainty(VoteOrderStrategy):
    """The query with the highest entropy of the weak judges' votes first.

    A baseline of LLM SELECTOR (arXiv 2510.09418); recommends the highest win rate so far. What is
    computed is in :func:`bayessel.strategies.paper.parts.vote_scores.vote_entropy`.
    """

    name: str = field(default="uncertainty", init=False)

    def query_score(self, votes: NDArray[np.int8]) -> NDArray[np.float64]:
        """[N] mean entropy of the votes on a cell, from ``votes`` [J, N, M]."""
        return vote_entropy(votes)
