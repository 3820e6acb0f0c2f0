"""The tables of a ledger, and the steps from one version of them to the next.

A ledger says its version (``PRAGMA user_version``). An older one is brought up to date, step by
step in one transaction, when it is opened; a newer one is refused.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

APPLICATION_ID = 0x62796C31  # "byl1"

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE asks (
    id INTEGER PRIMARY KEY,
    query TEXT NOT NULL UNIQUE,
    at TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT -1
) STRICT;
CREATE TABLE answers (
    id INTEGER PRIMARY KEY,
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
CREATE TABLE steps (annotations INTEGER PRIMARY KEY, row TEXT NOT NULL) STRICT;
"""
"""``asks.revision`` is the ledger's revision when the query was asked; the others are plain."""


def _say_candidate(db: sqlite3.Connection) -> None:
    """Version 1: an LLM was called a model, and the open query was found by time."""
    db.execute("ALTER TABLE answers RENAME COLUMN model TO candidate")
    db.execute("ALTER TABLE replaced RENAME COLUMN model TO candidate")
    db.execute("ALTER TABLE asks ADD COLUMN revision INTEGER NOT NULL DEFAULT -1")
    db.execute("UPDATE meta SET key = 'candidates' WHERE key = 'models'")


_STEPS: tuple[Callable[[sqlite3.Connection], None], ...] = (_say_candidate,)
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
        raise NewerLedgerError(f"version {version}, this bayessel knows up to {VERSION}")
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


class NewerLedgerError(sqlite3.DatabaseError):
    """A newer version of bayessel made the ledger."""
