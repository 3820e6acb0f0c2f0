"""Small tasks whose weak judges are known to be right, wrong or useless."""

from __future__ import annotations

import numpy as np

from bayessel import Task, simulate_task
from bayessel.outcomes import MISSING


def with_scores(task: Task, **scores: np.ndarray) -> Task:
    """The task with weak judges of these scores [N, M]; without any where none are given."""
    if not scores:
        return task.without_weak_judges()
    return task.with_weak_judges(np.stack(list(scores.values())), list(scores))


def base(n_queries: int = 40, n_candidates: int = 4, seed: int = 0) -> Task:
    """A judged task whose rows differ little in difficulty."""
    return simulate_task(n_queries, n_candidates, query_spread=0.2, draw_band=0.5, seed=seed)


def noise(task: Task, seed: int) -> np.ndarray:
    """[N, M] scores that say nothing."""
    return np.random.default_rng(seed).standard_normal(task.recorded.shape)


def given_task() -> Task:
    """A task with a text statistic, a weak judge's scores and another's verdicts, with gaps."""
    task = base(n_queries=14, n_candidates=3)
    task = with_scores(task, x=noise(task, 1))
    verdicts = np.where(np.random.default_rng(3).random((14, 3)) < 0.7, task.recorded, np.nan)
    task = task.with_weak_judge("cheap", verdicts, "verdict")
    return task.with_weak_judge("reward", noise(task, 4), "score")


def rows(task: Task, n: int) -> np.ndarray:
    """[N, M] judgments of the first n queries."""
    outcome = task.recorded.copy()
    outcome[n:] = MISSING
    return outcome


def cells(task: Task, seed: int, share: float = 0.25) -> np.ndarray:
    """[N, M] judgments of cells taken at random, so that rows are judged in part."""
    outcome = task.recorded.copy()
    outcome[np.random.default_rng(seed).random(outcome.shape) > share] = MISSING
    return outcome
