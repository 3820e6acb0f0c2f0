"""One process at a time asks the judges of a folder: two would pay for the same calls."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from bayessel.support.alone import hold
from bayessel.support.marker import adopt

LOCK = ".judging"
"""The file's name in the folder. The lock ends with its process, however that ends."""


def only_one(folder: Path) -> sqlite3.Connection:
    """Hold the folder's lock until the connection is closed.

    Raises
    ------
    RunError
        Another process holds it, or the file is not bayessel's.
    """
    busy = f"another process asks judges in {folder}: wait for it to finish, or stop it"
    lock = hold(folder / LOCK, busy)
    try:
        adopt(folder, [LOCK])
    except BaseException:
        lock.close()
        raise
    return lock
