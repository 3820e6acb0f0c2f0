"""The tables of a ledger, and the steps from one version of them to the next.

A ledger says its version (``PRAGMA user_version``). An older one is brought up to date, step by
step in one transaction, when it is opened; a newer one is refused.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Callable

from bayessel.support.database import NewerFileError

APPLICATION_ID = 0x62796C31  # "byl1"

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE questions (
    id INTEGER PRIMARY KEY,
    ask INTEGER NOT NULL,
    batch INTEGER,
    query TEXT NOT NULL,
    candidates TEXT NOT NULL,
    why TEXT NOT NULL,
    score REAL,
    error REAL,
    chance REAL,
    cost REAL,
    at TEXT NOT NULL,
    revision INTEGER NOT NULL
) STRICT;
CREATE INDEX questions_by_query ON questions (query);
CREATE TABLE answers (
    id INTEGER PRIMARY KEY,
    told INTEGER NOT NULL,
    query TEXT NOT NULL,
    candidate TEXT NOT NULL,
    outcome INTEGER NOT NULL CHECK (outcome IN (-1, 0, 1)),
    source TEXT NOT NULL,
    at TEXT NOT NULL,
    UNIQUE (query, candidate)
) STRICT;
CREATE TABLE replaced (
    query TEXT NOT NULL, candidate TEXT NOT NULL, outcome INTEGER NOT NULL, at TEXT NOT NULL
) STRICT;
CREATE TABLE steps (call INTEGER PRIMARY KEY, row TEXT NOT NULL) STRICT;
"""
"""A row of ``questions`` is one query and the candidates to judge on it, a JSON list. Those that
were asked together share ``ask``; ``batch`` is the number of calls that were asked for at once,
NULL for one question. ``revision`` is the ledger's when it was asked. Numbers not known are NULL.

A row of ``answers`` is one call. Cells of one query that were told together share ``told``. A row
of ``steps`` is one row of the history, as JSON.
"""


def _say_candidate(db: sqlite3.Connection) -> None:
    """Version 1: an LLM was called a model, and the open query was found by time."""
    db.execute("ALTER TABLE answers RENAME COLUMN model TO candidate")
    db.execute("ALTER TABLE replaced RENAME COLUMN model TO candidate")
    db.execute("ALTER TABLE asks ADD COLUMN revision INTEGER NOT NULL DEFAULT -1")
    db.execute("UPDATE meta SET key = 'candidates' WHERE key = 'models'")


def _by_call(db: sqlite3.Connection) -> None:
    """Version 2: calls, where whole queries were asked before.

    It makes the tables of today; a change of :data:`TABLES` must keep those of version 2 here.
    """
    meta = {k: json.loads(v) for k, v in db.execute("SELECT key, value FROM meta")}
    candidates = json.dumps(meta.get("candidates", []))
    scores = _scores(db)
    asks = db.execute("SELECT id, query, at, revision FROM asks ORDER BY id").fetchall()
    answers = db.execute(
        "SELECT id, query, candidate, outcome, source, at FROM answers ORDER BY id"
    ).fetchall()
    for table in ("asks", "answers", "steps"):  # steps are computed again from the answers
        db.execute(f"DROP TABLE {table}")
    db.execute("ALTER TABLE replaced RENAME TO kept")
    for statement in TABLES.split(";"):
        if "CREATE TABLE meta" not in statement:
            db.execute(statement)
    db.execute("INSERT INTO replaced SELECT query, candidate, outcome, at FROM kept")
    db.execute("DROP TABLE kept")
    for number, query, at, revision in asks:
        score, error, chance = scores.get(query, (None, None, None))
        db.execute(
            "INSERT INTO questions VALUES (?, ?, NULL, ?, ?, '', ?, ?, ?, NULL, ?, ?)",
            (number, number, query, candidates, score, error, chance, at, revision),
        )
    told, last = 0, None
    for number, query, candidate, outcome, source, at in answers:
        told, last = told + (query != last), query
        db.execute(
            "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?)",
            (number, told, query, candidate, outcome, source, at),
        )
    if meta.get("strategy") == "bayessel":  # it goes on as it was begun
        options = {**meta.get("options", {}), "whole_queries": True}
        db.execute("UPDATE meta SET value = ? WHERE key = 'options'", (json.dumps(options),))


def _scores(db: sqlite3.Connection) -> dict[str, tuple[float | None, float | None, float | None]]:
    """Score, error and chance by query, from version 1's history: a chance was a sure score."""
    found: dict[str, tuple[float | None, float | None, float | None]] = {}
    for (text,) in db.execute("SELECT row FROM steps"):
        row = json.loads(text)
        score, error = (
            value if isinstance(value, float) and math.isfinite(value) else None
            for value in (row.get("score"), row.get("score_error"))
        )
        if "query" in row:
            drawn = error == 0 and score is not None
            found[row["query"]] = (None, None, score) if drawn else (score, error, None)
    return found


_STEPS: tuple[Callable[[sqlite3.Connection], None], ...] = (_say_candidate, _by_call)
"""Step i brings version i to version i + 1."""

VERSION = len(_STEPS)


def create(db: sqlite3.Connection) -> None:
    """Make the tables of a new ledger."""
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {VERSION}")
    db.executescript("BEGIN;" + TABLES + "COMMIT;")


def bring_up_to_date(db: sqlite3.Connection) -> None:
    """Take the steps that a ledger lacks, all or none.

    Raises
    ------
    sqlite3.DatabaseError
        It is not a ledger, or a newer version of bayessel made it.
    """
    if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise sqlite3.DatabaseError("not a bayessel ledger")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version == VERSION:
        return
    if version > VERSION:
        raise NewerFileError(f"version {version}, this bayessel knows up to {VERSION}")
    db.execute("BEGIN IMMEDIATE")
    try:
        version = db.execute("PRAGMA user_version").fetchone()[0]  # another process may be quicker
        for step in _STEPS[version:]:
            step(db)
        db.execute(f"PRAGMA user_version = {VERSION}")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
