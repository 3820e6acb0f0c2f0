"""Numbers of ``dual_parameter`` where its parameters are extreme."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bayessel.inference.carried.hamiltonian import constrained, from_prior
from bayessel.inference.engines.nuts import Program
from bayessel.inference.evidence import Evidence
from bayessel.inference.load import load_model
from bayessel.inference.runtime import precision
from known_weak_judges import base, noise, rows, with_scores


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dual_parameter", "dual_parameter:paper"])
@pytest.mark.parametrize("n_rows", [0, 12])
def test_rates_that_round_to_zero_are_numbers(name: str, n_rows: int) -> None:
    """In single precision a share of e^-80 makes a rate 0, whose log times 0 draws is no number."""
    task = base(n_queries=30, n_candidates=5)
    task = with_scores(task, x=noise(task, 1), y=task.recorded + noise(task, 2))
    program = Program(load_model(name))
    with precision(double=False):
        data = program.model.prepare(Evidence.of(task, rows(task, n_rows)))
        data = jax.tree.map(jnp.asarray, data)
        position = from_prior(program, jax.random.split(jax.random.key(0), 200), data)
        spread = jnp.logspace(0, 1.6, 200)
        position = {  # up to forty times as far out as the prior goes
            k: v * spread.reshape(-1, *[1] * (v.ndim - 1)) for k, v in position.items()
        }
        draws = constrained(program, position, data)
        probs = jax.vmap(program.model.predict, (0, 0, None))(
            jax.random.split(jax.random.key(1), 200), draws, data
        )
        assert position["eps"].dtype == jnp.float32
    assert np.asarray(draws["eps"]).min() < 1e-9  # it was put to the test
    np.testing.assert_allclose(np.asarray(draws["p_f"]).sum(axis=1), 1, atol=1e-4)
    np.testing.assert_allclose(np.asarray(probs).sum(axis=-1), 1, atol=1e-4)
