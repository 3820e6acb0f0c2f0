"""A SQLite file that survives kills: WAL, full synchronisation, clear errors."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bayessel.errors import RunError


class Database:
    """A SQLite file in WAL mode, for the threads of one process and for several processes.

    What a :meth:`transaction` wrote is on disk when its block ends.

    Parameters
    ----------
    path
        The file; it is made where it is missing.
    tables
        SQL that makes the tables of a new file.
    application
        The file's mark (``PRAGMA application_id``), which tells it from other SQLite files.
    version
        Of the tables (``PRAGMA user_version``).
    what
        What the file is, for messages, such as ``verdict ledger``.
    timeout
        Seconds to wait for another process that is writing.

    Raises
    ------
    RunError
        The file cannot be written, is damaged, locked, another kind of file, or was written by a
        newer version.
    """

    def __init__(
        self,
        path: Path,
        *,
        tables: str,
        application: int,
        version: int,
        what: str,
        timeout: float = 10.0,
    ) -> None:
        self.path = path
        self.what = what
        self._lock = threading.RLock()
        with self.guard():
            if path.is_symlink():
                raise RunError(f"{path} is a link: give the {what} itself")
            self._db = sqlite3.connect(
                path, timeout=timeout, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare(tables, application, version)
            except BaseException:
                self._db.close()
                raise

    def _prepare(self, tables: str, application: int, version: int) -> None:
        """Make the tables of a new file; refuse a file that is not sound or not of this kind."""
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA foreign_keys = ON")
        with self.transaction():
            found = self._db.execute("PRAGMA application_id").fetchone()[0]
            known = self._db.execute("PRAGMA user_version").fetchone()[0]
            if found == 0 and not self._db.execute("SELECT 1 FROM sqlite_master").fetchone():
                for statement in filter(str.strip, tables.split(";")):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA application_id = {application}")
                self._db.execute(f"PRAGMA user_version = {version}")
            elif found != application:
                raise RunError(f"{self.path} is not a {self.what}: it was left as it is")
            elif known > version:
                raise RunError(
                    f"the {self.what} {self.path} was written by a newer bayessel (version "
                    f"{known}, this one knows up to {version}): update bayessel; the file was "
                    "left as it is"
                )
        pages = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if pages != "ok":
            raise sqlite3.DatabaseError(pages)

    def rows(self, sql: str, values: tuple[Any, ...] | dict[str, Any] = ()) -> list[Any]:
        """All rows of a query."""
        with self._lock, self.guard():
            return self._db.execute(sql, values).fetchall()

    def execute(self, sql: str, values: tuple[Any, ...] | dict[str, Any] = ()) -> int:
        """Run one statement; returns the id of the row that it inserted.

        Outside of a :meth:`transaction` it is one of its own.
        """
        with self._lock, self.guard():
            return int(self._db.execute(sql, values).lastrowid or 0)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Several statements, all or none; what they wrote is on disk when the block ends."""
        with self._lock, self.guard():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                with contextlib.suppress(sqlite3.Error):  # a full disk has rolled it back
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def close(self) -> None:
        """Close the file; the write-ahead log is moved into it where no other process has it."""
        with self._lock:
            self._db.close()

    @contextlib.contextmanager
    def guard(self) -> Iterator[None]:
        """Say what SQLite says in one sentence."""
        try:
            yield
        except sqlite3.OperationalError as error:
            text = str(error)
            if "locked" in text or "busy" in text:
                raise RunError(
                    f"the {self.what} {self.path} is locked by another process: wait for it to "
                    "finish, or stop it, and try again; nothing was stored"
                ) from error
            if "full" in text:
                raise RunError(
                    f"the {self.what} {self.path} cannot be written: the disk is full; free some "
                    "space and try again, nothing of this was stored"
                ) from error
            raise RunError(f"the {self.what} {self.path} cannot be used: {text}") from error
        except sqlite3.DatabaseError as error:
            raise RunError(
                f"the {self.what} {self.path} is damaged ({error}): restore the file from a "
                "backup, or use another folder; it was left as it is"
            ) from error
