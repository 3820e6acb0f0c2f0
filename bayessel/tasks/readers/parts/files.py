"""Read JSON, JSONL and Parquet files, or say in one line why they cannot be read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bayessel.errors import DataError
from bayessel.support.reading import read_text
from bayessel.support.text import one_line, short

# Half of a surrogate pair is valid JSON, but not text. A match must still be looked at.
_HALF_PAIR = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
)


def read_json(path: Path) -> Any:
    """Read one JSON document.

    Raises
    ------
    DataError
        As :func:`read_text`, or broken JSON (with the line).
    """
    return _parse(read_text(path), path, None)


def read_records(path: Path) -> list[dict[str, Any]]:
    """Read a JSON array of objects.

    Raises
    ------
    DataError
        As :func:`read_json`, or the document is something else.
    """
    records = read_json(path)
    if not isinstance(records, list) or not records:
        raise DataError(
            f"{path} holds {short(records)}: expected a JSON array of at least one record"
        )
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise DataError(
                f"{path}, record {number} is {short(record)}: expected a JSON object ({{...}})"
            )
    return records


def read_jsonl(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Read JSON lines; blank lines are skipped.

    Yields
    ------
    number, record
        Number of the line, from 1, and the object on it.

    Raises
    ------
    DataError
        As :func:`read_text`, or a line that is not a JSON object.
    """
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        record = _parse(line, path, number)
        if not isinstance(record, dict):
            raise DataError(
                f"{path}, line {number} is {short(record)}: expected a JSON object ({{...}})"
            )
        yield number, record


def first_record(path: Path) -> dict[str, Any]:
    """Read the first object of a JSONL file, ``{}`` where there is none; never raises."""
    try:
        with path.open(encoding="utf-8-sig") as lines:
            record = json.loads(next(line for line in lines if line.strip()))
    except (OSError, ValueError, RecursionError, StopIteration):
        return {}
    return record if isinstance(record, dict) else {}


def read_parquet(path: Path) -> pa.Table:
    """Read a Parquet file.

    Raises
    ------
    DataError
        No such file, a folder, a truncated file, or text in it that is not UTF-8.
    """
    if not path.is_file():
        raise DataError(f"cannot read {path}: there is no such file; give a Parquet file")
    if path.stat().st_size == 0:
        raise DataError(f"{path} is empty: expected a Parquet table")
    try:
        table = pq.read_table(path)
        table.validate(full=True)
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"{path} is not a readable Parquet file (truncated or damaged?): "
            f"{one_line(error)}; write or copy it again"
        ) from error
    return table


def _parse(text: str, path: Path, line: int | None) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        where, why = line, one_line(error)
        if isinstance(error, json.JSONDecodeError):
            where = error.lineno if line is None else line
            why = f"{error.msg} at column {error.colno}"
        at = path if where is None else f"{path}, line {where}"
        raise DataError(f"{at} is not valid JSON: {why}; repair or remove it") from error
    if _HALF_PAIR.search(text):
        try:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError as error:
            at = path if line is None else f"{path}, line {line}"
            raise DataError(
                f"{at} holds half of a surrogate pair ({error.object[error.start]!a}), which "
                "is not text: replace it, for example with \\ufffd"
            ) from error
    return value
