"""Programs whose normal effects are centred to some degree: the same posterior elsewhere."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpyro.infer.util import potential_energy

from bayessel.evidence import Evidence
from bayessel.inference.hamiltonian import from_prior
from bayessel.inference.model import load_model
from bayessel.inference.nuts import Program
from bayessel.inference.parametrization import Parametrization, normal_effects
from bayessel.inference.runtime import precision
from known_judges import base, noise, rows, with_judges


@pytest.mark.parametrize(
    ("name", "effects"),
    [
        ("item_response", ("ease",)),
        ("dual_parameter", ("tilt",)),
        ("dual_parameter:paper", ()),
        ("judge_channel", ()),
    ],
)
@pytest.mark.parametrize("n_rows", [0, 6])
def test_effects_are_normal_given_other_sites(name, effects, n_rows):
    program = Program(load_model(name))
    with precision(double=True):
        assert normal_effects(program, _data(program, n_rows)) == effects


@pytest.mark.parametrize("centred", [0.0, 0.4, 1.0])
def test_item_response_elsewhere(centred):
    """There and back; a density ``scale^(1 - c)`` times as high for each effect."""
    program = Program(load_model("item_response"))
    with precision(double=True):
        data = _data(program, 6)
        position = from_prior(program, jax.random.split(jax.random.key(0), 50), data)
        way = Parametrization(program, normal_effects(program, data), jnp.asarray(centred))
        inside = way.enter(position, data)
        back = way.leave(inside, data)
        here, there = (
            jax.vmap(lambda p, run=run: potential_energy(run, (data,), {}, p))(at)
            for run, at in ((program, position), (way, inside))
        )
    assert inside["ease_decentered"].shape == position["ease"].shape
    assert back.keys() == position.keys()
    for k, value in back.items():
        np.testing.assert_allclose(value, position[k], atol=1e-9)
    volume = (1 - centred) * 6 * np.asarray(position["sd_difficulty"])  # a logarithm
    np.testing.assert_allclose(here - there, volume, rtol=1e-7, atol=1e-7)


def _data(program, n_rows):
    task = base(n_queries=30, n_models=4)
    task = with_judges(task, x=task.outcome + noise(task, 1), y=noise(task, 2))
    return jax.tree.map(jnp.asarray, program.model.prepare(Evidence.of(task, rows(task, n_rows))))
