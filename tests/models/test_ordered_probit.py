"""The ordered probit and its written derivative against high precision, and two numeric integrals.

No chance is involved but for fixed points.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import log_ndtr, ndtr

from bayessel.inference.runtime import precision
from bayessel.models import item_response
from bayessel.models.distributions.ordered_probit import log_outcome, outcome_probs
from bayessel.outcomes import MISSING

PREDICTOR = (-40.0, -31.0, -12.5, -6.0, -1.3, -1e-3, 0.0, 0.4, 2.0, 8.0, 25.0, 33.0)
BAND = (1e-4, 0.05, 0.5, 3.0, 20.0)


def reference(predictor: float, band: float, value: int) -> float:
    """Log probability from ``log_ndtr``, differences in logs."""
    if value:
        return float(log_ndtr(value * predictor - band))
    lower, upper = (-abs(predictor) - band, -abs(predictor) + band)  # in the lower tail
    a, b = log_ndtr(upper), log_ndtr(lower)
    return float(a + np.log(-np.expm1(b - a)))


def slopes(predictor: float, band: float, value: int) -> tuple[float, float]:
    """Its derivatives by predictor and band, from densities over the probability in logs."""
    log_p = reference(predictor, band, value)

    def ratio(x: float) -> float:
        return float(np.exp(-0.5 * x**2 - 0.5 * np.log(2 * np.pi) - log_p))

    if value:
        return value * ratio(value * predictor - band), -ratio(value * predictor - band)
    high, low = ratio(band - predictor), ratio(-band - predictor)
    return low - high, high + low


@pytest.mark.parametrize("value", [-1, 0, 1])
def test_log_probabilities_and_derivatives_hold_in_the_tails(value: int) -> None:
    grid = [(p, b) for p in PREDICTOR for b in BAND]
    expected = np.array([reference(p, b, value) for p, b in grid])
    expected_slopes = np.array([slopes(p, b, value) for p, b in grid])
    with precision(double=True):
        p, b = (jnp.asarray(x) for x in np.array(grid).T)
        found = np.asarray(log_outcome(p, b, value))
        by_p, by_b = (
            np.asarray(g)
            for g in jax.vmap(jax.grad(log_outcome, argnums=(0, 1)), (0, 0, None))(p, b, value)
        )
    # beyond 30 standard deviations the tail is written to its leading term
    end = np.array([value * x - y if value else y - abs(x) for x, y in grid])
    inside = end > -30
    assert 0 < (~inside).sum() < inside.sum()
    np.testing.assert_allclose(found[inside], expected[inside], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(by_p[inside], expected_slopes[inside, 0], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(by_b[inside], expected_slopes[inside, 1], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(found[~inside], expected[~inside], rtol=0.015)
    np.testing.assert_allclose(by_p[~inside], expected_slopes[~inside, 0], rtol=0.002)
    assert np.isfinite(by_b).all()


def test_single_precision_neither_underflows_nor_loses_its_gradient() -> None:
    grid = [(p, b, v) for p in PREDICTOR for b in (0.05, 0.5, 3.0) for v in (-1, 0, 1)]
    expected = np.array([reference(*g) for g in grid])
    p, b, v = (np.array(x) for x in zip(*grid, strict=True))
    with precision(double=False):
        p, b = jnp.asarray(p, jnp.float32), jnp.asarray(b, jnp.float32)
        found = np.asarray(log_outcome(p, b, jnp.asarray(v)))
        slope = np.asarray(jax.vmap(jax.grad(log_outcome))(p, b, jnp.asarray(v)))
    np.testing.assert_allclose(found, expected, rtol=0.02, atol=1e-4)
    assert np.isfinite(slope).all()
    assert (np.sign(slope) == np.sign(v))[(v != 0) & (expected < -1e-3)].all()


def test_outcome_probs_sum_to_one_and_match_the_log_probability() -> None:
    with precision(double=True):
        p, b = (x.ravel() for x in jnp.meshgrid(jnp.linspace(-6, 6, 25), jnp.array([0.05, 0.5, 2])))
        probs = np.asarray(outcome_probs(p, b))
        log_p = np.stack([np.asarray(log_outcome(p, b, v)) for v in (-1, 0, 1)], axis=-1)
    np.testing.assert_allclose(probs.sum(axis=-1), 1, atol=1e-12)
    np.testing.assert_allclose(probs, np.exp(log_p), atol=1e-12)


@pytest.mark.parametrize("of", [outcome_probs, jax.jit(outcome_probs)], ids=["eager", "compiled"])
def test_outcome_probs_in_single_precision_are_right_to_a_millionth(of: Any) -> None:
    x, band = (v.ravel() for v in np.meshgrid(np.linspace(-12, 12, 48001), [1e-4, 0.05, 0.5, 3.0]))
    x, band = np.float32(x), np.float32(band)
    with precision(double=False):
        probs = np.asarray(of(jnp.asarray(x), jnp.asarray(band)))
    assert probs.dtype == np.float32
    x, band = x.astype(float), band.astype(float)
    loss, win = ndtr(-x - band), ndtr(x - band)
    np.testing.assert_allclose(probs, np.stack([loss, 1 - loss - win, win], axis=-1), atol=1e-6)
    assert probs.min() >= 0
    assert probs.max() <= 1


@pytest.mark.parametrize("sd", [(0.3, 0.2), (1.5, 0.8)])
def test_a_rows_likelihood_is_the_integral_over_its_effects(sd: tuple[float, float]) -> None:
    """Against a sum over a fine grid of difficulty and band, a row judged in part included."""
    rng = np.random.default_rng(0)
    outcome = rng.integers(-1, 2, (3, 6)).astype(np.int8)
    outcome[1, 2:] = MISSING
    outcome[2] = 1  # far from the middle
    x, z = rng.standard_normal((3, 6, 2)), rng.standard_normal((3, 4))
    between, spread = rng.standard_normal((6, 2)), rng.standard_normal(3)
    draw = {
        "level": -0.2,
        "band": 0.4,
        "sd_difficulty": sd[0],
        "sd_band": sd[1],
        "discrimination": 0.3,
        "quality": rng.standard_normal(6),
        "between": rng.standard_normal(2) / 3,
        "within": rng.standard_normal(2) / 3,
        "query_coefficient": rng.standard_normal(4) / 3,
    }
    e = np.linspace(-8, 8, 321)
    expected = []
    for q in range(3):
        easy = draw["level"] + z[q] @ draw["query_coefficient"] + sd[0] * e[:, None, None]
        ability = draw["quality"] + between @ draw["between"] + x[q] @ draw["within"]
        u = easy + np.exp(draw["discrimination"] * spread[q]) * ability  # [grid, 1, M]
        band = draw["band"] * np.exp(sd[1] * e)[None, :, None]
        log_p = np.stack([log_ndtr(-u - band), u * band * 0, log_ndtr(u - band)])
        log_p[1] = np.log(np.maximum(1 - np.exp(log_p[0]) - np.exp(log_p[2]), 1e-300))
        judged = outcome[q] != MISSING
        row = sum(log_p[outcome[q, j] + 1, :, :, j] for j in np.flatnonzero(judged))
        log_prior = -0.5 * (e[:, None] ** 2 + e**2) - np.log(2 * np.pi)
        expected.append(np.log(np.exp(row + log_prior).sum() * (e[1] - e[0]) ** 2))
    with precision(double=True):
        data = item_response.Data(outcome, np.arange(3), x, between, z, spread)
        data = jax.tree.map(jnp.asarray, data)
        given = jax.tree.map(jnp.asarray, draw)
        zero = {"difficulty": jnp.zeros(3), "log_band_unit": jnp.zeros(3)}
        found = item_response.log_likelihood(given | zero, data)
    np.testing.assert_allclose(found, expected, atol=0.01)
