"""What the generative models see of a task: its judged cells, and the signals on all its cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import OutcomeError
from bayessel.inference.given import Given
from bayessel.inference.signals import Signals
from bayessel.outcomes import MISSING, NAMES, K
from bayessel.tasks.readers.parts.weak import GIVEN, TEXT, VERDICT
from bayessel.tasks.task import Task


@dataclass(frozen=True)
class Evidence:
    """Judged cells of a task and the signals on all of its cells.

    Attributes
    ----------
    outcome
        [N, M] judgments bought so far, ``MISSING`` elsewhere.
    signals
        What weak judges say.
    queries, candidates
        [N] and [M] names.
    slots
        Rows that judged queries are laid out on, at least as many as there are; None for exactly as
        many. A compiled program depends on this number, and not on how many are judged.
    order
        Judged queries in the order they were bought, as far as known; others follow by position.
    given
        What given weak judges say of cells.
    apart
        Whether the model reads them there; if not, those without gaps are among the signals.
    f_weights
        [M] prior weights of F; all alike where None. A model sets them by its prior ``F``.
    verdict_noise
        Variance of half an outcome of a cell that is the judge's noise. A model sets it by its
        prior ``verdict_noise``.
    """

    outcome: NDArray[np.int8]
    signals: Signals
    queries: tuple[str, ...]
    candidates: tuple[str, ...]
    slots: int | None = None
    order: tuple[int, ...] = field(default=())
    given: Given = field(default_factory=lambda: Given(np.zeros((0, 0, 0))))
    apart: bool = False
    f_weights: NDArray[np.float64] | None = None
    verdict_noise: float = 0.0

    def __post_init__(self) -> None:
        if not self.given.names:
            object.__setattr__(self, "given", Given(np.zeros((0, *self.outcome.shape))))

    @classmethod
    def of(
        cls,
        task: Task,
        outcome: NDArray[np.int8] | None = None,
        *,
        weak_judges: Sequence[str] | None = None,
        apart: bool = False,
    ) -> Evidence:
        """Evidence of a task whose weak judges have scored it, or that has none.

        The signals are the text statistics' and, behind them, those of the given weak judges that
        say something of every cell. Scores of one sign, such as marks from 1 to 5, are taken
        relative to their median there. All given weak judges, also
        those with gaps, are in :attr:`given`.

        Parameters
        ----------
        task
            The task.
        outcome
            [N, M] judgments; those that the task records where None.
        weak_judges
            Names of the weak judges to use, computed or given; all that the task has where None.
        apart
            Leave the given weak judges out of the signals, for a model that reads :attr:`given`.
        """
        outcome = task.recorded if outcome is None else np.asarray(outcome)
        shape = (task.n_queries, task.n_candidates)
        if outcome.shape != shape:
            raise OutcomeError(f"judgments have shape {outcome.shape}, expected {shape}")
        if weak_judges is not None and "weak_score" in task.data:
            task = replace(task, data=task.data.sel(weak_judge=list(weak_judges)))
        scores, names = task.weak_scores(TEXT)
        given, given_names = task.weak_scores(*GIVEN)
        if given_names:
            by_name = dict(zip(task.weak_scores()[1], task.data["weak_kind"].values, strict=True))
            kinds = tuple(str(by_name[name]) for name in given_names)
        else:
            kinds = ()
        whole = [g for g, score in enumerate(given) if not apart and not np.isnan(score).any()]
        if whole:
            more = [given[g] if kinds[g] == VERDICT else _signed(given[g]) for g in whole]
            scores = np.concatenate([scores, np.stack(more)])
            names = (*names, *(given_names[g] for g in whole))
        return cls(
            outcome.astype(np.int8),
            Signals(scores, names),
            task.queries,
            task.candidates,
            given=Given(given, given_names, kinds),
            apart=apart,
        )

    @property
    def prior_f(self) -> NDArray[np.float64]:
        """[M] prior probabilities of F."""
        weights = np.ones(self.n_candidates) if self.f_weights is None else self.f_weights
        return weights / weights.sum()

    @property
    def weak_judges(self) -> tuple[str, ...]:
        """Names of the weak judges that a model reads, those in :attr:`signals` first."""
        given = self.given.names if self.apart else ()
        return (*self.signals.names, *given)

    @property
    def n_queries(self) -> int:
        """N."""
        return int(self.outcome.shape[0])

    @property
    def n_candidates(self) -> int:
        """M."""
        return int(self.outcome.shape[1])

    @cached_property
    def judged(self) -> NDArray[np.intp]:
        """[R] positions of the queries with a judged cell, in the order they were bought."""
        judged = (self.outcome != MISSING).any(axis=1)
        known = np.array([q for q in self.order if judged[q]], dtype=np.intp)
        judged[known] = False
        return np.concatenate([known, np.flatnonzero(judged)])

    @cached_property
    def rows(self) -> NDArray[np.intp]:
        """[slots] positions of the judged queries, then N where a slot is free."""
        size = len(self.judged) if self.slots is None else self.slots
        free = np.full(size - len(self.judged), self.n_queries, dtype=np.intp)
        return np.concatenate([self.judged, free])

    @cached_property
    def row_outcome(self) -> NDArray[np.int8]:
        """[slots, M] outcomes of :attr:`rows`, ``MISSING`` in free slots."""
        padded = np.full((len(self.rows), self.n_candidates), MISSING, dtype=np.int8)
        padded[: len(self.judged)] = self.outcome[self.judged]
        return padded

    def counts(
        self,
        level: NDArray[np.intp],
        n_levels: int,
        total: NDArray[np.int64] | None = None,
    ) -> NDArray[np.int64]:
        """[M, V, K + 1] cells by candidate, level and outcome; the last column is not judged.

        Parameters
        ----------
        level
            [N, M] level of each cell in 0..V-1.
        n_levels
            V.
        total
            [M, V] cells by candidate and level, if known: then only judged cells are visited.
        """
        m = self.n_candidates
        if total is None:
            at = np.arange(m) * n_levels + level
            total = np.bincount(at.ravel(), minlength=m * n_levels).reshape(m, n_levels)
        rows, columns = np.nonzero(self.outcome[self.judged] != MISSING)
        rows = self.judged[rows]
        key = (columns * n_levels + level[rows, columns]) * K + self.outcome[rows, columns] + 1
        judged = np.bincount(key, minlength=m * n_levels * K).reshape(m, n_levels, K)
        return np.concatenate([judged, (total - judged.sum(axis=-1))[..., None]], axis=-1)

    def _given_of(self, kind: str) -> tuple[str, ...]:
        """Names of the given weak judges of one kind that a model reads apart."""
        both = zip(self.given.names, self.given.kinds, strict=True)
        return tuple(name for name, of in both if of == kind) if self.apart else ()

    def coords(self) -> Mapping[str, Sequence[str]]:
        """Names along the dims that results use."""
        return {
            "candidate": self.candidates,
            "other_candidate": self.candidates,
            "query": [self.queries[q] for q in self.judged],
            "weak_judge": self.signals.names,
            "given_weak_judge": self.given.names,
            "text_feature": self.signals.feature_names,
            "score_feature": self._given_of("score"),
            "verdict_feature": self._given_of("verdict"),
            "family": tuple(dict.fromkeys(self.signals.groups)),
            "feature": self.signals.feature_names,
            "query_feature": self.signals.query_feature_names,
            "outcome": NAMES,
            "vote": NAMES,
            "contrast": ("loss against draw", "both against win"),
        }


def _signed(score: NDArray[np.float64]) -> NDArray[np.float64]:
    """A whole weak judge's scores [N, M], relative to their median where all have one sign."""
    one_sign = score.min() >= 0 or score.max() <= 0
    return score - np.median(score) if one_sign else score
