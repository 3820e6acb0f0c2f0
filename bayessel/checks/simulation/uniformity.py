r"""Are ranks uniform: the empirical distribution function within simultaneous bands.

Säilynoja, Bürkner and Vehtari (2022, https://doi.org/10.1007/s11222-022-10090-6). For n uniform
values ``n · F(z)`` is Binomial(n, z) at each z. The statistic is the smallest two-sided binomial
probability over z = 1/n, ..., (n-1)/n; its distribution under uniformity is simulated.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from bayessel.support.ties import TIE

SIMULATIONS = 5000
_MOST_POINTS = 100


def ranks(
    rng: np.random.Generator, truth: NDArray[np.float64], draws: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Ranks of true values among draws as numbers in (0, 1), ties broken at random.

    Parameters
    ----------
    rng
        Breaks ties, and spreads each rank over its step.
    truth
        [...] true values.
    draws
        [S, ...] posterior draws.

    Returns
    -------
    ndarray
        [...]; uniform if the truth is a draw like the others.
    """
    near = np.isclose(draws, truth, rtol=1e-9, atol=TIE)
    below = ((draws < truth) & ~near).sum(axis=0)
    rank = below + rng.integers(near.sum(axis=0) + 1)
    return (rank + rng.random(np.shape(truth))) / (len(draws) + 1)


def points(n: int) -> NDArray[np.float64]:
    """[z] where the distribution function is looked at: every 1/n, at most 100 of them."""
    step = max(1, n // _MOST_POINTS)
    return np.arange(step, n, step) / n


def _least(counts: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    """[...] smallest two-sided probability of counts [..., z] of values up to each point."""
    z = points(n)
    grid = np.arange(n + 1)[:, None]
    tail = 2 * np.minimum(binom.cdf(grid, n, z), binom.sf(grid - 1, n, z))
    found: NDArray[np.float64] = tail[counts, np.arange(len(z))].min(axis=-1)
    return found


@lru_cache(maxsize=16)
def _reference(n: int, simulations: int) -> NDArray[np.float64]:
    """[simulations] the statistic of uniform values, sorted."""
    rng = np.random.default_rng(n)
    counts = np.array(
        [np.searchsorted(np.sort(rng.random(n)), points(n), "right") for _ in range(simulations)]
    )
    return np.sort(_least(counts, n))


def p_value(values: NDArray[np.float64]) -> float:
    """Probability that uniform values lie as far off at their worst point."""
    n = len(values)
    reference = _reference(n, SIMULATIONS)
    statistic = _least(np.searchsorted(np.sort(values), points(n), "right"), n)
    below = int(np.searchsorted(reference, float(statistic) * (1 + 1e-9), "right"))
    return (1 + below) / (SIMULATIONS + 1)


def bands(n: int, alpha: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """[z] lower and upper bounds that all hold together with probability 1 - alpha."""
    level = _reference(n, SIMULATIONS)[max(0, int(np.floor(alpha * SIMULATIONS)) - 1)]
    z = points(n)
    return binom.ppf(level / 2, n, z) / n, binom.isf(level / 2, n, z) / n
