r"""The paper's rule: the lowest expected posterior entropy, weak judges standing in for the answer.

``q* = argmin_q mean_z H(F | A ∪ {(q, W_z[q, :])})``  (LLM SELECTOR, arXiv 2510.09418)

With p = p(F | A) and u_j(w) = p_j · eps[w], the posterior after row w is u / S with S = Σ_j u_j, so
its entropy is ``log S - Σ_j u_j log u_j / S``: two table look-ups and two additions a cell.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayessel.support.compiled import compiled


def expected_entropy(
    p_best: NDArray[np.float64], votes: NDArray[np.int8], eps: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Expected posterior entropy of F after each query.

    Parameters
    ----------
    p_best
        [M] current posterior over F.
    votes
        [J, N, M] weak judges' votes in {-1, 0, 1}.
    eps
        [K] probabilities of loss, draw and win if the candidate is the best.

    Returns
    -------
    ndarray
        [N] entropies in nats. Time grows with J·N·M.
    """
    u = np.asarray(eps, dtype=float)[:, None] * np.asarray(p_best, dtype=float)
    return table_entropy(votes, u.T)


def table_entropy(votes: NDArray[np.int8], table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over the weak judges of the entropy of the weights that a query's votes look up.

    Parameters
    ----------
    votes
        [J, N, M] weak judges' votes in {-1, 0, 1}.
    table
        [M, K] weight of a candidate after each vote, not negative; weights need not sum to one.

    Returns
    -------
    ndarray
        [N] entropies in nats.
    """
    u = np.ascontiguousarray(table, dtype=np.float64)
    u_log_u = u * np.log(u, out=np.zeros_like(u), where=u > 0)
    return entropy_kernel(votes, u, u_log_u)


@compiled
def entropy_kernel(
    votes: NDArray[np.int8], u: NDArray[np.float64], u_log_u: NDArray[np.float64]
) -> NDArray[np.float64]:
    """[N] mean entropies, from votes [J, N, M], weights u [M, K] and u log u [M, K]."""
    n_weak_judges, n_queries, n_candidates = votes.shape
    entropy = np.zeros(n_queries)
    for z in range(n_weak_judges):
        for q in range(n_queries):
            total = 0.0
            weighted = 0.0
            for j in range(n_candidates):
                k = votes[z, q, j] + 1
                total += u[j, k]
                weighted += u_log_u[j, k]
            entropy[q] += np.log(total) - weighted / total
    return entropy / n_weak_judges
