"""When two numbers are the same except for rounding; one tolerance in double precision."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

TIE = 1e-12
"""Scores, probabilities and win rates closer than this differ by rounding only."""


def highest(values: Any, axis: int = -1, *, tolerance: float = TIE) -> Any:
    """Which values are the highest, but for rounding.

    Parameters
    ----------
    values
        Any shape; an array of numpy or of JAX.
    axis
        Along which they compete.
    tolerance
        How far below the highest a value may lie.

    Returns
    -------
    ndarray
        Booleans of the same shape.
    """
    return values >= values.max(axis=axis, keepdims=True) - tolerance


def pick_highest(
    rng: np.random.Generator,
    values: NDArray[np.float64],
    available: NDArray[np.bool_] | None = None,
) -> int:
    """Position of the highest value; ties are broken at random, all as likely.

    Parameters
    ----------
    rng
        Breaks ties.
    values
        [N], higher is better.
    available
        [N] which positions may be chosen, at least one; all where None.
    """
    places = np.arange(len(values)) if available is None else np.flatnonzero(available)
    return int(rng.choice(places[highest(values[places])]))
