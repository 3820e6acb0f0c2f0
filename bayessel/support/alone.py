"""One process at a time: a lock that ends with its process, however it ends."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from bayessel.errors import RunError


@contextlib.contextmanager
def alone(path: Path, what: str) -> Iterator[None]:
    """Hold a lock while the block runs.

    Parameters
    ----------
    path
        File of the lock; it is made where it is missing, and stays.
    what
        What another process that holds it does, such as ``the page is served``.

    Raises
    ------
    RunError
        Another process holds it, or the file cannot be written.
    """
    try:
        lock = sqlite3.connect(path, timeout=0, isolation_level=None)
    except sqlite3.Error as error:
        raise RunError(f"cannot write {path}: {error}") from error
    try:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise RunError(f"{what} by another process: stop that one first") from error
            raise RunError(f"cannot write {path}: {error}") from error
        yield
    finally:
        lock.close()
