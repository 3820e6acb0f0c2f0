"""What the metric of the moves is made of."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from bayessel.inference.carried.hamiltonian import ordered, variance


@pytest.mark.parametrize("count", [1, 2, 3, 8, 20, 64, 100])
def test_columns_in_order(count):
    rows = np.random.default_rng(count).normal(size=(count, 5)).round(1)  # some tie
    found = np.asarray(ordered(jnp.asarray(rows)))
    np.testing.assert_array_equal(found, np.sort(rows.astype(found.dtype), axis=0))


@pytest.mark.parametrize("count", [8, 20, 64])
def test_variance_from_quartiles(count):
    rows = np.random.default_rng(count).normal(size=(count, 5))
    rows[3] = 1e6  # one astray
    low, high = np.quantile(rows, [0.25, 0.75], axis=0)
    expected = ((high - low) / 1.349) ** 2 + 1e-6
    np.testing.assert_allclose(variance(jnp.asarray(rows)), expected, rtol=1e-3)
