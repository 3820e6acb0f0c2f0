"""The ledger: every answer that was bought, on disk before anything else happens.

SQLite in WAL mode with full synchronisation: an answer is durable when :meth:`Ledger.record`
returns, and a process killed at any moment leaves a database that opens with every answer that was
recorded. A new ledger appears under its name only when complete.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bayessel.errors import OutcomeError, RunError, did_you_mean
from bayessel.outcomes import NAMES
from bayessel.selection.answers import parse_answers
from bayessel.selection.ledger_files import publish, refuse_truncated, sync_folder

DATABASE = "run.db"
"""Name of the ledger in a run folder."""

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE asks (id INTEGER PRIMARY KEY, query TEXT NOT NULL UNIQUE, at TEXT NOT NULL) STRICT;
CREATE TABLE answers (
    id INTEGER PRIMARY KEY,
    query TEXT NOT NULL,
    model TEXT NOT NULL,
    outcome INTEGER NOT NULL CHECK (outcome IN (-1, 0, 1)),
    source TEXT NOT NULL,
    at TEXT NOT NULL,
    UNIQUE (query, model)
) STRICT;
CREATE TABLE replaced (
    query TEXT NOT NULL, model TEXT NOT NULL, outcome INTEGER NOT NULL, at TEXT NOT NULL
) STRICT;
CREATE TABLE steps (annotations INTEGER PRIMARY KEY, row TEXT NOT NULL) STRICT;
"""
_APPLICATION_ID = 0x62796C31  # "byl1"


class Told(NamedTuple):
    """Cells that an answer changed; the others were recorded before with the same outcome."""

    new: int
    corrected: int


