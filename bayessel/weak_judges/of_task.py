"""Give a task its weak judges' scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from bayessel.tasks.task import Task
from bayessel.weak_judges import score_weak_judges
from bayessel.weak_judges.cache import cached_scores


def score_task(
    task: Task,
    names: Sequence[str],
    *,
    cache: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> Task:
    """The task with the scores of J weak judges; scores that it has are kept.

    Parameters
    ----------
    task
        If it has scores already, none are computed: those of ``names`` are selected if they are all
        there, else all are kept.
    names
        [J] names of the weak judges; without any, the task is returned as it is.
    cache
        Folder that keeps the scores; None keeps nothing.
    progress
        Called with the name of each family of weak judges as its scoring begins.

    Returns
    -------
    Task
        The task as it was given if it has neither scores nor texts.
    """
    if not names:
        return task
    if "weak_score" in task.data:
        known = set(map(str, task.data["weak_judge"].values))
        if set(names) <= known:
            return replace(task, data=task.data.sel(weak_judge=list(names)))
        return task
    if not task.has_texts:
        return task
    if cache is None:
        scores, found = score_weak_judges(task.texts, names, progress=progress)
    else:
        scores, found = cached_scores(task.texts, names, cache, task.fingerprint, progress=progress)
    return task.with_weak_judges(scores, found)
