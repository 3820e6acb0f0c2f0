from __future__ import annotations

import math
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bayessel.errors import OutcomeError, RunError
from bayessel.outcomes import Outcome
from bayessel.selection.answers import Answer
from bayessel.selection.ledger import Ledger, Told
from bayessel.selection.question import Asked, Question

META = {"queries": ["q0", "q1"], "candidates": ["a", "b"], "baseline": "base", "seed": 3}


def tell(ledger: Ledger, query: str, unasked: bool = True, replace: bool = False, **cells) -> Told:
    answer = Answer(query, {name: Outcome(value) for name, value in cells.items()})
    return ledger.store(answer, source="test", unasked=unasked, replace=replace)


def ask(ledger: Ledger, query: str, *candidates: str, batch: int | None = None) -> None:
    ledger.ask([Asked(Question(query, candidates or ("a", "b")))], batch)


def test_what_was_recorded_is_there_for_another_process(tmp_path):
    asked = Asked(Question("q1", ("a", "b"), "a new query"), 0.5, 0.1, 0.25, 1.4)
    with Ledger.create(tmp_path / "run.db", META) as ledger:
        ledger.ask([asked])
        ask(ledger, "q0", "b")
        assert tell(ledger, "q1", unasked=False, a=1, b=-1) == (2, 0)
    with Ledger(tmp_path / "run.db") as ledger:
        assert ledger.meta == META
        first, second = ledger.asked
        assert (first, first.question.why) == (asked, "a new query")
        assert second.question == Question("q0", ("b",))
        assert math.isnan(second.chance)
        assert ledger.waiting == [Question("q0", ("b",))]
        assert ledger.answers == [("q1", "a", 1), ("q1", "b", -1)]
        assert ledger.reasons("q1") == {("q1", "a"): asked, ("q1", "b"): asked}
        assert ledger.reasons().keys() == {("q1", "a"), ("q1", "b"), ("q0", "b")}


def test_a_question_stands_until_an_outcome_changes(tmp_path):
    q1 = [Question("q1", ("a", "b"))]
    with Ledger.create(tmp_path / "run.db", META) as ledger:
        assert ledger.still_asked() == []
        ask(ledger, "q1")
        assert ledger.still_asked() == q1
        tell(ledger, "q0", a=1)
        assert ledger.still_asked() == []  # q1 waits, and may no longer be the best question
        assert ledger.waiting == q1
        ask(ledger, "q1")
        assert ledger.still_asked() == q1
        tell(ledger, "q0", replace=True, a=0)
        assert ledger.still_asked() == []
        assert ledger.revision == (1, 1)
        ask(ledger, "q1")
        tell(ledger, "q1", a=1)
        assert ledger.still_asked() == []
        assert ledger.waiting == [Question("q1", ("b",))]


def test_a_question_does_not_stand_where_an_outcome_was_taken_back(tmp_path):
    with Ledger.create(tmp_path / "run.db", META) as ledger:
        tell(ledger, "q0", a=1)
        ask(ledger, "q1")
        assert ledger.still_asked()
        assert ledger.take_back("q0", "a", source="test")
        assert ledger.still_asked() == []


def test_a_batch_and_a_question_stand_beside_each_other(tmp_path):
    both = [Asked(Question("q0", ("a",))), Asked(Question("q1", ("a", "b")))]
    with Ledger.create(tmp_path / "run.db", META) as ledger:
        ledger.ask(both, 3)
        ask(ledger, "q1", "b")
        assert ledger.still_asked(3) == [one.question for one in both]
        assert ledger.still_asked() == [Question("q1", ("b",))]
        assert ledger.still_asked(4) == []
        assert ledger.waiting == [Question("q0", ("a",)), Question("q1", ("a", "b"))]


