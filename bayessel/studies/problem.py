"""A judged task ready for a study: its weak judges are scored and its eps searched once."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import DataError
from bayessel.strategies import make_strategy
from bayessel.strategies.paper.parts.eps_search import search_eps
from bayessel.studies.code import code_hash
from bayessel.studies.specs import Spec
from bayessel.support.files import write_text
from bayessel.tasks.sub_tasks import find_protocol
from bayessel.tasks.task import Task
from bayessel.weak_judges import KGRAMS
from bayessel.weak_judges.cache import cached_scores
from bayessel.weak_judges.corpus import Corpus
from bayessel.weak_judges.families import kgram
from bayessel.weak_judges.votes import majority, votes


@dataclass(frozen=True)
class Problem:
    """What all realizations on one data set share.

    Attributes
    ----------
    name
        Name of the data set.
    task
        The judged task, with the scores of the weak judges that strategy objects read.
    kgram
        [J, N, M] scores of the k-gram weak judges k = 1 .. J; J is 0 where no strategy reads them.
    eps
        (eps_loss, eps_draw) that the grid search found, by number of k-gram weak judges.
    """

    name: str
    task: Task
    kgram: NDArray[np.float64]
    eps: dict[int, tuple[float, float]] = field(default_factory=dict)


def prepare(
    name: str,
    task: Task,
    specs: Sequence[Spec],
    *,
    protocol: str = "panel",
    seed: int = 0,
    cache: Path,
    progress: Callable[[str], None] | None = None,
) -> Problem:
    """Score the weak judges and search eps, where a strategy needs them.

    Parameters
    ----------
    name
        Name of the data set.
    task
        A judged task.
    specs
        Strategies of the study.
    protocol, seed
        How the sub-tasks of the search for eps are drawn.
    cache
        Folder where scores and eps are kept.
    progress
        Called with the name of each step.

    Raises
    ------
    DataError
        No judgment, or a strategy needs weak judges and there are no responses.
    """
    require_usable(name, task, specs)
    kgrams = _kgram_scores(task, specs, cache, progress)
    eps = {}
    for z in dict.fromkeys(s.kgrams for s in specs if s.name == "llm-selector-grid" and s.compiled):
        path = cache / f"eps-{task.fingerprint[:16]}-{code_hash()[:16]}-{protocol}-{seed}-{z}.json"
        eps[z] = _known_eps(path) or _search(kgrams[:z], protocol, seed, path, progress)
    return Problem(name, _for_objects(task, specs, cache, progress), kgrams, eps)


def _kgram_scores(
    task: Task, specs: Sequence[Spec], cache: Path, progress: Callable[[str], None] | None
) -> NDArray[np.float64]:
    """[J, N, M] scores for the compiled strategies; more than the registered k are not kept."""
    most = max((spec.kgrams for spec in specs if spec.reads_votes), default=0)
    if most == 0:
        return np.empty((0, task.n_queries, task.n_candidates))
    if most > kgram.MOST_K:
        return kgram.scores(Corpus(task.texts), tuple(f"kgram-{k + 1}" for k in range(most)))
    scores, _ = cached_scores(task.texts, KGRAMS[:most], cache, task.fingerprint, progress=progress)
    return scores


def _for_objects(
    task: Task, specs: Sequence[Spec], cache: Path, progress: Callable[[str], None] | None
) -> Task:
    """The task with what strategy objects read: scores, and texts only where there are objects."""
    objects = [spec for spec in specs if not spec.compiled]
    if not task.has_texts:
        return task
    if not objects:
        texts = ["response", "baseline_response", "query_text"]
        return Task(task.data.drop_vars(texts, errors="ignore"))  # workers need not carry them
    names = dict.fromkeys(
        judge for spec in objects for judge in make_strategy(spec.name, **spec.settings).weak_judges
    )
    if not names:
        return task
    return task.with_weak_judges(
        *cached_scores(task.texts, names, cache, task.fingerprint, progress=progress)
    )


def require_usable(name: str, task: Task, specs: Sequence[Spec]) -> None:
    """Refuse a task on which the strategies cannot run.

    Raises
    ------
    DataError
        No judgment, or a strategy needs weak judges and there are no responses.
    """
    if not task.judged.any():
        raise DataError(
            f"{name}: there are no judgments, and a benchmark needs them as its truth: give a "
            "judged data set"
        )
    needy = [
        spec.label
        for spec in specs
        if spec.reads_votes
        or (not spec.compiled and make_strategy(spec.name, **spec.settings).needs_weak_judges)
    ]
    if needy and not task.has_texts:
        raise DataError(
            f"{name}: {', '.join(needy)} need weak judges and there are no responses to read: "
            "give responses, or name strategies that do without, such as random"
        )


def _known_eps(path: Path) -> tuple[float, float] | None:
    try:
        loss, tie = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):
        return None
    return float(loss), float(tie)


def _search(
    scores: NDArray[np.float64],
    protocol: str,
    seed: int,
    path: Path,
    progress: Callable[[str], None] | None,
) -> tuple[float, float]:
    if progress is not None:
        progress("eps of llm-selector-grid")
    weak = votes(scores)
    found = search_eps(weak, majority(weak), protocol=find_protocol(protocol), seed=seed).best
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(found))
    return found
