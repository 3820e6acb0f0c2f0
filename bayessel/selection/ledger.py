"""The ledger: every answer that was bought, on disk before anything else happens.

SQLite in WAL mode with full synchronisation: an answer is durable when :meth:`Ledger.store`
returns, and a process killed at any moment leaves a database that opens with every answer that was
stored. A new ledger appears under its name only when complete.
"""

from __future__ import annotations

import contextlib
import datetime
import itertools
import json
import math
import shlex
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bayessel.errors import BayesselError, OutcomeError, RunError
from bayessel.outcomes import Outcome
from bayessel.selection import schema
from bayessel.selection.answers import Answer, contradiction
from bayessel.selection.question import Asked, Question, Reasons
from bayessel.selection.run_meta import read_meta
from bayessel.support.database import Database
from bayessel.support.files import publish, reason, sync
from bayessel.support.leftovers import clean, partial_name
from bayessel.support.text import listing

DATABASE = "run.db"
"""Name of the ledger in a run folder."""


class Told(NamedTuple):
    """Cells that answers changed; the others were stored before with the same outcome."""

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
        self._file = Database(
            path,
            prepare=schema.bring_up_to_date,
            what="run database",
            advice="restore the file from a backup, or start a run in another folder",
            timeout=timeout,
        )
        self._db = self._file.connection
        try:
            _ = self.meta
        except BaseException:
            self.close()
            raise

    @property
    def read_only(self) -> bool:
        """Whether the file cannot be written: it can be looked at, and takes no answers."""
        return self._file.read_only

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
            out = shlex.quote(str(folder))
            raise RunError(
                f"no run in {folder}: begin one with 'bayessel start PATH --out {out}' "
                f"(or 'bayessel select PATH --out {out}')"
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
        partial = path.with_name(partial_name(path.name))
        try:
            clean(path.parent)
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
            why = reason(error) if isinstance(error, OSError) else error
            raise RunError(f"cannot create the run database {path}: {why}") from error
        return cls(path)

    # ------------------------------------------------------------------ reading
    @property
    def meta(self) -> dict[str, Any]:
        """What was given to :meth:`create`."""
        with self._reading():
            return read_meta(self._db.execute("SELECT key, value FROM meta"), self.path)

    @property
    def answers(self) -> list[tuple[str, str, int]]:
        """(query, candidate, outcome) of every cell, oldest first."""
        with self._reading():
            return self._db.execute(
                "SELECT query, candidate, outcome FROM answers ORDER BY id"
            ).fetchall()

    @property
    def sources(self) -> dict[tuple[str, str], str]:
        """Where the outcome of each cell (query, candidate) came from, oldest first."""
        with self._reading():
            return {
                (query, candidate): source
                for query, candidate, source in self._db.execute(
                    "SELECT query, candidate, source FROM answers ORDER BY id"
                )
            }

    @property
    def revision(self) -> tuple[int, int]:
        """Numbers of cells and of corrections; it changes whenever an outcome does."""
        with self._reading():
            cells, corrections = self._db.execute(
                "SELECT (SELECT count(*) FROM answers), (SELECT count(*) FROM replaced)"
            ).fetchone()
        return cells, corrections

    @property
    def _changes(self) -> int:
        """A number that grows whenever an outcome is told, corrected or taken back."""
        cells, corrections = self.revision
        return cells + 2 * corrections  # one taken back is a cell less, and one correction more

    def tells(self, skip: int = 0) -> list[Answer]:
        """Answers as they were told, oldest first; the first ``skip`` cells are left out."""
        with self._reading():
            rows = self._db.execute(
                "SELECT told, query, candidate, outcome FROM answers ORDER BY id LIMIT -1 OFFSET ?",
                (skip,),
            ).fetchall()
            return [
                Answer(query, {candidate: Outcome(outcome) for _, _, candidate, outcome in cells})
                for (_, query), cells in itertools.groupby(rows, key=lambda row: row[:2])
            ]

    @property
    def asked(self) -> list[Asked]:
        """Questions that were asked, oldest first."""
        return self._questions("SELECT {columns} FROM questions ORDER BY id")

    def reasons(self, query: str | None = None) -> Reasons:
        """The question asked last for each cell, of one query or of all."""
        some = "SELECT {columns} FROM questions WHERE query = ? ORDER BY id"
        asked = self.asked if query is None else self._questions(some, (query,))
        return {
            (one.question.query, candidate): one
            for one in asked
            for candidate in one.question.candidates
        }

    @property
    def waiting(self) -> list[Question]:
        """What was asked and has no answer, one question a query; asked last is last."""
        done = {(query, candidate) for query, candidate, _ in self.answers}
        open_: dict[str, Question] = {}
        for asked in self.asked:
            query, before = asked.question.query, open_.pop(asked.question.query, None)
            named = dict.fromkeys(
                (*(before.candidates if before else ()), *asked.question.candidates)
            )
            left = tuple(name for name in named if (query, name) not in done)
            if left:
                open_[query] = Question(query, left, asked.question.why)
        return list(open_.values())

    def left_of_batch(self, batch: int) -> list[Question]:
        """What has no answer of the batch that was asked last, if that was of this size."""
        done = {(query, candidate) for query, candidate, _ in self.answers}
        asked = self._questions(
            "SELECT {columns} FROM questions WHERE ask = (SELECT max(ask) FROM questions) "
            "AND batch IS ? ORDER BY id",
            (batch,),
        )
        left = []
        for one in asked:
            question = one.question
            names = tuple(n for n in question.candidates if (question.query, n) not in done)
            if names:
                left.append(Question(question.query, names, question.why))
        return left

    def still_asked(self, batch: int | None = None) -> list[Question]:
        """The questions asked last in such a batch, if no outcome changed since; else none."""
        found = self._questions(
            "SELECT {columns} FROM questions WHERE ask = (SELECT ask FROM questions "
            "WHERE revision = ? AND batch IS ? ORDER BY id DESC LIMIT 1) ORDER BY id",
            (self._changes, batch),
        )
        return [asked.question for asked in found]

    def _questions(self, sql: str, values: tuple[Any, ...] = ()) -> list[Asked]:
        columns = "query, candidates, why, score, error, chance, cost"
        with self._reading():
            rows = self._db.execute(sql.format(columns=columns), values).fetchall()
            return [
                Asked(
                    Question(query, tuple(json.loads(candidates)), why),
                    *(math.nan if number is None else number for number in numbers),
                )
                for query, candidates, why, *numbers in rows
            ]

    @property
    def steps(self) -> list[dict[str, Any]]:
        """Rows of the history that were kept."""
        with self._reading():
            rows = self._db.execute("SELECT row FROM steps ORDER BY call").fetchall()
            return [json.loads(row) for (row,) in rows]

    def step(self, call: int) -> dict[str, Any] | None:
        """The row of the history that was kept for a call, if it was."""
        with self._reading():
            found = self._db.execute("SELECT row FROM steps WHERE call = ?", (call,)).fetchone()
            return None if found is None else json.loads(found[0])

    # ------------------------------------------------------------------ writing
    def ask(self, questions: Sequence[Asked], batch: int | None = None) -> None:
        """Remember questions that were asked together.

        Parameters
        ----------
        questions
            Them.
        batch
            Calls that were asked for at once; None for one question.
        """
        with self._file.transaction():
            revision = self._changes
            last = self._db.execute("SELECT coalesce(max(ask), 0) FROM questions").fetchone()[0]
            self._db.executemany(
                "INSERT INTO questions (ask, batch, query, candidates, why, score, error, chance, "
                "cost, at, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        last + 1,
                        batch,
                        asked.question.query,
                        json.dumps(asked.question.candidates, ensure_ascii=False),
                        asked.question.why,
                        *(
                            None if math.isnan(number) else number
                            for number in (asked.score, asked.error, asked.chance, asked.cost)
                        ),
                        _now(),
                        revision,
                    )
                    for asked in questions
                ],
            )

    def store(
        self,
        *answers: Answer,
        source: str,
        unasked: bool = False,
        replace: bool = False,
    ) -> Told:
        """Store answers, all or none; they are durable when this returns.

        Parameters
        ----------
        answers
            Parsed outcomes of cells that were asked for.
        source
            Where they come from, for the record.
        unasked
            Accept cells that were not asked for.
        replace
            Correct outcomes that were stored before; the old ones are kept aside.

        Returns
        -------
        Told
            How many cells are new, and how many were corrected.

        Raises
        ------
        OutcomeError
            A cell that was not asked for, or one that was stored before with another outcome.
            Nothing is stored then.
        """
        new = corrected = 0
        with self._file.transaction():
            for answer in answers:
                known = dict(
                    self._db.execute(
                        "SELECT candidate, outcome FROM answers WHERE query = ?", (answer.query,)
                    )
                )
                if not unasked:
                    self._refuse_unasked(answer, known)
                told = self._db.execute("SELECT coalesce(max(told), 0) + 1 FROM answers")
                number = told.fetchone()[0]
                for candidate, outcome in answer.outcomes.items():
                    if candidate not in known:
                        new += 1
                        self._add(number, answer.query, candidate, outcome, source)
                    elif known[candidate] != outcome:
                        if not replace:
                            advice = "; nothing was stored, add --replace to correct it"
                            before = known[candidate]
                            raise contradiction(answer.query, candidate, before, outcome, advice)
                        corrected += 1
                        self._correct(answer.query, candidate, outcome, source)
        return Told(new, corrected)

    def _refuse_unasked(self, answer: Answer, known: Mapping[str, int]) -> None:
        """Raise OutcomeError where a cell was neither asked for nor judged before."""
        asked = {
            name
            for (names,) in self._db.execute(
                "SELECT candidates FROM questions WHERE query = ?", (answer.query,)
            )
            for name in json.loads(names)
        }
        if not asked and answer.outcomes.keys() - known.keys():
            waiting = [question.query for question in self.waiting]
            was = "no question is open"
            if waiting:
                was = f"asked and not answered: {listing(reversed(waiting))}"
            raise OutcomeError(
                f"query {answer.query!r} was not asked ({was}; see 'bayessel next'): if it was "
                "judged all the same, add --unasked"
            )
        for name in answer.outcomes:
            if name not in asked and name not in known:
                raise OutcomeError(
                    f"candidate {name!r} was not asked for on query {answer.query!r} (asked: "
                    f"{listing(sorted(asked))}): if it was judged all the same, add --unasked"
                )

    def _add(self, told: int, query: str, candidate: str, outcome: int, source: str) -> None:
        self._db.execute(
            "INSERT INTO answers (told, query, candidate, outcome, source, at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (told, query, candidate, int(outcome), source, _now()),
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

    def take_back(self, query: str, candidate: str, *, source: str) -> bool:
        """Remove the outcome of a cell that ``source`` told; it is kept aside.

        Returns
        -------
        bool
            Whether there was one.
        """
        with self._file.transaction():
            cell = (query, candidate, source)
            found = self._db.execute(
                "SELECT 1 FROM answers WHERE query = ? AND candidate = ? AND source = ?", cell
            ).fetchone()
            if found is None:
                return False
            self._db.execute(
                "INSERT INTO replaced SELECT query, candidate, outcome, at FROM answers "
                "WHERE query = ? AND candidate = ?",
                cell[:2],
            )
            self._db.execute("DELETE FROM answers WHERE query = ? AND candidate = ?", cell[:2])
            self._db.execute("DELETE FROM steps")  # computed with the outcome
        return True

    def remember(self, key: str, value: Any) -> None:
        """Set one value of :attr:`meta`."""
        with self._file.transaction():
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))

    def change(self, key: str, change: Callable[[Any], Any]) -> Any:
        """Replace one value of :attr:`meta` by what ``change`` makes of it; returns the new one.

        No other process can change it meanwhile. The value is None where there is none.
        """
        with self._file.transaction():
            found = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
            value = change(None if found is None else json.loads(found[0]))
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))
        return value

    def keep_steps(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Keep rows of the history by their ``call``; they can be computed from the answers."""
        with self._file.transaction(kept=False):
            self._db.executemany(
                "INSERT OR REPLACE INTO steps VALUES (?, ?)",
                [(row["call"], json.dumps(row, ensure_ascii=False)) for row in rows],
            )

    def back_up(self, path: Path) -> None:
        """Write a copy with every answer, also those that only the log beside the file holds.

        Raises
        ------
        RunError
            It cannot be written.
        """
        self._file.back_up(path)

    def close(self) -> None:
        """Close the database; every answer is then in the file itself, without its log.

        While another process reads, what it needs stays in the log.
        """
        self._file.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        """Where a value is not what was written, say that the file is damaged."""
        with self._file.guard():
            try:
                yield
            except BayesselError:
                raise
            except (ValueError, TypeError, KeyError, RecursionError) as error:
                raise sqlite3.DatabaseError(f"a value cannot be read: {error}") from error


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
