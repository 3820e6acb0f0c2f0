"""kill -9 at random moments of ``select``: the run opens and goes on to the same result."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time

import pandas as pd

from bayessel.selection.ledger import Ledger


def test_kill_9_in_select(bayessel_process, table, tmp_path):
    bayessel = bayessel_process
    arguments = ["select", str(table), "--budget", "18", "--json"]
    started = time.perf_counter()
    whole = json.loads(bayessel(*arguments, "--out", "whole").stdout)
    takes = time.perf_counter() - started
    moments = random.Random(1)
    known: list[tuple[str, str, int]] = []
    for _ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-m", "bayessel", *arguments, "--out", "run"],
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(takes * (0.3 + 0.7 * moments.random()))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        path = tmp_path / "run" / "run.db"
        if path.exists():
            with Ledger(path) as ledger:
                answers = ledger.answers
            assert answers[: len(known)] == known
            known = answers
    resumed = bayessel(*arguments, "--out", "run")
    assert resumed.returncode == 0, resumed.stderr
    found = json.loads(resumed.stdout)
    assert found.pop("files") != whole.pop("files")
    assert found == whole
    columns = ["call", "query", "candidate", "recommended", "p_best", "chance"]
    pd.testing.assert_frame_equal(
        pd.read_csv(tmp_path / "run" / "history.csv")[columns],
        pd.read_csv(tmp_path / "whole" / "history.csv")[columns],
    )
