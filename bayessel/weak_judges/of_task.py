"""The weak judges' scores of a task."""

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
    """The task with the scores of J weak judges, or of weak judges of its own.

    Parameters
    ----------
    task
        Scores that it has are kept: those of ``names`` where it has all of these, else all.
    names
        [J] names of the weak judges; nothing is done where there are none.
    cache
        Folder for the scores; not cached where None.
    progress
        Called with the name of each family of weak judges as its scoring begins.

    Returns
    -------
    Task
        As it was given where it has no scores and no texts either.
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
