"""What strategies share whose order of queries is fixed by the weak judges' votes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayessel.acquisition.base import argmax
from bayessel.strategies.base import AskInfo
from bayessel.strategies.paper.parts.win_rate import VoteState, WinRateStrategy


@dataclass(frozen=True)
class VoteOrderStrategy(WinRateStrategy):
    """Base: the available query with the highest score; ties broken at random."""

    def ask(
        self, rng: np.random.Generator, state: VoteState, available: NDArray[np.bool_]
    ) -> tuple[int, AskInfo]:
        """Highest score among the available queries."""
        query = argmax(rng, state.score, available)
        return query, AskInfo(score=float(state.score[query]))
