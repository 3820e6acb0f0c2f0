"""What missing cells do to ``llm-selector``: how often it names the best candidate.

    python benchmarks/missing_cells.py FOLDER [-R 100]

FOLDER holds responses.parquet, queries.parquet and judgments.parquet; the queries that are judged
for every candidate are used. Prints, after 20 and 150 queries, the share of realizations (panel) in
which the candidate with the highest win rate on the complete data is named: on the complete data,
with 1 % of the cells missing at random, and with as many cells missing of the best candidate alone.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np

from bayessel import Task
from bayessel.outcomes import MISSING, win_rate
from bayessel.strategies.paper.parts.random_streams import replay_streams
from bayessel.strategies.paper.parts.replay import POSTERIOR, replay
from bayessel.support.ties import highest
from bayessel.tasks.sub_tasks import draw, panel
from bayessel.weak_judges import KGRAMS
from bayessel.weak_judges.cache import cached_scores
from bayessel.weak_judges.votes import votes

EPS = np.array([0.2, 0.4, 0.4])
AFTER = (20, 150)
SHARE = 0.01


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("-R", "--realizations", type=int, default=100)
    args = parser.parse_args()

    task = Task.read(args.folder)
    cache = Path(tempfile.gettempdir()) / "bayessel-weak-judges"
    scores, _ = cached_scores(task.texts, KGRAMS, cache, task.fingerprint)
    whole = (task.recorded != MISSING).all(axis=1)
    answers, table = task.recorded[whole], votes(scores)[:, whole].transpose(1, 2, 0)
    found: dict[str, list[list[bool]]] = {"complete": [], "at random": [], "of the best": []}
    for r in range(args.realizations):
        queries, candidates = draw(panel, 7, r, *answers.shape)
        part = answers[np.ix_(queries, candidates)]
        weak = np.ascontiguousarray(table[np.ix_(queries, candidates)])
        truth = win_rate(part)
        rng = np.random.default_rng([5, r])
        random, of_best = part.copy(), part.copy()
        random[rng.random(part.shape) < SHARE] = MISSING
        of_best[rng.random(len(part)) < SHARE * part.shape[1], int(truth.argmax())] = MISSING
        budget = min(max(AFTER), len(part) - 1)
        for name, seen in zip(found, (part, random, of_best), strict=True):
            streams = replay_streams(7, r, budget)
            _, best, _ = replay(POSTERIOR, seen, weak, np.zeros(len(part)), EPS, budget, *streams)
            found[name].append([bool(highest(truth)[best[min(t, budget) - 1]]) for t in AFTER])
    n, m = len(part), part.shape[1]
    print(f"{args.folder.name}: {args.realizations} sub-tasks of {n} queries x {m} candidates")
    print(f"{'missing':14}" + "".join(f"{f'after {t}':>16}" for t in AFTER))
    for name, rows in found.items():
        share = np.mean(rows, axis=0)
        error = np.sqrt(share * (1 - share) / len(rows))
        cells = "".join(f"{f'{s:.2f} +- {e:.2f}':>16}" for s, e in zip(share, error, strict=True))
        print(f"{name:14}{cells}")


if __name__ == "__main__":
    main()
