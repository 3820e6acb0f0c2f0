"""Random: the next query is drawn with equal chances. Every strategy has to beat it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bayessel.strategies.paper.base import PaperState, PaperStrategy


@dataclass(frozen=True)
class Random(PaperStrategy):
    """Uniformly random queries; recommends the highest win rate so far."""

    name: ClassVar[str] = "random"
    needs_weak_judges: ClassVar[bool] = False

    weak_judges: tuple[str, ...] = field(default=(), init=False)

    def query_value(self, state: PaperState) -> NDArray[np.float64]:
        """[N] zeros: each available query has the same chance."""
        return np.zeros(len(state.outcome))


STRATEGY = Random
