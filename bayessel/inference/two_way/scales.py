"""Scales of the two-way model by slice sampling (Neal 2003): moves of the Gibbs step, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from bayessel.models.two_way import FLOOR, LEAST, SHAPE
from bayessel.support.compiled import compiled


@compiled
def log_noise(at: float, squares: Any, number: Any, prior: Any) -> float:
    """Log density of the logarithm of ``noise``, Gamma prior, the variances integrated out."""
    noise = np.exp(at)
    found = prior[0] * at - prior[1] * noise
    for j in range(len(number)):
        rate = (SHAPE - 1) * (noise + FLOOR) + squares[j] / 2
        found += SHAPE * np.log(noise + FLOOR) - (SHAPE + number[j] / 2) * np.log(rate)
    return found


@compiled
def slice_noise(rng: Any, noise: float, squares: Any, number: Any, prior: Any) -> float:
    """A move of ``noise`` by slice sampling of its logarithm.

    Given the variances it would hardly move: there are many of them, and it is their mean.
    """
    at = np.log(noise)
    level = log_noise(at, squares, number, prior) - rng.standard_exponential()
    low = at - rng.random()
    high = low + 1.0
    while log_noise(low, squares, number, prior) > level:
        low -= 1.0
    while log_noise(high, squares, number, prior) > level:
        high += 1.0
    while True:
        new = low + (high - low) * rng.random()
        if log_noise(new, squares, number, prior) > level:
            return np.exp(new)
        if new < at:
            low = new
        else:
            high = new


@compiled
def log_sd(at: float, squares: float, count: int, scale: float) -> float:
    """Log density of log s: ``count`` effects with this sum of squares, half normal prior."""
    s = np.exp(at)
    return (1 - count) * at - 0.5 * squares / (s * s) - 0.5 * (s / scale) ** 2


@compiled
def slice_sd(rng: Any, sd: float, squares: float, count: int, scale: float) -> float:
    """A move of a standard deviation by slice sampling of its logarithm."""
    at = np.log(max(sd, LEAST))
    level = log_sd(at, squares, count, scale) - rng.standard_exponential()
    low = at - rng.random()
    high = low + 1.0
    while log_sd(low, squares, count, scale) > level:
        low -= 1.0
    while log_sd(high, squares, count, scale) > level:
        high += 1.0
    while True:
        new = low + (high - low) * rng.random()
        if log_sd(new, squares, count, scale) > level:
            return max(np.exp(new), LEAST)
        if new < at:
            low = new
        else:
            high = new
