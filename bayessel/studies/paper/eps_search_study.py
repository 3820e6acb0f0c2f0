"""The paper's search for eps, beside what bayessel learns about the same two numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayessel.strategies.paper.parts.eps_search import STEPS, EpsSearch, search_eps
from bayessel.studies.paper.eps_posterior import eps_posterior
from bayessel.tasks.task import Task
from bayessel.weak_judges import KGRAMS, score_weak_judges
from bayessel.weak_judges.votes import majority, votes


@dataclass(frozen=True)
class EpsStudy:
    """The search on one task.

    Attributes
    ----------
    found
        What the search found; see :class:`bayessel.strategies.paper.parts.eps_search.EpsSearch`.
    task
        The task with the scores of the k-gram weak judges.
    """

    found: EpsSearch
    task: Task

    @property
    def budget(self) -> int:
        """T, the annotations of each selection: what was asked for, cut to a sub-task's queries."""
        return int(self.found.identified.shape[1])

    @property
    def score_table(self) -> NDArray[np.float64]:
        """[9, 9] scores by eps_loss and eps_draw, each in ``STEPS``; NaN where they sum to 1."""
        table = np.full((len(STEPS), len(STEPS)), np.nan)
        rows, columns = (np.searchsorted(STEPS, self.found.grid[:, at]) for at in (0, 1))
        table[rows, columns] = self.found.score
        return table

    def posteriors(
        self,
        judgments: NDArray[np.int8],
        seed: int = 0,
        *,
        progress: Callable[[str], None] | None = None,
    ) -> list[EpsPosterior]:
        """What ``dual_parameter`` learns about eps: from votes alone, and from judgments too.

        Parameters
        ----------
        judgments
            [N, M] recorded outcomes that may be read, ``MISSING`` elsewhere; where all are missing
            there is one posterior only.
        seed
            The same seed gives the same draws.
        progress
            Called with what each fit is given, as it begins.
        """
        blank = self.task.without_recorded().recorded
        annotated = int((judgments != blank).any(axis=1).sum())
        given = {"given the weak judges' votes alone": blank}
        if annotated:
            given[f"given the votes and {annotated} annotations"] = judgments
        found = []
        for what, outcome in given.items():
            if progress is not None:
                progress(what)
            draws, quality = eps_posterior(self.task, outcome, seed, slots=annotated)
            found.append(EpsPosterior(what, draws, quality))
        return found


@dataclass(frozen=True)
class EpsPosterior:
    """Posterior of the best candidate's rates of losses and draws.

    Attributes
    ----------
    given
        The data that it is given, in words.
    draws
        [S, 2] draws of (eps_loss, eps_draw).
    quality
        How well the sampler did, in words.
    """

    given: str
    draws: NDArray[np.float64]
    quality: str


def study_eps(
    task: Task,
    *,
    realizations: int = 20,
    budget: int = 50,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
) -> EpsStudy:
    """Search eps on the weak judges' majority; no recorded outcome is read.

    Parameters
    ----------
    task
        A task with responses.
    realizations
        R, number of sub-tasks.
    budget
        T, queries judged in each; at most the number of its queries.
    seed
        The same seed gives the same sub-tasks.
    progress
        Called with the name of each family of weak judges as it is scored.

    Raises
    ------
    DataError
        The task has no responses.
    """
    scores, names = score_weak_judges(task.texts, KGRAMS, progress=progress)
    weak = votes(scores)
    found = search_eps(weak, majority(weak), realizations=realizations, budget=budget, seed=seed)
    return EpsStudy(found, task.with_weak_judges(scores, names))
