"""Values of nested JSON documents: objects, texts of conversations, digests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bayessel.errors import DataError
from bayessel.support.text import short
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


def conversation(value: Any) -> str | None:
    """The text of a message's content, of one message, or of a list of them; None for others.

    Messages of a conversation are written one below the other, each with its role where there are
    several; of content in parts, the texts are kept.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict):
        return conversation(value.get("content", value.get("text")))
    if not isinstance(value, list):
        return None
    named = [v.get("role") for v in value if isinstance(v, dict) and "role" in v]
    if len(named) != len(value) or len(value) == 1:
        return _joined(conversation(v) for v in value)
    return _joined(f"{role}: {conversation(v) or ''}" for role, v in zip(named, value, strict=True))


def _joined(texts: Iterable[str | None]) -> str | None:
    return "\n\n".join(t for t in texts if t) or None
