"""Several files, or a folder of them, as the rows of one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bayessel.errors import DataError
from bayessel.support.reading import bare_stem, bare_suffix
from bayessel.tasks.readers.parts.columns import Column
from bayessel.tasks.readers.parts.headers import meanings
from bayessel.tasks.readers.parts.rows import SUFFIXES, Rows, joined, read_rows


def table_files(folder: Path) -> list[Path]:
    """Files of a folder that have the ending of a table, by name; hidden ones are left out."""
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and bare_suffix(path) in SUFFIXES and not path.name.startswith(".")
    )


def read_all(paths: Sequence[Path], columns: Mapping[str, tuple[str, ...]]) -> Rows:
    """The rows of all files, in order; a folder stands for the tables in it.

    Where there are several long tables and none has a column ``candidate``, each holds one LLM and
    is named after it.

    Parameters
    ----------
    paths
        Files and folders.
    columns
        By what names each column is read.

    Raises
    ------
    DataError
        A folder without tables, or a file that is no table.
    """
    files: list[Path] = []
    for path in paths:
        found = table_files(path) if path.is_dir() else [path]
        if not found:
            raise DataError(f"{path} holds no table: a table ends in {', '.join(SUFFIXES)}")
        files += found
    files = list(dict.fromkeys(files))
    several = [read_rows(file) for file in files]
    if len(several) == 1:
        return several[0]
    several = [_renamed(rows, columns) for rows in several]
    if "candidate" in columns and not any(_names_candidates(rows) for rows in several):
        several = [
            _of_one(rows, bare_stem(file)) for rows, file in zip(several, files, strict=True)
        ]
    return joined(several)


def _renamed(rows: Rows, columns: Mapping[str, tuple[str, ...]]) -> Rows:
    """The rows with one name for each column that is read."""
    called = {header: name for name, header in meanings(rows.columns, columns, rows.source).items()}
    return replace(rows, columns={called.get(h, h): c for h, c in rows.columns.items()})


def _names_candidates(rows: Rows) -> bool:
    """Whether a table says which LLM a row is about, or has a column for each."""
    return "candidate" in rows.columns or not {"outcome", "score", "text"} & set(rows.columns)


def _of_one(rows: Rows, name: str) -> Rows:
    """Rows of one LLM."""
    note = "each file was read as the rows of one LLM, named after the file"
    column = Column(np.zeros(len(rows), np.int32), [name])
    columns = {**rows.columns, "candidate": column}
    return replace(rows, columns=columns, notes=(*rows.notes, note))
