"""What the command line reads: several tables, judges, scales and votes."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys

import pandas as pd
import pytest

from sample import rows


def best(result) -> str:
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)["best"]


def test_several_tables_are_one_task(bayessel, tmp_path):
    frame = pd.DataFrame(rows())
    for name, part in frame.groupby("model"):
        part.drop(columns="model").to_csv(tmp_path / f"{name}.csv", index=False)
    files = [f"{name}.csv" for name in ("a", "b", "c", "base")]
    select = ("--strategy", "random", "--budget", "6", "--json", "--out")
    assert best(bayessel("select", *files, *select, "one")) == "a"
    result = bayessel("select", "a.csv", "b.csv", "--baseline", "c", "--out", "two")
    assert result.returncode == 2
    assert "'c'" in result.stderr


@pytest.mark.parametrize("scale", ["pass-fail", "0-1", "-1-0-1"])
def test_outcomes_are_read_on_the_scale_that_is_said(bayessel, tmp_path, scale):
    told = {"a": (1, 1, 0), "b": (1, 0, 0), "z": (0, 0, 0)}
    records = [
        {"query_id": f"q{i}", "candidate": name, "outcome": value, "judge": judge}
        for name, said in told.items()
        for i, value in enumerate(said)
        for judge in ("x", "y")
        if scale == "pass-fail" or name != "z"
    ]
    pd.DataFrame(records).to_csv(tmp_path / "t.csv", index=False)
    start = ("start", "t.csv", "--strategy", "random", "--out")
    first = bayessel(*start, "one", "--baseline", "z", "--outcomes", scale, "--judge", "x")
    assert first.returncode == 0, first.stderr
    assert "every outcome is 0 or 1" not in first.stdout
    unsaid = bayessel(*start, "two", "--baseline", "q")
    assert "no row is of the baseline 'q'" in unsaid.stdout
    assert "note: every outcome is 0 or 1" in " ".join(unsaid.stdout.split())
    wrong = bayessel(*start, "three", "--outcomes", "passfail")
    assert wrong.returncode == 2
    assert "did you mean 'pass-fail'" in wrong.stderr
    nobody = bayessel(*start, "four", "--judge", "w")
    assert nobody.returncode == 2
    assert "unknown judge 'w'" in nobody.stderr


def test_votes_from_a_compressed_file_to_the_best(bayessel, tmp_path):
    votes = pd.DataFrame(
        [(i, "z", name, "right" if name == "a" else "left") for i in range(9) for name in "abc"],
        columns=["question_id", "left", "right", "winner"],
    )
    votes.to_csv(tmp_path / "votes.csv.gz", index=False)
    select = ("--strategy", "random", "--json", "--out", "run")
    result = bayessel("select", "votes.csv.gz", "--budget", "12", *select)
    assert best(result) == "a"


def test_how_far_reading_is_shows_on_a_terminal_only(tmp_path):
    path = tmp_path / "t.csv"
    lines = (f"q{q},{name},{1 if name == 'a' else -1}\n" for q in range(3000) for name in "ab")
    path.write_text(
        "query_id,candidate,outcome,note\n"
        + "".join(line.strip() + "," + "x" * 2000 + "\n" for line in lines)
    )
    program = (
        "import sys; from pathlib import Path; from bayessel.cli.reading import Reading; "
        "Reading().task(Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", program, str(path)]
    silent = subprocess.run(command, capture_output=True, text=True, check=True)
    assert silent.stderr == ""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=theirs, env={**os.environ, "TERM": "xterm"}
    ) as process:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 4096):
                shown += part
        except OSError:  # the other end is closed
            pass
        assert process.wait() == 0
    os.close(ours)
    assert b"reading t.csv" in shown
