"""Who is still in the race: whose probability of being the best has not become negligible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.01
"""A candidate is out of the race while its P(best) is below this."""


def race_level(candidates: int) -> float:
    """:data:`LEVEL`, or half of the P(best) that each of many candidates has at the start.

    Parameters
    ----------
    candidates
        M.
    """
    return min(LEVEL, 0.5 / candidates)


def in_race(p_best: NDArray[np.float64]) -> NDArray[np.bool_]:
    """[M] who is in the race, from ``p_best`` [M]."""
    return p_best >= race_level(len(p_best))


@dataclass(frozen=True)
class Race:
    """Since when each candidate has been out of the race.

    Attributes
    ----------
    out_since
        [M] the call after which P(best) fell below the level and stayed there; 0 for those who
        are in the race.
    watched_from
        Number of calls when watching began: who was out by then may have been out before.
    """

    out_since: tuple[int, ...]
    watched_from: int = 0

    @classmethod
    def begin(cls, p_best: NDArray[np.float64], calls: int) -> Race:
        """The race when watching begins after some calls."""
        return cls(tuple(0 if ok else calls for ok in in_race(p_best)), calls)

    def after(self, p_best: NDArray[np.float64], calls: int) -> Race:
        """The race after a question, ``calls`` calls in all."""
        since = [
            0 if ok else (before or calls)
            for ok, before in zip(in_race(p_best), self.out_since, strict=True)
        ]
        return Race(tuple(since), self.watched_from)

    @property
    def words(self) -> Sequence[str]:
        """[M] what dropped each candidate; empty for those who are in the race."""
        level = race_level(len(self.out_since))
        return [self._words(since, level) for since in self.out_since]

    def _words(self, since: int, level: float) -> str:
        if since == 0:
            return ""
        earlier = " or earlier" if since == self.watched_from else ""
        return f"P(best) below {level:.2g} since call {since}{earlier}"
