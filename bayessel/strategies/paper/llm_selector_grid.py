"""LLM SELECTOR with eps found as in the paper: by grid search on the weak judges' ensemble."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayessel.inference.engines.exact import FLAT
from bayessel.priors import Prior
from bayessel.strategies.base import AskInfo, Standing, check_draws
from bayessel.strategies.paper.llm_selector import LLMSelector, LLMSelectorState
from bayessel.strategies.paper.parts.eps_search import search_eps
from bayessel.strategies.paper.parts.win_rate import task_votes
from bayessel.tasks.task import Task
from bayessel.weak_judges import KGRAMS
from bayessel.weak_judges.votes import majority


@dataclass(frozen=True)
class GridState:
    """The eps that were found, and the state of ``llm-selector`` with them."""

    eps: tuple[float, float]
    inner: LLMSelectorState


@dataclass(frozen=True)
class LLMSelectorGrid:
    """``llm-selector`` whose eps are grid-searched before the first query.

    The search is :func:`bayessel.strategies.paper.parts.eps_search.search_eps` on the task's own
    votes, with a fixed seed: it depends on the responses only, and spends no annotation.

    Parameters
    ----------
    draws, weak_judges, priors
        As in ``llm-selector``.
    """

    draws: int = 1000
    weak_judges: tuple[str, ...] = KGRAMS
    priors: dict[str, Prior] = field(default_factory=lambda: {"rates": FLAT})
    name: str = field(default="llm-selector-grid", init=False)
    needs_weak_judges: bool = field(default=True, init=False)
    carries: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        check_draws(self.draws)

    @property
    def options(self) -> dict[str, Any]:
        """Nothing is set."""
        return {}

    def _with(self, eps: tuple[float, float]) -> LLMSelector:
        return LLMSelector(*eps, draws=self.draws, weak_judges=self.weak_judges, priors=self.priors)

    def init(self, rng: np.random.Generator, task: Task, outcome: NDArray[np.int8]) -> GridState:
        """Search eps on the task's votes; the posterior after ``outcome``."""
        votes = task_votes(task, self.name)
        eps = _searched(votes.tobytes(), votes.shape)
        return GridState(eps, self._with(eps).init(rng, task, outcome))

    def ask(
        self, rng: np.random.Generator, state: GridState, available: NDArray[np.bool_]
    ) -> tuple[int, AskInfo]:
        """As ``llm-selector``."""
        return self._with(state.eps).ask(rng, state.inner, available)

    def tell(
        self, rng: np.random.Generator, state: GridState, query: int, outcomes: NDArray[np.int8]
    ) -> GridState:
        """As ``llm-selector``."""
        return GridState(state.eps, self._with(state.eps).tell(rng, state.inner, query, outcomes))

    def recommend(self, rng: np.random.Generator, state: GridState) -> Standing:
        """As ``llm-selector``."""
        return self._with(state.eps).recommend(rng, state.inner)


@lru_cache(maxsize=8)
def _searched(raw: bytes, shape: tuple[int, ...]) -> tuple[float, float]:
    """Eps for votes [J, N, M] given as bytes: a task is often begun more than once."""
    votes = np.frombuffer(raw, dtype=np.int8).reshape(shape)
    return search_eps(votes, majority(votes)).best
