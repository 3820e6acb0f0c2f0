"""Tables: one row for each query and candidate, in one file or in several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bayessel.support.reading import bare_suffix
from bayessel.tasks.readers.base import Reader, ReadOptions
from bayessel.tasks.readers.parts.headers import CELLS, is_table
from bayessel.tasks.readers.parts.long import long_tables
from bayessel.tasks.readers.parts.many import read_all, table_files
from bayessel.tasks.readers.parts.rows import SUFFIXES, headers_of
from bayessel.tasks.tables import Tables

_TRIED = 3
"""Files of a folder that are looked at to say whether it holds tables."""


def detect(path: Path) -> bool:
    """Whether a file has the ending of a table, or a folder holds a table."""
    if path.is_file():
        suffix = bare_suffix(path)
        return suffix in SUFFIXES and (suffix != ".json" or is_table(headers_of(path)))
    return any(is_table(headers_of(file)) for file in table_files(path)[:_TRIED])


def read(path: Path, options: ReadOptions) -> Tables:
    """Read a table, or a folder of them; see :func:`read_many`."""
    return read_many([path], options)


def read_many(paths: Sequence[Path], options: ReadOptions) -> Tables:
    """Read tables as one; see :func:`~bayessel.tasks.readers.parts.long.long_tables`.

    Where no file has a column ``candidate``, each file holds one LLM and is named after it.
    """
    return long_tables(read_all(paths, CELLS), options)


READER = Reader(
    description="a CSV, TSV, JSON, JSONL, Parquet or Excel file with query_id, candidate and "
    "outcome or score, or a folder of such files",
    uses=frozenset({"judge", "tolerance", "outcomes"}),
    detect=detect,
    read=read,
    fallback=True,
    read_many=read_many,
)
