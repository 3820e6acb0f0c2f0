from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayessel.errors import BayesselError, OutcomeError, UnknownNameError
from bayessel.outcomes import Outcome
from bayessel.selection.answers import Answer, Names, parse_answer

NAMES = Names(("q1", "q2"), ("a", "b", "c"), "base")


def test_words_numbers_and_sequences_are_one_answer():
    by_name = parse_answer(NAMES, "q1", {"a": "Win", "b": 0.0, "c": "-1"})
    in_order = parse_answer(NAMES, "q1", [1, "tie", Outcome.LOSS])
    assert by_name == in_order
    assert dict(by_name.outcomes) == {"a": Outcome.WIN, "b": Outcome.DRAW, "c": Outcome.LOSS}


@pytest.mark.parametrize(
    ("query", "outcomes", "error", "said"),
    [
        ("q3", {"a": 1}, UnknownNameError, "unknown query 'q3'"),
        ("q1", {}, OutcomeError, "no outcomes"),
        ("q1", [], OutcomeError, "0 outcomes for 3 candidates"),
        ("q1", {"base": 1}, OutcomeError, "is the baseline"),
        ("q1", {"d": 1}, UnknownNameError, "unknown candidate 'd'"),
        ("q1", {"a": None, "b": " "}, OutcomeError, "every outcome is empty"),
        ("q1", {"a": 1, " a": 0}, OutcomeError, "'a' stands twice"),
        ("q1", "win", OutcomeError, "give a mapping"),
        ("q1", None, OutcomeError, "give a mapping"),
    ],
)
def test_what_does_not_fit_is_refused(query, outcomes, error, said):
    with pytest.raises(error, match=said):
        parse_answer(NAMES, query, outcomes)


@given(st.dictionaries(st.sampled_from("abcd"), st.sampled_from([1, "x", True, "loss", 0.5])))
def test_an_answer_is_sound_or_refused(outcomes):
    try:
        answer = parse_answer(NAMES, "q2", outcomes)
    except BayesselError:
        wrong = [value for value in outcomes.values() if value in ("x", 0.5) or value is True]
        assert not outcomes or set(outcomes) - set("abc") or wrong
    else:
        assert set(answer.outcomes) == set(outcomes) <= set("abc")
        assert all(isinstance(outcome, Outcome) for outcome in answer.outcomes.values())


def test_names_and_empty_outcomes_are_read_as_in_files():
    names = Names(("caf\u00e9", "7"), ("a", "b"), "base")
    said = {" a\u200b": "win", "b": None}
    assert parse_answer(names, "cafe\u0301 ", said) == Answer("caf\u00e9", {"a": Outcome.WIN})
    for nothing in (float("nan"), np.float32("nan"), pd.NA, pd.NaT, None, " "):
        assert parse_answer(names, 7, [nothing, 0]) == Answer("7", {"b": Outcome.DRAW})
    with pytest.raises(OutcomeError, match="unknown outcome"):
        parse_answer(names, 7, {"a": np.zeros(2)})