class Ledger:
    """One run's answers.

    Parameters
    ----------
    path
        The database file.
    timeout
        Seconds to wait for another process that is writing.

    Raises
    ------
    RunError
        The file is missing, damaged, locked, or not a ledger.
    """

    def __init__(self, path: Path, *, timeout: float = 5.0) -> None:
        self.path = path
        with self._guard():
            refuse_truncated(path)
            uri = f"{path.resolve().as_uri()}?mode=rw"
            self._db = sqlite3.connect(uri, uri=True, timeout=timeout, isolation_level=None)
            try:
                self._check()
            except BaseException:
                self._db.close()
                raise

    def _check(self) -> None:
        self._db.execute("PRAGMA synchronous = FULL")
        if self._db.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION_ID:
            raise sqlite3.DatabaseError("not a bayessel ledger")
        pages = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if pages != "ok":
            raise sqlite3.DatabaseError(pages)

    @classmethod
    def in_folder(cls, folder: Path) -> Ledger:
        """Open the ledger of a run folder.

        Raises
        ------
        RunError
            There is none, or it is damaged or locked.
        """
        path = folder / DATABASE
        if not path.is_file():
            raise RunError(
                f"no run in {folder}: begin one with 'bayessel start PATH --out {folder}' "
                f"(or 'bayessel select PATH --out {folder}')"
            )
        return cls(path)

    @classmethod
    def create(cls, path: Path, meta: Mapping[str, Any]) -> Ledger:
        """Create a ledger; it appears under ``path`` only when complete, and never over another.

        Parameters
        ----------
        path
            Where.
        meta
            What identifies the run, as JSON values by name: at least ``queries`` [N],
            ``candidates`` [M] and ``baseline``, against which answers are checked.

        Raises
        ------
        FileExistsError
            There is a file, perhaps since a moment ago; it is left as it is.
        RunError
            The folder cannot be written.
        """
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            partial.unlink(missing_ok=True)
            with contextlib.closing(sqlite3.connect(partial, isolation_level=None)) as db:
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = FULL")
                db.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
                db.executescript("BEGIN;" + _SCHEMA + "COMMIT;")
                rows = [(k, json.dumps(v)) for k, v in meta.items()]
                db.executemany("INSERT INTO meta VALUES (?, ?)", rows)
            publish(partial, path)
            sync_folder(path.parent)
        except FileExistsError:
            raise
        except (OSError, sqlite3.Error) as error:
            raise RunError(f"cannot create the run database {path}: {error}") from error
        return cls(path)

    # ------------------------------------------------------------------ reading
    @property
    def meta(self) -> dict[str, Any]:
        """What was given to :meth:`create`."""
        with self._guard():
            rows = self._db.execute("SELECT key, value FROM meta").fetchall()
        return {k: json.loads(v) for k, v in rows}

    @property
    def answers(self) -> list[tuple[str, str, int]]:
        """(query, candidate, outcome) of every cell, oldest first."""
        with self._guard():
            return self._db.execute(
                "SELECT query, model, outcome FROM answers ORDER BY id"
            ).fetchall()

    @property
    def asked(self) -> list[str]:
        """Queries that were asked, oldest first."""
        with self._guard():
            return [q for (q,) in self._db.execute("SELECT query FROM asks ORDER BY id")]

    @property
    def waiting(self) -> list[str]:
        """Queries that were asked and have no answer, oldest first."""
        done = {query for query, _, _ in self.answers}
        return [query for query in self.asked if query not in done]

    @property
    def still_asked(self) -> str | None:
        """The query asked last, if nothing was told since."""
        with self._guard():
            found = self._db.execute(
                "SELECT query FROM asks WHERE at > (SELECT coalesce(max(at), '') FROM answers) "
                "AND query NOT IN (SELECT query FROM answers) ORDER BY id DESC LIMIT 1"
            ).fetchone()
        return None if found is None else str(found[0])

    @property
    def steps(self) -> list[dict[str, Any]]:
        """Rows of the history that were kept."""
        with self._guard():
            rows = self._db.execute("SELECT row FROM steps ORDER BY annotations").fetchall()
        return [json.loads(row) for (row,) in rows]

    # ------------------------------------------------------------------ writing
    def ask(self, query: str) -> None:
        """Remember that a query was asked."""
        with self._transaction():
            self._db.execute(
                "INSERT OR IGNORE INTO asks (query, at) VALUES (?, ?)", (query, _now())
            )

    def tell(
        self,
        query: str,
        outcomes: Mapping[str, Any] | Sequence[Any],
        *,
        source: str = "tell",
        unasked: bool = False,
        replace: bool = False,
    ) -> Told:
        """Record outcomes of one query, all or none; durable when this returns.

        Parameters
        ----------
        query
            A query that was asked.
        outcomes
            See :func:`bayessel.selection.answers.parse_answers`.
        source
            Where they come from, for the record.
        unasked
            Accept a query that was not asked.
        replace
            Correct outcomes that were recorded before; the old ones are kept aside.

        Returns
        -------
        Told
            How many cells are new, and how many were corrected.

        Raises
        ------
        UnknownNameError
            An unknown query or candidate.
        OutcomeError
            A query that was not asked, no outcome or an unknown one, or a cell that was recorded
            before with another outcome. Nothing is recorded then.
        """
        meta = self.meta
        if query not in meta["queries"]:
            raise did_you_mean(query, meta["queries"], "query")
        answers = parse_answers(meta["candidates"], meta["baseline"], outcomes)
        if not unasked and query not in self.asked:
            waiting = self.waiting
            was = f"the query asked is {waiting[-1]!r}" if waiting else "no query is open"
            raise OutcomeError(
                f"query {query!r} was not asked ({was}; see 'bayessel next'): if it was judged all "
                "the same, add --unasked"
            )
        new = corrected = 0
        with self._transaction():
            known = dict(
                self._db.execute("SELECT model, outcome FROM answers WHERE query = ?", (query,))
            )
            for model, outcome in answers.items():
                if model not in known:
                    new += 1
                    self._db.execute(
                        "INSERT INTO answers (query, model, outcome, source, at) "
                        "VALUES (?, ?, ?, ?, ?)",
                        (query, model, outcome, source, _now()),
                    )
                elif known[model] != outcome:
                    if not replace:
                        raise OutcomeError(
                            f"query {query!r} was already judged for {model!r}: "
                            f"{NAMES[known[model] + 1]}, now {NAMES[outcome + 1]}; nothing was "
                            "recorded, add --replace to correct it"
                        )
                    corrected += 1
                    self._db.execute(
                        "INSERT INTO replaced SELECT query, model, outcome, at FROM answers "
                        "WHERE query = ? AND model = ?",
                        (query, model),
                    )
                    self._db.execute(
                        "UPDATE answers SET outcome = ?, source = ?, at = ? "
                        "WHERE query = ? AND model = ?",
                        (outcome, source, _now(), query, model),
                    )
                    self._db.execute("DELETE FROM steps")  # computed from the old outcome
        return Told(new, corrected)

    def remember(self, key: str, value: Any) -> None:
        """Set one value of :attr:`meta`."""
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))

    def keep_step(self, annotations: int, row: Mapping[str, Any]) -> None:
        """Keep a row of the history; it can be computed again from the answers."""
        with self._transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO steps VALUES (?, ?)", (annotations, json.dumps(row))
            )

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._guard():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextlib.contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            text = str(error)
            if "locked" in text or "busy" in text:
                raise RunError(
                    f"the run database {self.path} is locked by another process: wait for it to "
                    "finish, or stop it, and try again; nothing was recorded"
                ) from error
            raise RunError(f"the run database {self.path} cannot be used: {text}") from error
        except sqlite3.DatabaseError as error:
            raise RunError(
                f"the run database {self.path} is damaged or truncated ({error}): restore the "
                "file from a backup, or start a run in another folder; it was left as it is"
            ) from error


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
