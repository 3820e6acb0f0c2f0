"""Odd surroundings: streams that fail, terminals that know few letters, disks that are full."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from bayessel import Run, Task
from bayessel.support import database
from bayessel.support.marker import MARKER, owned
from refusals import answers, refused, snapshot
from sample import rows


@pytest.fixture
def run(unjudged, tmp_path) -> Path:
    """A run with one question open; its candidates' names are no ASCII."""
    frame = pd.DataFrame(rows(models=("a", "é", "東京"))).assign(outcome="")
    frame.to_csv(unjudged, index=False)
    with Run.create(tmp_path / "run", Task.read(unjudged, baseline="base"), "random") as run:
        run.next()
    return tmp_path / "run"


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["bash", "-c", line.replace("bayessel", f"{sys.executable} -m bayessel")],
        cwd=folder,
        capture_output=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def printed(tmp_path, monkeypatch):
    """``printed(*arguments, stdout=..., stderr=...)``: the exit code, in this process."""

    def call(*arguments: object, stdout, stderr) -> int:
        from bayessel.cli import main

        with monkeypatch.context() as patch:
            patch.chdir(tmp_path)
            patch.setattr(sys, "argv", ["bayessel", *map(str, arguments)])
            patch.setattr(sys, "stdout", stdout)
            patch.setattr(sys, "stderr", stderr)
            with pytest.raises(SystemExit) as stop:
                main()
        return int(stop.value.code or 0)

    return call


def coded(encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding, write_through=True)


def text_of(stream: io.TextIOWrapper) -> bytes:
    return stream.buffer.getvalue()  # type: ignore[attr-defined]


# ------------------------------------------------------------------ streams
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("arguments", [("next", "run"), ("next", "run", "--json"), ("--version",)])
def test_a_full_disk_behind_the_output(run, printed, arguments):
    with Path("/dev/full").open("w") as full:
        err = coded("utf-8")
        assert printed(*arguments, stdout=full, stderr=err) == 2
    assert text_of(err) == b"error: the disk is full: standard output\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("bayessel --version >/dev/full", b"error: the disk is full\n"),
        ("bayessel tell nowhere q a=win 2>/dev/full", b""),
        ("bayessel tell nowhere - <&- 2>&-", b""),
    ],
)
def test_python_says_no_more_as_it_ends(tmp_path, line, said):
    done = shell(line, tmp_path)
    assert (done.returncode, done.stderr) == (2, said)


def test_a_closed_stream(run, printed):
    assert printed("next", "run", stdout=None, stderr=coded("utf-8")) == 0
    assert printed("next", "nowhere", stdout=coded("utf-8"), stderr=None) == 2


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
def test_a_terminal_that_knows_few_letters(run, printed, encoding):
    out, json_out = coded(encoding), coded(encoding)
    assert printed("next", "run", stdout=out, stderr=coded(encoding)) == 0
    assert rb"\u6771" in text_of(out)
    assert printed("next", "run", "--json", stdout=json_out, stderr=coded(encoding)) == 0
    asked = json.loads(text_of(json_out).decode(encoding))
    assert "東京" in asked["candidates"]  # JSON reads back as it was


def test_a_path_that_is_no_utf8(run, printed, tmp_path):
    """What the libraries of tables cannot open is said in one line."""
    odd = tmp_path / os.fsdecode(b"r\xff\x1b[2J")
    run.rename(odd)
    for arguments in (("tell", odd, "q9", "a=win"), ("status", odd)):
        err = coded("utf-8")
        assert printed(*arguments, stdout=coded("utf-8"), stderr=err) == 2
        assert text_of(err).startswith(b"error: ")
        assert text_of(err).count(b"\n") == 1
        assert b"\x1b" not in text_of(err)


# ------------------------------------------------------------------ signals
def test_a_terminated_select_gives_the_cursor_back(table, tmp_path):
    """SIGTERM while the table is drawn in a terminal."""
    import pty

    pd.DataFrame(rows(40)).to_csv(table, index=False)
    main, second = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bayessel", "select", str(table), "--budget", "120"],
        cwd=tmp_path, stdout=second, stderr=second, stdin=second,
        env={**os.environ, "TERM": "xterm"},
    )  # fmt: skip
    os.close(second)
    seen = b""
    try:
        while b"\x1b[?25l" not in seen:
            seen += os.read(main, 4096)
        process.send_signal(signal.SIGTERM)
        while part := _read(main):
            seen += part
    finally:
        process.kill()
        process.wait()
        os.close(main)
    assert seen.rindex(b"\x1b[?25h") > seen.rindex(b"\x1b[?25l")
    assert b"interrupted; every answer so far is kept" in seen
    assert b"Traceback" not in seen


