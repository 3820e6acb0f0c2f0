from __future__ import annotations

import numpy as np
import pytest
from numpyro import handlers

from bayessel.errors import BudgetError, UnknownNameError
from bayessel.models import dual_parameter, item_response
from bayessel.priors import FAMILIES, Prior, merge

EXAMPLES = [
    Prior("Beta", {"concentration1": 2.0, "concentration0": 3.0}),
    Prior("Categorical", {"weights": {"gpt-4": 3.0}, "other": 0.5}),
    Prior("Dirichlet", {"concentration": (1.0, 2.0, 3.0)}),
    Prior("Exponential", {"rate": 2.0}),
    Prior("Gamma", {"concentration": 2.0, "rate": 3.0}),
    Prior("HalfCauchy", {"scale": 0.7}),
    Prior("HalfNormal", {"scale": 0.7}),
    Prior("InverseGamma", {"concentration": 2.0, "rate": 0.5}),
    Prior("LogNormal", {"loc": -1.0, "scale": 0.5}),
    Prior("Normal", {"loc": 0.3, "scale": 2.0}),
    Prior("StudentT", {"df": 4.0, "loc": 0.3, "scale": 2.0}),
]


def test_every_family_has_an_example():
    assert {p.family for p in EXAMPLES} | {"Fixed"} == set(FAMILIES)


@pytest.mark.parametrize(
    "prior", [*EXAMPLES, *dual_parameter.PRIORS.values(), *item_response.PRIORS.values()], ids=str
)
def test_priors_are_data(prior):
    assert Prior.from_dict(prior.to_dict()) == prior
    assert Prior.parse(str(prior)) == prior


@pytest.mark.parametrize("prior", [e for e in EXAMPLES if e.family != "Categorical"], ids=str)
def test_both_backends_mean_the_same_density(prior):
    pm = pytest.importorskip("pymc")
    point = np.array([0.2, 0.3, 0.5]) if prior.family == "Dirichlet" else np.array(0.4)
    with pm.Model() as model:
        prior.pymc("x")
    theirs = pm.logp(model["x"], point).eval()
    assert float(prior.log_prob(point)) == pytest.approx(float(theirs), rel=1e-6)
    site = handlers.trace(handlers.seed(lambda: prior.numpyro("x"), 0)).get_trace()["x"]
    assert float(site["fn"].log_prob(point)) == pytest.approx(float(theirs), rel=1e-4)


def test_a_known_value_is_deterministic():
    pm = pytest.importorskip("pymc")
    prior = Prior.parse("(0.2, 0.3, 0.5)")
    assert prior.fixed
    site = handlers.trace(lambda: prior.numpyro("x")).get_trace()["x"]
    assert site["type"] == "deterministic"
    with pm.Model(coords={"level": ("loss", "draw", "win")}) as model:
        prior.pymc("x", dims="level")
    assert [v.name for v in model.deterministics] == ["x"]
    assert model.named_vars_to_dims["x"] == ("level",)
    assert prior.log_prob(np.zeros((7, 3))).shape == (7,)


def test_addends_share_the_prior_of_their_sum():
    """Means add, and so do variances."""
    each = Prior.parse("Normal(loc=0.7, scale=0.4)").shared(4)
    assert each.parameters["loc"] * 4 == pytest.approx(0.7)
    assert each.parameters["scale"] ** 2 * 4 == pytest.approx(0.16)
    assert Prior.parse("0.6").shared(3).value == pytest.approx(0.2)
    for same in ("Normal(loc=0.7, scale=0.4)", "HalfNormal(scale=2)", "LogNormal(loc=1, scale=1)"):
        prior = Prior.parse(same)
        assert prior.shared(1 if same.startswith("Normal") else 3) == prior


def test_unknown_families_and_parameters():
    with pytest.raises(UnknownNameError, match="did you mean 'Dirichlet'"):
        Prior("Dirichlett", {})
    with pytest.raises(BudgetError, match="loc, scale"):
        Prior("Normal", {"mu": 0.0})
    with pytest.raises(BudgetError, match=r"scale=-1.*positive"):
        Prior("Normal", {"loc": 0.0, "scale": -1})
    for text in ("Normal(", "Normal(loc=x)", "__import__('os')", ""):
        with pytest.raises((BudgetError, UnknownNameError)):
            Prior.parse(text)


def test_only_priors_that_exist_are_replaced():
    replaced = merge(item_response.PRIORS, {"band": "0.5", "level": "Normal(0, 2)"})
    assert replaced["band"].fixed
    assert replaced["level"].parameters == {"loc": 0, "scale": 2}
    assert item_response.PRIORS["band"].family == "LogNormal"
    with pytest.raises(UnknownNameError, match="did you mean 'band'"):
        merge(item_response.PRIORS, {"bandd": "1"})


def test_named_candidates_are_favoured():
    prior = Prior.parse("Categorical({'gpt-4': 3})")
    assert prior == Prior("Categorical", {"weights": {"gpt-4": 3}, "other": 1.0})
    assert prior.weights(("a", "gpt-4", "b")).tolist() == [1, 3, 1]
    assert Prior.parse("Categorical()").weights(("a", "b")).tolist() == [1, 1]
    other = Prior.parse("Categorical(other=2, weights={'a': 1})")
    assert other.weights(("a", "b")).tolist() == [1, 2]
    with pytest.raises(UnknownNameError, match="candidate in the prior of F 'gpt-4': did you mean"):
        prior.weights(("a", "gpt-4o"))


@pytest.mark.parametrize(
    "text",
    [
        "Categorical({'a': 0})",
        "Categorical({'a': -1})",
        "Categorical({'a': 'much'})",
        "Categorical({'a': 1}, other=0)",
        "Categorical((1, 2))",
        "Categorical({1: 2})",
    ],
)
def test_weights_that_are_none_are_refused(text):
    with pytest.raises(BudgetError, match="Categorical"):
        Prior.parse(text)
