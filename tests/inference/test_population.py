from __future__ import annotations

import jax
import numpy as np
import pytest

from bayessel.inference.population import best_shares, complete, draw_outcomes, p_within
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
