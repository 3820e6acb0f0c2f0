"""Outcomes as people tell them: words, or rows of a table from a file or standard input."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bayessel.errors import DataError, OutcomeError
from bayessel.outcomes import Outcome, parse_outcome
from bayessel.support.reading import bare_suffix, read_text
from bayessel.support.text import count
from bayessel.tasks.readers.parts.headers import CELLS, plain

Told = dict[str, dict[str, Outcome]]
"""Outcome by candidate, by query."""

Empty = dict[str, list[str]]
"""Candidates whose outcome is empty, by query."""


@dataclass(frozen=True)
class Source:
    """What was told, with the names as they stand there.

    Attributes
    ----------
    told
        The outcomes.
    empty
        What stands there with an empty outcome.
    places
        Where in a file each query and candidate stands.
    """

    told: Told
    empty: Empty = field(default_factory=dict)
    places: dict[tuple[str, str], str] = field(default_factory=dict)


STANDARD_INPUT = "-"

BINARY = (".parquet", ".xlsx")
"""Endings of the tables that are no text."""

_WORDS = {
    **dict.fromkeys(("query_id", *CELLS["query_id"]), "query"),
    **dict.fromkeys(CELLS["candidate"], "candidate"),
}


def read_words(query: str, words: list[str]) -> Source:
    """Read outcomes of ``query`` as ``NAME=OUTCOME``; a name may have equals signs.

    Raises
    ------
    OutcomeError
        A word of another form, an unknown outcome, or a candidate twice.
    """
    outcomes: dict[str, Outcome] = {}
    for word in words:
        name, sign, value = word.rpartition("=")
        if not sign or not name.strip():
            raise OutcomeError(
                f"{word!r}: expected NAME=win, NAME=draw or NAME=loss, or a file of outcomes "
                f"alone ({STANDARD_INPUT!r} for standard input)"
            )
        _keep(outcomes, name.strip(), parse_outcome(value), f"{word!r}")
    return Source({query: outcomes})


def read_outcomes(source: str, query: str | None = None) -> Source:
    """Read outcomes of one query or of several: a whole source, or nothing of it.

    Parameters
    ----------
    source
        A file, or "-" for standard input: a CSV with a header and commas, JSONL with one object a
        line, or one JSON array of objects; a file may also be Parquet or Excel. Columns or keys
        ``candidate`` and ``outcome``, and ``query`` where ``query`` is None, else it must be that
        one. ``query_id`` and the other words of tables are read, too.
    query
        The query that was judged, where the source need not say it.

    Raises
    ------
    DataError
        The source is missing, empty or not UTF-8.
    OutcomeError
        A missing column or one that stands twice, a row of another length, an open quote, an
        unknown outcome, a cell twice, or outcomes of another query.
    """
    where, rows = _read(source, query)
    told: Told = {}
    empty: Empty = {}
    places: dict[tuple[str, str], str] = {}
    for place, row in rows:
        about = _text(row, "query", where=place) or query
        if not about:
            raise OutcomeError(f"{place}: the query is empty")
        if query is not None and about != query:
            raise OutcomeError(
                f"{place}: outcomes of query {about!r}, expected {query!r}; leave QUERY out where "
                "a file speaks of several"
            )
        name, value = _text(row, "candidate", where=place), row.get("outcome")
        if not name:
            raise OutcomeError(f"{place}: the candidate is empty")
        places.setdefault((about, name), place)
        if value is None or (isinstance(value, str) and not value.strip()):
            empty.setdefault(about, []).append(name)
            continue
        try:
            outcome = parse_outcome(value)
        except OutcomeError as error:
            raise OutcomeError(f"{place}: {error}") from None
        _keep(told.setdefault(about, {}), name, outcome, place)
    if not told:
        raise OutcomeError(f"{where} has no outcomes: give at least one row candidate,outcome")
    return Source(told, empty, places)


def _keep(outcomes: dict[str, Outcome], name: str, outcome: Outcome, where: str) -> None:
    if name in outcomes:
        raise OutcomeError(f"{where}: {name!r} stands twice: keep one outcome for each candidate")
    outcomes[name] = outcome


def _read(source: str, query: str | None) -> tuple[str, Iterator[tuple[str, Mapping[str, Any]]]]:
    """What to call the source, and its rows with their places."""
    if bare_suffix(Path(source)) in BINARY:
        return source, _binary(Path(source), query)
    where, text = _text_of(source)
    return where, _rows(where, text, query)


def _binary(path: Path, query: str | None) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Rows of a Parquet file or a workbook."""
    from bayessel.tasks.readers.parts.rows import read_rows

    rows = read_rows(path)
    _require(list(rows.columns), str(path), query)
    values = {_column(name): column.tolist() for name, column in rows.columns.items()}
    for position in range(len(rows)):
        yield rows.at(position), {name: of[position] for name, of in values.items()}


