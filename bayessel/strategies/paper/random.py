"""Random: the next query is drawn with equal chances. Every strategy has to beat it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bayessel.strategies.base import AskInfo
from bayessel.strategies.paper.base import PaperState, PaperStrategy


@dataclass(frozen=True)
class Random(PaperStrategy):
    """Uniformly random queries; recommends the highest win rate so far."""

    name: ClassVar[str] = "random"
    needs_weak_judges: ClassVar[bool] = False

    weak_judges: tuple[str, ...] = field(default=(), init=False)

    def pick(
        self, rng: np.random.Generator, state: PaperState, available: NDArray[np.bool_]
    ) -> tuple[int, AskInfo]:
        """Any available query, each with the same chance."""
        places = np.flatnonzero(available)
        return int(rng.choice(places)), AskInfo(chance=1 / len(places))


STRATEGY = Random
