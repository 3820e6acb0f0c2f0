"""One step of each strategy, and how llm-selector's acquisition grows with N, M and J.

    python benchmarks/step.py [--repeats 30]

A step is: take in one row of outcomes, and choose the next query. Votes and outcomes are random;
times are medians.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayessel import Task, make_strategy
from bayessel.acquisition.judge_entropy import expected_entropy
from bayessel.outcomes import MISSING
from bayessel.readers.tables import Tables
from bayessel.strategies import Strategy

SHAPE = {"N": 805, "M": 53, "J": 10}
EPS = np.array([0.2, 0.4, 0.4])


def median_ms(call: Callable[[], object], repeats: int) -> float:
    """Median time of a call, the first one left out."""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * float(np.median(times))


def entropy_ms(n: int, m: int, j: int, repeats: int) -> float:
    """Expected entropies of all queries."""
    rng = np.random.default_rng(0)
    votes = rng.integers(-1, 2, (j, n, m)).astype(np.int8)
    p_best = rng.dirichlet(np.ones(m))
    return median_ms(lambda: expected_entropy(p_best, votes, EPS), repeats)


def generated(n: int, m: int, j: int) -> Task:
    """A task with random outcomes and judge scores."""
    rng = np.random.default_rng(0)
    queries = np.repeat([f"q{q}" for q in range(n)], m)
    models = np.tile([f"m{i}" for i in range(m)], n)
    outcome = rng.integers(-1, 2, n * m)
    table = pd.DataFrame({"query_id": queries, "model": models, "outcome": outcome})
    task = Task.from_tables(Tables(table, None, None, None, "generated"))
    return task.with_judge_scores(rng.normal(size=(j, n, m)), [f"judge-{z}" for z in range(j)])


def one_step(strategy: Strategy, state: Any, free: NDArray[np.bool_], task: Task) -> None:
    """Tell an answer and ask for the next query."""
    after = strategy.tell(np.random.default_rng(1), state, 30, task.outcome[30])
    strategy.ask(np.random.default_rng(2), after, free)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=30)
    repeats = parser.parse_args().repeats

    task = generated(*SHAPE.values())
    print(f"one step at {SHAPE}, 30 rows judged, ms")
    for name in ("random", "llm-selector", "bayessel"):
        strategy = make_strategy(name)
        outcome = np.full((task.n_queries, task.n_models), MISSING, dtype=np.int8)
        outcome[:30] = task.outcome[:30]
        free = (outcome == MISSING).all(axis=1)
        state = strategy.init(np.random.default_rng(0), task, outcome)

        step = partial(one_step, strategy, state, free, task)
        print(f"  {name:14}{median_ms(step, repeats):8.2f}")

    print("\nexpected entropies of all queries (judge-entropy), ms")
    for axis, size in SHAPE.items():
        sizes = [size // 2, size, 2 * size, 5 * size]
        row = [
            entropy_ms(**{k.lower(): v for k, v in {**SHAPE, axis: s}.items()}, repeats=repeats)
            for s in sizes
        ]
        told = "  ".join(f"{axis}={s}: {t:.2f}" for s, t in zip(sizes, row, strict=True))
        print(f"  {told}")


if __name__ == "__main__":
    main()
