"""A SQLite file that survives kills: WAL, full synchronisation, clear errors."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bayessel.errors import RunError
from bayessel.support.database_files import back_up, connect_whole, copy_to_read, writable
from bayessel.support.files import reason

Prepare = Callable[[sqlite3.Connection], None]
"""Refuses a file of another kind, and makes or brings up to date the tables of one of this kind."""


class NewerFileError(sqlite3.DatabaseError):
    """A newer version of bayessel made the file."""


class OtherFileError(sqlite3.DatabaseError):
    """The file is sound, and of another kind."""


class Database:
    """A SQLite file in WAL mode, for the threads of one process and for several processes.

    What a :meth:`transaction` wrote is on disk when its block ends. A file that cannot be written
    is read from a copy, and takes nothing.

    Parameters
    ----------
    path
        The file.
    prepare
        See :data:`Prepare`; :func:`tables` makes one.
    what
        What the file is, for messages, such as ``ledger of verdicts``.
    advice
        What to do where it is damaged.
    create
        Make the file where it is missing.
    timeout
        Seconds to wait for another process that is writing.

    Attributes
    ----------
    connection
        Of SQLite, in autocommit mode.

    Raises
    ------
    RunError
        The file cannot be read, is damaged, locked, another kind of file, a symbolic link, or was
        written by a newer version.
    """

    def __init__(
        self,
        path: Path,
        *,
        prepare: Prepare,
        what: str,
        advice: str = "restore the file from a backup, or use another folder",
        create: bool = False,
        timeout: float = 10.0,
    ) -> None:
        self.path = path
        self.what = what
        self._advice = advice
        self._lock = threading.RLock()
        self._copy: tempfile.TemporaryDirectory[str] | None = None
        if path.is_symlink():
            raise RunError(
                f"{path} is a symbolic link: give the folder that it points to, more is written "
                "beside it"
            )
        if path.exists() and not path.is_file():
            raise RunError(f"{path} is no file: expected a {what}; move it away")
        with self.guard():
            if path.exists() and not writable(path):
                self._copy = tempfile.TemporaryDirectory(prefix="bayessel-")
                path = copy_to_read(path, Path(self._copy.name))
            self.connection = connect_whole(path, timeout=timeout, create=create)
            try:
                self.connection.execute("PRAGMA synchronous = FULL")
                prepare(self.connection)
                pages = self.connection.execute("PRAGMA quick_check(1)").fetchone()[0]
                if pages != "ok":
                    raise sqlite3.DatabaseError(pages)
            except BaseException:
                self.connection.close()
                raise

    @property
    def read_only(self) -> bool:
        """Whether the file cannot be written: it can be looked at, and takes nothing."""
        return self._copy is not None

    def rows(self, sql: str, values: tuple[Any, ...] | dict[str, Any] = ()) -> list[Any]:
        """All rows of a query."""
        with self._lock, self.guard():
            return self.connection.execute(sql, values).fetchall()

    def execute(self, sql: str, values: tuple[Any, ...] | dict[str, Any] = ()) -> int:
        """Run one statement that writes; returns the id of the row that it inserted.

        Outside of a :meth:`transaction` it is one of its own.
        """
        with self._lock, self.guard():
            self._require_writable()
            return int(self.connection.execute(sql, values).lastrowid or 0)

    @contextlib.contextmanager
    def transaction(self, *, kept: bool = True) -> Iterator[None]:
        """Several statements, all or none; what they wrote is on disk when the block ends.

        Parameters
        ----------
        kept
            Whether the file must be one that can be written; what can be computed again need not
            be kept.
        """
        if kept:
            self._require_writable()
        with self._lock, self.guard():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                with contextlib.suppress(sqlite3.Error):  # a full disk has rolled it back
                    self.connection.execute("ROLLBACK")
                raise
            self.connection.execute("COMMIT")

    def _require_writable(self) -> None:
        if self.read_only:
            raise RunError(
                f"the {self.what} {self.path} is read-only: it can be looked at with 'bayessel "
                "status'; make the file and its folder writable to go on"
            )

    def back_up(self, path: Path) -> None:
        """Write a copy with what only the log beside the file holds, too."""
        with self._lock, self.guard():
            back_up(self.connection, path)

    def close(self) -> None:
        """Close the file; what the log beside it holds is then in the file itself.

        While another process reads, what it needs stays in the log.
        """
        with self._lock:
            with contextlib.suppress(sqlite3.Error):
                self.connection.execute("PRAGMA busy_timeout = 200")
                self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self.connection.close()
            if self._copy is not None:
                self._copy.cleanup()

    @contextlib.contextmanager
    def guard(self) -> Iterator[None]:
        """Say what SQLite says in one sentence."""
        name = f"the {self.what} {self.path}"
        try:
            yield
        except sqlite3.OperationalError as error:
            text = str(error)
            if "locked" in text or "busy" in text:
                raise RunError(
                    f"{name} is locked by another process: wait for it to finish, or stop it, and "
                    "try again; nothing was stored"
                ) from error
            if "full" in text:
                raise RunError(
                    f"{name} cannot be written: the disk is full; free some space and try again, "
                    "nothing of this was stored"
                ) from error
            raise RunError(f"{name} cannot be used: {text}") from error
        except NewerFileError as error:
            raise RunError(
                f"{name} was written by a newer bayessel ({error}): update bayessel; the file was "
                "left as it is"
            ) from error
        except OtherFileError as error:
            raise RunError(
                f"{self.path} is not a {self.what} ({error}): it was left as it is"
            ) from error
        except sqlite3.DatabaseError as error:
            raise RunError(
                f"{name} is damaged or truncated ({error}): {self._advice}; it was left as it is"
            ) from error
        except OSError as error:
            raise RunError(f"cannot read {name}: {reason(error)}") from error


def tables(sql: str, *, application: int, version: int) -> Prepare:
    """Make the tables of a new file.

    Parameters
    ----------
    sql
        What makes the tables, statements with ``;`` between.
    application
        The file's mark (``PRAGMA application_id``), which tells it from other SQLite files.
    version
        Of the tables (``PRAGMA user_version``).
    """

    def prepare(db: sqlite3.Connection) -> None:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("BEGIN IMMEDIATE")
        try:
            found = db.execute("PRAGMA application_id").fetchone()[0]
            known = db.execute("PRAGMA user_version").fetchone()[0]
            if found == 0 and not db.execute("SELECT 1 FROM sqlite_master").fetchone():
                for statement in filter(str.strip, sql.split(";")):
                    db.execute(statement)
                db.execute(f"PRAGMA application_id = {application}")
                db.execute(f"PRAGMA user_version = {version}")
            elif found != application:
                raise OtherFileError("another program made it")
            elif known > version:
                raise NewerFileError(f"version {known}, this bayessel knows up to {version}")
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")

    return prepare
