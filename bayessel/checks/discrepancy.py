r"""Observed statistics against replicated ones, with one verdict for all of them.

For statistics t = 1..T of the observed data and of S replicated data sets, each is standardised by
the mean and standard deviation of the pool of all S + 1, and ``D = max_t |z_t|``. The verdict's
p-value is the rank of the observed D in the pool (Westfall and Young 1993, single-step max-T). It
is valid, ``P(p <= alpha) <= alpha``, if the observed data are one more draw from the replicates'
law, whatever the dependence between the statistics. Under a posterior predictive, which has seen
the data, statistics that the model fits alarm less often than that (Meng 1994; Robins et al. 2000).
Statistics are discrete, so each one's own p-value is a two-sided mid-p.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayessel.support.ties import TIE

ALPHA = 0.01
"""False-alarm rate of one predictive check, all its statistics together."""
SAME = 1e-9
"""Statistics closer than this are equal: sums over rows round more than single numbers do."""


def say_p(p: float) -> str:
    """A p-value as people write it."""
    return f"p = {p:.2g}" if p >= 1e-4 else "p < 0.0001"


@dataclass(frozen=True)
class Discrepancy:
    """How unlike its replicates the observed data are.

    Attributes
    ----------
    p
        Of all statistics together.
    mid_p
        [T] two-sided mid-p of each statistic, not adjusted.
    adjusted
        [T] p of each statistic, adjusted for looking at all.
    lower, median, upper
        [T] 2.5 %, 50 % and 97.5 % of the replicates.
    """

    p: float
    mid_p: NDArray[np.float64]
    adjusted: NDArray[np.float64]
    lower: NDArray[np.float64]
    median: NDArray[np.float64]
    upper: NDArray[np.float64]


def compare_statistics(
    observed: NDArray[np.float64], replicated: NDArray[np.float64]
) -> Discrepancy:
    """Compare observed statistics with replicated ones.

    Parameters
    ----------
    observed
        [T]
    replicated
        [S, T]
    """
    pool = np.vstack([observed, replicated]).astype(np.float64)
    spread = pool.std(axis=0)
    centred = np.abs(pool - pool.mean(axis=0))
    z = np.divide(centred, spread, out=np.zeros_like(pool), where=spread > TIE)
    largest = z.max(axis=1)
    adjusted = (largest[None, :] >= z[0][:, None] - SAME).mean(axis=1)
    below = (replicated < observed - SAME).mean(axis=0)
    equal = (np.abs(replicated - observed) <= SAME).mean(axis=0)
    tail = below + 0.5 * equal
    lower, median, upper = np.quantile(replicated, [0.025, 0.5, 0.975], axis=0)
    return Discrepancy(
        float((largest >= largest[0] - SAME).mean()),
        2 * np.minimum(tail, 1 - tail),
        adjusted,
        lower,
        median,
        upper,
    )
