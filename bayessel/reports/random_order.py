"""What random queries would have found: the yardstick of ``bayessel demo``."""

from __future__ import annotations

import numpy as np

from bayessel.outcomes import points
from bayessel.support.ties import TIE, pick_highest
from bayessel.tasks.task import Task


def random_order(
    task: Task, queries: int, *, repeats: int = 200, seed: int = 0
) -> dict[str, float]:
    """How often random queries, each judged for all candidates, find the best candidate.

    Parameters
    ----------
    task
        A task whose recorded judgments are complete.
    queries
        How many.
    repeats
        Random orders to average over.
    seed
        For the orders.

    Returns
    -------
    dict
        ``identified``: share of the orders in which the highest win rate so far is the best
        candidate over all queries; ``gap``: by how much the win rate of the candidate that is
        found falls short of the best's, on average.
    """
    rng = np.random.default_rng([seed, 7])
    truth = task.win_rate
    gained = points(task.recorded)
    hits, gaps = [], []
    for _ in range(repeats):
        rows = rng.permutation(task.n_queries)[:queries]
        found = pick_highest(rng, gained[rows].mean(axis=0))
        hits.append(truth[found] >= truth.max() - TIE)
        gaps.append(truth.max() - truth[found])
    return {"identified": float(np.mean(hits)), "gap": float(np.mean(gaps))}
