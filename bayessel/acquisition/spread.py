"""Chances of rows by how much the weak judges' scores vary over the candidates, sign ignored.

Where candidates' responses are all alike, so are their outcomes, and a row tells little; nothing is
assumed of which response is better. Rows are drawn, not ranked, so that no kind of query is left
out: sampling without replacement with probabilities proportional to a size (Särndal, Swensson and
Wretman 1992, section 3.6).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

POWER = 4
"""Of the rank: the upper half of the rows has 97 % of the chance."""


def spread_weights(spread: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights ``((rank - 1/2) / N)^4``.

    Parameters
    ----------
    spread
        [N] how much the scores vary.

    Returns
    -------
    ndarray
        [N]. Rows that tie share their mean rank: without weak judges all have the same.
    """
    _, which, count = np.unique(spread, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - count / 2
    return (middle[which] / len(spread)) ** POWER
