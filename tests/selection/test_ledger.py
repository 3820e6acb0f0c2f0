from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bayessel.errors import OutcomeError, RunError
from bayessel.selection.ledger import Ledger
from bayessel.selection.run import Run

META = {"queries": ["q0", "q1"], "candidates": ["a", "b"], "baseline": "base", "seed": 3}


def test_what_was_recorded_is_there_for_another_process(tmp_path):
    with Ledger.create(tmp_path / "run.db", META) as ledger:
        ledger.ask("q1")
        ledger.ask("q0")
        assert ledger.tell("q1", {"a": 1, "b": "loss"}) == (2, 0)
    with Ledger(tmp_path / "run.db") as ledger:
        assert ledger.meta == META
        assert ledger.asked == ["q1", "q0"]
        assert ledger.waiting == ["q0"]
        assert ledger.answers == [("q1", "a", 1), ("q1", "b", -1)]


def test_a_question_stands_until_something_is_told(tmp_path):
    pause = 0.003  # times are kept in milliseconds
    with Ledger.create(tmp_path / "run.db", META) as ledger:
        assert ledger.still_asked is None
        ledger.ask("q1")
        assert ledger.still_asked == "q1"
        time.sleep(pause)
        ledger.tell("q0", {"a": 1}, unasked=True)
        assert ledger.still_asked is None  # q1 waits, and may no longer be the best question
        assert ledger.waiting == ["q1"]
    with Ledger.create(tmp_path / "other.db", META) as ledger:
        ledger.tell("q0", {"a": 1}, unasked=True)
        time.sleep(pause)
        ledger.ask("q1")
        assert ledger.still_asked == "q1"
        time.sleep(pause)
        ledger.tell("q0", {"a": 0}, unasked=True, replace=True)
        assert ledger.still_asked is None
    with Ledger.create(tmp_path / "clock.db", META) as ledger:
        ledger.tell("q1", {"a": 1}, unasked=True)
        ledger._db.execute("INSERT INTO asks (query, at) VALUES ('q1', '9999')")
        assert ledger.still_asked is None  # answered, whatever the clock says


def test_an_open_question_is_asked_again_without_computing(tmp_path, task, monkeypatch):
    with Run.create(tmp_path / "run", task, "random") as run:
        query = run.next()
    with Run.open(tmp_path / "run") as run:
        monkeypatch.setattr(Run, "selector", property(lambda self: pytest.fail("computed")))
        assert run.next() == query


def test_the_same_answer_twice_is_one_and_a_contradiction_records_nothing(tmp_path):
    with Ledger.create(tmp_path / "run.db", META) as ledger:
        ledger.tell("q1", {"a": 1}, unasked=True)
        assert ledger.tell("q1", {"a": 1}, unasked=True) == (0, 0)
        with pytest.raises(OutcomeError, match="already judged for 'a'"):
            ledger.tell("q1", {"b": 0, "a": -1}, unasked=True)
        assert ledger.answers == [("q1", "a", 1)]


def test_a_ledger_is_never_created_over_another(tmp_path):
    with Ledger.create(tmp_path / "run.db", META) as ledger:
        ledger.tell("q1", {"a": 1}, unasked=True)
        with pytest.raises(FileExistsError):
            Ledger.create(tmp_path / "run.db", META)
        ledger.tell("q1", {"b": 0}, unasked=True)
    with Ledger(tmp_path / "run.db") as ledger:
        assert ledger.answers == [("q1", "a", 1), ("q1", "b", 0)]
    assert [p.name for p in tmp_path.iterdir()] == ["run.db"]


def test_two_processes_that_begin_the_same_run_share_it(tmp_path, task, monkeypatch):
    first = Run.create(tmp_path / "run", task, "random")
    query = first.next()
    first.ledger.tell(query, {task.candidates[0]: 1})
    exists = Path.exists
    monkeypatch.setattr(  # the second looked before the first had created its ledger
        Path, "exists", lambda self, **k: self.name != "run.db" and exists(self, **k)
    )
    with first, Run.create(tmp_path / "run", task, "random") as second:
        assert second.ledger.answers == first.ledger.answers != []


def test_a_database_of_something_else_is_refused(tmp_path):
    import sqlite3

    with sqlite3.connect(tmp_path / "run.db") as db:
        db.execute("CREATE TABLE t (x)")
    db.close()
    with pytest.raises(RunError, match="not a bayessel ledger"):
        Ledger(tmp_path / "run.db")


def test_it_is_synchronised_and_in_wal_mode(tmp_path):
    with Ledger.create(tmp_path / "run.db", META) as ledger:
        assert ledger._db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert ledger._db.execute("PRAGMA synchronous").fetchone()[0] == 2


WRITER = """
import sys
from pathlib import Path
from bayessel.selection.ledger import Ledger
path = Path(sys.argv[1])
meta = {"queries": [f"q{n}" for n in range(5000)], "candidates": list("abcdef"), "baseline": "base"}
ledger = Ledger(path) if path.exists() else Ledger.create(path, meta)
n = len({q for q, _, _ in ledger.answers})
while True:
    ledger.tell(f"q{n}", {m: 1 for m in "abcdef"}, unasked=True)
    print(n, flush=True)
    n += 1
"""


def test_kill_9_at_random_moments_loses_nothing(tmp_path: Path):
    """What was acknowledged is on disk; a row is there whole or not at all."""
    path = tmp_path / "run.db"
    moments = random.Random(0)
    for _ in range(12):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first, "the writer could not open the ledger"
        time.sleep(moments.random() * 0.05)
        os.kill(process.pid, signal.SIGKILL)
        acknowledged = [int(line) for line in (first + process.stdout.read()).splitlines()]
        process.wait()
        process.stdout.close()
        with Ledger(path) as ledger:
            answers = ledger.answers
        whole = {q for q, _, _ in answers}
        assert len(answers) == 6 * len(whole)
        assert {f"q{n}" for n in acknowledged} <= whole
