"""Values that differ by rounding only are tied."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from bayessel.support.ties import TIE, highest, pick_highest


@pytest.mark.parametrize("array", [np.array, jnp.array])
def test_the_highest_along_an_axis(array):
    values = array([[1.0, 3.0, 2.0], [5.0, 5.0, -np.inf]])
    assert highest(values).tolist() == [[False, True, False], [True, True, False]]
    assert highest(values, axis=0).tolist() == [[False, False, True], [True, True, False]]


def test_rounding_does_not_break_a_tie_and_a_difference_does():
    assert highest(np.array([1.0, 1.0 - TIE / 2, 1.0 - 3 * TIE])).tolist() == [True, True, False]
    assert highest(np.array([1.0, 0.9]), tolerance=0.2).tolist() == [True, True]


def test_ties_are_broken_at_random_all_as_likely():
    rng = np.random.default_rng(0)
    values = np.array([0.1 + 0.2, 0.0, 0.3, 0.3])
    picked = np.bincount([pick_highest(rng, values) for _ in range(3000)], minlength=4)
    assert picked[1] == 0
    assert (np.abs(picked[[0, 2, 3]] - 1000) < 5.3 * np.sqrt(3000 * 2 / 9)).all()  # 1e-7 by chance


def test_only_available_positions_are_picked():
    rng = np.random.default_rng(0)
    available = np.array([True, False, True, False])
    picked = {pick_highest(rng, np.array([2.0, 9.0, 2.0, 9.0]), available) for _ in range(60)}
    assert picked == {0, 2}
