"""Two connections of one process, and another process that comes and goes: nothing is lost."""

from __future__ import annotations

import subprocess
import sys

from bayessel.outcomes import Outcome
from bayessel.selection.answers import Answer
from bayessel.selection.ledger import Ledger

WRITER = """
import os, sys
from pathlib import Path
from bayessel.outcomes import Outcome
from bayessel.selection.answers import Answer
from bayessel.selection.ledger import Ledger

first = Ledger(Path(sys.argv[1]))
assert first.answers == []
second = Ledger(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.readline()
first.store(Answer("q1", {"a": Outcome.WIN}), source="test", unasked=True)
print("stored", flush=True)
os._exit(9)
"""


def test_a_second_connection_keeps_the_locks_of_the_first(tmp_path):
    path = tmp_path / "run.db"
    meta = {"queries": ["q0", "q1", "q2"], "candidates": ["a"], "baseline": "b"}
    Ledger.create(path, meta).close()
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with writer:
        assert writer.stdout is not None
        assert writer.stdin is not None
        assert writer.stdout.readline() == "open\n"
        Ledger(path).close()  # as the last one it would move the log into the file
        writer.stdin.write("go\n")
        writer.stdin.flush()
        assert writer.stdout.readline() == "stored\n"
    with Ledger(path) as ledger:
        assert [query for query, _, _ in ledger.answers] == ["q1"]
        ledger.store(Answer("q2", {"a": Outcome.DRAW}), source="test", unasked=True)
