from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from bayessel.strategies.paper.parts.expected_entropy import expected_entropy


def plain(p_best, votes, eps):
    """The same equation, one posterior at a time."""
    rows = np.empty(votes.shape[:2])
    for z in range(votes.shape[0]):
        for q in range(votes.shape[1]):
            posterior = p_best * eps[votes[z, q] + 1]
            rows[z, q] = entropy(posterior / posterior.sum())
    return rows.mean(0)


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 6), st.integers(2, 7))
def test_the_kernel_is_the_equation(seed, n_weak_judges, n_queries, n_candidates):
    rng = np.random.default_rng(seed)
    votes = rng.integers(-1, 2, (n_weak_judges, n_queries, n_candidates)).astype(np.int8)
    p_best = rng.dirichlet(np.full(n_candidates, 0.3))
    eps = rng.dirichlet(np.ones(3)) * 0.97 + 0.01
    np.testing.assert_allclose(
        expected_entropy(p_best, votes, eps), plain(p_best, votes, eps), atol=1e-12
    )


def test_a_certain_posterior_leaves_nothing_to_learn():
    votes = np.array([[[1, -1], [0, 0]]], dtype=np.int8)
    gain = expected_entropy(np.array([1.0, 0.0]), votes, np.array([0.2, 0.4, 0.4]))
    np.testing.assert_allclose(gain, 0, atol=1e-15)
