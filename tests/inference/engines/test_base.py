"""What all engines share: names, one signature, and a reason where they cannot fit a model."""

from __future__ import annotations

import inspect

import pytest

from bayessel.errors import DataError, UnknownNameError
from bayessel.inference.engines import ENGINES
from bayessel.inference.engines.base import (
    Engine,
    default_engine,
    engine_for,
    engine_named,
)
from bayessel.inference.load import load_model

OWN_FILE = """
from bayessel.models.item_response import PRIORS, numpyro_model, predict, prepare
"""


def settings(function):
    """Names of the parameters, and of those that must be given."""
    parameters = inspect.signature(function).parameters.values()
    required = [p.name for p in parameters if p.default is p.empty and p.name != "self"]
    return [p.name for p in parameters if p.name != "self"], required


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_has_the_shared_signature(name):
    engine = engine_named(name)
    names, required = settings(Engine.sample)
    own, own_required = settings(engine.sample)
    assert own[: len(names)] == names  # one of PyMC's samplers may be named after these
    assert own_required == required
    assert settings(engine.refusal) == settings(Engine.refusal)
    assert engine.STEPS_PER_DRAW >= 1


def test_an_unknown_engine_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'numpyro'"):
        engine_named("numpiro")


@pytest.mark.parametrize(
    ("engine", "model", "priors", "said"),
    [
        ("exact", "regression", None, "fits dual_parameter:paper"),
        ("exact", "dual_parameter", None, "no closed form"),
        ("exact", "dual_parameter:paper", {"rho_shared": "Dirichlet((1, 1, 1))"}, "rho fixed"),
        ("gibbs", "item_response", None, "it fits two_way and regression"),
        ("gibbs", "regression", {"level": "0.1"}, "takes Normal there"),
    ],
)
def test_an_engine_says_why_it_cannot_fit_a_model(engine, model, priors, said):
    with pytest.raises(DataError, match=said):
        engine_for(load_model(model, priors), engine)


def test_pymc_needs_a_twin(tmp_path):
    path = tmp_path / "no_twin.py"
    path.write_text(OWN_FILE)
    model = load_model(path)
    with pytest.raises(DataError, match="no pymc_model: use the engine numpyro"):
        engine_for(model, "pymc")
    assert engine_for(model, "numpyro") is engine_named("numpyro")


@pytest.mark.parametrize(
    ("model", "priors", "engine"),
    [
        ("regression", None, "gibbs"),
        ("regression", {"var_quality": "0.1"}, "gibbs"),
        ("regression", {"var_quality": "HalfNormal(0.1)"}, "numpyro"),
        ("dual_parameter:paper", None, "numpyro"),
    ],
)
def test_the_default_engine(model, priors, engine):
    assert default_engine(load_model(model, priors)) == engine
