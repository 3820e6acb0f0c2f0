"""How few calls find the best of few candidates.

    python benchmarks/few_candidates.py PATH... [-M 8] [--fields 4] [-R 20] [--budget 40]

Of each data set several fields of M candidates (at most 8) are drawn at random. A sub-task is such
a field on half of the queries, as with ``bench --protocol panel``. Prints how often the best
candidate is named after so many calls / M, over all fields, the calls / M needed to name it with
.5, .7, .8 and .9, and what they are as a share of Random's.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np

from bayessel import Task, studies
from bayessel.studies.measures.estimates import needed

SHOWN = (1, 2, 3, 5, 7.5, 10, 15, 20, 30, 40)
LEVELS = (0.5, 0.7, 0.8, 0.9)


def fields(paths: list[Path], size: int, count: int) -> dict[str, Task]:
    """Tasks of ``size`` candidates by name."""
    found = {}
    for path in paths:
        task = Task.read(path)
        rng = np.random.default_rng(0)
        for number in range(count):
            some = np.sort(rng.choice(task.n_candidates, size, replace=False))
            names = [task.candidates[j] for j in some]
            found[f"{path.name} {number}"] = task.subset(candidates=names)
    return found


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("paths", type=Path, nargs="+")
    parser.add_argument("-M", type=int, default=8, choices=range(2, 9))
    parser.add_argument("--fields", type=int, default=4)
    parser.add_argument("-R", type=int, default=20)
    parser.add_argument("--budget", type=int, default=40, help="calls / M")
    parser.add_argument("--strategies", default="random,contenders,ucb-e,bayessel")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, help="where finished parts are kept")
    o = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        study = studies.run(
            fields(o.paths, o.M, o.fields),
            o.strategies,
            folder=o.out or Path(scratch),
            realizations=o.R,
            budget=o.budget,
            workers=o.workers,
        )
        by_budget = study.tables.by_budget
    print(f"{o.fields * len(o.paths)} fields of {o.M} candidates, {o.R} sub-tasks of each")
    random = None
    for strategy, rows in by_budget.groupby("strategy", sort=False):
        mean = rows.groupby("calls / M")["identified"].mean()
        budgets = mean.index.to_numpy(dtype=float)
        calls = np.array([needed(mean.to_numpy(), level, budgets) for level in LEVELS])
        random = calls if random is None else random
        share = np.where(np.isnan(calls), o.budget, calls) / np.where(
            np.isnan(random), o.budget, random
        )
        right = " ".join(f"{mean[x]:.2f}" for x in SHOWN if x in mean.index)
        said = " / ".join("-" if np.isnan(x) else f"{x:.1f}" for x in calls)
        of_random = " / ".join(f"{x:.2f}" for x in share)
        print(f"{strategy:12} best {right}; calls / M {said}; of Random's {of_random}", flush=True)


if __name__ == "__main__":
    main()
