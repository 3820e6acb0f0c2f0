"""Realizations: one strategy on one sub-task, by compiled code or as a strategy object."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayessel.errors import BudgetError
from bayessel.outcomes import MISSING, win_rate
from bayessel.strategies import make_strategy
from bayessel.strategies.paper.base import VoteOrderStrategy
from bayessel.strategies.paper.parts.random_streams import (
    noise_generator,
    recommend_generator,
    replay_streams,
)
from bayessel.strategies.paper.parts.replay import ORDER, POSTERIOR, replay
from bayessel.studies.axis import Axis, axis_of, require_unit
from bayessel.studies.play import only_named, play, sure
from bayessel.studies.problem import Problem
from bayessel.studies.specs import RULES, Spec
from bayessel.studies.trace import Trace
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
        ``panel``, ``paper`` or ``whole``.
    realizations
        R.
    budget
        In whole-query equivalents (calls / M), at most the number of queries of a sub-task.
    seed
        The same seed gives the same sub-tasks and the same numbers.
    unit
        What the budgets count; see :func:`bayessel.studies.axis.axis_of`.
    """

    protocol: str = "panel"
    realizations: int = 300
    budget: int = 80
    seed: int = 0
    unit: str = "calls"

    def __post_init__(self) -> None:
        find_protocol(self.protocol)
        require_unit(self.unit)
        for name in ("realizations", "budget"):
            if getattr(self, name) < 1:
                raise BudgetError(f"{name} {getattr(self, name)}: expected at least 1")

    def axis(self, n: int, m: int) -> Axis:
        """Budgets on the sub-tasks of a task of n queries and m candidates."""
        queries, candidates = draw(find_protocol(self.protocol), self.seed, 0, n, m)
        return axis_of(self.unit, self.budget, len(queries), len(candidates))


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

    @property
    def gap(self) -> NDArray[np.float64]:
        """[M] how far each candidate's win rate is below the best's."""
        return self.truth.max() - self.truth


@dataclass(frozen=True)
class Realized:
    """What a strategy did in some realizations.

    Attributes
    ----------
    rows
        One row a realization and budget: ``realization``; the budget as ``calls``,
        ``calls_per_candidate`` (whole-query equivalents) and ``share_of_cells``; ``spent``, the
        calls after the last question that was answered within it, and ``queries`` that were opened
        by then; the ``candidate`` that was named then, its ``gap`` (how far its win rate is below
        the best's), ``correct``, and its reported ``p_best`` and ``p_within_1pct``, NaN where the
        strategy reports none.
    stops
        One row a realization, promise and level; see :meth:`bayessel.studies.trace.Trace.stops`.
    """

    rows: pd.DataFrame
    stops: pd.DataFrame


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


def realize(problem: Problem, plan: Plan, spec: Spec, start: int, stop: int) -> Realized:
    """Run a strategy on the realizations ``start`` to ``stop - 1``."""
    run = _compiled if spec.compiled else _object
    rows, stops = [], []
    names = np.array(problem.task.candidates, dtype=object)
    axis = plan.axis(*problem.task.recorded.shape)
    for r in range(start, stop):
        sub = sub_task(problem, plan, r, spec.noise)
        trace = run(problem, plan, spec, r, sub, axis)
        at = axis.look(trace.spent, trace.opened)
        best = trace.best[at]
        gap = sub.gap[best]
        columns = {
            "realization": np.full(len(at), r, dtype=np.int32),
            "calls": axis.calls.astype(np.int32),
            "calls_per_candidate": axis.equivalents,
            "share_of_cells": axis.calls / sub.answers.size,
            "spent": trace.spent[at].astype(np.int32),
            "queries": trace.opened[at].astype(np.int32),
            "candidate": names[sub.candidates[best]],
            "gap": gap,
            "correct": gap <= TIE,
            "p_best": trace.p_best[at],
            "p_within_1pct": trace.p_within[at],
        }
        rows.append(pd.DataFrame(columns))
        stops.append(trace.stops(sub.gap).assign(realization=r))
    return Realized(pd.concat(rows, ignore_index=True), pd.concat(stops, ignore_index=True))


def _compiled(problem: Problem, plan: Plan, spec: Spec, r: int, sub: SubTask, axis: Axis) -> Trace:
    """A method of the paper; before its first query it names anybody."""
    scores = problem.kgram[: spec.kgrams] if spec.reads_votes else problem.kgram[:0]
    weak = votes(scores[:, sub.queries][:, :, sub.candidates])
    rule = RULES[spec.name]
    order = np.zeros(len(sub.queries))
    if rule == ORDER and isinstance(by := make_strategy(spec.name), VoteOrderStrategy):
        order = by.query_score(weak)
    grid = spec.name == "llm-selector-grid"
    loss, tie = problem.eps[spec.kgrams] if grid else spec.eps
    judged = (sub.answers != MISSING).sum(axis=1)
    steps = _most_queries(judged, axis)
    query, best, p_best = replay(
        rule,
        sub.answers,
        np.ascontiguousarray(weak.transpose(1, 2, 0)),
        order,
        np.array([loss, tie, 1 - loss - tie]),
        steps,
        *replay_streams(plan.seed, r, steps),
    )
    asked = query >= 0
    m = len(sub.candidates)
    anybody = recommend_generator(plan.seed, r, len(sub.queries)).integers(m)
    return Trace(
        spent=np.cumsum([0, *judged[query[asked]]]),
        opened=np.arange(asked.sum() + 1),
        best=np.array([anybody, *best[asked]]),
        p_best=np.array([1 / m if rule == POSTERIOR else np.nan, *p_best[asked]]),
        p_within=np.full(asked.sum() + 1, np.nan),
    ).within(axis)


def _most_queries(judged: NDArray[np.int64], axis: Axis) -> int:
    """Whole queries that may fit into the last budget, given how many calls each takes."""
    if axis.unit == "queries":
        return int(axis.equivalents[-1])
    costs = np.cumsum(np.sort(judged[judged > 0]))
    return max(int(np.searchsorted(costs, axis.calls[-1], side="right")), 1)


def _object(problem: Problem, plan: Plan, spec: Spec, r: int, sub: SubTask, axis: Axis) -> Trace:
    """A strategy object; what its task records is what the oracle says."""
    data = problem.task.data.isel(query=sub.queries, candidate=sub.candidates)
    task = Task(data.assign(recorded=(("query", "candidate"), sub.answers)))
    seed = int(np.random.SeedSequence([_STREAM, plan.seed, r]).generate_state(1, np.uint32)[0])
    say = only_named if spec.only_named else sure
    strategy = make_strategy(spec.name, **spec.settings)
    return play(task, strategy, int(axis.calls[-1]), seed, say).within(axis)