def _read(main: int) -> bytes:
    try:
        return os.read(main, 4096)
    except OSError:  # the other side is closed
        return b""


def test_a_terminated_command_says_so(run, tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", WAITS], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate()
    assert process.returncode == 143
    assert err.decode().splitlines() == [
        "error: interrupted; every answer so far is kept, the same command goes on"
    ]


WAITS = """
import sys, time
from bayessel.cli import app
def waits(*_, **__):
    print("here", flush=True)
    time.sleep(60)
app.app = waits
sys.argv = ["bayessel", "next", "run"]
app.main()
"""


# ------------------------------------------------------------------ disks
class Full:
    """A database on a disk that is full."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def execute(self, sql: str, *given: object) -> object:
        if sql.startswith("INSERT"):
            raise sqlite3.OperationalError("database or disk is full")
        return self._db.execute(sql, *given)

    def __getattr__(self, name: str) -> object:
        return getattr(self._db, name)


def test_a_full_disk_under_the_ledger(bayessel, run, monkeypatch):
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *given, **more: Full(connect(*given, **more)))
    refused(bayessel("tell", run, "q0", "a=win", "--unasked"), "the disk is full")
    monkeypatch.undo()
    assert answers(run) == []


def test_a_full_disk_under_the_results(bayessel, run, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("bayessel.reports.selection.save_tree", full)
    before = snapshot(run)
    refused(bayessel("status", run), "the disk is full", "the answers are kept")
    after = snapshot(run)
    assert set(after) == set(before)


def test_a_run_that_is_read_only_can_be_looked_at(bayessel, run, monkeypatch):
    query = json.loads(bayessel("next", run, "--json").stdout)["query"]
    db = sqlite3.connect(run / "run.db", isolation_level=None)  # its answer is in the log only
    db.execute("PRAGMA wal_autocheckpoint = 0")
    insert = "INSERT INTO answers (told, query, candidate, outcome, source, at) VALUES "
    db.execute(f"{insert} (1, ?, 'a', 1, 'x', 'x')", (query,))
    with closing(db):
        monkeypatch.setattr(database, "writable", lambda path: False)
        before = snapshot(run)
        said = bayessel("status", run)
        assert said.returncode == 0, said.stderr
        assert "1 call on 1 of 6 queries" in said.stdout
        assert "is read-only: no files were written" in said.stdout
        refused(bayessel("tell", run, query, "é=win"), "read-only")
        refused(bayessel("next", run, "--batch", "4"), "read-only")
        assert snapshot(run) == before


def test_check_and_report_look_at_what_is_read_only(bayessel, table, tmp_path, monkeypatch):
    assert bayessel("select", table, "--budget", "4", "--out", "run").returncode == 0
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and access(path, mode))
    before = snapshot(tmp_path / "run")
    said = bayessel("check", "run")
    assert said.returncode in (0, 1), said.stderr
    assert "run is read-only: no files were written" in said.stdout
    refused(bayessel("report", "run", "--quick"), "run is read-only", "--out")
    assert bayessel("report", "run", "--quick", "--markdown").returncode == 0
    assert snapshot(tmp_path / "run") == before


# ------------------------------------------------------------------ others at the same time
def test_answers_told_during_a_select_are_in_its_files(bayessel, table, tmp_path, monkeypatch):
    """Files are one set: they have the same number of calls, the last in the ledger."""
    judge = Run.judge

    def judge_and_others_tell(self, *given, **more):
        found = judge(self, *given, **more)
        with Run.open(self.folder) as other:
            free = [
                (q, c)
                for q in self.names.queries
                for c in self.names.candidates
                if (q, c) not in {(a, b) for a, b, _ in other.ledger.answers}
            ]
            for query, name in free[:2]:
                other.tell(query, {name: "draw"}, unasked=True)
        return found

    monkeypatch.setattr(Run, "judge", judge_and_others_tell)
    done = bayessel(
        "select", table, "--budget", "6", "--strategy", "random", "--out", "run", "--json"
    )
    assert json.loads(done.stdout)["calls"] == 8
    run = tmp_path / "run"
    assert len(answers(run)) == len(pd.read_csv(run / "history.csv")) == 8
    assert pd.read_csv(run / "standing.csv")["calls"].sum() == 8
    assert json.loads((run / "summary.json").read_text())["calls"] == 8


def test_two_starts_with_different_tasks(tmp_path):
    """One wins, the other is refused, and the run can be used; twelve times."""
    from bayessel.errors import RunError

    tasks = []
    for n in (5, 6):
        path = tmp_path / f"{n}.csv"
        pd.DataFrame(rows(n_queries=n)).to_csv(path, index=False)
        tasks.append(Task.read(path))
    for number in range(12):
        folder, ready = tmp_path / f"run{number}", threading.Barrier(2, timeout=60)
        begun, refused_ = [], []

        def begin(task, folder=folder, ready=ready, begun=begun, refused_=refused_):
            ready.wait()
            try:
                Run.create(folder, task, "random").close()
                begun.append(task)
            except RunError as error:
                refused_.append(str(error))

        threads = [threading.Thread(target=begin, args=(task,)) for task in tasks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(begun) == len(refused_) == 1
        assert "another task" in refused_[0]
        with Run.open(folder) as run:
            assert run.task.fingerprint == begun[0].fingerprint
        assert {p.name for p in folder.iterdir()} == {".bayessel", "run.db", "task"}


def test_a_lost_or_damaged_task_is_written_again(bayessel, unjudged, tmp_path):
    import shutil

    begin = ("start", unjudged, "--baseline", "base", "--strategy", "random", "--out", "run")
    assert bayessel(*begin).returncode == 0
    query = json.loads(bayessel("next", "run", "--json").stdout)["query"]
    assert bayessel("tell", "run", query, "a=win").returncode == 0
    for spoil in (
        lambda: shutil.rmtree(tmp_path / "run" / "task"),
        lambda: (tmp_path / "run" / "task" / "responses.parquet").write_bytes(b"PAR1"),
    ):
        spoil()
        refused(bayessel("status", "run"), "'bayessel start ORIGINAL --out run'")
        assert bayessel(*begin).returncode == 0
        assert bayessel("next", "run").returncode == 0
    assert answers(tmp_path / "run") == [(query, "a", 1)]


def test_a_copy_of_the_file_alone_has_every_answer_that_was_told(bayessel, run, tmp_path):
    import shutil

    with Run.open(run) as other:  # a long command is at work
        query = other.ledger.waiting[0].query
        assert bayessel("tell", run, query, "a=win").returncode == 0
        shutil.copy(run / "run.db", tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as db:
        assert db.execute("SELECT count(*) FROM answers").fetchone()[0] == 1


def test_a_backup_is_a_run(bayessel, run, tmp_path):
    with Run.open(run) as other:
        query = other.ledger.waiting[0].query
        other.tell(query, {"a": "win"})  # in the log, not in the file
        (run / "mine.db").write_text("the user's own, and no database")
        (run / "page.json").write_text("tokens")
        verdicts = sqlite3.connect(run / "verdicts.db", isolation_level=None)
        verdicts.executescript(
            "PRAGMA journal_mode = WAL; CREATE TABLE t (x); INSERT INTO t VALUES (7)"
        )
        with closing(verdicts):
            assert bayessel("backup", run, "copy").returncode == 0
    with closing(sqlite3.connect(tmp_path / "copy" / "verdicts.db")) as db:
        assert db.execute("SELECT x FROM t").fetchone() == (7,)
    copied = {path.name for path in (tmp_path / "copy").iterdir()}
    assert copied == {MARKER, "run.db", "task", "verdicts.db"}, "no tokens, nothing of the user"
    assert owned(tmp_path / "copy") == {"run.db", "task", "verdicts.db"}
    assert answers(tmp_path / "copy") == [(query, "a", 1)]
    assert bayessel("next", "copy").returncode == 0
    refused(bayessel("backup", run, "copy"), "there already")
    refused(bayessel("backup", "nowhere", "new"), "no run in nowhere")
    assert not (tmp_path / "new").exists()


def test_standard_input_that_is_no_text(bayessel, run, monkeypatch):
    wrong = io.TextIOWrapper(io.BytesIO(b"query,candidate,outcome\nq0,caf\xe9,win\n"), "utf-8")
    monkeypatch.setattr(sys, "stdin", wrong)
    refused(bayessel("tell", run, "-"), "not UTF-8")


def test_what_a_killed_process_left_is_cleaned(bayessel, run):
    from bayessel.support.leftovers import partial_name

    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    mine = partial_name("history.csv")
    others = mine.replace(f"-{os.getpid()}-", f"-{gone.pid}-")
    (run / mine).write_text("at work")
    (run / others).write_text("half")
    (run / others.replace("history.csv", "results1")).mkdir()
    old = ".x.00000000-1-1.partial"  # another machine's, two days old
    (run / old).write_text("half")
    os.utime(run / old, (time.time() - 2 * 86400,) * 2)
    assert bayessel("status", run).returncode == 0
    assert [p.name for p in run.iterdir() if p.name.endswith(".partial")] == [mine]
