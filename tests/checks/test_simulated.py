"""The check that simulates from a result's model sees what no check of one result can."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr

from bayessel.checks.simulated import check_simulated
from bayessel.checks.simulation.many_fits import Design
from bayessel.inference.load import load_model
from bayessel.pictures.checks import picture_of

SMALL = Design(n_queries=12, n_candidates=3, rows=5, simulations=60, draws=40, transitions=60)
OWN = '''
"""Rates of each candidate, its cells independent."""

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist

from bayessel.outcomes import counts
from bayessel.priors import Prior

PRIORS = {{"common": Prior("Dirichlet", {{"concentration": (2.0, 2.0, 2.0)}})}}


class Data(NamedTuple):
    counts: Any
    shape: Any


def prepare(evidence):
    return Data(counts(evidence.outcome).astype(float), evidence.outcome)


def numpyro_model(data, priors=PRIORS):
    common = priors["common"].numpyro("common")
    with numpyro.plate("candidate", len(data.counts)):
        rates = numpyro.sample("rates", dist.Dirichlet(6.0 * common))
    numpyro.factor("outcome", {weight} * (data.counts * jnp.log(jnp.maximum(rates, 1e-30))).sum())


def predict(key, draw, data):
    return jnp.broadcast_to(draw["rates"], (*data.shape.shape, 3))
'''


def result(model: str, **attrs: str) -> xr.DataTree:
    """A result that says its model."""
    tree = xr.DataTree()
    tree.attrs = {"model": model, **attrs}
    return tree


@pytest.mark.parametrize(("weight", "passed"), [(1.0, True), (3.0, False)])
def test_a_likelihood_that_counts_three_times_fails(tmp_path, weight, passed) -> None:
    """A right model is refused once in a hundred seeds; this seed is fixed."""
    path = tmp_path / f"own_{weight:.0f}.py"
    path.write_text(OWN.format(weight=weight), encoding="utf-8")
    found = check_simulated(result(str(path)), SMALL, model=path)
    assert found.passed is passed, found.text
    assert ("does not rank evenly" in found.text) is not passed
    assert found.table.shape == (6, 2)
    assert picture_of(found) is not None
    assert len(picture_of(found).axes) == 6


def test_the_priors_of_the_result_are_simulated() -> None:
    """Under them, and by its engine: the closed form takes a second."""
    priors = load_model("dual_parameter:paper", {"eps": "Dirichlet((6, 2, 2))"}).priors
    text = json.dumps({k: v.to_dict() for k, v in priors.items()})
    given = result("dual_parameter:paper", engine="exact", priors=text)
    design = Design(simulations=100, draws=100)
    found = check_simulated(given, design)
    assert found.passed
    own = check_simulated(result("dual_parameter:paper", engine="exact"), design)
    assert not np.array_equal(found.table, own.table)


def test_what_cannot_be_simulated_is_said(tmp_path) -> None:
    assert check_simulated(xr.DataTree()).passed is None
    path = tmp_path / "votes.py"
    path.write_text(
        "from bayessel.models.dual_parameter import (\n"
        "    DIMS, PRIORS, log_likelihood, numpyro_model, predict, prepare\n)\n",
        encoding="utf-8",
    )
    found = check_simulated(result(str(path)), SMALL, model=path)
    assert found.passed is None
    assert "cannot be simulated" in found.text
