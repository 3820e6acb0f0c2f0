"""LLM SELECTOR with eps found as in the paper: by grid search on the weak judges' ensemble."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bayessel.strategies.paper.llm_selector import PosteriorStrategy
from bayessel.strategies.paper.parts.eps_search import search_eps
from bayessel.weak_judges.votes import majority


@dataclass(frozen=True)
class LLMSelectorGrid(PosteriorStrategy):
    """``llm-selector`` whose eps are searched on a grid before the first query.

    The search is :func:`bayessel.strategies.paper.parts.eps_search.search_eps` on the task's own
    votes, with a fixed seed. It reads the responses only, and spends no annotation.
    """

    name: ClassVar[str] = "llm-selector-grid"

    def prepare(self, votes: NDArray[np.int8]) -> tuple[float, float]:
        """The pair that the search finds."""
        return _searched(votes.tobytes(), votes.shape)


@lru_cache(maxsize=8)
def _searched(raw: bytes, shape: tuple[int, ...]) -> tuple[float, float]:
    """Eps for votes [J, N, M] given as bytes; kept, because a task is often begun again."""
    votes = np.frombuffer(raw, dtype=np.int8).reshape(shape)
    return search_eps(votes, majority(votes)).best


STRATEGY = LLMSelectorGrid
