"""Choose among scored queries; ties are broken at random."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TIE = 1e-12
"""Scores (in nats) closer than this differ by rounding only."""


def argmax(
    rng: np.random.Generator, score: NDArray[np.float64], available: NDArray[np.bool_]
) -> int:
    """Position of the highest score among the available queries.

    Parameters
    ----------
    rng
        Breaks ties, uniformly among the scores within :data:`TIE` of the highest.
    score
        [N], higher is better.
    available
        [N] which queries may be chosen; at least one.
    """
    candidates = np.flatnonzero(available)
    best = score[candidates].max()
    return int(rng.choice(candidates[score[candidates] >= best - TIE]))
