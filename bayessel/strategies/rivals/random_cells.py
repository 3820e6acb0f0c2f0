"""Random cells: every call is drawn from all cells that are left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bayessel.strategies.base import AskInfo, Choice
from bayessel.strategies.rivals.base import RivalState, RivalStrategy


@dataclass(frozen=True, kw_only=True)
class RandomCells(RivalStrategy):
    """A question is one cell, drawn with equal chances from those that may be asked.

    Named is the candidate with the highest mean of its points so far; one without a judged cell
    is named only while no candidate has one. Ties are broken at random. What is lost against
    ``random``, which asks whole queries, is the comparison of candidates on the same queries.
    """

    name: ClassVar[str] = "random-cells"

    def choose(
        self,
        rng: np.random.Generator,
        state: RivalState,
        available: NDArray[np.bool_],
        pending: NDArray[np.int64],
    ) -> Choice:
        """Any cell, each with the same chance."""
        cells = np.flatnonzero(available)
        query, candidate = divmod(int(rng.choice(cells)), available.shape[1])
        return Choice(query, np.array([candidate]), AskInfo(chance=1 / len(cells)))


STRATEGY = RandomCells
