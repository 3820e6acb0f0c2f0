"""From a weak judge's scores to its votes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import DataError


def votes(scores: NDArray[np.float64], draw_band: float = 0.1) -> NDArray[np.int8]:
    """[J, N, M] int8 votes: -1, 0 or 1, by the sign of the score outside a band around 0.

    A score s of weak judge z is a draw if ``|s| <= draw_band * rms_z``, where rms_z is the root
    mean square of that weak judge's scores: their spread around 0, which means 'as good as the
    baseline'. A weak judge whose scores are all 0 votes draw everywhere. If all its scores are the
    same number other than 0, it votes their sign; a standard deviation would be 0 there.

    Parameters
    ----------
    scores
        [J, N, M] finite scores, candidate minus baseline.
    draw_band
        Half width of the band in units of the weak judge's root mean square.

    Raises
    ------
    DataError
        ``draw_band`` is negative or not finite, or a score is not finite.
    """
    if not (np.isfinite(draw_band) and draw_band >= 0):
        raise DataError(f"draw_band is {draw_band}, expected a finite number that is at least 0")
    scores = np.asarray(scores, np.float64)
    if not np.isfinite(scores).all():
        raise DataError(
            "weak judge scores hold NaN or infinity: give every response a finite score"
        )
    axes = tuple(range(1, scores.ndim))
    largest = np.abs(scores).max(axis=axes, keepdims=True, initial=0.0)
    unit = scores / np.where(largest > 0, largest, 1.0)  # squares neither overflow nor vanish
    rms = np.sqrt(np.mean(unit**2, axis=axes, keepdims=True)) if scores.size else unit
    return np.where(np.abs(unit) <= draw_band * rms, 0, np.sign(unit)).astype(np.int8)


def majority(votes: NDArray[np.int8]) -> NDArray[np.int8]:
    """[N, M] sign of the sum of the votes [J, N, M]."""
    return np.sign(votes.sum(axis=0, dtype=np.int64)).astype(np.int8)
