"""Kill ``start``, ``tell``, ``select``, ``status`` and ``judge`` at random, and count what is lost.

    python benchmarks/kills.py --kills 1000

Each kill is SIGKILL to a process of its own, at a moment drawn over the time that the command takes
here. The process is forked when all is imported, so that no kill is spent on the import; with
``--fresh`` each is a new interpreter. ``judge`` asks the fake endpoint, in another process.

Counted are answers that ``tell`` had confirmed and that are gone, answers that ``select`` or
``judge`` had in the ledger and that are gone, verdicts of the judge that are gone or that were
bought again, runs that do not open (``next`` of the same folder), and files that nobody finished
and that the next command leaves. All must be 0.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

from bayessel.oracles.llm.fake.server import FakeEndpoint

COMMANDS = ("start", "tell", "select", "status", "judge")
QUERIES, CANDIDATES = 40, "abcdef"


def table(path: Path) -> Path:
    """A judged task, as a user writes one."""
    lines = ["query_id,candidate,outcome,text"]
    for q in range(QUERIES):
        for j, name in enumerate([*CANDIDATES, "base"]):
            outcome = "" if name == "base" else str((q * 7 + j * (q % 3)) % 3 - 1)
            lines.append(f"q{q},{name},{outcome},{name} says {q}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


class Forked:
    """A command in a process of its own that has imported everything."""

    def __init__(self, arguments: list[str], folder: Path) -> None:
        from bayessel.cli import main

        files = [tempfile.TemporaryFile("w+") for _ in range(2)]  # noqa: SIM115
        self.out, self.err = files
        self.returncode: int | None = None
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid:
            return
        code = 1
        try:
            os.dup2(self.out.fileno(), 1)
            os.dup2(self.err.fileno(), 2)
            sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
            os.chdir(folder)
            sys.argv = ["bayessel", *arguments]
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """What it printed, when it has ended."""
        until = None if timeout is None else time.monotonic() + timeout
        while self.returncode is None:
            found, status = os.waitpid(self.pid, 0 if until is None else os.WNOHANG)
            if found:
                self.returncode = os.waitstatus_to_exitcode(status)
            elif until is not None and time.monotonic() > until:
                raise subprocess.TimeoutExpired("bayessel", timeout or 0.0)
            else:
                time.sleep(0.001)
        said = []
        for file in (self.out, self.err):
            file.seek(0)
            said.append(file.read())
            file.close()
        return said[0], said[1]


FRESH = False


def process(arguments: list[str], folder: Path) -> Forked | subprocess.Popen[str]:
    if not FRESH:
        return Forked(arguments, folder)
    return subprocess.Popen(
        [sys.executable, "-m", "bayessel", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )


def run(arguments: list[str], folder: Path) -> str:
    done = process(arguments, folder)
    out, err = done.communicate()
    if done.returncode:
        raise RuntimeError(f"{arguments}: {err}")
    return out


def serve(pipe: Connection) -> None:
    """Run the fake endpoint; tells its address, and then, when asked, how many calls it got."""
    with FakeEndpoint(latency=0.02) as endpoint:
        pipe.send(endpoint.base_url)
        while pipe.recv():
            pipe.send(len(endpoint.served))


def answers(folder: Path) -> dict[tuple[str, str], int]:
    with closing(sqlite3.connect(folder / "run.db")) as db:
        return {
            (q, c): o for q, c, o in db.execute("SELECT query, candidate, outcome FROM answers")
        }


class Judged:
    """A run folder of ``judge``: answers, verdicts, and calls in flight."""

    def __init__(self, work: Path, url: str) -> None:
        self.work, self.folder = work, work / "judged"
        self.url = url
        self.known: dict[tuple[str, str], int] = {}
        self.verdicts: set[str] = set()
        self.lost = self.again = self.recorded = self.flying = 0

    @property
    def arguments(self) -> list[str]:
        words = ["judge", "task.csv", "--baseline", "base", "--judge", "fake", "--out", "judged"]
        words += ["--strategy", "random", "--base-url", self.url, "--concurrency", "8"]
        words += ["--price-in", "2", "--price-out", "8", "--max-cost", "1000", "--stop-at", "1"]
        return [*words, "--budget", str(len(self.known) + 24), "--json"]

    def count(self) -> tuple[set[str], int, int, int]:
        """Keys of the verdicts; how many were bought again, requests, and those in flight."""
        path = self.folder / "verdicts.db"
        if not path.exists():
            return set(), 0, 0, 0
        with closing(sqlite3.connect(path)) as db:
            keys = [
                key
                for (key,) in db.execute(
                    "SELECT r.key FROM requests r JOIN verdicts v ON v.request = r.id"
                )
            ]
            requests = db.execute("SELECT count(*) FROM requests").fetchone()[0]
        return set(keys), len(keys) - len(set(keys)), requests, requests - len(keys)

    def look(self) -> None:
        """Compare with what was there before."""
        found = answers(self.folder) if (self.folder / "run.db").exists() else {}
        verdicts = self.count()[0]
        gone = [cell for cell, outcome in self.known.items() if found.get(cell) != outcome]
        self.lost += len(gone) + len(self.verdicts - verdicts)
        self.known, self.verdicts = found, verdicts

    def renew(self) -> None:
        """Begin anew where there is nothing left to judge."""
        if len(self.known) > QUERIES * len(CANDIDATES) - 40:
            self.close()
            shutil.rmtree(self.folder)
            self.known, self.verdicts = {}, set()

    def close(self) -> None:
        """Add up what is in the folder."""
        _, again, requests, flying = self.count()
        self.again += again
        self.recorded += requests - flying
        self.flying += flying


class Folder:
    """A run folder that is begun, told and killed, and what must be in it."""

    def __init__(self, work: Path, moments: random.Random, judged: Judged) -> None:
        self.work, self.moments, self.judged = work, moments, judged
        self.task = table(work / "task.csv")
        self.run = work / "run"
        self.known: dict[tuple[str, str], int] = {}
        self.lost = self.shut = self.left = 0
        self.takes: dict[str, float] = {}

    def arguments(self, command: str) -> list[str]:
        if command == "start":
            return ["start", "task.csv", "--strategy", "random", "--out", "run"]
        if command == "select":
            budget = str(len(self.known) + 24)
            task = ["select", "task.csv", "--strategy", "random", "--out", "run"]
            return [*task, "--budget", budget, "--json"]
        if command == "judge":
            return self.judged.arguments
        if command == "tell":
            return ["tell", "run", "told.jsonl", "--unasked"]
        return ["status", "run", "--json"]

    def begin(self) -> None:
        if not (self.run / "run.db").exists():
            run(self.arguments("start"), self.work)

    def renew(self) -> None:
        """Begin anew where there is nothing left to judge."""
        if len(self.known) > QUERIES * len(CANDIDATES) - 40:
            shutil.rmtree(self.run)
            self.known = {}

    def say(self) -> dict[tuple[str, str], int]:
        """Write what is told next; nothing of it is in the ledger."""
        cells = [(f"q{q}", c) for q in range(QUERIES) for c in CANDIDATES]
        free = [cell for cell in cells if cell not in self.known]
        said = {cell: self.moments.choice((-1, 0, 1)) for cell in self.moments.sample(free, 3)}
        lines = [
            json.dumps({"query": q, "candidate": c, "outcome": o}) for (q, c), o in said.items()
        ]
        (self.work / "told.jsonl").write_text("\n".join(lines), encoding="utf-8")
        return said

    def time(self) -> None:
        """How long each command takes here."""
        for command in COMMANDS:
            self.say() if command == "tell" else None
            began = time.perf_counter()
            run(self.arguments(command), self.work)
            self.takes[command] = time.perf_counter() - began
            self.known = answers(self.run)
        self.judged.look()

    def kill(self, command: str) -> bool:
        """Kill a command; returns whether it was still running."""
        self.renew()
        self.judged.renew()
        if command == "start":
            shutil.rmtree(self.run, ignore_errors=True)
            self.known = {}
        else:
            self.begin()
        said = self.say() if command == "tell" else {}
        # a new interpreter spends most of its time on imports: the end is what matters
        since = 0.4 if FRESH else 0.0
        moment = self.takes[command] * (since + (1 - since) * self.moments.random())
        killed, began = process(self.arguments(command), self.work), time.perf_counter()
        try:
            out, _ = killed.communicate(timeout=moment)
            alive = False
            self.takes[command] = time.perf_counter() - began  # the machine is quicker now
        except subprocess.TimeoutExpired:
            os.kill(killed.pid, signal.SIGKILL)
            out, _ = killed.communicate()
            alive = True
            self.takes[command] *= 1.05  # or slower
        if "stored" in out:  # told to whoever waits for it
            self.known |= said
        self.look(command, said)
        return alive

    def look(self, command: str, said: dict[tuple[str, str], int]) -> None:
        """Open the run as the next command would, and compare."""
        if command == "judge":
            self.judged.look()
            if not self.judged.known:
                return  # nothing was judged yet
            self.open(command, self.judged.folder)
            self.clean(command, self.judged.folder)
            return
        if not (self.run / "run.db").exists():
            if self.known or command != "start":
                self.shut += 1
            run(self.arguments("start"), self.work)
        if not self.open(command, self.run):
            return
        found = answers(self.run)
        gone = {cell for cell, outcome in self.known.items() if found.get(cell) != outcome}
        part = len(said.keys() & found.keys())
        self.lost += len(gone) + (0 < part < len(said))  # one tell is there whole or not at all
        self.known = found
        if gone:
            print(f"{command}: {len(gone)} answers lost")
        self.clean(command, self.run)

    def open(self, command: str, folder: Path) -> bool:
        """Whether the run opens."""
        opened = process(["next", folder.name, "--json"], self.work)
        _, err = opened.communicate()
        if opened.returncode:
            self.shut += 1
            print(f"{command}: the run does not open: {err.strip()}")
        return not opened.returncode

    def clean(self, command: str, folder: Path) -> None:
        """Look for files that nobody finished, after the next command that writes files."""
        run(["status", folder.name, "--json"], self.work)
        left = [p.name for p in folder.iterdir() if p.name.endswith("partial")]
        left += [p.name for p in folder.glob(".task-*")]
        self.left += len(left)
        if left:
            print(f"{command}: files left: {left}")


def main() -> None:
    """Kill, look, count."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=60, help="How many.")
    parser.add_argument("--seconds", type=float, default=1e9, help="Begin no kill after these.")
    parser.add_argument("--fresh", action="store_true", help="A new interpreter for each process.")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    global FRESH
    FRESH = given.fresh
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("fork").Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    began, hit, kills = time.monotonic(), Counter[str](), 0
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        judged = Judged(Path(name), str(ours.recv()))
        folder = Folder(Path(name), random.Random(given.seed), judged)
        if not FRESH:
            warm(folder)
        folder.time()
        while kills < given.kills and time.monotonic() - began < given.seconds:
            command = COMMANDS[kills % len(COMMANDS)]
            hit[command] += folder.kill(command)
            kills += 1
        judged.close()
        ours.send(True)
        got = ours.recv()
        ours.send(False)
    took = ", ".join(f"{command} {seconds:.1f} s" for command, seconds in folder.takes.items())
    struck = ", ".join(f"{command} {number}" for command, number in sorted(hit.items()))
    print(f"{kills} kills; while running: {struck}; whole commands take about {took}")
    print(f"acknowledged answers lost: {folder.lost}")
    print(f"answers and verdicts of the judge lost: {judged.lost}; bought again: {judged.again}")
    print(
        f"calls: {got} at the endpoint, {judged.recorded} with an answer in the ledger; in flight "
        f"when killed: {judged.flying} in the ledger, {got - judged.recorded} at the endpoint"
    )
    print(f"runs that do not open: {folder.shut}")
    print(f"files that nobody finished, after the next status: {folder.left}")
    sys.exit(bool(folder.lost + folder.shut + folder.left + judged.lost + judged.again))


def warm(folder: Folder) -> None:
    """Import all that the commands need: they are forked from here."""
    from bayessel.cli import main

    with contextlib.chdir(folder.work):
        for command in COMMANDS:
            if command == "tell":
                folder.say()
            sys.argv = ["bayessel", *folder.arguments(command)]
            with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
                main()
    folder.known = answers(folder.run)
    folder.judged.look()


if __name__ == "__main__":
    main()
