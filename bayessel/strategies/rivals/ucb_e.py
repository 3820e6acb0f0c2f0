"""UCB-E: the candidate with the highest upper confidence bound, on a random query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import BudgetError
from bayessel.strategies.base import AskInfo, Choice
from bayessel.strategies.rivals.base import RivalState, RivalStrategy
from bayessel.support.ties import highest


@dataclass(frozen=True, kw_only=True)
class UCBE(RivalStrategy):
    """One cell at a time: the most promising candidate, on a query drawn with equal chances.

    Audibert, Bubeck and Munos (COLT 2010); for LLMs Zhou et al., BanditEval (arXiv 2407.06172),
    whose low-rank variant is not built here. With ``n_j`` judged cells of candidate j and mean of
    its points ``m_j``, the next call is for the candidate with the highest

    ``m_j + sqrt(a / n_j)``

    (infinite where nothing is judged) that may still be asked; the cells that were chosen before
    it in a batch count in ``n_j``. Named is the highest ``m_j``. Ties are broken at random.

    Parameters
    ----------
    a
        How much it explores; above 0.
    draws, priors
        See :class:`bayessel.strategies.rivals.base.RivalStrategy`.

    Raises
    ------
    BudgetError
        ``a`` is not positive, or there are too few draws.
    """

    name: ClassVar[str] = "ucb-e"

    a: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.a < np.inf:
            raise BudgetError(f"a={self.a}: expected a number above 0, such as 1")

    @property
    def options(self) -> dict[str, Any]:
        """How much it explores; what all rivals say."""
        return {"a": self.a, **super().options}

    def choose(
        self,
        rng: np.random.Generator,
        state: RivalState,
        available: NDArray[np.bool_],
        pending: NDArray[np.int64],
    ) -> Choice:
        """The highest bound of those that may be asked."""
        n = state.judged + pending
        with np.errstate(divide="ignore"):
            bound = state.rate + np.sqrt(self.a / n)
        open_to = available.any(axis=0)
        tied = np.flatnonzero(open_to)[highest(bound[open_to])]
        candidate = int(rng.choice(tied))
        queries = np.flatnonzero(available[:, candidate])
        chance = 1 / (len(tied) * len(queries))
        info = AskInfo(score=float(bound[candidate]), chance=chance, why="highest upper bound")
        return Choice(int(rng.choice(queries)), np.array([candidate]), info)


STRATEGY = UCBE
