"""Confidence: the queries on which the weak judges are least sure come first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bayessel.strategies.paper.base import VoteOrderStrategy
from bayessel.strategies.paper.parts.vote_scores import vote_confidence


@dataclass(frozen=True)
class Confidence(VoteOrderStrategy):
    """The query with the lowest confidence of the weak judges first.

    A method that arXiv 2510.09418 compares with. It recommends the highest win rate so far. The
    score is :func:`bayessel.strategies.paper.parts.vote_scores.vote_confidence`.
    """

    name: ClassVar[str] = "confidence"

    def query_score(self, votes: NDArray[np.int8]) -> NDArray[np.float64]:
        """[N] minus the mean share of the commonest vote, from ``votes`` [J, N, M]."""
        return -vote_confidence(votes)


STRATEGY = Confidence
