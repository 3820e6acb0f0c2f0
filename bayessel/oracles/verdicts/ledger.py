"""The ledger of verdicts: every request on disk before it is made, every answer before it is used.

It lies beside the run's ledger of outcomes. A call that was in flight when its process ended keeps
its request without a verdict: it may have been paid for, and is counted so.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import threading
import uuid
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, NamedTuple, Self

from bayessel.errors import RunError
from bayessel.oracles.verdicts.record import Recorded, Request, State, Verdict
from bayessel.outcomes import Outcome
from bayessel.support.database import Database, tables
from bayessel.support.marker import adopt
from bayessel.support.text import one_line

DATABASE = "verdicts.db"
"""Name of the ledger of verdicts in a run folder."""

_APPLICATION = 0x62797631  # "byv1"
_VERSION = 1
_TABLES = """
CREATE TABLE requests (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    session TEXT NOT NULL,
    oracle TEXT NOT NULL,
    query TEXT NOT NULL,
    candidate TEXT NOT NULL,
    baseline_first INTEGER NOT NULL CHECK (baseline_first IN (0, 1)),
    repeat INTEGER NOT NULL,
    shown TEXT NOT NULL,
    most REAL NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX requests_by_key ON requests (key);
CREATE INDEX requests_by_cell ON requests (query, candidate);
CREATE TABLE verdicts (
    request INTEGER PRIMARY KEY REFERENCES requests (id),
    state TEXT NOT NULL,
    outcome INTEGER CHECK (outcome IN (-1, 0, 1)),
    both_bad INTEGER NOT NULL,
    text TEXT NOT NULL,
    detail TEXT NOT NULL,
    tokens_in INTEGER,
    tokens_out INTEGER,
    cost REAL,
    seconds REAL,
    identity TEXT NOT NULL,
    at TEXT NOT NULL,
    withdrawn TEXT,
    CHECK ((state = 'verdict') = (outcome IS NOT NULL))
) STRICT;
"""
"""``key`` is :attr:`Request.key`; ``shown`` is JSON; ``withdrawn`` is when a verdict was taken
back. Costs are in the run's unit. A request without a row in ``verdicts`` is in
flight, or its process ended before the answer came."""

_REQUEST = (
    "r.id, r.session, r.at, r.oracle, r.query, r.candidate, r.baseline_first, r.repeat, "
    "r.shown, r.most"
)
_VERDICT = (
    "v.state, v.outcome, v.both_bad, v.text, v.detail, v.tokens_in, v.tokens_out, v.cost, "
    "v.seconds, v.identity, v.at"
)


class Unsure(NamedTuple):
    """How many calls may have been paid for, and the most that they can have cost together."""

    calls: int
    most: float


class VerdictLedger:
    """The verdicts of a run, raw.

    Threads may share one; processes may open the same file.

    Parameters
    ----------
    path
        The file; it is made where it is missing.

    Raises
    ------
    RunError
        The file cannot be written, is damaged, locked, or not a ledger of verdicts.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.session = uuid.uuid4().hex
        self._clock = threading.Lock()
        self._last: str | None = None  # when the last answer came
        self._db = Database(
            path,
            prepare=tables(_TABLES, application=_APPLICATION, version=_VERSION),
            create=True,
            what="ledger of verdicts",
        )

    @classmethod
    def in_folder(cls, folder: Path) -> VerdictLedger:
        """The ledger of verdicts of a run folder; it is made where it is missing."""
        if not os.path.lexists(folder / DATABASE):
            adopt(folder, [DATABASE])
        return cls(folder / DATABASE)

    # ------------------------------------------------------------------ writing
    def begin(self, request: Request) -> int:
        """Write a request before it is made; returns its number. It is on disk then."""
        return self.begin_all([request])[0]

    def begin_all(self, requests: Iterable[Request]) -> list[int]:
        """Write several requests, all or none; returns their numbers."""
        with self._db.transaction():
            return [self._insert(request) for request in requests]

    def _insert(self, request: Request) -> int:
        return self._db.execute(
            "INSERT INTO requests (key, session, oracle, query, candidate, "
            "baseline_first, repeat, shown, most, at) VALUES (?,?,?,?,?,?,?,?,?,?)",
            (
                request.key,
                self.session,
                request.oracle,
                request.query,
                request.candidate,
                int(request.baseline_first),
                request.repeat,
                json.dumps(request.shown, ensure_ascii=False),
                request.most,
                _now(),
            ),
        )

    def begin_within(
        self, request: Request, limit: float | None, oracles: Collection[str]
    ) -> int | None:
        """Write a request if there is money for the most that it can cost; None where not.

        All in one transaction: several processes keep one limit.

        Parameters
        ----------
        request
            What would be asked.
        limit
            What may be spent in all; None for no limit.
        oracles
            Whose calls count.
        """
        with self._db.transaction():
            if limit is not None and self.spent(*oracles) + request.most > limit:
                return None
            return self._insert(request)

    def finish(self, number: int, verdict: Verdict) -> None:
        """Write what came of a request; it is on disk when this returns.

        A request has one verdict: a second one is refused by the database.
        """
        self._db.execute(
            "INSERT INTO verdicts (request, state, outcome, both_bad, text, detail, tokens_in, "
            "tokens_out, cost, seconds, identity, at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                number,
                verdict.state.value,
                None if verdict.outcome is None else int(verdict.outcome),
                int(verdict.both_bad),
                _storable(verdict.text),
                _storable(verdict.detail),
                verdict.tokens_in,
                verdict.tokens_out,
                verdict.cost,
                verdict.seconds,
                _storable(verdict.identity),
                self._later(),
            ),
        )

    def _later(self) -> str:
        """The time, or just after the last answer where the clock was set back: order counts."""
        with self._clock:
            if self._last is None:
                self._last = str(self._db.rows("SELECT max(at) FROM verdicts")[0][0] or "")
            now = _now()
            if now <= self._last:
                with contextlib.suppress(ValueError, OverflowError):  # no time: changed by hand
                    last = datetime.datetime.fromisoformat(self._last)
                    now = _written(last + datetime.timedelta(milliseconds=1))
            self._last = now
            return now

    def withdraw(self, number: int) -> None:
        """Take a verdict back; it stays in the ledger, and counts no more."""
        self._db.execute("UPDATE verdicts SET withdrawn = ? WHERE request = ?", (_now(), number))

    # ------------------------------------------------------------------ reading
    def answered(self, request: Request, *, retry: bool = False) -> Verdict | None:
        """What came of the same request before; None where it must be made.

        Parameters
        ----------
        request
            What would be asked.
        retry
            Only a verdict counts: what failed is asked again.
        """
        found = self._recorded("r.key = ? AND v.request IS NOT NULL", (request.key,))
        states = {State.VERDICT} if retry else set(State)
        kept = [r.verdict for r in found if r.verdict is not None and r.verdict.state in states]
        verdicts = [v for v in kept if v.state is State.VERDICT]
        return next(reversed(verdicts or kept), None)

    @property
    def all(self) -> list[Recorded]:
        """Every request, oldest first, with its verdict; those withdrawn are left out."""
        return self._recorded("1", ())

    def of_cell(self, query: str, candidate: str) -> list[Recorded]:
        """The requests of one cell, oldest first; verdicts withdrawn are left out."""
        return self._recorded("r.query = ? AND r.candidate = ?", (query, candidate))

    @property
    def in_flight(self) -> list[Recorded]:
        """Calls without an answer: those of other sessions may have been paid for.

        Questions that are open before people are no calls.
        """
        return self._recorded("v.request IS NULL AND json_extract(r.shown, '$.by') IS NULL", ())

    @property
    def unsure(self) -> Unsure:
        """Calls that ended with an error and may have been paid for, withdrawn ones included."""
        calls, most = self._db.rows(
            "SELECT count(*), coalesce(sum(r.most), 0) FROM requests r "
            "JOIN verdicts v ON v.request = r.id WHERE v.state = 'error' AND v.cost IS NULL"
        )[0]
        return Unsure(int(calls), float(most))

    def spent(self, *oracles: str) -> float:
        """What calls cost, withdrawn ones included, and the most that those in flight may cost.

        A call whose cost is unknown counts with the most that it can cost.

        Parameters
        ----------
        *oracles
            Whose calls; all without any.
        """
        which = f"WHERE r.oracle IN ({','.join('?' * len(oracles))})" if oracles else ""
        rows = self._db.rows(
            "SELECT coalesce(sum(coalesce(v.cost, r.most)), 0) FROM requests r "
            f"LEFT JOIN verdicts v ON v.request = r.id {which}",
            oracles,
        )
        return float(rows[0][0])

    def tries(self, request: Request) -> int:
        """How often the same was asked and something came of it, withdrawn or not."""
        return int(
            self._db.rows(
                "SELECT count(*) FROM requests r JOIN verdicts v ON v.request = r.id "
                "WHERE r.key = ?",
                (request.key,),
            )[0][0]
        )

    def judged_twice(self, oracles: Collection[str] | None = None) -> int:
        """Cells with two verdicts or more, of one LLM judge or of people together.

        Parameters
        ----------
        oracles
            Whose verdicts; all where None.
        """
        which, names = "1", tuple(oracles or ())
        if oracles is not None:
            which = f"r.oracle IN ({','.join('?' * len(names))})"
        rows = self._db.rows(
            "SELECT count(*) FROM (SELECT 1 FROM requests r JOIN verdicts v ON v.request = r.id "
            f"WHERE v.outcome IS NOT NULL AND v.withdrawn IS NULL AND {which} "
            "GROUP BY CASE WHEN json_extract(r.shown, '$.by') IS NULL THEN r.oracle END, "
            "r.query, r.candidate HAVING count(*) > 1)",
            names,
        )
        return int(rows[0][0])

    def _recorded(self, where: str, values: tuple[Any, ...]) -> list[Recorded]:
        rows = self._db.rows(
            f"SELECT {_REQUEST}, {_VERDICT} FROM requests r "
            "LEFT JOIN verdicts v ON v.request = r.id "
            f"WHERE v.withdrawn IS NULL AND {where} ORDER BY r.id",
            values,
        )
        return [self._read(row) for row in rows]

    def _read(self, row: tuple[Any, ...]) -> Recorded:
        """A row as it was written; a row that was changed by hand is refused."""
        try:
            return _read(row)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise RunError(
                f"the ledger of verdicts {self.path} is damaged (request {row[0]}: "
                f"{one_line(error)}): restore the file from a backup, or use another folder; it "
                "was left as it is"
            ) from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _read(row: tuple[Any, ...]) -> Recorded:
    number, session, at, oracle, query, candidate, first, repeat, shown, most, *rest, answered = row
    what = json.loads(shown)
    if not isinstance(what, dict | None):
        raise ValueError("what was shown is not told as bayessel does")
    request = Request(oracle, query, candidate, bool(first), repeat, what, most)
    verdict = None
    if rest[0] is not None:
        state, outcome, both_bad, *others = rest
        said = None if outcome is None else Outcome(outcome)
        verdict = Verdict(State(state), said, bool(both_bad), *others)
    return Recorded(number, request, verdict, session, at, answered or "")


def _storable(text: str) -> str:
    r"""A text that SQLite takes: half of a character is written as ``\ud800``."""
    return text.encode("utf-8", "backslashreplace").decode()


def _now() -> str:
    return _written(datetime.datetime.now(datetime.UTC))


def _written(time: datetime.datetime) -> str:
    return time.isoformat(timespec="milliseconds")