def test_what_was_not_asked_is_refused(tmp_path):
    with Ledger.create(tmp_path / "run.db", META) as ledger:
        with pytest.raises(OutcomeError, match="no question is open"):
            tell(ledger, "q1", unasked=False, a=1)
        ask(ledger, "q0", "b")
        with pytest.raises(OutcomeError, match="asked and not answered: 'q0'"):
            tell(ledger, "q1", unasked=False, a=1)
        with pytest.raises(OutcomeError, match=r"'a' was not asked for on query 'q0' \(asked: 'b'"):
            tell(ledger, "q0", unasked=False, b=1, a=1)
        assert ledger.answers == []
        tell(ledger, "q0", unasked=True, a=1)
        assert tell(ledger, "q0", unasked=False, b=1, a=1) == (1, 0)  # a is known now


def test_several_answers_are_stored_all_or_none(tmp_path):
    good = Answer("q0", {"a": Outcome.WIN})
    with Ledger.create(tmp_path / "run.db", META) as ledger:
        tell(ledger, "q1", b=0)
        bad = Answer("q1", {"b": Outcome.LOSS})
        with pytest.raises(OutcomeError, match="already judged for 'b'"):
            ledger.store(good, bad, source="test", unasked=True)
        assert ledger.answers == [("q1", "b", 0)]
        more = Answer("q1", {"a": Outcome.LOSS, "b": Outcome.DRAW})
        assert ledger.store(good, more, source="test", unasked=True) == (2, 0)
        assert [(t.query, dict(t.outcomes)) for t in ledger.tells()] == [
            ("q1", {"b": 0}), ("q0", {"a": 1}), ("q1", {"a": -1}),
        ]  # fmt: skip
        assert [t.query for t in ledger.tells(skip=1)] == ["q0", "q1"]


def test_the_same_answer_twice_is_one_and_a_contradiction_records_nothing(tmp_path):
    with Ledger.create(tmp_path / "run.db", META) as ledger:
        tell(ledger, "q1", a=1)
        assert tell(ledger, "q1", a=1) == (0, 0)
        with pytest.raises(OutcomeError, match="already judged for 'a'"):
            tell(ledger, "q1", b=0, a=-1)
        assert ledger.answers == [("q1", "a", 1)]


def test_a_ledger_is_never_created_over_another(tmp_path):
    with Ledger.create(tmp_path / "run.db", META) as ledger:
        tell(ledger, "q1", a=1)
        with pytest.raises(FileExistsError):
            Ledger.create(tmp_path / "run.db", META)
        tell(ledger, "q1", b=0)
    with Ledger(tmp_path / "run.db") as ledger:
        assert ledger.answers == [("q1", "a", 1), ("q1", "b", 0)]
    assert [p.name for p in tmp_path.iterdir()] == ["run.db"]


def test_a_database_of_something_else_is_refused(tmp_path):
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
from bayessel.outcomes import Outcome
from bayessel.selection.answers import Answer
from bayessel.selection.ledger import Ledger
from bayessel.selection.question import Asked, Question
path = Path(sys.argv[1])
meta = {"queries": [], "candidates": list("abcdef"), "baseline": "base"}
ledger = Ledger(path) if path.exists() else Ledger.create(path, meta)
n = len({q for q, _, _ in ledger.answers}) // 2
while True:
    asked = [Asked(Question(f"{name}{n}", tuple("abcdef"), "why"), chance=0.5) for name in "qr"]
    ledger.ask(asked, 12)
    told = [Answer(f"{name}{n}", dict.fromkeys("abcdef", Outcome.WIN)) for name in "qr"]
    ledger.store(*told, source="test")
    ledger.keep_steps([{"call": 12 * n + 1}])
    print(n, flush=True)
    n += 1
"""


def test_kill_9_at_random_moments_loses_nothing(tmp_path: Path):
    """What was acknowledged is on disk; a batch is there whole or not at all."""
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
        assert {f"{name}{n}" for n in acknowledged for name in "qr"} <= whole
        assert {name[1:] for name in whole if name[0] == "q"} == {
            name[1:] for name in whole if name[0] == "r"
        }
