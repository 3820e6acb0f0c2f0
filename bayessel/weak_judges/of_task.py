"""Give a task its weak judges' scores."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import replace
from pathlib import Path

from bayessel.errors import DataError
from bayessel.tasks.readers.parts.weak import GIVEN, TEXT
from bayessel.tasks.task import Task
from bayessel.weak_judges import WEAK_JUDGES, score_weak_judges
from bayessel.weak_judges.cache import cached_scores


def score_task(
    task: Task,
    names: Sequence[str],
    *,
    cache: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> Task:
    """The task with the scores of J text statistics, beside the weak judges that are given.

    Parameters
    ----------
    task
        Given weak judges are kept. If it has scores of text statistics already, none are computed:
        those of ``names`` are selected if they are all there, else all are kept.
    names
        [J] names of text statistics; without any, the task is returned as it is.
    cache
        Folder that keeps the scores; None keeps nothing.
    progress
        Called with the name of each family of weak judges as its scoring begins.

    Returns
    -------
    Task
        The task as it was given if it has neither scores nor texts.

    Raises
    ------
    DataError
        A given weak judge has the name of one of the text statistics.
    """
    if not names:
        return task
    given = require_own_names(task, names)
    known = task.weak_scores(TEXT)[1]
    if known:
        if set(names) <= set(known):
            return replace(task, data=task.data.sel(weak_judge=[*names, *given]))
        return task
    if not task.has_texts:
        return task
    if cache is None:
        scores, found = score_weak_judges(task.texts, names, progress=progress)
    else:
        scores, found = cached_scores(task.texts, names, cache, task.fingerprint, progress=progress)
    return task.with_weak_judges(scores, found)


def require_own_names(task: Task, names: Container[str] = WEAK_JUDGES) -> tuple[str, ...]:
    """[G] names of a task's given weak judges.

    Parameters
    ----------
    task
        The task.
    names
        Names of text statistics that a given weak judge must not have.

    Raises
    ------
    DataError
        One has the name of a text statistic.
    """
    given = task.weak_scores(*GIVEN)[1]
    for name in given:
        if name in names:
            raise DataError(
                f"the given weak judge {name!r} has the name of a text statistic of bayessel: give "
                "it another name"
            )
    return given
