"""A database file on disk: that it is whole, and how it gets its name."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path


def refuse_truncated(path: Path) -> None:
    """Compare the file's size with what its header says; SQLite reads what is cut off as zeros.

    While a write-ahead log is there the header may be ahead of the file, and SQLite repairs that.

    Raises
    ------
    sqlite3.DatabaseError
        The file is shorter.
    """
    log = path.with_name(path.name + "-wal")
    if log.exists() and log.stat().st_size > 0:
        return
    with path.open("rb") as file:
        header = file.read(100)
    page_size = int.from_bytes(header[16:18], "big")
    pages = int.from_bytes(header[28:32], "big")
    size = path.stat().st_size
    if len(header) < 100 or size < page_size * pages:
        raise sqlite3.DatabaseError(f"the file has {size} bytes, fewer than its header says")


def publish(partial: Path, path: Path) -> None:
    """Give a finished file its name.

    Raises
    ------
    FileExistsError
        There is a file of that name already.
    """
    try:
        os.link(partial, path)  # unlike a rename it fails where a file is
    except FileExistsError:
        partial.unlink()
        raise
    except OSError:  # a file system without hard links
        if path.exists():
            partial.unlink()
            raise FileExistsError(path) from None
        partial.replace(path)
    else:
        partial.unlink()
