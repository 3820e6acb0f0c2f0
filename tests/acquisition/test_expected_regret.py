from __future__ import annotations

import numpy as np
import pytest

from bayessel.acquisition.expected_regret import expected_regret, points_and_noise


def of_cells(win_rate, loss, win):
    return expected_regret(win_rate, *points_and_noise(loss, win))


def posterior(slope, draws=4000, m=3, seed=0):
    """Win rates that follow qualities; the points of row q follow them with slope[q]."""
    quality = np.random.default_rng(seed).standard_normal((draws, m)) * 0.1
    win = 0.5 + np.asarray(slope)[None, :, None] * quality[:, None, :]
    return 0.5 + quality, 1 - win, win


def test_the_row_that_follows_the_quality_most_is_worth_most():
    score = of_cells(*posterior([0.0, 0.5, 1.0, -2.0] + [0.0] * 396))
    assert np.argsort(score)[-2:].tolist() == [2, 3]  # a row that points the other way tells too
    assert score[0] < score[1] < score[2]


def test_two_candidates_by_hand():
    """One pair: density at 0 times squared covariance over variance, by sample moments."""
    rate, loss, win = posterior([1.0], m=2)
    d, e = rate[:, 0] - rate[:, 1], win[:, 0, 0] - win[:, 0, 1]
    within = (win * loss).mean(axis=0).sum()
    sd = d.std()
    density = np.exp(-0.5 * (d.mean() / sd) ** 2) / sd
    covariance = np.mean((d - d.mean()) * (e - e.mean())) + within  # N = 1: the row is all there is
    expected = density * covariance**2 / (e.var() + within)
    assert of_cells(rate, loss, win)[0] == pytest.approx(expected, rel=1e-9)


def test_a_decided_field_has_nothing_to_gain():
    rate, loss, win = posterior([1.0, 1.0])
    known = np.tile(rate.mean(axis=0), (len(rate), 1))
    np.testing.assert_array_equal(of_cells(known, loss, win), 0)


def test_candidates_far_apart_weigh_nothing():
    rate, loss, win = posterior([1.0], m=2)
    near = of_cells(rate, loss, win)[0]
    far = of_cells(rate + np.array([5.0, 0.0]), loss, win)[0]
    assert far < 1e-6 * near


def test_noise_in_common_of_two_candidates_does_not_count():
    """What two candidates share cancels in their difference."""
    rate, loss, win = posterior([1.0, 0.5], m=2)
    points = points_and_noise(loss, win)[0]
    alone = expected_regret(rate, points, np.eye(2)[None] * 0.1)
    shared = expected_regret(rate, points, np.eye(2)[None] * 0.1 + 7.0)
    np.testing.assert_allclose(shared, alone, rtol=1e-9)
    by_row = expected_regret(rate, points, np.full((2, 2), 0.1))
    np.testing.assert_allclose(by_row, alone, rtol=1e-9)


def test_rounding_in_single_precision_makes_no_row_worth_more():
    """Points of two candidates that move together, in the difference of which few digits hold."""
    rng = np.random.default_rng(1)
    rate, *_ = posterior([], draws=128, m=2)
    ease = rng.uniform(0.2, 0.8, (128, 400, 1))
    given = (rate, ease + 1e-4 * rng.standard_normal((128, 400, 2)), np.full((400, 2), 1e-10))
    single = expected_regret(*(v.astype(np.float32) for v in given))
    assert single.dtype == np.float32
    assert single.min() >= 0
    assert single.max() <= expected_regret(*given).max()
