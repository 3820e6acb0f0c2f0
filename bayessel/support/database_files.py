"""A database file on disk: that it is whole, and copies of it."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import threading
import time
from collections import Counter
from pathlib import Path

_LOG = "-wal"
_ATTEMPTS = 10

_held: Counter[tuple[int, int]] = Counter()
"""Connections of this process, by device and inode of their file."""

_holding = threading.Lock()


class _Held(sqlite3.Connection):
    """A connection that is counted until it is closed."""

    held: tuple[int, int] | None = None

    def close(self) -> None:
        super().close()
        with _holding:
            if self.held is not None:
                _held[self.held] -= 1
                self.held = None


def connect_whole(path: Path, *, timeout: float, create: bool = False) -> sqlite3.Connection:
    """Open a database that is not cut off, for several threads.

    Its file is read here only where this process has no connection to it: closing a file drops all
    of a process's locks on it (POSIX). Then the next process that closed the database would take
    itself for the last one and remove the log, and what is written afterwards would be lost.

    Parameters
    ----------
    path
        The file.
    timeout
        Seconds to wait for another process that is writing.
    create
        Make the file where it is missing; one without a byte is new too.

    Raises
    ------
    sqlite3.DatabaseError
        The file is shorter than its header says.
    """
    with _holding:
        if create:
            path.touch()
        status = path.stat()
        key = status.st_dev, status.st_ino
        if not _held[key] and (status.st_size or not create):
            refuse_truncated(path)
        db = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=rw",
            uri=True,
            timeout=timeout,
            isolation_level=None,
            check_same_thread=False,
            factory=_Held,
        )
        db.held = key
        _held[key] += 1
    return db


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


def writable(path: Path) -> bool:
    """Whether SQLite can write a database here: the file, and files beside it."""
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def copy_to_read(path: Path, folder: Path) -> Path:
    """Copy a database that cannot be written, with its log, and return the copy.

    SQLite writes beside a database even to read it. Where somebody else writes to the database
    meanwhile, it is copied again: a file and a log of two moments do not fit together.

    Raises
    ------
    sqlite3.OperationalError
        It changes all the time.
    """
    copy = folder / path.name
    log, copied_log = (one.with_name(one.name + _LOG) for one in (path, copy))
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(0.1 * attempt)
        before = _state(path), _state(log)
        shutil.copyfile(path, copy)
        copied_log.unlink(missing_ok=True)
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(log, copied_log)
        if before == (_state(path), _state(log)):
            break
    else:
        raise sqlite3.OperationalError("the database is busy: it changes while it is copied")
    for file in folder.iterdir():
        file.chmod(0o600)
    return copy


def _state(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file is written; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def back_up(db: sqlite3.Connection, path: Path) -> None:
    """Copy an open database, what its log holds included, into a new file."""
    with contextlib.closing(sqlite3.connect(path)) as copy:
        db.backup(copy)
        copy.execute("PRAGMA journal_mode = WAL")
