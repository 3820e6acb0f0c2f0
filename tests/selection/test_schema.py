"""Ledgers of older versions are brought up to date; nothing that was bought is lost."""

from __future__ import annotations

import json
import math
import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from bayessel import Question, Run
from bayessel.errors import RunError
from bayessel.outcomes import Outcome
from bayessel.selection.answers import Answer
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
            assert [asked.question for asked in ledger.asked] == [Question("q0", ("a", "b"))]
            assert ledger.waiting == [Question("q0", ("b",))]
            assert ledger.still_asked() == []
            assert ledger.steps == []  # computed again, one row a call
    with closing(sqlite3.connect(old)) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == VERSION
        assert db.execute("SELECT candidate FROM replaced").fetchall() == [("a",)]


VERSION_1 = """
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


def write_version_1(path: Path, meta: dict, asks, answers, steps=()) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute("PRAGMA user_version = 1")
        db.executescript(VERSION_1)
        values = [(key, json.dumps(value)) for key, value in meta.items()]
        db.executemany("INSERT INTO meta VALUES (?, ?)", values)
        db.executemany("INSERT INTO asks (query, at, revision) VALUES (?, 't', ?)", asks)
        db.executemany(
            "INSERT INTO answers (query, candidate, outcome, source, at) "
            "VALUES (?, ?, ?, 's', 't')",
            answers,
        )
        db.execute("INSERT INTO replaced VALUES ('q0', 'a', 0, 't')")
        rows = [(n, json.dumps(row)) for n, row in enumerate(steps, start=1)]
        db.executemany("INSERT INTO steps VALUES (?, ?)", rows)


def test_version_1_keeps_questions_answers_corrections_and_reasons(tmp_path):
    path = tmp_path / "run.db"
    meta = {
        "queries": ["q0", "q1", "q2"],
        "candidates": ["a", "b"],
        "baseline": "base",
        "strategy": "bayessel",
        "options": {"model": "regression"},
    }
    answers = [("q1", "a", 1), ("q1", "b", 0), ("q0", "a", -1), ("q1", "c", 1)]
    steps = [
        {"query": "q1", "score": 0.25, "score_error": 0.0},
        {"query": "q0", "score": 1.5, "score_error": float("nan")},
    ]
    write_version_1(path, meta, [("q1", 0), ("q0", 3), ("q2", 5)], answers, steps)
    with Ledger(path) as ledger:
        assert ledger.answers == answers
        assert [(t.query, list(t.outcomes)) for t in ledger.tells()] == [
            ("q1", ["a", "b"]), ("q0", ["a"]), ("q1", ["c"]),
        ]  # fmt: skip
        assert ledger.revision == (4, 1)
        assert ledger.still_asked() == []  # a correction was made: it is chosen anew
        assert Question("q2", ("a", "b")) in ledger.waiting
        drawn, scored, plain = ledger.asked
        assert (drawn.chance, scored.score) == (0.25, 1.5)
        assert all(math.isnan(v) for v in (drawn.score, scored.error, scored.chance, plain.score))
        assert ledger.meta["options"] == {"model": "regression", "whole_queries": True}
        assert ledger.store(Answer("q2", {"b": Outcome.WIN}), source="test") == (1, 0)


def test_a_run_of_version_1_goes_on(task, tmp_path):
    """A folder as the last version left it, but for the ledger's tables."""
    folder = tmp_path / "run"
    with Run.create(folder, task, "random", seed=1) as run:
        run.judge(15)
        meta, answers = run.ledger.meta, run.ledger.answers
        asks = [(asked.question.query, 0) for asked in run.ledger.asked]
        history = run.history()
    (folder / "run.db").unlink()
    for left in folder.glob("run.db-*"):
        left.unlink()
    del meta["cost"]
    write_version_1(folder / "run.db", meta, asks, answers)
    with Run.create(folder, task, "random", seed=1) as run:
        again = run.history()
        same = ["call", "question", "query", "candidate", "outcome", "p_best", "recommended"]
        pd.testing.assert_frame_equal(again[same], history[same])
        assert run.judge(20).n_calls == 20


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
