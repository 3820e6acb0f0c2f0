"""Votes on turns of conversations: each turn is a query, with the turns before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bayessel.errors import DataError
from bayessel.support.text import short
from bayessel.tasks.readers.parts import conversation, headers, values
from bayessel.tasks.readers.parts.columns import Column
from bayessel.tasks.readers.parts.rows import Rows

_SIDES = (("conversation_a", "text_a"), ("conversation_b", "text_b"))


def with_turns(rows: Rows) -> Rows:
    """Votes with a query for each turn, and with the texts of their conversations.

    Where a query has votes on several turns (a column ``turn``), each is a query of its own,
    ``QUERY-tTURN``. Of ``conversation_a`` and ``conversation_b``, lists of messages, the query is
    what the user said and the response what the LLM said, up to that turn.

    Parameters
    ----------
    rows
        Of a table of votes.

    Raises
    ------
    DataError
        A turn is no number, or a conversation no list of messages.
    """
    called = headers.meanings(rows.columns, headers.VOTES, rows.source)
    turns = _turns(rows, called)
    columns, notes = dict(rows.columns), list(rows.notes)
    for meaning, text in _SIDES:
        if meaning not in called or text in called:
            continue
        header = called[meaning]
        told = [
            _messages(value, header, rows.at, i)
            for i, value in enumerate(rows.columns[header].tolist())
        ]
        upto: list[int | None] = [None] * len(rows) if turns is None else list(turns)
        said = list(zip(told, upto, strict=True))
        columns[headers.VOTES[text][0]] = Column.of(_answered(*one) for one in said)
        if "query_text" not in called and "query_text" not in columns:
            columns["query_text"] = Column.of(_asked(*one) for one in said)
        del columns[header]
    if turns is not None:
        queries = values.read_names(rows.columns[called["query_id"]], "query_id", rows.at).tolist()
        named = [f"{query}-t{turn}" for query, turn in zip(queries, turns, strict=True)]
        columns[called["query_id"]] = Column.of(named)
        del columns[called["turn"]]
        notes.append(f"each turn is a query of its own, such as {named[0]!r}")
    return replace(rows, columns=columns, notes=tuple(notes))


def _turns(rows: Rows, called: dict[str, str]) -> list[int] | None:
    """[R] turns from 1; None where no query has votes on several."""
    if not {"turn", "query_id"} <= called.keys():
        return None
    column, query = rows.columns[called["turn"]], rows.columns[called["query_id"]]
    pairs = set(zip(query.codes.tolist(), column.codes.tolist(), strict=True))
    if len(pairs) == len({code for code, _ in pairs}):
        return None
    return [int(turn) for turn in column.read(_turn, rows.at).tolist()]


def _turn(value: Any, where: object) -> int:
    number = values.number(value, "turn", where, "write 1, 2, ...")
    if number < 1 or number != int(number):
        raise DataError(f"{where}: turn is {short(value)}; write 1, 2, ...")
    return int(number)


def _messages(
    value: Any, header: str, at: Callable[[int], str], row: int
) -> list[tuple[str, str]] | None:
    if values.is_blank(value):
        return None
    found = conversation.messages(value)
    if found is None:
        raise DataError(
            f"{at(row)}: {header} is {short(value)}; expected a list of messages with role and "
            "content"
        )
    return found


def _parts(told: list[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """What the user said and what the LLM said."""
    user = [text for writer, text in told if conversation.ROLES.get(writer.lower()) == "User"]
    answers = [
        text for writer, text in told if conversation.ROLES.get(writer.lower()) == "Assistant"
    ]
    return user, answers


def _answered(told: list[tuple[str, str]] | None, turn: int | None) -> str | None:
    if told is None:
        return None
    prompts, answers = _parts(told)
    return conversation.answered(prompts, answers, turn or len(answers)) if answers else None


def _asked(told: list[tuple[str, str]] | None, turn: int | None) -> str | None:
    if told is None:
        return None
    prompts, _ = _parts(told)
    return conversation.asked(prompts, turn or len(prompts)) if prompts else None
