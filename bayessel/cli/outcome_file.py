"""Outcomes as people tell them: words, or rows of a CSV or JSONL from a file or standard input."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bayessel.errors import DataError, OutcomeError
from bayessel.outcomes import Outcome, parse_outcome
from bayessel.support.reading import read_text

Told = dict[str, dict[str, Outcome]]
"""Outcome by candidate, by query."""

STANDARD_INPUT = "-"


def read_words(query: str, words: list[str]) -> Told:
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
    return {query: outcomes}


def read_outcomes(source: str, query: str | None = None) -> Told:
    """Read outcomes of one query or of several.

    Parameters
    ----------
    source
        A file, or "-" for standard input: a CSV with a header, or JSONL with one object a line.
        Columns or keys ``candidate`` (or ``model``) and ``outcome``; ``query`` (or ``query_id``)
        where ``query`` is None, else it must be that one. Rows with an empty outcome are not
        judged.
    query
        The query that was judged, where the source need not say it.

    Raises
    ------
    DataError
        The source is missing, empty or not UTF-8.
    OutcomeError
        A missing column, an unknown outcome, a cell twice, or outcomes of another query.
    """
    where, text = _text_of(source)
    told: Told = {}
    for place, row in _rows(where, text, query):
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
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        try:
            outcome = parse_outcome(value)
        except OutcomeError as error:
            raise OutcomeError(f"{place}: {error}") from None
        _keep(told.setdefault(about, {}), name, outcome, place)
    if not told:
        raise OutcomeError(f"{where} has no outcomes: give at least one row candidate,outcome")
    return told


def _keep(outcomes: dict[str, Outcome], name: str, outcome: Outcome, where: str) -> None:
    if name in outcomes:
        raise OutcomeError(f"{where}: {name!r} stands twice: keep one outcome for each candidate")
    outcomes[name] = outcome


def _text_of(source: str) -> tuple[str, str]:
    """What to call the source, and its text."""
    if source != STANDARD_INPUT:
        return source, read_text(Path(source))
    where = "standard input"
    try:
        text = sys.stdin.read()
    except UnicodeDecodeError as error:
        raise DataError(f"{where} is not UTF-8 text ({error.reason})") from error
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
    reader = csv.DictReader(io.StringIO(text, newline=""))
    written = list(reader.fieldnames or [])
    _require(written, where, query)
    reader.fieldnames = [_column(name) for name in written]
    for row in reader:
        yield f"{where}, line {reader.line_num}", row


def _object(line: str, where: str, query: str | None) -> Mapping[str, Any]:
    try:
        found = json.loads(line)
    except json.JSONDecodeError as error:
        raise OutcomeError(f"{where} is not JSON ({error.msg})") from None
    if not isinstance(found, dict):
        raise OutcomeError(f"{where}: expected an object with candidate and outcome")
    _require(list(found), where, query)
    return {_column(key): value for key, value in found.items()}


def _column(name: str) -> str:
    name = name.strip().lower()
    return {"model": "candidate", "query_id": "query"}.get(name, name)


def _require(written: list[str], where: str, query: str | None) -> None:
    """Refuse a source that lacks a column; ``written`` are the names as they stand there."""
    columns = {_column(name) for name in written}
    needed = ["candidate", "outcome"] if query is not None else ["query", "candidate", "outcome"]
    if not set(needed) <= columns:
        raise OutcomeError(
            f"{where} has the columns {', '.join(written) or '(none)'}: expected "
            + ",".join(needed)
            + (" (or name the QUERY before it)" if "query" not in columns and query is None else "")
        )


def _text(row: Mapping[str, Any], column: str, *, where: str) -> str:
    value = row.get(column)
    if value is None:
        return ""
    if isinstance(value, bool | float | list | dict):
        raise OutcomeError(f"{where}: the {column} is {value!r}, expected a name")
    return str(value).strip()
