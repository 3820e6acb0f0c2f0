"""Most Draws: the queries on which the weak judges see the most draws come first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bayessel.strategies.paper.base import VoteOrderStrategy
from bayessel.strategies.paper.parts.vote_scores import most_draws


@dataclass(frozen=True)
class MostDraws(VoteOrderStrategy):
    """The query with the most draws among the weak judges' votes first.

    A method that arXiv 2510.09418 compares with. It recommends the highest win rate so far. The
    score is :func:`bayessel.strategies.paper.parts.vote_scores.most_draws`.
    """

    name: ClassVar[str] = "most-draws"

    def query_score(self, votes: NDArray[np.int8]) -> NDArray[np.float64]:
        """[N] draws voted, from ``votes`` [J, N, M]."""
        return most_draws(votes)


STRATEGY = MostDraws
