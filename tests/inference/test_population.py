from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bayessel.inference.draws import p_within
from bayessel.inference.population import best_shares, complete, draw_outcomes, survey, survey_cells
from bayessel.outcomes import MISSING


def test_judged_cells_are_kept_and_the_others_drawn():
    outcome = np.array([[1, -1], [0, MISSING], [MISSING, MISSING]], dtype=np.int8)
    probs = np.zeros((3, 2, 3), dtype=np.float32)
    probs[..., 2] = 1  # whatever is drawn is a win
    counts = complete(jax.random.key(0), probs, outcome)
    np.testing.assert_array_equal(counts, [[0, 1, 2], [1, 0, 2]])


def test_outcomes_are_drawn_with_their_probabilities():
    """Six standard errors: a false alarm in 5e8."""
    probs = np.broadcast_to(np.array([0.2, 0.5, 0.3], dtype=np.float32), (40_000, 3))
    drawn = np.asarray(draw_outcomes(jax.random.key(1), probs))
    share = np.array([(drawn == k).mean() for k in (-1, 0, 1)])
    assert np.all(np.abs(share - [0.2, 0.5, 0.3]) < 6 * np.sqrt(0.25 / 40_000))


def test_candidates_that_tie_share():
    counts = np.array([[1, 0, 3], [0, 2, 2], [2, 1, 1]])  # 6, 6 and 3 half points
    np.testing.assert_allclose(best_shares(counts), [0.5, 0.5, 0.0])


def test_within_delta_of_the_best():
    win_rate = np.array([[0.50, 0.52, 0.40], [0.60, 0.52, 0.40]])
    np.testing.assert_allclose(p_within(win_rate, 0.0), [0.5, 0.5, 0.0])
    np.testing.assert_allclose(p_within(win_rate, 0.03), [1.0, 0.5, 0.0])
    np.testing.assert_allclose(p_within(win_rate, 0.12), [1.0, 1.0, 0.5])
    assert p_within(win_rate, 0.08)[1] == pytest.approx(1.0)


def test_a_survey_agrees_with_completed_cells():
    """Two ways to complete the population, 4,000 times each; bounds of six standard errors."""
    rng = np.random.default_rng(5)
    n, m, copies = 30, 3, 4000
    probs = rng.dirichlet([0.5, 1.0, 1.0], (n, m)).astype(np.float32)
    outcome = np.full((n, m), MISSING, dtype=np.int8)
    outcome[:6] = rng.integers(-1, 2, (6, m))
    draws = {"nothing": np.zeros((1,), dtype=np.float32)}
    seen = survey(_as_told, None, copies, jax.random.key(2), draws, probs, outcome)
    rough = np.asarray(seen.counts[0], dtype=float)
    keys = jax.random.split(jax.random.key(3), copies)
    exact = np.asarray(jax.vmap(lambda k: complete(k, probs, outcome))(keys), dtype=float)
    np.testing.assert_array_equal(rough.sum(axis=-1), n)
    scale = exact.std(axis=0) / np.sqrt(copies)
    assert np.all(np.abs(rough.mean(axis=0) - exact.mean(axis=0)) < 6 * np.sqrt(2) * scale + 0.02)
    points = [(2 * c[..., 2] + c[..., 1]) for c in (rough, exact)]
    ratio = points[0].std(axis=0) / points[1].std(axis=0)
    assert np.all(np.abs(ratio - 1) < 6 / np.sqrt(copies) + 0.02)
    mean = (rough[..., 2] + rough[..., 1] / 2).mean(axis=0) / n
    np.testing.assert_allclose(seen.expected[0], mean, atol=6 * 0.5 / np.sqrt(24 * copies) + 0.001)
    shares = [np.mean([best_shares(c) for c in part[:500]], axis=0) for part in (rough, exact)]
    assert np.all(np.abs(shares[0] - shares[1]) < 6 * np.sqrt(0.5 / 500))


def _as_told(key, draw, data):
    return data


def test_a_survey_of_a_judged_population_is_certain():
    outcome = np.array([[1, -1], [0, 0]], dtype=np.int8)
    probs = np.full((2, 2, 3), 1 / 3, dtype=np.float32)
    draws = {"nothing": np.zeros((5,), dtype=np.float32)}
    seen = survey(_as_told, None, 3, jax.random.key(0), draws, probs, outcome)
    np.testing.assert_array_equal(
        seen.counts, np.broadcast_to([[0, 1, 1], [1, 1, 0]], (5, 3, 2, 3))
    )
    np.testing.assert_array_equal(seen.p_best, np.tile([1.0, 0.0], (5, 1)))


def test_a_survey_by_level_is_one_by_cell():
    """The same key: the same numbers, whether cells are counted or visited."""
    rng = np.random.default_rng(1)
    level = rng.integers(0, 2, (9, 3))
    outcome = rng.choice([-1, 0, 1, MISSING, MISSING], (9, 3)).astype(np.int8)
    draws = {"probs": rng.dirichlet(np.ones(3), (4, 2, 3)).astype(np.float32)}
    data = Levels(level)
    key = jax.random.key(1)
    by_cell = survey(_of_draw, None, 5, key, draws, data, outcome)
    by_level = survey(_of_draw, None, 5, key, draws, data, outcome, cells=False)
    np.testing.assert_array_equal(by_cell.counts, by_level.counts)
    np.testing.assert_array_equal(by_cell.p_best, by_level.p_best)
    loss, win = survey_cells(_of_draw, key, draws, data, outcome, np.array([0, 2]))
    np.testing.assert_array_equal(loss, np.asarray(by_cell.loss)[..., [0, 2]])
    np.testing.assert_array_equal(win, np.asarray(by_cell.win)[..., [0, 2]])


def test_expected_win_rates_are_summed_over_f_by_level():
    """No F is drawn: they are the mean over F, by its probabilities."""
    level = np.zeros((8, 3), dtype=int)
    outcome = np.full((8, 3), MISSING, dtype=np.int8)
    outcome[:2] = 1
    p_f = np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]], dtype=np.float32)
    seen = survey(
        _best_wins, None, 2, jax.random.key(0), {"p_f": p_f}, Levels(level), outcome, False
    )
    np.testing.assert_allclose(seen.expected, (2 + 6 * p_f) / 8, rtol=1e-6)


def _best_wins(key, draw, data):
    return jnp.stack([1 - draw["p_f"], 0 * draw["p_f"], draw["p_f"]], axis=-1)[None]


class Levels(NamedTuple):
    level: Any


def _of_draw(key, draw, data):
    return draw["probs"]
