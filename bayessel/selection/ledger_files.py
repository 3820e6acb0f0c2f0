"""A database file on disk: that it is whole, how it gets its name, and copies of it."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from pathlib import Path

_LOG = "-wal"


def refuse_truncated(path: Path) -> None:
    """Compare the file's size with what its header says; SQLite reads what is cut off as zeros.

    While a write-ahead log is there the header may be ahead of the file, and SQLite repairs that.

    Raises
    ------
    sqlite3.DatabaseError
        The file is shorter.
    """
    log = path.with_name(path.name + _LOG)
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


def writable(path: Path) -> bool:
    """Whether SQLite can write a database here: the file, and files beside it."""
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def copy_to_read(path: Path, folder: Path) -> Path:
    """Copy a database that cannot be written, with its log, and return the copy.

    SQLite writes beside a database even to read it.
    """
    copy = folder / path.name
    shutil.copyfile(path, copy)
    with contextlib.suppress(FileNotFoundError):
        shutil.copyfile(path.with_name(path.name + _LOG), copy.with_name(copy.name + _LOG))
    for file in folder.iterdir():
        file.chmod(0o600)
    return copy


def back_up(db: sqlite3.Connection, path: Path) -> None:
    """Copy an open database, what its log holds included, into a new file."""
    with contextlib.closing(sqlite3.connect(path)) as copy:
        db.backup(copy)
        copy.execute("PRAGMA journal_mode = WAL")
