"""One process at a time asks the judges of a folder: two would pay for the same calls."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from bayessel.errors import RunError

LOCK = ".judging"
"""The file's name in the folder. The lock ends with its process, however that ends."""


def only_one(folder: Path) -> sqlite3.Connection:
    """Hold the folder's lock until the connection is closed.

    Raises
    ------
    RunError
        Another process holds it.
    """
    lock = sqlite3.connect(folder / LOCK, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        raise RunError(
            f"another process asks judges in {folder}: wait for it to finish, or stop it"
        ) from error
    return lock
