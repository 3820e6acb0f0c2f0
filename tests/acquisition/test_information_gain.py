from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import entropy

from bayessel.acquisition.information_gain import information_gain


def posterior(seed, draws, n=6, m=3):
    """Draws of qualities on the logit scale, and each cell's outcome given the draw."""
    rng = np.random.default_rng(seed)
    quality = 0.35 * rng.standard_normal((draws, 1, m))
    ease = np.linspace(-1.5, 1.5, n)[None, :, None]
    loss = 1 / (1 + np.exp(quality + ease + 1.0))
    win = 1 / (1 + np.exp(-quality - ease + 1.0))
    p_best = np.zeros((draws, m))
    p_best[np.arange(draws), quality[:, 0].argmax(axis=1)] = 1
    return p_best, loss, win


def enumerated(p_best, loss, win):
    """I(F; Y_q) of every row over all K^M outcomes."""
    cell = np.stack([loss, 1 - loss - win, win], axis=-1)  # [S, N, M, K]
    gains = []
    for row in np.moveaxis(cell, 1, 0):
        conditional = 0.0
        for y in itertools.product(range(3), repeat=row.shape[1]):
            p_row = np.prod([row[:, j, k] for j, k in enumerate(y)], axis=0)
            joint = (p_row[:, None] * p_best).mean(0)
            if joint.sum() > 0:
                conditional += joint.sum() * entropy(joint / joint.sum())
        gains.append(entropy(p_best.mean(0)) - conditional)
    return np.array(gains)


def test_the_sum_over_cells_is_close_to_the_rows_information():
    drawn = posterior(0, 20_000)
    gain, error = information_gain(*drawn)
    exact = enumerated(*drawn)
    np.testing.assert_allclose(gain, exact, rtol=0.2)
    assert np.argmax(gain) in np.argsort(exact)[-2:]
    assert np.all(error < 0.2 * gain)


def test_a_single_cell_is_exact():
    p_best, loss, win = posterior(1, 20_000)
    gain, error = information_gain(p_best, loss[..., :1], win[..., :1])
    exact = enumerated(p_best, loss[..., :1], win[..., :1])
    np.testing.assert_allclose(gain, exact, atol=6 * error.max())


def test_the_bias_is_taken_away_and_the_error_is_the_spread():
    """Few draws against many: the mean is right within six errors, the spread is what is said."""
    truth = information_gain(*posterior(0, 100_000))[0]
    few = [information_gain(*posterior(s, 128)) for s in range(1, 121)]
    gains, errors = np.array([g for g, _ in few]), np.array([e for _, e in few])
    spread = gains.std(axis=0)
    assert np.all(np.abs(gains.mean(axis=0) - truth) < 6 * spread / np.sqrt(120))
    ratio = np.sqrt((errors**2).mean(axis=0)) / spread
    assert np.all((ratio > 0.6) & (ratio < 1.7))


def test_no_gain_where_the_outcome_says_nothing():
    p_best = np.random.default_rng(0).dirichlet(np.ones(3), 200)
    same = np.full((200, 4, 3), 0.3)
    gain, error = information_gain(p_best, same, same)
    assert gain == pytest.approx(0.0, abs=1e-9)
    assert error == pytest.approx(0.0, abs=1e-9)
