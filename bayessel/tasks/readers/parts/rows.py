"""Rows of a CSV, TSV, JSONL or Parquet file, and where each stands in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from bayessel.errors import DataError
from bayessel.support.reading import read_text
from bayessel.support.text import count, listing, one_line
from bayessel.tasks.readers.parts.files import read_jsonl, read_parquet

DELIMITERS = {".csv": ",", ".tsv": "\t"}
LINES = (".jsonl", ".ndjson")
SUFFIXES = (*DELIMITERS, *LINES, ".parquet")
"""Endings of the files that :func:`read_rows` reads."""


@dataclass(frozen=True)
class Rows:
    """Values as the file has them.

    Attributes
    ----------
    source
        The file, or what else to call the rows' source.
    frame
        [R, columns] of dtype object; None where the source has nothing. Text files have only text.
    word
        What a place is called: ``line`` or ``row``.
    numbers
        [R] number of each row's place, from 1.
    """

    source: Path | str
    frame: pd.DataFrame
    word: str
    numbers: Sequence[int]

    def at(self, position: int) -> str:
        """Say where a row stands."""
        return f"{self.source}, {self.word} {self.numbers[position]}"


def read_rows(path: Path) -> Rows:
    """Read a table by its ending.

    Raises
    ------
    DataError
        An unknown ending, a damaged file, no rows, or rows of different lengths.
    """
    suffix = path.suffix.lower()
    if suffix in DELIMITERS:
        rows = _delimited(path, DELIMITERS[suffix])
    elif suffix in LINES:
        rows = _json_lines(path)
    elif suffix == ".parquet":
        table = read_parquet(path)
        columns = dict(zip(table.column_names, table.columns, strict=True))
        frame = _objects({name: column.to_pylist() for name, column in columns.items()})
        rows = Rows(path, frame, "row", range(1, table.num_rows + 1))
    else:
        raise DataError(
            f"{path} ends in {suffix or 'nothing'!r}: a table ends in {', '.join(SUFFIXES)}"
        )
    if rows.frame.empty:
        raise DataError(f"{path} has no rows: expected at least one")
    return rows


def _objects(columns: dict[str, list[Any]]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(v, dtype=object) for name, v in columns.items()})


def _delimited(path: Path, delimiter: str) -> Rows:
    reader = csv.reader(io.StringIO(read_text(path), newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    numbers: list[int] = []
    start = 1
    try:
        for row in reader:
            if row:
                rows.append(row)
                numbers.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"{path}, line {start}: {one_line(error)}; quote fields that hold quotes, delimiters "
            'or line breaks, and write a quote inside them as ""'
        ) from error
    header = rows[0]
    twice = sorted({c for c in header if header.count(c) > 1})
    if twice:
        raise DataError(f"{path} has more than one column {listing(twice)}: keep one of each")
    for row, number in zip(rows, numbers, strict=True):
        if len(row) != len(header):
            raise DataError(
                f"{path}, line {number} has {count(len(row), 'field')} where the header has "
                f"{len(header)}: repair the line (a field that holds a {delimiter!r} is quoted)"
            )
    columns = {name: [row[i] for row in rows[1:]] for i, name in enumerate(header)}
    return Rows(path, _objects(columns), "line", numbers[1:])


def _json_lines(path: Path) -> Rows:
    numbers, records = zip(*read_jsonl(path), strict=True)
    names = dict.fromkeys(key for record in records for key in record)
    columns = {name: [record.get(name) for record in records] for name in names}
    return Rows(path, _objects(columns), "line", numbers)
