"""What it costs to ask for many calls at once.

    python benchmarks/batches.py PATH... [-R 60] [--budget 20] [--batches 1,20]

Sub-tasks as with ``bench --protocol panel``, texts left out. The strategy ``bayessel`` asks for so
many calls at a time, and learns of them together. Prints how often the best candidate is named
after so many calls / M, the mean over budgets spaced by logarithms, and the calls / M needed to
name it with .5, .7, .8 and .9, by the rule of ``bayessel bench``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bayessel import Task, make_strategy
from bayessel.outcomes import MISSING
from bayessel.studies.measures.estimates import needed
from bayessel.support.ties import TIE
from bayessel.tasks.judged import judged_candidates
from bayessel.tasks.sub_tasks import draw, find_protocol

SHOWN = (1, 2, 3, 5, 7.5, 10, 15, 20)
LEVELS = (0.5, 0.7, 0.8, 0.9)


def selection(task: Task, seed: int, budget: float, batch: int) -> NDArray[np.bool_]:
    """[T] whether the best candidate is named after each call, T = budget M."""
    strategy = make_strategy("bayessel", weak_judges=())
    rng = np.random.default_rng(seed)
    recorded = task.recorded
    outcome = np.full_like(recorded, MISSING)
    rate = np.where(recorded == MISSING, 0, recorded).mean(axis=0)
    calls = int(budget * task.n_candidates)
    right = np.zeros(calls, dtype=bool)
    state = strategy.init(rng, task, outcome)
    spent = 0
    while spent < calls:
        free = (outcome == MISSING) & (recorded != MISSING)
        for choice in strategy.ask(rng, state, free, np.ones(free.shape), batch):
            row = np.full(task.n_candidates, MISSING, dtype=np.int8)
            row[choice.candidates] = recorded[choice.query, choice.candidates]
            outcome[choice.query, choice.candidates] = row[choice.candidates]
            spent += len(choice.candidates)
        state = strategy.init(rng, task, outcome.copy())
        named = int(strategy.recommend(rng, state).best)
        right[spent - 1 :] = rate[named] >= rate.max() - TIE
    return right


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("-R", type=int, default=60)
    parser.add_argument("--budget", type=float, default=20)
    parser.add_argument("--batches", default="1,20")
    o = parser.parse_args()
    for path in o.paths:
        whole = judged_candidates(Task.read(path))[0]
        texts = ["response", "baseline_response", "query_text"]
        whole = Task(whole.data.drop_vars(texts, errors="ignore"))
        protocol = find_protocol("panel")
        for batch in (int(k) for k in o.batches.split(",")):
            runs = []
            for r in range(o.R):
                q, c = draw(protocol, 0, r, whole.n_queries, whole.n_candidates)
                sub = Task(whole.data.isel(query=q, candidate=c))
                budget = min(o.budget, sub.n_queries)
                runs.append(selection(sub, r, budget, batch))
            right = np.array(runs, dtype=float).mean(axis=0)
            m, calls = sub.n_candidates, len(right)
            quarters = right[np.arange(1, 4 * calls // m + 1) * m // 4 - 1]
            budgets = np.arange(1, len(quarters) + 1) / 4
            need = [float(needed(quarters, level, budgets)) for level in LEVELS]
            steps = np.unique(np.geomspace(m, calls, 60).astype(int)) - 1
            shown = " ".join(f"{right[int(b * m) - 1]:.2f}" for b in SHOWN if b * m <= calls)
            print(
                f"{path.name:18} batches of {batch:2}: best {shown}; "
                f"mean {right[steps].mean():.3f}; calls / M {' / '.join(f'{x:.1f}' for x in need)}",
                flush=True,
            )


if __name__ == "__main__":
    main()
