"""Ledgers of older versions are brought up to date; nothing that was bought is lost."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bayessel.errors import RunError
from bayessel.selection.ledger import Ledger
from bayessel.selection.schema import APPLICATION_ID, VERSION

FIRST = """
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


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A ledger as the first version wrote it."""
    path = tmp_path / "run.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.executescript(FIRST)
        meta = {"queries": ["q0", "q1"], "models": ["a", "b"], "baseline": "base"}
        db.executemany(
            "INSERT INTO meta VALUES (?, ?)", [(k, json.dumps(v)) for k, v in meta.items()]
        )
        db.execute("INSERT INTO asks (query, at) VALUES ('q0', '1')")
        db.execute(
            "INSERT INTO answers (query, model, outcome, source, at) "
            "VALUES ('q0', 'a', 1, 'tell', '2')"
        )
        db.execute("INSERT INTO replaced VALUES ('q0', 'a', 0, '1')")
        db.execute('INSERT INTO steps VALUES (1, \'{"query": "q0"}\')')
    return path


def test_the_first_version_opens_with_all_that_was_bought(old):
    for _ in range(2):
        with Ledger(old) as ledger:
            assert ledger.answers == [("q0", "a", 1)]
            assert ledger.meta["candidates"] == ["a", "b"]
            assert "models" not in ledger.meta
            assert ledger.revision == (1, 1)
            assert ledger.asked == ["q0"]
            assert ledger.still_asked is None
            assert ledger.steps == [{"query": "q0"}]
    with closing(sqlite3.connect(old)) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == VERSION
        assert db.execute("SELECT candidate FROM replaced").fetchall() == [("a",)]


def test_old_and_new_ledgers_have_the_same_tables(old, tmp_path):
    (tmp_path / "new").mkdir()
    Ledger(old).close()
    Ledger.create(tmp_path / "new" / "run.db", {"queries": []}).close()

    def columns(path: Path) -> dict[str, list[str]]:
        with closing(sqlite3.connect(path)) as db:
            names = [n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
            return {n: [r[1] for r in db.execute(f"PRAGMA table_info({n})")] for n in names}

    assert columns(old) == columns(tmp_path / "new" / "run.db")


def test_a_step_that_fails_leaves_the_old_ledger(old, monkeypatch):
    def fails(db: sqlite3.Connection) -> None:
        db.execute("ALTER TABLE answers RENAME COLUMN model TO x")
        raise sqlite3.DatabaseError("stopped")

    with monkeypatch.context() as patch:
        patch.setattr("bayessel.selection.schema._STEPS", (fails,))
        with pytest.raises(RunError, match="stopped"):
            Ledger(old)
    with Ledger(old) as ledger:
        assert ledger.answers == [("q0", "a", 1)]


def test_a_newer_version_is_refused(old):
    Ledger(old).close()
    with closing(sqlite3.connect(old)) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = old.read_bytes()
    with pytest.raises(RunError, match="written by a newer bayessel"):
        Ledger(old)
    assert old.read_bytes() == before
