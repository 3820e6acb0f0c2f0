"""The leading candidates, and means over the completions of each state of a sampler."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def leading_candidates(
    p_best: NDArray[np.float64], win_rate: NDArray[np.float64], most: int
) -> NDArray[np.intp]:
    """[L] positions, in increasing order, of the candidates most likely to be the best.

    Parameters
    ----------
    p_best
        [S, M] shares of being the best.
    win_rate
        [S, M] draws of the win rates; where P(best) is equal, the higher mean leads.
    most
        L is ``most``, or M where that is less.
    """
    order = np.lexsort((-win_rate.mean(axis=0), -p_best.mean(axis=0)))
    return np.sort(order[:most])


def by_state(values: NDArray[np.float64], copies: int) -> NDArray[np.float64]:
    """[S, L] means over the completions of each state.

    Parameters
    ----------
    values
        [S * copies, L], the completions of one state next to each other.
    copies
        Completions of each state.
    """
    return values.reshape(-1, copies, values.shape[1]).mean(axis=1)
