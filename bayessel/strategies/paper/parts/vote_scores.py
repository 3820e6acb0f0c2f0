r"""Scores of queries from the weak judges' votes alone: three methods of arXiv 2510.09418.

With n_k(q, j) of the J weak judges voting outcome k on cell (q, j), and shares s_k = n_k / J:

- most draws: ``sum_j n_draw(q, j)``;
- vote entropy: ``mean_j -sum_k s_k log s_k``, the disagreement of a committee of weak judges
  (Dagan and Engelson, Committee-based sampling, 1995);
- confidence: ``mean_j max_k s_k``; the least confident query comes first (Lewis and Gale, A
  sequential algorithm for training text classifiers, 1994).

Nothing is learned from answers, so each orders the queries once. The paper names the three; where
it leaves the sum over the candidates open, these are our reading.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayessel.outcomes import Outcome


def vote_shares(votes: NDArray[np.int8]) -> NDArray[np.float64]:
    """[K, N, M] share of the weak judges that vote each outcome, from ``votes`` [J, N, M]."""
    return np.stack([(votes == int(o)).mean(axis=0) for o in Outcome])


def most_draws(votes: NDArray[np.int8]) -> NDArray[np.float64]:
    """[N] number of draws that the weak judges vote, over all candidates.

    Parameters
    ----------
    votes
        [J, N, M] in {-1, 0, 1}.
    """
    return (votes == int(Outcome.DRAW)).sum(axis=(0, 2)).astype(np.float64)


def vote_entropy(votes: NDArray[np.int8]) -> NDArray[np.float64]:
    """[N] entropy in nats of the weak judges' votes on a cell, averaged over the candidates.

    Parameters
    ----------
    votes
        [J, N, M] in {-1, 0, 1}.
    """
    share = vote_shares(votes)
    log_share = np.log(share, out=np.zeros_like(share), where=share > 0)
    return -(share * log_share).sum(axis=0).mean(axis=-1)


def vote_confidence(votes: NDArray[np.int8]) -> NDArray[np.float64]:
    """[N] share of the weak judges that vote the commonest outcome, averaged over the candidates.

    Parameters
    ----------
    votes
        [J, N, M] in {-1, 0, 1}.
    """
    return vote_shares(votes).max(axis=0).mean(axis=-1)
