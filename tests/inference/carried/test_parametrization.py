"""Programs whose normal effects are centred to some degree: the same posterior elsewhere."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpyro.infer.util import potential_energy

from bayessel.inference.carried.hamiltonian import from_prior
from bayessel.inference.carried.parametrization import Parametrization, normal_effects
from bayessel.inference.engines.nuts import Program
from bayessel.inference.evidence import Evidence
from bayessel.inference.load import load_model
from bayessel.inference.runtime import precision
from bayessel.models.item_response import centring
from known_weak_judges import base, noise, rows, with_scores


@pytest.mark.parametrize(
    ("name", "effects"),
    [
        ("item_response", ("ease",)),
        ("dual_parameter", ("tilt",)),
        ("dual_parameter:paper", ()),
        ("judge_channel", ("confusion_contrast",)),
    ],
)
@pytest.mark.parametrize("n_rows", [0, 6])
def test_effects_are_normal_given_other_sites(name, effects, n_rows):
    program = Program(load_model(name))
    with precision(double=True):
        assert normal_effects(program, _data(program, n_rows)) == effects


@pytest.mark.slow
@pytest.mark.parametrize("name", ["item_response", "dual_parameter"])
@pytest.mark.parametrize("centred", [0.0, 0.4, 1.0])
def test_there_and_back(name, centred):
    _, position, _, inside, back = _moved(name, centred)
    assert inside.keys() != position.keys() == back.keys()
    for k, value in back.items():
        np.testing.assert_allclose(value, position[k], atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("centred", [0.0, 0.4, 1.0])
def test_density_elsewhere(centred):
    """It is ``scale^(1 - c)`` times as high for each effect of that scale."""
    data, position, way, inside, _ = _moved("item_response", centred)
    with precision(double=True):
        here, there = (
            jax.vmap(lambda p, run=run: potential_energy(run, (data,), {}, p))(at)
            for run, at in ((way.program, position), (way, inside))
        )
    log_scale = np.asarray(position["sd_difficulty"])[:, None] * centring(
        np.asarray(np.abs(data.outcome) <= 1)
    )
    volume = (1 - centred) * log_scale.sum(axis=1)
    np.testing.assert_allclose(here - there, volume, rtol=1e-7, atol=1e-7)


def _moved(name, centred):
    """Fifty positions, what they are elsewhere, and those back."""
    program = Program(load_model(name))
    with precision(double=True):
        data = _data(program, 6)
        position = from_prior(program, jax.random.split(jax.random.key(0), 50), data)
        way = Parametrization(program, normal_effects(program, data), jnp.asarray(centred))
        inside = way.enter(position, data)
        return data, position, way, inside, way.leave(inside, data)


def _data(program, n_rows):
    task = base(n_queries=30, n_candidates=4)
    task = with_scores(task, x=task.recorded + noise(task, 1), y=noise(task, 2))
    return jax.tree.map(jnp.asarray, program.model.prepare(Evidence.of(task, rows(task, n_rows))))
