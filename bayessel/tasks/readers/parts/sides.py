"""Which LLM wrote which response, in one record about several: ``model_a``, ``answer_2``, ``left``.

Annotation tools know fields and nothing of LLMs, so people name the fields. A name is read by its
words: one that says what the field holds and, where there are several responses, one that says of
which.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from bayessel.tasks.readers.parts.objects import text_of

LLM = frozenset({"model", "candidate", "llm", "generator"})
RESPONSE = frozenset({"response", "answer", "output", "completion", "generation", "text"})
QUERY_IDS = ("query_id", "question_id", "prompt_id")
QUERY_TEXTS = ("query_text", "query", "prompt", "instruction", "question", "input")
TIES = frozenset({"tie", "draw", "both", "equal", "same", "neither", "equally", "similar"})
_FILLING = frozenset({"name", "id", "is", "better", "best", "the"})
_SIDES = {"left": 1, "right": 2, **{letter: i for i, letter in enumerate("abcdefgh", start=1)}}

TIE = -1
"""In place of a position: no response is better than the other."""


@lru_cache(maxsize=4096)
def words(name: str) -> tuple[str, ...]:
    """Words of a name in lower case, numbers apart: ``model1``, ``Model-1`` are model and 1."""
    return tuple(re.findall(r"[a-z]+|\d+", name.lower()))


def side_in(name: str) -> int | None:
    """Position of the response that a name points to; None where it points to none.

    A number is the position itself; A and left are 1. A letter or number counts where it stands
    last, or beside a word for LLMs or responses: ``is_a_helpful`` points to no response.
    """
    said = [w for w in words(name) if w not in _FILLING]
    known = [
        int(word) if word.isdigit() else _SIDES[word]
        for i, word in enumerate(said)
        if _is_side(word)
        and (
            len(word) > 2 or i == len(said) - 1 or {*said[max(i - 1, 0) : i + 2]} & (LLM | RESPONSE)
        )
    ]
    return known[0] if len(known) == 1 else None


def _is_side(word: str) -> bool:
    return word in _SIDES or (word.isdigit() and len(word) < 3)


def llms(fields: Mapping[str, Any]) -> dict[int, str]:
    """Names of the LLMs that wrote the responses of a record, by position."""
    return {side: name for side, name in _by_side(fields, LLM, LLM | RESPONSE) if name}


def responses(fields: Mapping[str, Any]) -> dict[int, str]:
    """The responses of a record, by position."""
    return dict(_by_side(fields, RESPONSE, RESPONSE))


def single(fields: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """LLM and response of a record about one response; None where they are not there."""
    return _called(fields, LLM), _called(fields, RESPONSE)


def _called(fields: Mapping[str, Any], meaning: frozenset[str]) -> str | None:
    """The first text in a field whose name is of one word of this meaning."""
    for name, value in fields.items():
        of = set(words(name)) - _FILLING
        text = text_of(value) if len(of) == 1 and of <= meaning else None
        if text:
            return text
    return None


def query(fields: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Name and text of a record's query; None where they are not there."""
    named = next((fields[key] for key in QUERY_IDS if fields.get(key) is not None), None)
    texts = (text_of(fields[key]) for key in QUERY_TEXTS if fields.get(key) is not None)
    return (None if named is None else str(named)), next((t for t in texts if t), None)


def preferred(value: str, names: Mapping[int, str]) -> int | None:
    """Position that a verdict names, or :data:`TIE`; None where it is no verdict.

    Parameters
    ----------
    value
        A position (``left``, ``response 2``, ``A``), an LLM's name, or a word for a tie.
    names
        The LLMs by position.
    """
    for position, name in names.items():
        if value == name:
            return position
    said = set(words(value))
    if said & TIES:
        return TIE
    others = {w for w in said - LLM - RESPONSE - _FILLING if not _is_side(w)}
    side = side_in(value)
    return side if side in names and not others else None


def _by_side(
    fields: Mapping[str, Any], meaning: frozenset[str], allowed: frozenset[str]
) -> Iterator[tuple[int, str]]:
    for name, value in fields.items():
        side, text = side_in(name), text_of(value)
        of = {w for w in words(name) if not _is_side(w)} - _FILLING
        if side is not None and text is not None and of & meaning and of <= allowed:
            yield side, text
