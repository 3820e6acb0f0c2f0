"""How often the seed of the sampler decides which candidate is recommended.

    python benchmarks/names.py FOLDER [--model two_way] [--rows 5] [-R 60]

For R sub-tasks (panel) with so many random judged queries, the state of the strategy is drawn by
two seeds. Prints in what share of the sub-tasks the two name another candidate, and in what share
the first names another one than a long run of the sampler: by the mean of the drawn win rates, and
by the expected win rates that are recommended by. In brackets the share in which the two that are
named also have different points on the judged queries: the others are tied, and nothing but weak
judges tells them apart.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from bayessel import Task
from bayessel.models import DEFAULT
from bayessel.outcomes import MISSING
from bayessel.strategies.bayessel import Bayessel
from bayessel.tasks.sub_tasks import draw, panel
from bayessel.weak_judges.of_task import score_task


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default=DEFAULT)
    parser.add_argument("--rows", type=int, default=5)
    parser.add_argument("-R", "--realizations", type=int, default=60)
    args = parser.parse_args()

    whole, strategy = Task.read(args.folder), Bayessel(model=args.model)
    cache = Path(tempfile.gettempdir()) / "bayessel-weak-judges"
    whole = score_task(whole, strategy.weak_judges or (), cache=cache)
    whole = Task(whole.data.drop_vars(["response", "baseline_response"], errors="ignore"))
    names: dict[str, list[tuple[int, ...]]] = {"drawn": [], "expected": []}
    points = []  # on the judged queries
    began = time.perf_counter()
    for r in range(args.realizations):
        queries, candidates = draw(panel, 3, r, whole.n_queries, whole.n_candidates)
        task = whole.subset(
            [whole.queries[q] for q in queries], [whole.candidates[j] for j in candidates]
        )
        judged = np.random.default_rng([2, r]).permutation(task.n_queries)[: args.rows]
        outcome = np.full_like(task.recorded, MISSING)
        outcome[judged] = task.recorded[judged]
        points.append(task.recorded[judged].sum(axis=0, dtype=int))
        states = [strategy.init(np.random.default_rng([s, r]), task, outcome) for s in (0, 1)]
        long = int(states[0].more_draws().win_rate.mean(axis=0).argmax())
        drawn = [int(state.draws.win_rate.mean(axis=0).argmax()) for state in states]
        expected = [int(state.expected.argmax()) for state in states]
        names["drawn"].append((*drawn, long))
        names["expected"].append((*expected, long))
    seconds = time.perf_counter() - began
    print(
        f"{args.folder.name}, {args.model}, {args.rows} judged queries: "
        f"{args.realizations} sub-tasks, {seconds:.0f} s"
    )
    print(f"{'named by':12}{'other seed':>14}{'long run':>14}")
    for by, found in names.items():
        of = [[p[j] for j in named] for p, named in zip(points, found, strict=True)]
        (one, *others), (own, *theirs) = np.array(found).T, np.array(of).T
        shares = (
            f"{np.mean(one != name):.2f} ({np.mean(own != that):.2f})"
            for name, that in zip(others, theirs, strict=True)
        )
        print(f"{by:12}" + "".join(f"{share:>14}" for share in shares))


if __name__ == "__main__":
    main()
