"""Rows of a table in a file, and where each stands in it."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import batched
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import BayesselError, DataError
from bayessel.support.reading import COMPRESSED, bare_suffix
from bayessel.support.text import count, short
from bayessel.tasks.readers.parts import delimited, sheets
from bayessel.tasks.readers.parts.columns import Builder, Column
from bayessel.tasks.readers.parts.decimal_comma import with_points
from bayessel.tasks.readers.parts.files import (
    first_record,
    is_json_lines,
    jsonl_blocks,
    parquet_batches,
    read_records,
)

LINES = (".jsonl", ".ndjson")
SUFFIXES = (*delimited.DELIMITERS, *LINES, ".json", ".parquet", ".xlsx")
"""Endings of the files that :func:`read_rows` reads, each also compressed."""

_CHUNK = 1 << 16


@dataclass(frozen=True)
class Part:
    """Rows of one source: what to call it and its places, and the [R] numbers of these, from 1."""

    source: Path | str
    word: str
    numbers: Sequence[int] | NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Rows:
    """Values as the sources have them.

    Attributes
    ----------
    columns
        [R] each, by their headers. Text files have only text.
    parts
        Where the rows stand, in order.
    notes
        What was left out as they were read.
    """

    columns: dict[str, Column]
    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()

    @classmethod
    def of_records(
        cls, source: Path | str, records: Iterable[tuple[int, Mapping[str, Any]]], word: str
    ) -> Rows:
        """Rows of objects, each with the number of its place."""
        blocks = (tuple(zip(*pairs, strict=True)) for pairs in batched(records, _CHUNK))
        return cls.of_blocks(source, blocks, word)

    @classmethod
    def of_blocks(
        cls,
        source: Path | str,
        blocks: Iterable[tuple[Sequence[int], Sequence[Mapping[str, Any]]]],
        word: str,
    ) -> Rows:
        """Rows of blocks of objects, and the numbers of their places."""
        made: dict[str, Builder] = {}
        numbers: list[NDArray[np.int32]] = []
        done = 0
        for places, records in blocks:
            first = records[0].keys()
            alike = all(record.keys() == first for record in records)
            spoken = records[:1] if alike else records
            for name in dict.fromkeys(key for record in spoken for key in record):
                if name not in made:
                    made[name] = Builder()
                    made[name].add_nothing(done)
            for name, builder in made.items():
                if alike and name in first:
                    builder.add(map(itemgetter(name), records))
                else:
                    builder.add(record.get(name) for record in records)
            numbers.append(np.array(places, np.int32))
            done += len(records)
        columns = {name: builder.column() for name, builder in made.items()}
        return cls(columns, (Part(source, word, np.concatenate(numbers) if numbers else ()),))

    @property
    def source(self) -> Path | str:
        """What to call the source."""
        first = self.parts[0].source
        if len(self.parts) == 1:
            return first
        return f"{first} and {count(len(self.parts) - 1, 'more file')}"

    def __len__(self) -> int:
        return sum(len(part.numbers) for part in self.parts)

    def at(self, position: int) -> str:
        """Say where a row stands."""
        starts = np.cumsum([0, *(len(part.numbers) for part in self.parts)])
        index = bisect.bisect_right(starts.tolist(), position) - 1
        part = self.parts[index]
        return f"{part.source}, {part.word} {part.numbers[position - int(starts[index])]}"

    def take(self, rows: NDArray[Any]) -> Rows:
        """Some rows: [R] whether each is kept."""
        parts, start = [], 0
        for part in self.parts:
            kept = rows[start : start + len(part.numbers)]
            start += len(part.numbers)
            parts.append(replace(part, numbers=np.asarray(part.numbers)[kept]))
        columns = {name: column.take(rows) for name, column in self.columns.items()}
        return replace(self, columns=columns, parts=tuple(parts))

    def repeated(self, times: int) -> tuple[Part, ...]:
        """The places of all rows, ``times`` over."""
        return self.parts * times

    def not_blank(self) -> Rows:
        """The rows that say something; the others are counted in a note."""
        blank = np.ones(len(self), dtype=bool)
        for column in self.columns.values():
            blank &= column.blank()
        if not blank.any():
            return self
        note = f"left out {count(int(blank.sum()), 'row')} without any value"
        return replace(self.take(~blank), notes=(*self.notes, note))


def joined(several: Sequence[Rows]) -> Rows:
    """The rows of several sources, one behind the other; a column may be absent from some."""
    if len(several) == 1:
        return several[0]
    made: dict[str, Builder] = {}
    done = 0
    for rows in several:
        for name, column in rows.columns.items():
            if name not in made:
                made[name] = Builder()
                made[name].add_nothing(done)
            made[name].add_coded(column.values, column.codes)
        done += len(rows)
        for builder in made.values():
            builder.add_nothing(done - len(builder))
    columns = {name: builder.column() for name, builder in made.items()}
    parts = tuple(part for rows in several for part in rows.parts)
    notes = tuple(dict.fromkeys(note for rows in several for note in rows.notes))
    return Rows(columns, parts, notes)


def read_rows(path: Path) -> Rows:
    """Read a table by its ending; blank rows are left out.

    Raises
    ------
    DataError
        An unknown ending, a damaged file, no rows, or rows of different lengths.
    """
    suffix = bare_suffix(path)
    readers: dict[str, Callable[[Path], Rows]] = {
        **dict.fromkeys(delimited.DELIMITERS, _delimited),
        **dict.fromkeys(LINES, _json_lines),
        ".json": _json,
        ".parquet": parquet_rows,
        ".xlsx": _sheet,
    }
    if suffix not in readers:
        raise DataError(
            f"{path} ends in {suffix or 'nothing'!r}: a table ends in {', '.join(SUFFIXES)}, or in "
            f"one of these and {' or '.join(COMPRESSED)}"
        )
    rows = readers[suffix](path).not_blank()
    if not len(rows):
        raise DataError(f"{path} has no rows: expected at least one")
    return rows


def headers_of(path: Path) -> list[str]:
    """Names of the columns of a table's file; none where it is no table. Never raises."""
    suffix = bare_suffix(path)
    try:
        if not path.is_file() or path.name.startswith("."):
            return []
        if suffix in delimited.DELIMITERS:
            return delimited.headers(path)
        if suffix in (*LINES, ".json"):
            return list(first_record(path))
        if suffix == ".parquet":
            return parquet_batches(path)[0]
        if suffix == ".xlsx":
            return sheets.read_sheet(path)[1][0][1]
    except (BayesselError, OSError, ValueError):
        pass
    return []


