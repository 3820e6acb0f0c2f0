"""The ledger: every answer that was bought, on disk before anything else happens.

SQLite in WAL mode with full synchronisation: an answer is durable when :meth:`Ledger.store`
returns, and a process killed at any moment leaves a database that opens with every answer that was
stored. A new ledger appears under its name only when complete.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bayessel.errors import OutcomeError, RunError
from bayessel.selection import schema
from bayessel.selection.answers import Answer, contradiction
from bayessel.selection.ledger_files import publish, refuse_truncated
from bayessel.support.files import sync

DATABASE = "run.db"
"""Name of the ledger in a run folder."""


class Told(NamedTuple):
    """Cells that an answer changed; the others were stored before with the same outcome."""

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
                self._prepare()
            except BaseException:
                self._db.close()
                raise

    def _prepare(self) -> None:
        """Refuse what is not a sound ledger; bring an old one up to date."""
        self._db.execute("PRAGMA synchronous = FULL")
        schema.bring_up_to_date(self._db)
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
                schema.create(db)
                rows = [(k, json.dumps(v)) for k, v in meta.items()]
                db.executemany("INSERT INTO meta VALUES (?, ?)", rows)
            publish(partial, path)
            sync(path.parent)
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
                "SELECT query, candidate, outcome FROM answers ORDER BY id"
            ).fetchall()

    @property
    def revision(self) -> tuple[int, int]:
        """Numbers of cells and of corrections; it changes whenever an outcome does."""
        with self._guard():
            cells, corrections = self._db.execute(
                "SELECT (SELECT count(*) FROM answers), (SELECT count(*) FROM replaced)"
            ).fetchone()
        return cells, corrections

    @property
    def asked(self) -> list[str]:
        """Queries that were asked; the one asked last is the last."""
        with self._guard():
            return [q for (q,) in self._db.execute("SELECT query FROM asks ORDER BY id")]

    @property
    def waiting(self) -> list[str]:
        """Queries that were asked and have no answer; the one asked last is the last."""
        done = {query for query, _, _ in self.answers}
        return [query for query in self.asked if query not in done]

    @property
    def still_asked(self) -> str | None:
        """The query asked last, if no outcome changed since."""
        with self._guard():
            found = self._db.execute(
                "SELECT query FROM asks WHERE revision = ? "
                "AND query NOT IN (SELECT query FROM answers) ORDER BY id DESC LIMIT 1",
                (sum(self.revision),),
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
                "INSERT OR REPLACE INTO asks (query, at, revision) VALUES (?, ?, ?)",
                (query, _now(), sum(self.revision)),
            )

    def store(
        self, answer: Answer, *, source: str, unasked: bool = False, replace: bool = False
    ) -> Told:
        """Store the outcomes of one query, all or none; durable when this returns.

        Parameters
        ----------
        answer
            Parsed outcomes of a query that was asked.
        source
            Where they come from, for the record.
        unasked
            Accept a query that was not asked.
        replace
            Correct outcomes that were stored before; the old ones are kept aside.

        Returns
        -------
        Told
            How many cells are new, and how many were corrected.

        Raises
        ------
        OutcomeError
            A query that was not asked, or a cell that was stored before with another outcome.
            Nothing is stored then.
        """
        if not unasked and answer.query not in self.asked:
            raise self._not_asked(answer.query)
        new = corrected = 0
        with self._transaction():
            known = dict(
                self._db.execute(
                    "SELECT candidate, outcome FROM answers WHERE query = ?", (answer.query,)
                )
            )
            for candidate, outcome in answer.outcomes.items():
                if candidate not in known:
                    new += 1
                    self._add(answer.query, candidate, outcome, source)
                elif known[candidate] != outcome:
                    if not replace:
                        advice = "; nothing was stored, add --replace to correct it"
                        before = known[candidate]
                        raise contradiction(answer.query, candidate, before, outcome, advice)
                    corrected += 1
                    self._correct(answer.query, candidate, outcome, source)
        return Told(new, corrected)

    def _not_asked(self, query: str) -> OutcomeError:
        waiting = self.waiting
        was = f"the query asked is {waiting[-1]!r}" if waiting else "no query is open"
        return OutcomeError(
            f"query {query!r} was not asked ({was}; see 'bayessel next'): if it was judged all "
            "the same, add --unasked"
        )

    def _add(self, query: str, candidate: str, outcome: int, source: str) -> None:
        self._db.execute(
            "INSERT INTO answers (query, candidate, outcome, source, at) VALUES (?, ?, ?, ?, ?)",
            (query, candidate, int(outcome), source, _now()),
        )

    def _correct(self, query: str, candidate: str, outcome: int, source: str) -> None:
        self._db.execute(
            "INSERT INTO replaced SELECT query, candidate, outcome, at FROM answers "
            "WHERE query = ? AND candidate = ?",
            (query, candidate),
        )
        self._db.execute(
            "UPDATE answers SET outcome = ?, source = ?, at = ? WHERE query = ? AND candidate = ?",
            (int(outcome), source, _now(), query, candidate),
        )
        self._db.execute("DELETE FROM steps")  # computed from the old outcome

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
                    "finish, or stop it, and try again; nothing was stored"
                ) from error
            raise RunError(f"the run database {self.path} cannot be used: {text}") from error
        except schema.NewerLedgerError as error:
            raise RunError(
                f"the run database {self.path} was written by a newer bayessel ({error}): update "
                "bayessel; the file was left as it is"
            ) from error
        except sqlite3.DatabaseError as error:
            raise RunError(
                f"the run database {self.path} is damaged or truncated ({error}): restore the "
                "file from a backup, or start a run in another folder; it was left as it is"
            ) from error


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
