"""Long tables: one row for each query and candidate, in CSV, TSV, JSONL or Parquet."""

from __future__ import annotations

from pathlib import Path

from bayessel.tasks.readers.base import Reader, ReadOptions
from bayessel.tasks.readers.parts.long import long_tables
from bayessel.tasks.readers.parts.rows import SUFFIXES, read_rows
from bayessel.tasks.tables import Tables


def detect(path: Path) -> bool:
    """Whether a file has the ending of a table."""
    return path.is_file() and path.suffix.lower() in SUFFIXES


def read(path: Path, options: ReadOptions) -> Tables:
    """Read a table; see :func:`~bayessel.tasks.readers.parts.long.long_tables` for its columns."""
    return long_tables(read_rows(path), options)


READER = Reader(
    description="a CSV, TSV, JSONL or Parquet file with query_id, candidate and outcome or score",
    uses=frozenset({"tolerance"}),
    detect=detect,
    read=read,
    fallback=True,
)
