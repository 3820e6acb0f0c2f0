"""How fast calls to an LLM judge are made, and what kill -9 leaves in the ledger.

    python benchmarks/judge.py speed [--calls 1000] [--concurrency 16] [--latency 0.2]
    python benchmarks/judge.py kills [--kills 200] [--concurrency 16] [--latency 0.1]

``speed`` asks the fake endpoint, which runs in a process of its own, and compares with the
endpoint's own time: calls x latency / concurrency. ``kills`` kills a process that asks, at random
moments, and counts recorded verdicts that were lost or bought again, and the calls that are in
flight in the ledger beside those that the endpoint got and whose answers were never recorded.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import signal
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

from bayessel import Task, simulate_task
from bayessel.oracles.llm.endpoint import Endpoint
from bayessel.oracles.llm.fake.mind import Mind
from bayessel.oracles.llm.fake.server import FakeEndpoint
from bayessel.oracles.llm.oracle import LLMOracle
from bayessel.oracles.verdicts.ledger import VerdictLedger
from bayessel.tasks.question import Question


def task_of(calls: int) -> Task:
    """A task with at least so many cells."""
    return simulate_task(n_queries=-(-calls // 10), n_candidates=10, seed=0)


def serve(task: Task, latency: float, pipe: Connection) -> None:
    """Run the endpoint; tells its address, and then, when asked, the keys that it got."""
    with FakeEndpoint(Mind(task), latency=latency) as endpoint:
        pipe.send(endpoint.base_url)
        while pipe.recv():
            pipe.send([served.key for served in endpoint.served])


def ask(task: Task, url: str, folder: Path, concurrency: int, calls: int, begun: int = 0) -> float:
    """Judge all cells; returns the seconds that it took, the client's start left out.

    A byte is written to the file descriptor ``begun``, if any, when it begins.
    """
    with LLMOracle(
        task, "fake", folder=folder, base_url=url, price=(1, 2), max_cost=1e6,
        concurrency=concurrency, orders="one",
    ) as oracle:  # fmt: skip
        _ = oracle.judges[0].endpoint.client
        questions = [Question(query, task.candidates) for query in task.queries]
        if begun:
            os.write(begun, b"x")
        started = time.perf_counter()
        for _ in oracle.judge_all(questions[: calls // task.n_candidates]):
            pass
        return time.perf_counter() - started


def speed(o: argparse.Namespace, task: Task, url: str) -> None:
    """Print the time and its ratio to the endpoint's own."""
    with tempfile.TemporaryDirectory() as folder:
        took = ask(task, url, Path(folder), o.concurrency, o.calls)
    own = o.calls * o.latency / o.concurrency
    print(f"{o.calls} calls at concurrency {o.concurrency}: {took:.2f} s; the endpoint's own time "
          f"{own:.2f} s, ratio {took / own:.2f}")  # fmt: skip


def kills(o: argparse.Namespace, task: Task, url: str, pipe: Connection) -> None:
    """Print what was lost, bought again and in flight."""
    moments, lost = random.Random(0), 0
    Endpoint(url).client.close()  # imported once, not in every child
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        known: set[str] = set()
        for _ in range(o.kills):
            reader, writer = os.pipe()
            child = os.fork()
            if child == 0:
                ask(task, url, folder, o.concurrency, o.calls, writer)
                os._exit(0)
            os.read(reader, 1)
            os.close(reader)
            os.close(writer)
            time.sleep(1.5 * moments.random())
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            if (folder / "verdicts.db").exists():
                with VerdictLedger.in_folder(folder) as ledger:
                    done = {r.request.key for r in ledger.all if r.verdict is not None}
                lost += len(known - done)
                known = done
        time.sleep(2 * o.latency)
        pipe.send(True)
        got = pipe.recv()
        with VerdictLedger.in_folder(folder) as ledger:
            records = ledger.all
        said = [r.request.key for r in records if r.verdict is not None]
        again = len(said) - len(set(said))
        ledger_in_flight = sum(r.verdict is None for r in records)
        never_recorded = len(got) - len(said)
    print(f"{o.kills} kills at concurrency {o.concurrency}: {len(said)} verdicts recorded, {lost} "
          f"lost, {again} bought again; in flight: {ledger_in_flight} in the ledger, "
          f"{never_recorded} at the endpoint")  # fmt: skip


def main() -> None:
    """Run one of the two."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("what", choices=["speed", "kills"])
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--latency", type=float, default=0.2)
    o = parser.parse_args()
    if o.what == "kills":
        o.calls = max(o.calls, 20 * o.kills)
    task = task_of(o.calls)
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("fork").Process(
        target=serve, args=(task, o.latency, theirs), daemon=True
    )
    server.start()
    url = str(ours.recv())
    if o.what == "speed":
        speed(o, task, url)
    else:
        kills(o, task, url, ours)
    ours.send(False)
    server.join(5)


if __name__ == "__main__":
    main()
