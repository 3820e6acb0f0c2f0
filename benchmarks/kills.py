"""Kill ``start``, ``tell``, ``select`` and ``status`` at random moments, and count what is lost.

    python benchmarks/kills.py --kills 60

Each kill is SIGKILL to a process of its own, at a moment drawn over the time that the command takes
here. Counted are answers that ``tell`` had confirmed and that are gone, answers that ``select`` had
in the ledger and that are gone, runs that do not open (``next`` of the same folder), and files that
nobody finished and that the next command leaves. All must be 0.
"""

from __future__ import annotations

import argparse
import json
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
from pathlib import Path

COMMANDS = ("start", "tell", "select", "status")
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


def process(arguments: list[str], folder: Path) -> subprocess.Popen[str]:
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


def answers(folder: Path) -> dict[tuple[str, str], int]:
    with closing(sqlite3.connect(folder / "run.db")) as db:
        return {
            (q, c): o for q, c, o in db.execute("SELECT query, candidate, outcome FROM answers")
        }


class Folder:
    """A run folder that is begun, told and killed, and what must be in it."""

    def __init__(self, work: Path, moments: random.Random) -> None:
        self.work, self.moments = work, moments
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

    def kill(self, command: str) -> bool:
        """Kill a command; returns whether it was still running."""
        self.renew()
        if command == "start":
            shutil.rmtree(self.run, ignore_errors=True)
            self.known = {}
        else:
            self.begin()
        said = self.say() if command == "tell" else {}
        # most of the time goes by while libraries are imported: the end is what matters
        moment = self.takes[command] * (0.4 + 0.6 * self.moments.random())
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
        if not (self.run / "run.db").exists():
            if self.known or command != "start":
                self.shut += 1
            run(self.arguments("start"), self.work)
        opened = process(["next", "run", "--json"], self.work)
        _, err = opened.communicate()
        if opened.returncode:
            self.shut += 1
            print(f"{command}: the run does not open: {err.strip()}")
            return
        found = answers(self.run)
        gone = {cell for cell, outcome in self.known.items() if found.get(cell) != outcome}
        part = len(said.keys() & found.keys())
        self.lost += len(gone) + (0 < part < len(said))  # one tell is there whole or not at all
        self.known = found
        run(["status", "run", "--json"], self.work)
        left = [p.name for p in self.run.iterdir() if p.name.endswith("partial")]
        left += [p.name for p in self.run.glob(".task-*")]
        self.left += len(left)
        if gone or left:
            print(f"{command}: {len(gone)} answers lost, files left: {left}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=60, help="How many.")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        folder = Folder(Path(name), random.Random(given.seed))
        folder.time()
        hit: Counter[str] = Counter()
        for number in range(given.kills):
            command = COMMANDS[number % len(COMMANDS)]
            hit[command] += folder.kill(command)
    took = ", ".join(f"{command} {seconds:.1f} s" for command, seconds in folder.takes.items())
    struck = ", ".join(f"{command} {number}" for command, number in sorted(hit.items()))
    print(f"{given.kills} kills; while running: {struck}; whole commands take about {took}")
    print(f"acknowledged answers lost: {folder.lost}")
    print(f"runs that do not open: {folder.shut}")
    print(f"files that nobody finished, after the next status: {folder.left}")
    sys.exit(bool(folder.lost + folder.shut + folder.left))


if __name__ == "__main__":
    main()
