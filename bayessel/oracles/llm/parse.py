"""From what a judge wrote to its verdict. What is not sure is no verdict.

1. A JSON object with a key ``verdict``, alone or in a code fence, as the prompt asks for.
2. Else marks such as ``Verdict: A`` or ``[[B]]``; where two differ, there is no verdict.
3. Else an answer that is one word, such as ``A`` or ``tie``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

Choice = Literal["A", "B", "tie"]

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "reason": {"type": "string", "description": "one or two sentences"},
        "verdict": {"type": "string", "enum": ["A", "B", "tie"]},
    },
    "required": ["reason", "verdict"],
    "additionalProperties": False,
}
"""JSON schema of an answer: the reason comes first, so that the verdict follows from it."""

_WORDS: dict[str, Choice] = {
    "a": "A",
    "b": "B",
    "c": "tie",
    "tie": "tie",
    "draw": "tie",
    "equal": "tie",
    "response a": "A",
    "response b": "B",
}
_THOUGHTS = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"```(?:json)?\s*(\{.*?\})\s*```", re.DOTALL | re.IGNORECASE)
_MARKS = re.compile(
    r"\[\[\s*(?P<marked>A|B|C|tie)\s*\]\]"
    r"|\b(?:final\s+)?verdict\W{1,6}(?:is\W{1,3})?(?P<said>response\s+[AB]|[AB]|tie|draw)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Answer:
    """What a judge's text says.

    Attributes
    ----------
    choice
        ``A``, ``B`` or ``tie``; None where it says none.
    reason
        The judge's; or why there is no verdict.
    """

    choice: Choice | None
    reason: str


def parse(text: str) -> Answer:
    """Read a judge's text."""
    said = _THOUGHTS.sub("", text).strip()
    if not said:
        return Answer(None, "the answer is empty")
    found = _object(said)
    if found is not None:
        if isinstance(found.get("verdict"), str):
            choice = _word(found["verdict"])
            if choice is not None:
                return Answer(choice, str(found.get("reason") or ""))
        return Answer(None, "the answer is JSON without a verdict A, B or tie")
    marks = {_word(mark["marked"] or mark["said"]) for mark in _MARKS.finditer(said)}
    if len(marks) > 1:
        return Answer(None, "the answer names two verdicts")
    if marks:
        return Answer(marks.pop(), said)
    choice = _word(said)
    return Answer(choice, "" if choice else "there is no verdict in the answer")


def _object(said: str) -> dict[str, Any] | None:
    """The JSON object that an answer is, or has in a code fence."""
    fenced = _FENCE.findall(said)
    for text in (said, *fenced[-1:]):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            return found
    return None


def _word(text: str) -> Choice | None:
    return _WORDS.get(" ".join(text.lower().strip(" \t\n.*`'\"()").split()))
