"""Scales of the regression by slice sampling (Neal 2003): moves of the Gibbs step, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from bayessel.models.regression import DEGREES, FLOOR
from bayessel.support.compiled import compiled


@compiled
def _log_scale(log_s: float, curve: float, slope: float, shape: float, rate: float) -> float:
    """Log density of log s, s² = t the variance of the effects s η, given their units η."""
    s = np.exp(log_s)
    return slope * s - 0.5 * curve * s * s - 2 * shape * log_s - rate / (s * s)


@compiled
def slice_effects(
    rng: Any, at: float, curve: float, slope: float, shape: float, rate: float
) -> float:
    """A move of log s, the effects' units kept, from ``at``; returns the new one."""
    level = _log_scale(at, curve, slope, shape, rate) - rng.standard_exponential()
    low = at - rng.random()
    high = low + 1.0
    while _log_scale(low, curve, slope, shape, rate) > level:
        low -= 1.0
    while _log_scale(high, curve, slope, shape, rate) > level:
        high += 1.0
    while True:
        new = low + (high - low) * rng.random()
        if _log_scale(new, curve, slope, shape, rate) > level:
            return new
        if new < at:
            low = new
        else:
            high = new


@compiled
def prior_scale(contrast: float, common: float, size: int) -> Any:
    """(ν - M - 1) S."""
    found = np.full((size, size), (common * (size + 1) - contrast) / size)
    for i in range(size):
        found[i, i] += contrast + FLOOR
    return (DEGREES - 1) * found


@compiled
def _log_det(contrast: float, common: float, size: int, cross: Any, sums: Any) -> float:
    """Log determinant of (ν - M - 1) S + e'e for residuals e [R, M], on the shorter side of e.

    ``cross`` and ``sums`` are e'e and M ones, or e e' and the sums of the rows of e (then by
    Sylvester's identity, with the inverse of S).
    """
    apart = (DEGREES - 1) * (contrast + FLOOR)  # eigenvalues of (ν - M - 1) S
    together = (DEGREES - 1) * (common * (size + 1) + FLOOR)
    if len(sums) == size:
        found, weight, ones, one = 0.0, 1.0, (together - apart) / size, apart
    else:
        found = (size - 1) * np.log(apart) + np.log(together)
        weight, ones, one = 1 / apart, (1 / together - 1 / apart) / size, 1.0
    matrix = np.empty_like(cross)
    for i in range(len(sums)):
        for j in range(len(sums)):
            matrix[i, j] = weight * cross[i, j] + ones * sums[i] * sums[j]
        matrix[i, i] += one
    root = np.linalg.cholesky(matrix)
    for i in range(len(sums)):
        found += 2 * np.log(root[i, i])
    return found


@compiled
def _log_part(at: Any, k: int, shapes: Any, size: int, rows: int, cross: Any, sums: Any) -> float:
    """Log density of the log of a part of S, given the other and the residuals, Σ summed out."""
    contrast, common = np.exp(at[0]), np.exp(at[1])
    found = shapes[k, 0] * at[k] - shapes[k, 1] * np.exp(at[k])
    found += 0.5 * (size + DEGREES) * (size - 1) * np.log(contrast + FLOOR)
    found += 0.5 * (size + DEGREES) * np.log(common * (size + 1) + FLOOR)
    log_det = _log_det(contrast, common, size, cross, sums)
    return found - 0.5 * (size + DEGREES + rows) * log_det


@compiled
def slice_part(
    rng: Any, at: Any, k: int, shapes: Any, size: int, rows: int, cross: Any, sums: Any
) -> None:
    """A slice-sampling move of ``at[k]``; ``at`` are the logs of the parts of S."""
    start = at[k]
    level = _log_part(at, k, shapes, size, rows, cross, sums) - rng.standard_exponential()
    low = start - rng.random()
    high = low + 1.0
    at[k] = low
    while _log_part(at, k, shapes, size, rows, cross, sums) > level:
        low -= 1.0
        at[k] = low
    at[k] = high
    while _log_part(at, k, shapes, size, rows, cross, sums) > level:
        high += 1.0
        at[k] = high
    while True:
        at[k] = low + (high - low) * rng.random()
        if _log_part(at, k, shapes, size, rows, cross, sums) > level:
            return
        if at[k] < start:
            low = at[k]
        else:
            high = at[k]
