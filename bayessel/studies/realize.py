"""Realizations: one strategy on one sub-task, by compiled code or as a strategy object."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayessel.errors import BudgetError
from bayessel.oracles.recorded import RecordedOracle
from bayessel.outcomes import MISSING, win_rate
from bayessel.selection.selector import Selector
from bayessel.strategies import make_strategy
from bayessel.strategies.paper.base import VoteOrderStrategy
from bayessel.strategies.paper.parts.random_streams import noise_generator, replay_streams
from bayessel.strategies.paper.parts.replay import ORDER, replay
from bayessel.studies.problem import Problem
from bayessel.studies.specs import RULES, Spec
from bayessel.support.ties import TIE
from bayessel.tasks.sub_tasks import draw, find_protocol
from bayessel.tasks.task import Task
from bayessel.weak_judges.votes import votes

_STREAM = 0x5E1EC7


@dataclass(frozen=True)
class Plan:
    """What is repeated.

    Attributes
    ----------
    protocol
        ``panel`` or ``paper``.
    realizations
        R.
    budget
        T, at most the number of queries of a sub-task.
    seed
        The same seed gives the same sub-tasks and the same numbers.
    """

    protocol: str = "panel"
    realizations: int = 1000
    budget: int = 150
    seed: int = 0

    def __post_init__(self) -> None:
        find_protocol(self.protocol)
        for name in ("realizations", "budget"):
            if getattr(self, name) < 1:
                raise BudgetError(f"{name} {getattr(self, name)}: expected at least 1")


@dataclass(frozen=True)
class SubTask:
    """The sub-task of one realization.

    Attributes
    ----------
    queries, candidates
        Positions in the whole task.
    truth
        [M] win rates over the recorded outcomes; -1 where there are none.
    answers
        [N, M] outcomes that the oracle gives.
    """

    queries: NDArray[np.intp]
    candidates: NDArray[np.intp]
    truth: NDArray[np.float64]
    answers: NDArray[np.int8]


def sub_task(problem: Problem, plan: Plan, realization: int, noise: float) -> SubTask:
    """Draw a realization: the same for every strategy.

    With probability ``noise`` the oracle gives one of the other two outcomes instead of the
    recorded one. The truth is computed from what was recorded.
    """
    whole = problem.task.recorded
    queries, candidates = draw(find_protocol(plan.protocol), plan.seed, realization, *whole.shape)
    recorded = np.ascontiguousarray(whole[np.ix_(queries, candidates)])
    rng = noise_generator(plan.seed, realization)
    wrong = (rng.random(recorded.shape) < noise) & (recorded != MISSING)
    other = (recorded + 1 + rng.integers(1, 3, recorded.shape)) % 3 - 1
    answers = np.where(wrong, other, recorded).astype(np.int8)
    return SubTask(queries, candidates, np.nan_to_num(win_rate(recorded), nan=-1.0), answers)


def realize(problem: Problem, plan: Plan, spec: Spec, start: int, stop: int) -> pd.DataFrame:
    """Run a strategy on the realizations ``start`` to ``stop - 1``.

    Returns
    -------
    DataFrame
        One row a realization and budget: ``realization``, ``annotations``, ``cells`` (judged),
        ``candidate`` (the one that is named), ``gap`` (how far its win rate is below the best's),
        ``correct``, and its reported ``p_best`` and ``p_within_1pct``, NaN where the strategy
        reports none.
    """
    run = _compiled if spec.compiled else _object
    frames = []
    names = np.array(problem.task.candidates, dtype=object)
    for r in range(start, stop):
        sub = sub_task(problem, plan, r, spec.noise)
        steps = min(plan.budget, len(sub.queries))
        cells, best, p_best, p_within = run(problem, plan, spec, r, sub, steps)
        gap = sub.truth.max() - sub.truth[best]
        columns = {
            "realization": np.full(steps, r, dtype=np.int32),
            "annotations": np.arange(1, steps + 1, dtype=np.int32),
            "cells": cells.astype(np.int32),
            "candidate": names[sub.candidates[best]],
            "gap": gap,
            "correct": gap <= TIE,
            "p_best": p_best,
            "p_within_1pct": p_within,
        }
        frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)


Trace = tuple[
    NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]
]  # [T] each: cells, the named candidate, its P(best), its P(within 1 %)


def _compiled(problem: Problem, plan: Plan, spec: Spec, r: int, sub: SubTask, steps: int) -> Trace:
    scores = problem.kgram[: spec.kgrams] if spec.reads_votes else problem.kgram[:0]
    weak = votes(scores[:, sub.queries][:, :, sub.candidates])
    order = np.zeros(len(sub.queries))
    if RULES[spec.name] == ORDER and isinstance(by := make_strategy(spec.name), VoteOrderStrategy):
        order = by.query_score(weak)
    grid = spec.name == "llm-selector-grid"
    loss, tie = problem.eps[spec.kgrams] if grid else spec.eps
    query, best, p_best = replay(
        RULES[spec.name],
        sub.answers,
        np.ascontiguousarray(weak.transpose(1, 2, 0)),
        order,
        np.array([loss, tie, 1 - loss - tie]),
        steps,
        *replay_streams(plan.seed, r, steps),
    )
    judged = (sub.answers != MISSING).sum(axis=1)
    cells = np.cumsum(np.where(query >= 0, judged[query], 0))
    return cells, best, p_best, np.full(steps, np.nan)


def _object(problem: Problem, plan: Plan, spec: Spec, r: int, sub: SubTask, steps: int) -> Trace:
    whole = problem.task
    data = whole.data.isel(query=sub.queries, candidate=sub.candidates)
    task = Task(data.assign(recorded=(("query", "candidate"), sub.answers)))
    seed = int(np.random.SeedSequence([_STREAM, plan.seed, r]).generate_state(1, np.uint32)[0])
    selector = Selector(task, make_strategy(spec.name, **dict(spec.options)), seed=seed)
    cells = np.zeros(steps, dtype=np.int64)
    best = np.zeros(steps, dtype=np.int64)
    p_best = np.full(steps, np.nan)
    p_within = np.full(steps, np.nan)

    oracle = RecordedOracle(task)
    for t in range(min(steps, int(task.judged.sum()))):  # a row a whole query
        question = selector.ask(available=oracle.answerable)
        selector.tell(question, oracle(question))
        at = slice(t, None)  # what follows the last answer stays as it is
        standing = selector.standing
        cells[at] = selector.n_calls
        best[at] = standing.best
        p_best[at] = standing.p_best[standing.best]
        p_within[at] = standing.p_within(0.01)[standing.best]
    return cells, best, p_best, p_within
