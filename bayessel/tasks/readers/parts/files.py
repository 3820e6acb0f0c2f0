"""Read JSON, JSONL and Parquet files, or say in one line why they cannot be read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from bayessel.errors import BayesselError, DataError
from bayessel.support.progress import tell_progress
from bayessel.support.reading import bare_name, empty, opened, opened_text, read_text
from bayessel.support.text import one_line, short

# Half of a surrogate pair is valid JSON, but not text. A match must still be looked at.
_HALF_PAIR = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
)

_BLOCK = 1 << 23

_MOST_PEEKED = 1 << 26
"""Characters of a file that are looked at to find its first record."""


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
    for numbers, records in jsonl_blocks(path):
        yield from zip(numbers, records, strict=True)


def jsonl_blocks(path: Path) -> Iterator[tuple[Sequence[int], list[dict[str, Any]]]]:
    """Read JSON lines by blocks of them: the numbers of the lines, and the objects on them.

    Raises
    ------
    DataError
        As :func:`read_jsonl`.
    """
    done, found = 0, False
    with opened_text(path, "\n") as text:
        while block := text.read(_BLOCK):
            lines = (block + text.readline()).split("\n")
            if not lines[-1]:
                lines.pop()
            numbers: Sequence[int] = range(done + 1, done + len(lines) + 1)
            records = _parse_together(lines)
            if records is None:
                filled = [(n, line) for n, line in zip(numbers, lines, strict=True) if line.strip()]
                numbers = [n for n, _ in filled]
                records = [_parse_object(line.rstrip("\r"), path, n) for n, line in filled]
            done += len(lines)
            if records:
                found = True
                yield numbers, records
    if not found:
        raise empty(path)


def _parse_together(lines: list[str]) -> list[dict[str, Any]] | None:
    """Parse lines that each hold one object, quickly; None where that is not sure."""
    if not all(line.startswith("{") for line in lines):
        return None
    text = ",".join(lines)
    if "\\u" in text:  # may be half of a surrogate pair
        return None
    try:
        records = json.loads(f"[{text}]")
    except (ValueError, RecursionError):
        return None
    alike = len(records) == len(lines) and all(type(record) is dict for record in records)
    return records if alike else None


def _parse_object(line: str, path: Path, number: int) -> dict[str, Any]:
    record = _parse(line, path, number)
    if not isinstance(record, dict):
        raise DataError(
            f"{path}, line {number} is {short(record)}: expected a JSON object ({{...}})"
        )
    return record


def first_record(path: Path) -> dict[str, Any]:
    """The first JSON object of a file, ``{}`` where there is none; never raises.

    That of the first line of JSON lines, the first of an array, or the document itself if it is
    an object; only as much is read as it takes.
    """
    text, wanted = "", 1 << 14
    decoder = json.JSONDecoder()
    try:
        with opened_text(path) as lines:
            while len(text) < _MOST_PEEKED:
                more = lines.read(wanted)
                text, wanted = text + more, 2 * wanted
                start = text.lstrip("\ufeff \t\r\n[")
                try:
                    record = decoder.raw_decode(start)[0]
                except ValueError:
                    if not more or not start.startswith("{"):
                        return {}
                    continue
                return record if isinstance(record, dict) else {}
    except (BayesselError, OSError, ValueError, RecursionError):
        pass
    return {}


def is_json_lines(path: Path) -> bool:
    """Whether a file begins with a JSON object that ends where its line does; never raises."""
    try:
        with opened_text(path) as lines:
            first = next((line for line in lines if line.strip()), "")
        return isinstance(json.loads(first), dict)
    except (BayesselError, OSError, ValueError, RecursionError):
        return False


def read_parquet(path: Path) -> pa.Table:
    """Read a Parquet file.

    Raises
    ------
    DataError
        No such file, a folder, a truncated file, or text in it that is not UTF-8.
    """
    names, batches = parquet_batches(path)
    found = list(batches)
    with _readable(path), unpacked(path) as file:
        return pa.Table.from_batches(found, pq.read_schema(file)).select(names)


def parquet_batches(path: Path) -> tuple[list[str], Iterator[pa.RecordBatch]]:
    """Names of a Parquet file's columns, and its rows by parts.

    Raises
    ------
    DataError
        As :func:`read_parquet`, also while the parts are read.
    """
    if not path.is_file():
        raise DataError(f"cannot read {path}: there is no such file; give a Parquet file")
    if path.stat().st_size == 0:
        raise DataError(f"{path} is empty: expected a Parquet table")
    with _readable(path), unpacked(path) as file:
        names = pq.read_schema(file).names
    return names, _batches(path)


@contextmanager
def unpacked(path: Path) -> Iterator[Path | IO[bytes]]:
    """A file that is no text: its path, or its bytes where it is compressed.

    Raises
    ------
    DataError
        As :func:`bayessel.support.reading.opened`.
    """
    with opened(path) as start:
        packed = bare_name(path) != path.name
        content = start.read() if packed else start.read(1)
    yield BytesIO(content) if packed else path


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    size = path.stat().st_size
    with _readable(path), unpacked(path) as raw, pq.ParquetFile(raw) as file:
        of, done = max(1, file.metadata.num_rows), 0
        for batch in file.iter_batches(batch_size=1 << 16):
            batch.validate(full=True)
            yield batch
            done += batch.num_rows
            tell_progress(path, size * done // of, size)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"{path} is not a readable Parquet file (truncated or damaged?): "
            f"{one_line(error)}; write or copy it again"
        ) from error


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
