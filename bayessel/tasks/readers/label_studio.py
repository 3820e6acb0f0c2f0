"""Label Studio's JSON export: tasks with the annotations of people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bayessel.support.text import count
from bayessel.tasks.readers.base import Reader, ReadOptions
from bayessel.tasks.readers.parts.annotations import Answer, Item, annotated_tables
from bayessel.tasks.readers.parts.files import read_records
from bayessel.tasks.readers.parts.marks import any_like, files_of, marks, source_of
from bayessel.tasks.readers.parts.objects import inside, require_object, require_objects
from bayessel.tasks.readers.parts.scored import USES
from bayessel.tasks.tables import Tables

VALUES = {"pairwise": "selected", "rating": "rating", "number": "number", "choices": "choices"}
"""Where each kind of control keeps its value."""


def detect(path: Path) -> bool:
    """Whether a path is an export of Label Studio, or holds one."""
    return any_like(path, "*.json", _is_export)


def _is_export(file: Path) -> bool:
    found = marks(file)
    return found.is_array and found.has("annotations", "data") and found.has("result", depth=1)


def read(path: Path, options: ReadOptions) -> Tables:
    """Read a file or a folder; see :func:`read_many`."""
    return read_many([path], options)


def read_many(paths: Sequence[Path], options: ReadOptions) -> Tables:
    """Read what people said in Pairwise, Rating, Number and (single) Choices.

    The task's data say which LLM wrote a response: ``model``, or ``model_a`` and ``model_b``.
    Annotations that were cancelled are left out. Predictions are not read.
    """
    items: list[Item] = []
    cancelled = 0
    for file in files_of(paths, "*.json"):
        if not _is_export(file):
            continue
        for number, task in enumerate(read_records(file), start=1):
            where = f"{file}, task {number}"
            data = require_object(task.get("data"), f"{where}, data")
            given = require_objects(task.get("annotations"), f"{where}, annotations")
            kept = [a for a in given if not a.get("was_cancelled")]
            cancelled += len(given) - len(kept)
            answers = [answer for a in kept for answer in _answers(a, where)]
            items.append(Item(str(task.get("id", len(items) + 1)), data, answers))
    notes = [f"left out {count(cancelled, 'cancelled annotation')}"] if cancelled else []
    return annotated_tables(items, source_of(paths), options, "Label Studio", notes)


def _answers(annotation: dict[str, Any], where: str) -> Iterator[Answer]:
    who = annotation.get("completed_by")
    who = inside(who, "email") or inside(who, "id") if isinstance(who, dict) else who
    for result in require_objects(annotation.get("result"), f"{where}, result"):
        kind = str(result.get("type"))
        value = inside(result, "value", VALUES.get(kind, kind))
        if kind == "choices":
            value = value[0] if isinstance(value, list) and len(value) == 1 else None
        if kind in VALUES and value is not None:
            about = result.get("to_name")
            about = str(about) if kind in ("rating", "number") else ""
            yield Answer(str(result.get("from_name")), str(who), value, about)


READER = Reader(
    description="Label Studio's JSON export with pairwise choices or ratings",
    uses=USES,
    detect=detect,
    read=read,
    read_many=read_many,
)
