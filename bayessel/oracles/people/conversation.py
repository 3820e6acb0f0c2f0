"""Texts as conversations: who says what, in order."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass

USER, ASSISTANT = "user", "assistant"
_TURN = re.compile(r"^(?P<stem>.+[-_]t)(?P<turn>[1-9]\d?)$")


@dataclass(frozen=True)
class Turn:
    """One message.

    Attributes
    ----------
    role
        Who says it: ``user``, ``assistant`` or another role that the text names.
    text
        What is said.
    """

    role: str
    text: str


def turns_of(text: str, role: str) -> list[Turn]:
    """A text as messages: a JSON list of ``role`` and ``content``, or one message.

    Parameters
    ----------
    text
        Of a query or of a response.
    role
        Whose the text is where it does not say it.
    """
    if text.lstrip().startswith("["):
        try:
            found = json.loads(text)
        except (json.JSONDecodeError, RecursionError):
            found = None
        if isinstance(found, list) and found and all(map(_is_message, found)):
            return [Turn(str(one["role"]), one["content"]) for one in found]
    return [Turn(role, text)]


def _is_message(value: object) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("role"), str)
        and isinstance(value.get("content"), str)
    )


def earlier_turns(query: str, queries: Collection[str]) -> list[str]:
    """Names of the queries that come before a query in its conversation, oldest first.

    The name of turn 2 ends with ``-t2`` or ``_t2``, as those of MT-Bench do.
    """
    named = _TURN.match(query)
    if named is None:
        return []
    before = [f"{named['stem']}{turn}" for turn in range(1, int(named["turn"]))]
    return before if all(name in queries for name in before) else []
