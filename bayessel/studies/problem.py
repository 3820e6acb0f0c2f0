"""A judged task made ready for a study: weak judges scored and eps searched, once."""

from __future__ import annotations

import json
import os
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
from bayessel.tasks.sub_tasks import find_protocol
from bayessel.tasks.task import Task
from bayessel.weak_judges import KGRAMS
from bayessel.weak_judges.cache import cached_scores
from bayessel.weak_judges.corpus import Corpus
from bayessel.weak_judges.families import kgram
from bayessel.weak_judges.votes import majority, votes


@dataclass(frozen=True)
class Problem:
    """What the realizations on one data set share.

    Attributes
    ----------
    name
        Of the data set.
    task
        Judged; with the scores of the weak judges that the strategy objects read.
    kgram
        [J, N, M] scores of the k-gram weak judges k = 1 .. J; J is 0 where no strategy reads them.
    eps
        (eps_loss, eps_draw) that the grid search found, by number of weak judges.
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
        Of the data set.
    task
        Judged.
    specs
        Strategies of the study.
    protocol, seed
        Of the search's sub-tasks.
    cache
        Folder that keeps scores and eps.
    progress
        Called with what is being done.

    Raises
    ------
    DataError
        No judgment, or a strategy needs weak judges and there are no responses.
    """
    check(name, task, specs)
    most = max((spec.kgrams for spec in specs if spec.reads_votes), default=0)
    scores = np.empty((0, task.n_queries, task.n_candidates))
    if 0 < most <= kgram.MOST_K:
        scores, _ = cached_scores(
            task.texts, KGRAMS[:most], cache, task.fingerprint, progress=progress
        )
    elif most:
        scores = kgram.scores(Corpus(task.texts), tuple(f"kgram-{k + 1}" for k in range(most)))
    names = dict.fromkeys(
        judge
        for spec in specs
        if not spec.compiled
        for judge in make_strategy(spec.name, **dict(spec.options)).weak_judges
    )
    objects = [spec for spec in specs if not spec.compiled]
    if names and task.has_texts:
        task = task.with_weak_judges(
            *cached_scores(task.texts, names, cache, task.fingerprint, progress=progress)
        )
    eps = {}
    for z in dict.fromkeys(s.kgrams for s in specs if s.name == "llm-selector-grid" and s.compiled):
        path = cache / f"eps-{task.fingerprint[:16]}-{code_hash()[:16]}-{protocol}-{seed}-{z}.json"
        eps[z] = _known_eps(path) or _search(scores[:z], protocol, seed, path, progress)
    if not objects and task.has_texts:
        texts = ["response", "baseline_response", "query_text"]
        task = Task(task.data.drop_vars(texts, errors="ignore"))  # workers need not carry them
    return Problem(name, task, scores, eps)


def check(name: str, task: Task, specs: Sequence[Spec]) -> None:
    """Refuse a task that the strategies cannot run on.

    Raises
    ------
    DataError
        No judgment, or a strategy needs weak judges and there are no responses.
    """
    if not task.judged.any():
        raise DataError(f"{name}: there are no judgments, and a benchmark needs them as its truth")
    needy = [
        spec.label
        for spec in specs
        if spec.reads_votes
        or (not spec.compiled and make_strategy(spec.name, **dict(spec.options)).needs_weak_judges)
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
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_text(json.dumps(found), encoding="utf-8")
    partial.replace(path)
    return found
