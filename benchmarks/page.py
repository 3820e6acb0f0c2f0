"""The page under a hasty annotator: time from key to next question, and kills after clicks.

    python benchmarks/page.py DIR [--verdicts 200] [--kills 20]

``DIR`` is a run folder of ``bayessel start`` with responses. Verdicts are drawn at random and told
to the run: use a copy. The time is from the request with the verdict to the next question, over
HTTP; questions that were not there yet count apart. A kill is ``kill -9`` of the server right after
the reply to a click; then it is counted what the ledgers hold.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path

import httpx
import numpy as np

from bayessel.oracles.verdicts.ledger import VerdictLedger
from bayessel.selection.ledger import Ledger

CHOICES = ("first", "second", "draw", "both_bad")


def start(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """The server, and the address of an annotator."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bayessel", "page", str(folder), "--no-browser", "--annotator", "x"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "200", "PYTHONUNBUFFERED": "1"},
    )
    for line in process.stdout or ():
        if found := re.match(r"x: (\S+)", line):
            return process, found[1]
    raise SystemExit("the page did not start")


def question(client: httpx.Client) -> tuple[dict[str, str], float]:
    """The question in front of the annotator, and how long it was waited for."""
    begun = time.perf_counter()
    while (found := client.get("/question").json())["state"] == "waiting":
        time.sleep(0.02)
    return found, time.perf_counter() - begun


def enter(client: httpx.Client, address: str) -> None:
    """Come in with the token."""
    client.base_url = address.partition("/?")[0]
    client.headers["origin"] = address.partition("/?")[0]
    client.get(address).raise_for_status()


def judge(client: httpx.Client, shown: dict[str, str]) -> tuple[dict[str, str], float]:
    """Give a verdict; the next question, and how long it took."""
    answer = {"id": shown["id"], "choice": random.choice(CHOICES), "seconds": 1}
    begun = time.perf_counter()
    reply = client.post("/answer", json=answer)
    took = time.perf_counter() - begun
    reply.raise_for_status()
    return reply.json(), took


def latency(folder: Path, verdicts: int, pause: float) -> None:
    """Print how long the next question takes."""
    begun = time.perf_counter()
    process, address = start(folder)
    with httpx.Client(follow_redirects=True) as client:
        enter(client, address)
        shown, _ = question(client)
        print(f"from start to the first question: {time.perf_counter() - begun:.1f} s")
        times, waits = [], []
        for _ in range(verdicts):
            time.sleep(pause)
            shown, took = judge(client, shown)
            times.append(took)
            if shown["state"] == "waiting":
                shown, waited = question(client)
                waits.append(waited)
    process.terminate()
    process.wait()
    ms = np.array(times) * 1000
    print(
        f"{verdicts} verdicts, {pause} s apart: median {np.median(ms):.0f} ms, 95 % "
        f"{np.quantile(ms, 0.95):.0f} ms, largest {ms.max():.0f} ms"
    )
    longest = f", the longest {max(waits):.2f} s" if waits else ""
    print(f"the next question was not there yet: {len(waits)} times{longest}")


def kills(folder: Path, times: int) -> None:
    """Print how many verdicts are lost."""
    with Ledger.in_folder(folder) as ledger:
        before = len(ledger.answers)
    clicks = 0
    with httpx.Client(follow_redirects=True) as client:
        for _ in range(times):
            process, address = start(folder)
            enter(client, address)
            shown, _ = question(client)
            for _ in range(random.randint(1, 3)):
                if shown["state"] != "open":
                    shown, _ = question(client)
                shown, _ = judge(client, shown)
                clicks += 1
            process.kill()
            process.wait()
    with Ledger.in_folder(folder) as ledger, VerdictLedger.in_folder(folder) as said:
        outcomes = len(ledger.answers) - before
        verdicts = sum(one.verdict is not None for one in said.all)
    print(f"{times} kills, {clicks} clicks: {outcomes} outcomes in the run, {verdicts} verdicts")


def main() -> None:
    """Read the options."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("folder", type=Path)
    options.add_argument("--verdicts", type=int, default=200)
    options.add_argument("--pause", type=float, default=0.5)
    options.add_argument("--kills", type=int, default=20)
    given = options.parse_args()
    if given.verdicts:
        latency(given.folder, given.verdicts, given.pause)
    if given.kills:
        kills(given.folder, given.kills)


if __name__ == "__main__":
    main()
