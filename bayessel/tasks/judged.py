"""The judged part of a task: its candidates, and some of its queries."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import BudgetError
from bayessel.outcomes import MISSING
from bayessel.tasks.task import Task


def judged_candidates(task: Task) -> tuple[Task, tuple[str, ...]]:
    """Leave out the candidates that nobody judged.

    Parameters
    ----------
    task
        A task.

    Returns
    -------
    task
        The task with the judged candidates only; as it was given where nothing was judged.
    left_out
        Names of the others.

    Raises
    ------
    DataError
        Only one candidate was judged.
    """
    judged = (task.recorded != MISSING).any(axis=0)
    if judged.all() or not judged.any():
        return task, ()
    kept = [name for name, was in zip(task.candidates, judged, strict=True) if was]
    left_out = [name for name, was in zip(task.candidates, judged, strict=True) if not was]
    return task.subset(candidates=kept), tuple(left_out)


def judgments_of(task: Task, queries: int | None, seed: int) -> NDArray[np.int8]:
    """[N, M] recorded judgments of some random queries, ``MISSING`` elsewhere.

    Parameters
    ----------
    task
        A task.
    queries
        How many of its judged queries; all where None.
    seed
        The same seed chooses the same queries.

    Raises
    ------
    BudgetError
        Fewer queries are judged.
    """
    if queries is None:
        return task.recorded
    judged = np.flatnonzero(task.judged)
    if queries > len(judged):
        rest = f"give {len(judged)} or fewer" if len(judged) else "ask for none"
        raise BudgetError(
            f"{queries} judged queries were asked for, but the task records judgments of "
            f"{len(judged)} queries: {rest}"
        )
    chosen = np.random.default_rng([seed, 11]).permutation(judged)[:queries]
    outcome = np.full_like(task.recorded, MISSING)
    outcome[chosen] = task.recorded[chosen]
    return outcome
