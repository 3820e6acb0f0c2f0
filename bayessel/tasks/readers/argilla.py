"""Argilla's records: ``dataset.records.to_json(path)``, flattened lists, and those of Argilla 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bayessel.support.text import count
from bayessel.tasks.readers.base import Reader, ReadOptions
from bayessel.tasks.readers.parts.annotations import Answer, Item, annotated_tables
from bayessel.tasks.readers.parts.files import read_records
from bayessel.tasks.readers.parts.marks import any_like, files_of, marks, source_of
from bayessel.tasks.readers.parts.objects import inside, require_objects
from bayessel.tasks.readers.parts.scored import USES
from bayessel.tasks.tables import Tables

RECORD = ("fields", "responses", "suggestions")
USERS = ".responses.users"
"""How the keys end that say who answered, in a flattened record."""

UNFINISHED = ("discarded", "draft")


def detect(path: Path) -> bool:
    """Whether a path holds records of Argilla."""
    return any_like(path, "*.json", _is_records)


def _is_records(file: Path) -> bool:
    found = marks(file)
    if not found.is_array:
        return False
    return found.has(*RECORD) or any(key.endswith(USERS) for key in found.keys[0])


def read(path: Path, options: ReadOptions) -> Tables:
    """Read a file or a folder; see :func:`read_many`."""
    return read_many([path], options)


def read_many(paths: Sequence[Path], options: ReadOptions) -> Tables:
    """Read the answers to a rating, a label (preference) or a ranking question.

    Fields or metadata say which LLM wrote a response: ``model``, or ``model_a`` and ``model_b``.
    Answers that were discarded, or are drafts, are left out. Suggestions are not read.
    """
    items: list[Item] = []
    unfinished = 0
    for file in files_of(paths, "*.json"):
        if not _is_records(file):
            continue
        for number, record in enumerate(read_records(file), start=1):
            answers = list(_answers(record, f"{file}, record {number}"))
            kept = [a for a, status in answers if status not in UNFINISHED and a.value is not None]
            unfinished += len(answers) - len(kept)
            name = record.get("id") or record.get("external_id") or len(items) + 1
            items.append(Item(str(name), _fields(record), kept))
    notes = [f"left out {count(unfinished, 'answer')} not submitted"] if unfinished else []
    return annotated_tables(items, source_of(paths), options, "Argilla", notes)


def _fields(record: dict[str, Any]) -> dict[str, Any]:
    if "fields" not in record:
        return {key: value for key, value in record.items() if "." not in key}
    return {**(record.get("metadata") or {}), **(record["fields"] or {})}


def _answers(record: dict[str, Any], where: str) -> Iterator[tuple[Answer, str | None]]:
    """Answers of a record and whether they were submitted, where it says so."""
    if "fields" not in record:
        yield from _flattened(record)
        return
    given = record.get("responses") or {}
    if isinstance(given, dict):
        for question, told in given.items():
            for one in require_objects(told, f"{where}, responses"):
                yield Answer(question, str(one.get("user_id")), one.get("value")), one.get("status")
        return
    for one in require_objects(given, f"{where}, responses"):  # Argilla 1: by person
        for question, told in (one.get("values") or {}).items():
            answer = Answer(question, str(one.get("user_id")), inside(told, "value"))
            yield answer, one.get("status")


def _flattened(record: dict[str, Any]) -> Iterator[tuple[Answer, str | None]]:
    for key in [k for k in record if k.endswith(USERS)]:
        question = key.removesuffix(USERS)
        users = record[key] or []
        told = record.get(f"{question}.responses") or []
        statuses = record.get(f"{question}.responses.status") or [None] * len(users)
        for user, value, status in zip(users, told, statuses, strict=False):
            yield Answer(question, str(user), value), status


READER = Reader(
    description="Argilla's records (records.to_json) with ratings, preferences or rankings",
    uses=USES,
    detect=detect,
    read=read,
    read_many=read_many,
)
