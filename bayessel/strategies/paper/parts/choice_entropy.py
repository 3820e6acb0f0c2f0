r"""Bradley-Terry coefficients against one baseline, and their expected entropy after a query.

In the Bradley-Terry model candidate j beats the baseline with probability ``s_j / (s_j + 1)``.
Where every comparison is with the baseline, a draw is half a win and half a loss, and one draw is
added as a prior, the coefficients have a closed form:

    s_j = (wins_j + draws_j / 2 + 1/2) / (losses_j + draws_j / 2 + 1/2)

Luce's choice rule makes them probabilities, ``p_j = s_j / sum_i s_i``, which stand where the
posterior over F stands in LLM SELECTOR: the next query is the one with the lowest entropy of p,
averaged over the weak judges whose votes stand in for the answer. This is our reading of the
method that arXiv 2510.09418 calls Bradley-Terry.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayessel.outcomes import K
from bayessel.strategies.paper.parts.expected_entropy import table_entropy

PSEUDO = 0.5
"""Wins, and losses, added to each candidate's: one draw in all."""


def coefficients(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """[M] Bradley-Terry coefficients s_j; the baseline's is 1.

    Parameters
    ----------
    counts
        [M, K] judged cells by candidate and outcome.
    """
    loss, draw, win = counts.T
    return (win + draw / 2 + PSEUDO) / (loss + draw / 2 + PSEUDO)


def coefficients_after(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """[M, K] coefficients if one more cell of a candidate had outcome k.

    Parameters
    ----------
    counts
        [M, K] judged cells by candidate and outcome.
    """
    return np.stack([coefficients(counts + np.eye(K, dtype=np.int64)[k]) for k in range(K)], axis=1)


def expected_choice_entropy(
    counts: NDArray[np.int64], votes: NDArray[np.int8]
) -> NDArray[np.float64]:
    """Expected entropy of the choice probabilities after each query.

    Parameters
    ----------
    counts
        [M, K] judged cells by candidate and outcome.
    votes
        [J, N, M] weak judges' votes in {-1, 0, 1}.

    Returns
    -------
    ndarray
        [N] entropies in nats.
    """
    return table_entropy(votes, coefficients_after(counts))
