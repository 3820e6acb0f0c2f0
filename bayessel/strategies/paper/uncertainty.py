"""Uncertainty: the queries on which the weak judges disagree most come first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bayessel.strategies.paper.base import VoteOrderStrategy
from bayessel.strategies.paper.parts.vote_scores import vote_entropy


@dataclass(frozen=True)
class Uncertainty(VoteOrderStrategy):
    """The query with the highest entropy of the weak judges' votes first.

    A method that arXiv 2510.09418 compares with. It recommends the highest win rate so far. The
    score is :func:`bayessel.strategies.paper.parts.vote_scores.vote_entropy`.
    """

    name: ClassVar[str] = "uncertainty"

    def query_score(self, votes: NDArray[np.int8]) -> NDArray[np.float64]:
        """[N] mean entropy of the votes on a cell, from ``votes`` [J, N, M]."""
        return vote_entropy(votes)


STRATEGY = Uncertainty
