from __future__ import annotations

import pytest

from bayessel.errors import BudgetError, UnknownNameError
from bayessel.inference.load import load_model
from bayessel.models import MODELS
from bayessel.priors import Prior

INSIDE = [
    ("regression", "level=Beta(1, 2)"),
    ("regression", "level=-3"),
    ("regression", "var_quality=HalfNormal(1)"),
    ("regression", "var_quality=0.1"),
    ("regression", "drawing=0.2"),
    ("item_response", "sd_quality=0"),  # a half-normal allows 0
    ("item_response:plain", "sd_band=HalfNormal(0.5)"),
    ("dual_parameter", "eps=(0.2, 0.3, 0.5)"),
    ("dual_parameter:shared-rate", "rho_shared=Dirichlet((1, 2, 3))"),
    ("dual_parameter:paper", "F=Categorical({'a': 2})"),
    ("judge_channel", "correlation=0.5"),  # the file learns it nowhere: nothing is known
]
OUTSIDE = [
    ("regression", "F=Categorical()", "F has no prior of its own; take a model in which"),
    ("item_response:plain", "F=Categorical()", "F is a parameter: dual_parameter"),
    ("dual_parameter", "F=0.3", "F is a candidate; give Categorical"),
    ("dual_parameter", "F=Normal(0, 1)", "F is a candidate; give Categorical"),
    ("dual_parameter", "eps=Categorical()", "eps is 3 positive rates"),
    ("regression", "var_quality=Normal(0, 1)", "var_quality is positive"),
    ("regression", "var_quality=StudentT(4, 0, 1)", "var_quality is positive"),
    ("regression", "var_quality=-1", "var_quality is positive"),
    ("regression", "var_quality=0", "var_quality is positive"),
    ("regression", "var_quality=(0.1, 0.2)", "var_quality is positive"),
    ("regression", "var_quality=Gamma((1, 2), 1)", "var_quality is positive"),
    ("regression", "level=(0, 0)", "level is one number"),
    ("regression", "level=Dirichlet((1, 1, 1))", "level is one number"),
    ("regression", "drawing=Gamma(1, 1)", "drawing is between 0 and 1; give a known value of that"),
    ("regression", "drawing=1", "drawing is between 0 and 1"),
    ("item_response", "sd_quality=-0.1", "sd_quality is 0 or more"),
    ("item_response", "sd_quality=Normal(0, 1)", "or Beta, Exponential, Gamma, HalfCauchy"),
    ("dual_parameter", "eps=Dirichlet((1, 1))", "eps is 3 positive rates that sum to 1"),
    ("dual_parameter", "eps=(0.2, 0.3, 0.6)", "eps is 3 positive rates"),
    ("dual_parameter", "eps=(-0.2, 0.6, 0.6)", "or Dirichlet"),
    ("dual_parameter", "eps=Beta(1, 1)", "eps is 3 positive rates"),
    ("dual_parameter:paper", "rho_shared=0.3", "rho_shared is 3 positive rates"),
]


def split(text: str) -> dict[str, str]:
    name, _, prior = text.partition("=")
    return {name: prior}


@pytest.mark.parametrize(("model", "text"), INSIDE)
def test_narrower_priors_and_values_inside_are_taken(model, text):
    given = split(text)
    assert load_model(model, given).priors[next(iter(given))] == Prior.parse(text.split("=", 1)[1])


@pytest.mark.parametrize(("model", "text", "said"), OUTSIDE)
def test_wider_priors_and_values_outside_are_refused(model, text, said):
    with pytest.raises(BudgetError) as refused:
        load_model(model, split(text))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_was_replaced_before_does_not_matter():
    narrow = load_model("regression", {"level": "Beta(1, 2)"})
    assert load_model(narrow, {"level": "Normal(0, 2)"}).priors["level"].family == "Normal"
    known = load_model("regression", {"var_quality": "0.1"})
    with pytest.raises(BudgetError, match="var_quality is positive"):
        load_model(known, {"var_quality": "Normal(0, 1)"})
    with pytest.raises(UnknownNameError, match="did you mean 'level'"):
        load_model(known, {"levle": "Normal(0, 1)"})


@pytest.mark.parametrize("model", MODELS)
def test_every_model_takes_its_own_priors(model):
    own = load_model(model)
    assert load_model(model, own.priors).priors == own.priors
    for variant in getattr(own.module, "VARIANTS", {}):
        other = load_model(f"{model}:{variant}")
        assert load_model(f"{model}:{variant}", other.priors).priors == other.priors
