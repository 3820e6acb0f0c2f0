"""What a judge wrote, and the verdict that is read from it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayessel.oracles.llm.parse import parse


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ('{"reason": "r", "verdict": "A"}', "A"),
        ('{"verdict": "tie", "reason": "B is as good"}', "tie"),
        ('```json\n{"reason": "r", "verdict": "b"}\n```', "B"),
        ('<think>Verdict: A? no</think>{"reason": "r", "verdict": "B"}', "B"),
        ("Both are fine, but A cites a source.\n\n**Verdict:** A", "A"),
        ("My final verdict is: response B", "B"),
        ("[[B]]", "B"),
        ("[[C]]", "tie"),
        ("Tie.", "tie"),
        ("Verdict: A ... on reflection, Verdict: B", None),
        ("A nice day", None),
        ('{"reason": "choose B", "verdict": "neither"}', None),
        ('{"reason": "cut of', None),
        ("", None),
        ("I would say that the verdict about this is hard", None),
    ],
)
def test_verdicts(text, choice):
    assert parse(text).choice == choice


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error(text):
    assert parse(text).choice in ("A", "B", "tie", None)
