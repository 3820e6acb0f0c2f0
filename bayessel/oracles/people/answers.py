"""Answers that come back from a page in a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bayessel.errors import OutcomeError
from bayessel.oracles.people.desk import Desk
from bayessel.oracles.people.shown import MOST_NOTE, MOST_SECONDS, Choice, Said

KIND = "bayessel answers"
"""Marks a file of answers."""

VERSION = 1


def read_answers(source: Path) -> dict[str, Any] | None:
    """A file of answers; None where it is another kind of file.

    Raises
    ------
    OutcomeError
        It was written by a newer version, or is damaged.
    """
    if source.suffix.lower() != ".json" or not source.is_file():
        return None
    try:
        found = json.loads(source.read_text(encoding="utf-8"))
    except (ValueError, RecursionError, OSError):
        return None
    if not isinstance(found, dict) or found.get("kind") != KIND:
        return None
    if found.get("version") != VERSION:
        raise OutcomeError(
            f"{source} has answers of version {found.get('version')}: this bayessel reads "
            f"version {VERSION}"
        )
    if not isinstance(found.get("annotator"), str) or not isinstance(found.get("answers"), list):
        raise OutcomeError(f"{source} is damaged: expected an annotator and answers")
    return found


def parse_answers(found: dict[str, Any], where: Path) -> list[tuple[str, Said]]:
    """Public ids with what was said.

    Parameters
    ----------
    found
        From :func:`read_answers`.
    where
        The file, for messages.

    Raises
    ------
    OutcomeError
        An answer without an id, or with an unknown choice. Nothing is used then.
    """
    parsed = []
    for number, one in enumerate(found["answers"], start=1):
        try:
            seconds = one.get("seconds")
            said = Said(
                Choice(one["choice"]),
                str(one.get("note", ""))[:MOST_NOTE],
                None if seconds is None else min(max(float(seconds), 0.0), MOST_SECONDS),
            )
            parsed.append((str(one["id"]), said))
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
            raise OutcomeError(
                f"{where}, answer {number}: expected an id and a choice of {', '.join(Choice)}"
            ) from None
    return parsed


def take_answers(desk: Desk, found: dict[str, Any], where: Path) -> tuple[int, int]:
    """Take the answers of a file, all or none.

    Returns
    -------
    tuple
        How many are new, and how many were there before.

    Raises
    ------
    OutcomeError
        An answer is no answer, belongs to another run, or contradicts one that came before.
    """
    annotator, parsed = found["annotator"], parse_answers(found, where)
    before = 0
    for public_id, said in parsed:  # all are checked before the first is stored
        try:
            verdict = desk.question(annotator, public_id).verdict
        except OutcomeError:
            raise OutcomeError(
                f"{where}: its questions are not of this run: tell the answers to the run whose "
                "'bayessel page DIR --offline' wrote the file"
            ) from None
        if verdict is not None and verdict.text != said.choice:
            raise OutcomeError(
                f"{where}: a question has the answer {verdict.text} already, and {said.choice} "
                "here; nothing was stored"
            )
        before += verdict is not None
    for public_id, said in parsed:
        desk.answer(annotator, public_id, said)
    return len(parsed) - before, before
