"""Queries are drawn; those on which the weak judges' scores vary more have higher chances.

Where the candidates' responses are alike, their outcomes are alike too, and a query tells little.
The sign of a score is not used: nothing is assumed about which response is better. Queries are
drawn instead of ranked, so that no kind of query is left out. This is sampling without replacement
with probabilities proportional to a size (Särndal, Swensson and Wretman 1992, section 3.6).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayessel.acquisition.base import Acquisition, Outlook, Scores

POWER = 4
"""Power of the rank; with 4 the upper half of the queries has 97 % of the chance."""


def spread_weights(spread: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights ``((rank - 1/2) / N)^4``.

    Parameters
    ----------
    spread
        [N] how much the scores vary.

    Returns
    -------
    ndarray
        [N]. Queries that tie share their mean rank; without weak judges all weights are equal.
    """
    _, which, count = np.unique(spread, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - count / 2
    return (middle[which] / len(spread)) ** POWER


def score(outlook: Outlook) -> Scores:
    """[N] weights, to draw by."""
    return Scores(spread_weights(outlook.spread), drawn=True)


ACQUISITION = Acquisition(
    "drawn, queries on which the weak judges' scores vary more with higher chances",
    score,
    reads_texts=True,
)