def _text_of(source: str) -> tuple[str, str]:
    """What to call the source, and its text."""
    if source != STANDARD_INPUT:
        return source, read_text(Path(source))
    where = "standard input"
    try:
        text = sys.stdin.read()
    except UnicodeDecodeError as error:
        raise DataError(f"{where} is not UTF-8 text ({error.reason})") from error
    except (OSError, AttributeError) as error:  # closed
        raise DataError(f"{where} cannot be read: give a file, or outcomes in words") from error
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise DataError(f"{where} is empty: give outcomes as CSV or JSONL")
    return where, text


def _rows(where: str, text: str, query: str | None) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each row with its place; columns are called query, candidate and outcome."""
    if text.lstrip().startswith("{"):
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                yield f"{where}, line {number}", _object(line, f"{where}, line {number}", query)
        return
    if (records := _array(text)) is not None:
        for number, record in enumerate(records, start=1):
            at = f"{where}, record {number}"
            yield at, _named(record, at, query)
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        written = next(reader)
        _require(written, where, query)
        columns = [_column(name) for name in written]
        for row in reader:
            at = f"{where}, line {reader.line_num}"
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(columns):
                raise OutcomeError(
                    f"{at} has {count(len(row), 'cell')}, the header has {len(columns)}: separate "
                    "cells with commas, and put a name with a comma in quotes; nothing was stored"
                )
            yield at, dict(zip(columns, row, strict=True))
    except csv.Error as error:
        raise OutcomeError(
            f"{where}, line {reader.line_num} is not CSV ({error}): close every quote, and double "
            "a quote inside quotes; nothing was stored"
        ) from None


def _object(line: str, where: str, query: str | None) -> Mapping[str, Any]:
    try:
        found = json.loads(line, object_pairs_hook=_Pairs)
    except json.JSONDecodeError as error:
        raise OutcomeError(f"{where} is not JSON ({error.msg})") from None
    except (ValueError, RecursionError):  # a number of too many digits, too many levels
        raise OutcomeError(f"{where} is not JSON of a few levels with short numbers") from None
    return _named(found, where, query)


def _named(found: Any, where: str, query: str | None) -> Mapping[str, Any]:
    """A JSON object with the names of the columns as they are read."""
    if not isinstance(found, _Pairs):
        raise OutcomeError(f"{where}: expected an object with candidate and outcome")
    _require([key for key, _ in found], where, query, table=False)
    return {_column(key): value for key, value in found}


def _array(text: str) -> list[Any] | None:
    """The values of one JSON array; None where the text is something else."""
    if not text.lstrip().startswith("["):
        return None
    try:
        found = json.loads(text, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return None
    return found if type(found) is list else None


class _Pairs(list[tuple[str, Any]]):
    """Keys and values of a JSON object, also those that stand twice."""


def _column(name: str) -> str:
    """What a column is read as; the words are those of tables."""
    return _WORDS.get(plain(name), plain(name))


def _require(written: list[str], where: str, query: str | None, *, table: bool = True) -> None:
    """Refuse a source that lacks a column; ``written`` are the names as they stand there.

    Without ``table`` it is a JSON object with keys.
    """
    named = [_column(name) for name in written]
    columns = set(named)
    for name in ("query", "candidate", "outcome"):
        if named.count(name) > 1:
            both = ", ".join(written[i] for i, other in enumerate(named) if other == name)
            raise OutcomeError(
                f"{where} says the {name} more than once (columns {both}): keep one of them"
            )
    needed = ["candidate", "outcome"] if query is not None else ["query", "candidate", "outcome"]
    if not set(needed) <= columns:
        raise OutcomeError(
            f"{where} has the {'columns' if table else 'keys'} {', '.join(written) or '(none)'}: "
            "expected "
            + (f"{','.join(needed)} with commas between" if table else ", ".join(needed))
            + (" (or name the QUERY before it)" if "query" not in columns and query is None else "")
        )


def _text(row: Mapping[str, Any], column: str, *, where: str) -> str:
    value = row.get(column)
    if value is None:
        return ""
    if isinstance(value, bool | float | list | dict | _Pairs):
        raise OutcomeError(f"{where}: the {column} is {value!r}, expected a name")
    return str(value).strip()
