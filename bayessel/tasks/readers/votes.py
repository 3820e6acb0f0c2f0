"""Votes: two LLMs' responses to a query, and which of them is better."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bayessel.tasks.readers.base import Reader, ReadOptions
from bayessel.tasks.readers.parts.headers import VOTES, is_votes
from bayessel.tasks.readers.parts.many import read_all, table_files
from bayessel.tasks.readers.parts.pairs import votes_tables
from bayessel.tasks.readers.parts.rows import headers_of
from bayessel.tasks.tables import Tables

_TRIED = 3
"""Files of a folder that are looked at to say whether it holds votes."""


def detect(path: Path) -> bool:
    """Whether a file has two LLMs and a winner in each row, or a folder holds such files."""
    files = [path] if path.is_file() else table_files(path)[:_TRIED]
    return any(is_votes(headers_of(file)) for file in files)


def read(path: Path, options: ReadOptions) -> Tables:
    """Read a table of votes, or a folder of them; see :func:`read_many`."""
    return read_many([path], options)


def read_many(paths: Sequence[Path], options: ReadOptions) -> Tables:
    """Read votes as one task; see :func:`~bayessel.tasks.readers.parts.pairs.votes_tables`."""
    return votes_tables(read_all(paths, VOTES), options)


READER = Reader(
    description="a CSV, TSV, JSON, JSONL, Parquet or Excel file with query_id, model_a, model_b "
    "and winner",
    uses=frozenset({"judge"}),
    detect=detect,
    read=read,
    read_many=read_many,
)
