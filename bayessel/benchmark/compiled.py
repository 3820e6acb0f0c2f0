"""Realizations of the compiled strategies: ``llm-selector`` and the paper's baselines."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from bayessel.errors import BudgetError, DataError, did_you_mean
from bayessel.inference.cells import majority
from bayessel.judges.votes import votes
from bayessel.outcomes import win_rate
from bayessel.protocols import draw, find_protocol
from bayessel.strategies import make_strategy
from bayessel.strategies.eps_search import search_eps
from bayessel.strategies.replay import BRADLEY_TERRY, ORDER, POSTERIOR, RANDOM, replay
from bayessel.strategies.streams import replay_streams
from bayessel.task import Task

RULES = {
    "random": RANDOM,
    "bradley-terry": BRADLEY_TERRY,
    "most-draws": ORDER,
    "uncertainty": ORDER,
    "confidence": ORDER,
    "llm-selector": POSTERIOR,
    "llm-selector-grid": POSTERIOR,
}
"""Compiled strategies and their rules."""


def run_compiled(
    task: Task,
    strategies: Sequence[str],
    *,
    protocol: str = "panel",
    realizations: int = 100,
    budget: int = 150,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Select on R sub-tasks by every strategy; the truth is the sub-task's recorded win rate.

    Parameters
    ----------
    task
        Judged, with the k-gram judges' scores.
    strategies
        Keys of :data:`RULES`. The eps of ``llm-selector-grid`` are searched once, on the votes of
        the whole task.
    protocol, realizations, seed
        The sub-tasks: the same for every strategy.
    budget
        T, cut to the queries of a sub-task.
    progress
        Called with how many realizations are done, and R.

    Returns
    -------
    DataFrame
        One row a realization, strategy and budget: ``best``, ``correct``, ``gap``, ``p_best`` (NaN
        where the strategy has none).

    Raises
    ------
    UnknownNameError, BudgetError, DataError
        An unknown name, a number below 1, or a task without judge scores.
    """
    drawn = find_protocol(protocol)
    for name in strategies:
        if name not in RULES:
            raise did_you_mean(name, RULES, "compiled strategy")
    if min(realizations, budget) < 1:
        raise BudgetError(f"realizations {realizations}, budget {budget}: expected at least 1")
    if "judge_score" not in task.data:
        raise DataError("the benchmark needs weak judges: give a task with responses")
    score = task.data["judge_score"].values
    n, m = task.n_queries, task.n_models
    eps = dict.fromkeys(strategies, np.array([0.2, 0.4, 0.4]))
    if "llm-selector-grid" in strategies:
        weak = votes(score)
        loss, tie = search_eps(weak, majority(weak), protocol=drawn, seed=seed).best
        eps["llm-selector-grid"] = np.array([loss, tie, 1 - loss - tie])
    names = np.array(task.models, dtype=object)
    frames = []
    for r in range(realizations):
        queries, models = draw(drawn, seed, r, n, m)
        answers = np.ascontiguousarray(task.outcome[np.ix_(queries, models)])
        weak = votes(score[:, queries][:, :, models])
        table = np.ascontiguousarray(weak.transpose(1, 2, 0))
        truth = np.nan_to_num(win_rate(answers), nan=-1.0)
        steps = min(budget, len(queries))
        streams = replay_streams(seed, r, steps)
        for name in strategies:
            order = np.zeros(len(queries))
            if RULES[name] == ORDER:
                order = make_strategy(name).query_score(weak)  # type: ignore[attr-defined]
            _, best, p_best = replay(RULES[name], answers, table, order, eps[name], steps, *streams)
            gap = truth.max() - truth[best]
            frames.append(
                pd.DataFrame(
                    {
                        "realization": r,
                        "strategy": name,
                        "budget": np.arange(1, steps + 1),
                        "best": names[models[best]],
                        "correct": gap <= 1e-12,
                        "gap": gap,
                        "p_best": p_best,
                    }
                )
            )
        if progress is not None:
            progress(r + 1, realizations)
    return pd.concat(frames, ignore_index=True)
