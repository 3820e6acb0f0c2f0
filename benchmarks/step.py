"""One step of each strategy, and how it grows with N, M, J and S.

    python benchmarks/step.py [--strategies NAME,...] [--repeats 5] [--rows 30]
    python benchmarks/step.py --calls
    python benchmarks/step.py --memory

A step is: take in one row of outcomes, say who is best, and choose the next query. Outcomes and the
weak judges' scores are random. Medians of CPU ms, which on one core are wall ms of an idle machine;
each size is varied around the first column, the others as they are there. llm-selector-grid
searches its eps once, at the start, and then steps as llm-selector does.

With ``--calls`` it is a step of the strategies that choose cells, where few cells of a query are
judged: five whole queries, then pairs of six candidates, and the step takes in one such pair.

With ``--memory`` it is how much memory the process takes for such steps of the default strategy, in
sizes that double: the peak so far less what it was before the first size.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time

import numpy as np
import pandas as pd

from bayessel import Task, make_strategy
from bayessel.outcomes import MISSING
from bayessel.strategies import STRATEGIES
from bayessel.tasks.tables import Tables

SHAPE = {"N": 805, "M": 53, "J": 10, "S": 512}
FACTORS = (1 / 3, 3)
NAMES = [name for name in STRATEGIES if name != "llm-selector-grid"]


def generated(n: int, m: int, j: int) -> Task:
    """A task with random outcomes and weak judge scores."""
    rng = np.random.default_rng(0)
    queries = np.repeat([f"q{q}" for q in range(n)], m)
    models = np.tile([f"m{i}" for i in range(m)], n)
    outcome = rng.integers(-1, 2, n * m)
    table = pd.DataFrame({"query_id": queries, "candidate": models, "outcome": outcome})
    task = Task.from_tables(Tables(table, None, None, None, "generated"))
    return task.with_weak_judges(rng.normal(size=(j, n, m)), [f"judge-{z}" for z in range(j)])


def step_ms(name: str, task: Task, draws: int, rows: int, repeats: int) -> float:
    """Median time of a step, the first one left out."""
    strategy = make_strategy(name, draws=draws)
    outcome = np.full((task.n_queries, task.n_candidates), MISSING, dtype=np.int8)
    outcome[:rows] = task.recorded[:rows]
    free = outcome == MISSING
    free[rows] = False
    cost = np.ones(free.shape)
    state = strategy.init(np.random.default_rng(0), task, outcome)
    times = []
    for repeat in range(repeats + 1):
        start = time.process_time()
        after = strategy.tell(np.random.default_rng([1, repeat]), state, rows, task.recorded[rows])
        strategy.recommend(np.random.default_rng([2, repeat]), after)
        strategy.ask(np.random.default_rng([3, repeat]), after, free, cost)
        times.append(1000 * (time.process_time() - start))
    return float(np.median(times[1:]))


CELLS = {"400 x 20 after 800 calls": (400, 20, 800), "805 x 53 after 2,000": (805, 53, 2000)}
"""N, M and the calls so far."""


def cell_step_ms(name: str, n: int, m: int, calls: int, repeats: int) -> float:
    """Median time of a step where few cells of a query are judged, the first one left out."""
    task, rng = generated(n, m, 0), np.random.default_rng(0)
    strategy = make_strategy(name)
    outcome = np.full((n, m), MISSING, dtype=np.int8)
    outcome[:5] = task.recorded[:5]
    while (outcome != MISSING).sum() < calls:
        pair = rng.integers(n), rng.choice(6, 2, replace=False)
        outcome[pair] = task.recorded[pair]
    state = strategy.init(np.random.default_rng(0), task, outcome)
    free, cost, times = outcome == MISSING, np.ones((n, m)), []
    row = np.full(m, MISSING, dtype=np.int8)
    query = int(np.flatnonzero(free[:, :2].all(axis=1))[0])
    row[:2], free[query, :2] = task.recorded[query, :2], False
    for repeat in range(repeats + 1):
        start = time.process_time()
        after = strategy.tell(np.random.default_rng([1, repeat]), state, query, row)
        strategy.recommend(np.random.default_rng([2, repeat]), after)
        strategy.ask(np.random.default_rng([3, repeat]), after, free, cost)
        times.append(1000 * (time.process_time() - start))
    return float(np.median(times[1:]))


def print_cell_steps(repeats: int) -> None:
    """Print the table of the strategies that choose cells."""
    names = [name for name in STRATEGIES if make_strategy(name).unit == "cells"]
    table = pd.DataFrame(index=pd.Index(names, name="strategy"), columns=list(CELLS))
    for case, shape in CELLS.items():
        for name in names:
            table.loc[name, case] = round(cell_step_ms(name, *shape, repeats), 1)
    print("one step, ms of CPU\n" + table.to_string())


MEMORY = [(400, 20, 800), (805, 26, 2000), (805, 53, 4000), (1610, 53, 8000), (3220, 53, 16000)]
"""N, M and the calls so far, each of about twice the cells of the one before."""


def peak_mb() -> float:
    """Peak resident memory of this process so far, MB; the unit of the system's number differs."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(peak / 1e6 if sys.platform == "darwin" else peak / 1e3)


def print_memory() -> None:
    """Print what steps of the default strategy take, after a small one that compiles."""
    cell_step_ms("bayessel", 100, 10, 100, 2)
    before = peak_mb()
    print(f"peak memory, MB above the {before:.0f} of the imported and compiled package")
    for n, m, calls in MEMORY:
        ms = cell_step_ms("bayessel", n, m, calls, 5)
        more = peak_mb() - before
        print(f"{n} x {m} after {calls} calls: {more:.0f} MB, {ms:.0f} ms a step", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--strategies", type=lambda text: text.split(","), default=NAMES)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--rows", type=int, default=30, help="judged before")
    parser.add_argument("--calls", action="store_true", help="strategies that choose cells")
    parser.add_argument("--memory", action="store_true", help="peak memory of the default strategy")
    arguments = parser.parse_args()
    if arguments.memory:
        print_memory()
        return
    if arguments.calls:
        print_cell_steps(max(arguments.repeats, 20))
        return

    around = ", ".join(f"{axis} {size}" for axis, size in SHAPE.items())
    print(f"one step, {arguments.rows} rows judged, ms of CPU; as is: {around}", flush=True)
    cases: dict[str, dict[str, int]] = {"as is": SHAPE}
    for axis, base in SHAPE.items():
        for factor in FACTORS:
            size = round(factor * base)
            cases[f"{axis} {size}"] = {**SHAPE, axis: size}
    table = pd.DataFrame(index=pd.Index(arguments.strategies, name="strategy"), columns=list(cases))
    for case, shape in cases.items():
        task = generated(shape["N"], shape["M"], shape["J"])
        for name in arguments.strategies:
            time_ms = step_ms(name, task, shape["S"], arguments.rows, arguments.repeats)
            table.loc[name, case] = f"{time_ms:.1f}"
    print(table.to_string())


if __name__ == "__main__":
    main()
