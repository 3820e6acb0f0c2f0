"""Values of nested JSON documents: objects, texts, digests."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from bayessel.errors import DataError
from bayessel.support.text import short
from bayessel.tasks.readers.parts.conversation import as_text
from bayessel.tasks.readers.parts.files import read_json


def read_object(path: Path) -> dict[str, Any]:
    """Read one JSON object.

    Raises
    ------
    DataError
        As :func:`read_json`, or the document is something else.
    """
    return require_object(read_json(path), str(path))


def require_object(value: Any, where: str) -> dict[str, Any]:
    """The value, if it is a JSON object.

    Raises
    ------
    DataError
        It is something else.
    """
    if not isinstance(value, dict):
        raise DataError(f"{where} is {short(value)}: expected a JSON object ({{...}})")
    return value


def require_objects(value: Any, where: str) -> list[dict[str, Any]]:
    """The value, if it is an array of JSON objects.

    Raises
    ------
    DataError
        It is something else.
    """
    if not isinstance(value, list):
        raise DataError(f"{where} is {short(value)}: expected a JSON array ([...])")
    return [require_object(v, f"{where}, record {i}") for i, v in enumerate(value, start=1)]


def inside(value: Any, *keys: str | int) -> Any:
    """What stands under keys and positions of nested objects and arrays; None where nothing."""
    for key in keys:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def digest(value: Any) -> str:
    """A short name of a JSON value's content."""
    written = json.dumps(value, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def text_of(value: Any) -> str | None:
    """A text, or that of a message or a conversation; None for anything else."""
    return value if value is None or isinstance(value, str) else as_text(value)
