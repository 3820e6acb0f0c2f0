from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from bayessel.acquisition.expected_regret import (
    best_share,
    best_shares,
    expected_regret,
    loss_lowered,
    loss_lowered_by,
    points_and_noise,
)
from bayessel.acquisition.expected_regret import regret_lowered as lowered_with

SHARES = best_shares()


def regret_lowered(*given):
    return lowered_with(*given, SHARES)


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


def test_the_loss_is_lowered_by_what_a_known_difference_would_tell():
    """f(d, s) = E[max(0, -(d + s Z))], by quadrature."""
    z, weight = np.polynomial.hermite_e.hermegauss(200)
    for lead, sd in ((0.0, 0.1), (0.05, 0.1), (0.2, 0.1)):
        expected = (np.maximum(0, -(lead + sd * z)) * weight).sum() / weight.sum()
        assert loss_lowered(lead, sd) == pytest.approx(expected, abs=2e-4)
    assert loss_lowered(0.1, 0.0) == 0.0


def two_candidates(new):
    """One query; both cells alike, with a common part."""
    mean = np.array([0.6, 0.55])
    covariance = np.array([[0.01, 0.0], [0.0, 0.01]])
    cross = np.array([[[0.01, 0.0], [0.0, 0.01]]])
    within = np.array([[[0.2, 0.08], [0.08, 0.2]]])
    may = np.ones((1, 2), dtype=bool)
    return regret_lowered(mean, covariance, cross, within, cross, may, np.array([new]))


def best_rate(lead, most, lowered):
    """What a question counts, over every number h of questions like it, fractions too."""
    share, h = lowered / most, np.geomspace(1, 1e6, 50_000)
    sd = np.sqrt(most * share * h / (1 + (h - 1) * share))
    z = lead / sd
    return (sd * (norm.pdf(z) - z * norm.sf(z)) / h).max()


def test_two_cells_of_a_query_tell_what_their_difference_tells():
    """What the two have in common drops out: a normal difference of variance .24 and slope .02.

    Cells of one of the two tell its half of the variance of the difference at most.
    """
    single, pair = two_candidates(new=True)
    assert pair[0, 1, 0] == pytest.approx(best_rate(0.05, 0.02, 0.02**2 / 0.24), rel=1e-3)
    assert single[0, 0] == pytest.approx(best_rate(0.05, 0.01, 0.01**2 / 0.2), rel=1e-3)
    assert pair[0, 1, 0] > single.sum()
    assert pair[0, 0, 1] == 0.0


@pytest.mark.parametrize("lead", [0.0, 0.1, 0.3])
def test_cells_of_one_candidate_count_as_many_of_them_do(lead):
    """h cells of one of two candidates, in one normal law written out, for every h up to 3000."""
    top, other, noise = 0.004, 0.01, 0.2
    found = []
    for h in range(1, 3001):
        # the mean of h cells has the variance other + noise / h, and the covariance other with D
        sd = other / np.sqrt(other + noise / h)
        z = lead / sd
        found.append(sd * (norm.pdf(z) - z * norm.sf(z)) / h)
    rate = np.diag([top, other])
    single, _ = regret_lowered(
        np.array([0.6, 0.6 - lead]),
        rate,
        rate[None],
        rate[None] + noise * np.eye(2),
        rate[None],
        np.array([[False, True]]),
        np.array([False]),
    )
    assert single[0, 1] == pytest.approx(max(found), rel=2e-3)


@pytest.mark.parametrize("several", [1, 2, 4, 7])
def test_several_cells_lower_the_variance_as_is_said(several):
    """As many cells of a candidate, each its win rate and noise of its own, in one normal law."""
    rate, noise = 0.01, 0.2
    cells = np.full((several, several), rate) + noise * np.eye(several)
    to_rate = np.full(several, rate)
    share = rate / (rate + noise)
    expected = rate * share * several / (1 + (several - 1) * share)
    assert to_rate @ np.linalg.solve(cells, to_rate) == pytest.approx(expected)


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 0.6), st.floats(1e-4, 0.1), st.floats(1e-3, 0.999))
@example(0.0, 0.01, 0.01)  # the two are level: one question is the best number
@example(0.3, 0.002, 0.002)  # far behind: it takes many
@example(0.05, 0.01, 0.999)  # one tells nearly all
def test_a_question_counts_by_the_best_number_of_questions_like_it(lead, variance, share):
    single, _ = regret_lowered(
        np.array([0.6, 0.6 - lead]),
        np.diag([0.0, variance]),
        np.diag([0.0, variance])[None],
        np.array([[[1.0, 0.0], [0.0, variance / share]]]),
        np.diag([0.0, variance])[None],
        np.array([[False, True]]),
        np.array([False]),
    )
    expected = best_rate(lead, variance, variance * share)
    assert single[0, 1] == pytest.approx(expected, rel=1e-3, abs=1e-15)


@given(st.floats(0, 20))
def test_the_best_share_is_the_highest_place_of_its_function(z):
    u = np.exp(np.linspace(np.log(1e-9), -1e-3, 300))
    values = [loss_lowered_by(z, x) for x in u]
    assert loss_lowered_by(z, best_share(z)) >= max(values) * (1 - 1e-3)


def test_pairs_are_of_new_queries_and_of_available_cells():
    assert two_candidates(new=False)[1].sum() == 0


@given(st.integers(0, 10_000))
def test_scores_of_cells_do_not_depend_on_the_order_of_the_candidates(seed):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(7, 9))
    joint = root @ root.T / 9  # three win rates, three cells, and a spare
    mean = rng.normal(0.5, 0.1, 3)
    may, new = np.ones((1, 3), dtype=bool), np.array([True])

    def scored(order):
        cells = 3 + order
        return regret_lowered(
            mean[order],
            joint[np.ix_(order, order)],
            joint[np.ix_(order, cells)][None],
            joint[np.ix_(cells, cells)][None],
            0.3 * joint[np.ix_(cells, cells)][None],
            may,
            new,
        )

    single, pair = scored(np.arange(3))
    order = np.array([2, 0, 1])
    other, other_pair = scored(order)
    np.testing.assert_allclose(other[0], single[0, order])
    whole = (pair + pair.transpose(0, 2, 1))[0][np.ix_(order, order)]
    np.testing.assert_allclose((other_pair + other_pair.transpose(0, 2, 1))[0], whole)
    assert (single >= 0).all()
    assert (pair >= 0).all()
