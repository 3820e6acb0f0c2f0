"""How a prior's text is parsed."""

from __future__ import annotations

import re

import pytest

from bayessel.errors import BudgetError
from bayessel.priors import Prior
from bayessel.priors.parse import parse_prior
from bayessel.priors.prior import merge


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Normal(loc=0, scale=1.5)", ("Normal", {"loc": 0, "scale": 1.5})),
        (" Normal(0, 1.5)\n", ("Normal", {"loc": 0, "scale": 1.5})),
        ("Normal(0, scale=1.5)", ("Normal", {"loc": 0, "scale": 1.5})),
        ("Dirichlet([1, 2, 3])", ("Dirichlet", {"concentration": (1, 2, 3)})),
        ("Dirichlet(concentration=(1, 2, 3))", ("Dirichlet", {"concentration": (1, 2, 3)})),
        ("0.25", ("Fixed", {"value": 0.25})),
        ("[0.2, 0.3, 0.5]", ("Fixed", {"value": (0.2, 0.3, 0.5)})),
        ("Unheard(scale=1)", ("Unheard", {"scale": 1})),
    ],
)
def test_a_text_is_a_family_with_parameters_or_a_known_value(text, expected):
    assert parse_prior(text) == expected


@pytest.mark.parametrize("text", ["", "Normal", "Normal(", "Normal(loc=x)", "x.Normal(1)"])
def test_other_texts_are_refused_with_an_example(text):
    with pytest.raises(BudgetError, match=r"such as 'Normal\(loc=0, scale=1\)'"):
        parse_prior(text)


def test_nothing_in_a_text_is_run():
    with pytest.raises(BudgetError, match="expected a family"):
        parse_prior("Normal(loc=__import__('os').getpid(), scale=1)")


@pytest.mark.parametrize("text", ["uniform", "candidate-1", "Categorical({'a': 3"])
def test_of_f_the_message_says_what_f_takes(text):
    said = re.escape("expected Categorical({'NAME': WEIGHT, ...}); without one F is uniform")
    with pytest.raises(BudgetError, match=said):
        parse_prior(text, "F")
    with pytest.raises(BudgetError, match=said):
        merge({"F": Prior.parse("Categorical()")}, {"F": text})
    with pytest.raises(BudgetError, match=r"such as 'Normal\(loc=0, scale=1\)'"):
        parse_prior(text, "level")
