"""Closed forms and enumeration must agree.

Statistical assertions allow six standard errors: a false alarm in 5e8 comparisons.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import dblquad
from scipy.stats import dirichlet

from bayessel.inference.engines.exact import (
    independent_rates,
    mixture_best,
    posterior_best,
)
from bayessel.outcomes import MISSING, counts
from bayessel.priors import Prior
from enumeration import enumerate_best

SIX = 6.0


def generated(seed: int, n_queries: int, n_candidates: int, judged: int):
    """Outcomes of candidates with rates of their own, the first ``judged`` rows bought."""
    rng = np.random.default_rng(seed)
    rates = rng.dirichlet(np.ones(3), n_candidates)
    u = rng.random((n_queries, n_candidates, 1))
    y = ((u > rates.cumsum(-1)).sum(-1) - 1).astype(np.int8)
    y[judged:] = MISSING
    return y


def test_preset_eps_is_the_papers_posterior():
    rng = np.random.default_rng(0)
    y = rng.integers(-1, 2, (20, 7)).astype(np.int8)
    eps = np.array([0.2, 0.4, 0.4])
    product = np.array([np.prod(eps[y[:, j] + 1]) for j in range(7)])
    counted = counts(y)
    np.testing.assert_allclose(posterior_best(counted, eps), product / product.sum(), atol=1e-12)


def test_a_concentrated_prior_on_eps_is_the_preset():
    rng = np.random.default_rng(1)
    counted = counts(rng.integers(-1, 2, (9, 4)).astype(np.int8))
    eps = np.array([0.2, 0.4, 0.4])
    tight = Prior("Dirichlet", {"concentration": tuple(1e9 * eps)})
    np.testing.assert_allclose(
        mixture_best(counted, tight), posterior_best(counted, eps), atol=1e-6
    )


def test_the_mixture_is_the_integral_over_eps():
    counted = np.array([[1, 0, 2], [0, 2, 1], [2, 1, 0]])
    prior = Prior("Dirichlet", {"concentration": (1.0, 2.0, 1.5)})

    def evidence(n):
        def density(draw, loss):
            eps = np.array([loss, draw, 1 - loss - draw])
            if eps.min() <= 0:
                return 0.0
            return dirichlet.pdf(eps, [1.0, 2.0, 1.5]) * np.prod((3 * eps) ** n)

        return dblquad(density, 0, 1, 0, lambda loss: 1 - loss, epsabs=1e-9)[0]

    expected = np.array([evidence(n) for n in counted])
    np.testing.assert_allclose(mixture_best(counted, prior), expected / expected.sum(), rtol=1e-5)


@pytest.mark.parametrize("judged", [0, 4, 12])
def test_sampled_p_best_is_the_enumerated_one(judged):
    y = generated(2, 12, 4, judged)
    draws = independent_rates(np.random.default_rng(0), y, draws=20_000)
    exact = enumerate_best(y)
    assert exact.sum() == pytest.approx(1)
    error = draws.p_best.std(0) / np.sqrt(20_000) + 1e-9
    assert np.all(np.abs(draws.p_best.mean(0) - exact) < SIX * error)


def test_when_all_is_judged_the_recorded_win_rates_are_known():
    y = generated(3, 30, 4, 30)
    draws = independent_rates(np.random.default_rng(0), y, draws=100)
    np.testing.assert_allclose(draws.win_rate, np.tile((y + 1).mean(0) / 2, (100, 1)))
    assert draws.p_best.std(0).max() == 0


def test_a_missing_cell_neither_costs_nor_favours():
    eps = np.array([0.2, 0.4, 0.4])
    whole = np.array([[4, 8, 8], [10, 2, 8], [3, 9, 8]])
    complete = posterior_best(whole, eps)
    np.testing.assert_array_equal(posterior_best(whole, eps, queries=20), complete)
    for j in (0, 1):  # half of a good one's cells, and of a bad one's
        gaps = whole.copy()
        gaps[j] //= 2
        np.testing.assert_allclose(posterior_best(gaps, eps, queries=20), complete, atol=1e-12)
        assert np.abs(posterior_best(gaps, eps) - complete).max() > 0.02
    none = np.array([[4, 8, 8], [0, 0, 0], [8, 4, 8]])
    p = posterior_best(none, eps, queries=20)
    assert p[0] > p[1] > p[2]  # of which nothing is known: between a good and a bad one
    np.testing.assert_allclose(posterior_best(none * 0, eps, queries=0), 1 / 3)
