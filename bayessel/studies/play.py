"""A selection against recorded answers without names and history: what a study needs, and quick.

The questions, the answers and the random numbers are those of a
:class:`bayessel.selection.selector.Selector` with the same seed; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np

from bayessel.outcomes import MISSING
from bayessel.selection.streams import stream
from bayessel.strategies.base import Strategy
from bayessel.strategies.rivals.base import RivalStrategy
from bayessel.studies.trace import Trace
from bayessel.tasks.task import Task
from bayessel.weak_judges.of_task import score_task

Said = tuple[int, float, float]
"""Position of the named candidate, its P(best) and its P(within 1 %)."""


def play(
    task: Task,
    strategy: Strategy,
    budget: int,
    seed: int,
    say: Callable[[Strategy, np.random.Generator, Any], Said],
) -> Trace:
    """Ask and tell until the budget is spent or every recorded cell is judged.

    Parameters
    ----------
    task
        A task with recorded outcomes; only these can be asked.
    strategy
        Its last question is cut to the budget where it chooses cells. Where it chooses whole
        queries it ends before a query that does not fit.
    budget
        Calls.
    seed
        The same seed gives the same selection.
    say
        What is read of a state after each question, and before the first.
    """
    if strategy.weak_judges:
        task = score_task(task, strategy.weak_judges)
    else:  # the scores that other strategies of the study read
        task = task.with_weak_judges(np.empty((0, task.n_queries, task.n_candidates)), ())
    answers = task.recorded
    free = answers != MISSING
    opened = np.zeros(len(answers), dtype=bool)
    cost = np.ones(answers.shape)  # what is measured is calls
    row = np.full(answers.shape[1], MISSING, dtype=np.int8)
    spent = 0

    def numbers(purpose: Any) -> np.random.Generator:
        return stream(purpose, seed=seed, cells=spent)

    state = strategy.init(numbers("state"), task, np.full_like(answers, MISSING))
    found = [(0, 0, *say(strategy, numbers("recommend"), state))]
    while spent < budget and free.any():
        (choice,) = strategy.ask(numbers("ask"), state, free, cost)
        who = choice.candidates
        if len(who) > budget - spent:
            if strategy.unit == "queries":
                break
            who = who[: budget - spent]
        row[:] = MISSING
        row[who] = answers[choice.query, who]
        free[choice.query, who] = False
        opened[choice.query] = True
        spent += len(who)
        state = strategy.tell(numbers("state"), state, choice.query, row)
        said = say(strategy, numbers("recommend"), state)
        found.append((spent, int(opened.sum()), *said))
    calls, queries, best, p_best, p_within = map(np.array, zip(*found, strict=True))
    return Trace(calls, queries, best, p_best, p_within)


def sure(strategy: Strategy, rng: np.random.Generator, state: Any) -> Said:
    """The recommendation and how sure it is."""
    standing = strategy.recommend(rng, state)
    best = standing.best
    return best, float(standing.p_best[best]), float(standing.p_within(0.01)[best])


def only_named(strategy: Strategy, rng: np.random.Generator, state: Any) -> Said:
    """The recommendation of a rival that is not asked how sure it is, which takes longer."""
    rival = cast(RivalStrategy, strategy)  # Spec.only_named says so
    return rival.named(rng, state), float("nan"), float("nan")