def _delimited(path: Path) -> Rows:
    header, chunks = delimited.read_delimited(path)
    builders = [Builder() for _ in header]
    numbers: list[NDArray[np.int32]] = []
    for rows, places in chunks:
        if isinstance(rows, list):
            for builder, texts in zip(builders, zip(*rows, strict=True), strict=True):
                builder.add_texts(texts)
        else:
            for builder, column in zip(builders, rows.columns, strict=True):
                for part in column.chunks:
                    add_arrow(builder, part)
        numbers.append(np.array(places, np.int32))
    columns = {name: builder.column() for name, builder in zip(header, builders, strict=True)}
    notes: tuple[str, ...] = ()
    if delimited.delimiter_of(path) != ",":
        columns, notes = with_points(columns)
    return Rows(columns, (Part(path, "line", np.concatenate(numbers) if numbers else ()),), notes)


def _json_lines(path: Path) -> Rows:
    return Rows.of_blocks(path, jsonl_blocks(path), "line")


def _json(path: Path) -> Rows:
    """JSON lines, or one JSON array of rows."""
    if is_json_lines(path):
        return _json_lines(path)
    return Rows.of_records(path, enumerate(read_records(path), start=1), "record")


def parquet_rows(path: Path) -> Rows:
    """Rows of a Parquet file, blank ones included."""
    names, batches = parquet_batches(path)
    builders = {name: Builder() for name in names}
    for batch in batches:
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            add_arrow(builders[name], column)
    columns = {name: builder.column() for name, builder in builders.items()}
    return Rows(columns, (Part(path, "row", range(1, len(next(iter(columns.values()), [])) + 1)),))


def add_arrow(builder: Builder, values: Any) -> None:
    """Add an Arrow array to a column."""
    import pyarrow as pa

    if pa.types.is_nested(values.type):
        builder.add(values.to_pylist())
        return
    coded = values if pa.types.is_dictionary(values.type) else values.dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    builder.add_coded(coded.dictionary.to_pylist(), codes)


def _sheet(path: Path) -> Rows:
    notes, [(number, header), *rows] = sheets.read_sheet(path)
    for place, row in rows:
        if extra := [v for v in row[len(header) :] if v is not None]:
            raise DataError(
                f"{path}, row {place} has {short(extra[0])} in a column without a header (row "
                f"{number}): give the column a name, or empty it"
            )
    records = ((place, dict(zip(header, row, strict=False))) for place, row in rows)
    return replace(Rows.of_records(path, records, "row"), notes=notes)
