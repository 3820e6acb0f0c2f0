"""One process at a time: a lock that ends with its process, however it ends."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from bayessel.errors import RunError
from bayessel.support.files import reason


def hold(path: Path, busy: str) -> sqlite3.Connection:
    """Hold a lock until the connection is closed.

    Parameters
    ----------
    path
        File of the lock; it is made where it is missing, and stays, without a byte in it.
    busy
        What to say where another process holds it.

    Raises
    ------
    RunError
        Another process holds it, the file is not a lock (it has bytes, or is a symbolic link), or
        it cannot be written.
    """
    try:
        if path.is_symlink():
            raise RunError(f"{path} is a symbolic link: remove it, bayessel makes the file anew")
        if path.exists() and (not path.is_file() or path.stat().st_size):
            raise RunError(
                f"{path} is there and bayessel did not write it: move it away; it was left as it is"
            )
        lock = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise _unwritable(path, error) from error
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        lock.close()
        if "locked" in str(error):
            raise RunError(busy) from error
        raise _unwritable(path, error) from error
    return lock


@contextlib.contextmanager
def alone(path: Path, what: str) -> Iterator[None]:
    """Hold a lock while the block runs; see :func:`hold`.

    Parameters
    ----------
    path
        File of the lock.
    what
        What another process that holds it does, such as ``the page is served``.
    """
    with contextlib.closing(hold(path, f"{what} by another process: stop that one first")):
        yield


def _unwritable(path: Path, error: Exception) -> RunError:
    why = reason(error) if isinstance(error, OSError) else error
    return RunError(
        f"cannot write the lock {path}: {why}; make the folder writable, or use another one"
    )
