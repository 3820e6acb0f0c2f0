"""Delimited text: comma, semicolon, tab or bar, strictly quoted, each row named by its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TextIO

import pyarrow as pa
import pyarrow.csv

from bayessel.errors import DataError
from bayessel.support.reading import bare_suffix, empty, opened_text
from bayessel.support.text import count, one_line
from bayessel.tasks.readers.parts.headers import CELLS, VOTES, known_in, refuse_twice

DELIMITERS = {".csv": ",", ".tsv": "\t"}
"""Delimiter that is expected by a file's ending; the header decides."""

_OTHERS = (",", ";", "\t", "|")
_CHUNK = 1 << 16
_BLOCK = 1 << 23
_LONGEST = 2**31 - 1
"""Characters that a field may have; Python's own limit of 131,072 is less than some responses."""

Chunk = tuple[list[list[str]] | pa.Table, Sequence[int]]
"""Rows, or a table of them, and the number of the line where each begins."""


def read_delimited(path: Path) -> tuple[list[str], Iterator[Chunk]]:
    """Read a table with a header; empty lines are skipped.

    Returns
    -------
    header
        Names of the columns.
    chunks
        Rows, each as long as the header.

    Raises
    ------
    DataError
        An empty file, a column twice, broken quotes, or a row that is longer or shorter than the
        header; also as the rows are read.
    """
    chunks = _chunks(path)
    header = next(chunks)[0][0]
    header = [name if name.strip() else f"column {i}" for i, name in enumerate(header, start=1)]
    refuse_twice(header, path)
    return header, chunks


def delimiter_of(path: Path) -> str:
    """The delimiter that the header, or a line above it, says."""
    with opened_text(path) as text:
        return _beginning(text, path)[2]


def headers(path: Path) -> list[str]:
    """Names of the columns."""
    return list(next(_chunks(path))[0][0])


def _chunks(path: Path) -> Iterator[Chunk]:
    """The header alone, and then the rows."""
    with opened_text(path) as text:
        first, skipped, delimiter = _beginning(text, path)
        rows = _Rows(path, delimiter, skipped)
        lines = chain(first, text)
        header, numbers = next(rows.read(lines, 1), ([], []))
        yield header, numbers
        rows.fields = len(header[0])
        while block := text.read(_BLOCK):
            block += text.readline()
            table = _plain_table(block, rows.fields, delimiter)
            if table is None:  # quotes may go on in the next block
                yield from rows.read(chain(io.StringIO(block, newline=""), text), _CHUNK)
                return
            yield table, range(rows.line, rows.line + table.num_rows)
            rows.line += table.num_rows


def _plain_table(block: str, fields: int, delimiter: str) -> pa.Table | None:
    """The rows of a block of lines, read quickly; None where there may be more in it than that.

    Without quotes, blank lines and lines of another length every line is a row.
    """
    ends = block.count("\r\n")
    blank = "\n\n" in block or "\n\r" in block or block.startswith(("\n", "\r"))
    if '"' in block or blank or block.count("\r") != ends:
        return None
    names = [str(i) for i in range(fields)]
    kind = pa.dictionary(pa.int32(), pa.string())
    try:
        table = pa.csv.read_csv(
            io.BytesIO(block.encode()),
            pa.csv.ReadOptions(column_names=names),
            pa.csv.ParseOptions(delimiter=delimiter, quote_char=False, ignore_empty_lines=False),
            pa.csv.ConvertOptions(
                column_types=dict.fromkeys(names, kind), null_values=[], strings_can_be_null=False
            ),
        )
    except (pa.ArrowException, UnicodeEncodeError):
        return None
    lines = block.count("\n") + (not block.endswith("\n"))
    return table if table.num_rows == lines else None


class _Rows:
    """Rows that may be quoted, and the line where the next one begins."""

    def __init__(self, path: Path, delimiter: str, skipped: int) -> None:
        self.path, self.delimiter = path, delimiter
        self.line = skipped + 1
        self.fields = 0

    def read(self, lines: Iterable[str], most: int) -> Iterator[tuple[list[list[str]], list[int]]]:
        """Read rows, ``most`` at once."""
        csv.field_size_limit(_LONGEST)
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        before, start = self.line - 1, self.line
        rows: list[list[str]] = []
        numbers: list[int] = []
        try:
            for row in reader:
                if row and (len(row) == self.fields or not self.fields or not _blank(row)):
                    rows.append(row)
                    numbers.append(start)
                self.line = start = before + reader.line_num + 1
                if len(rows) == most:
                    yield self._even(rows, numbers), numbers
                    rows, numbers = [], []
        except csv.Error as error:
            raise DataError(
                f"{self.path}, line {start}: {one_line(error)}; quote fields that hold quotes, "
                'delimiters or line breaks, and write a quote inside them as ""'
            ) from error
        if rows:
            yield self._even(rows, numbers), numbers

    def _even(self, rows: list[list[str]], numbers: list[int]) -> list[list[str]]:
        """The rows, if all are as long as the header."""
        fields = self.fields or len(rows[0])
        if set(map(len, rows)) - {fields}:
            pairs = zip(rows, numbers, strict=True)
            row, number = next((r, n) for r, n in pairs if len(r) != fields)
            raise DataError(
                f"{self.path}, line {number} has {count(len(row), 'field')} where the header has "
                f"{fields}: repair the line (a field that holds a {self.delimiter!r} is quoted)"
            )
        return rows


def _blank(row: list[str]) -> bool:
    return not any(field.strip() for field in row)


def _beginning(lines: TextIO, path: Path) -> tuple[list[str], int, str]:
    """The header's first line, how many lines stand above it, and the delimiter."""
    for skipped, line in enumerate(lines):
        bare = line.strip("\ufeff\r\n ")
        if bare.lower().startswith("sep=") and len(bare) <= 5:
            return [], skipped + 1, bare[4:] or "\t"
        if bare.strip():
            return [line.removeprefix("\ufeff")], skipped, _delimiter(line, path)
    raise empty(path)


def _delimiter(header: str, path: Path) -> str:
    """The delimiter that gives most columns that are known, or else most columns."""
    expected = DELIMITERS.get(bare_suffix(path), ",")

    def columns(delimiter: str) -> tuple[int, int]:
        found = next(csv.reader([header], delimiter=delimiter), [])
        known = known_in(found, CELLS) | known_in(found, VOTES)
        return len(known), delimiter == expected

    return max(_OTHERS, key=columns)
