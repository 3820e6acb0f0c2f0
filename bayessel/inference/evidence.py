"""What the generative models see of a task: judged cells, and what weak judges say of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import OutcomeError
from bayessel.outcomes import MISSING, NAMES, K
from bayessel.tasks.task import Task
from bayessel.weak_judges import KGRAMS, WEAK_JUDGES
from bayessel.weak_judges.votes import majority
from bayessel.weak_judges.votes import votes as votes_of


@dataclass(frozen=True)
class Signals:
    """Weak judges' scores and what is derived from them, once a task.

    Attributes
    ----------
    scores
        [J, N, M] positive where the weak judge favours the candidate; J = 0 without weak judges.
    names
        [J] names of the weak judges.
    """

    scores: NDArray[np.float64]
    names: tuple[str, ...]

    @property
    def groups(self) -> tuple[str, ...]:
        """[J] families; the members of one vote alike."""
        return tuple(WEAK_JUDGES[n].family if n in WEAK_JUDGES else n for n in self.names)

    @cached_property
    def votes(self) -> NDArray[np.int8]:
        """[J, N, M] votes in {-1, 0, 1}."""
        return votes_of(self.scores)

    @cached_property
    def family_votes(self) -> NDArray[np.int8]:
        """[families, N, M] the majority vote of each family."""
        groups = np.array(self.groups)
        return np.stack([majority(self.votes[groups == g]) for g in dict.fromkeys(groups)])

    @cached_property
    def vote(self) -> NDArray[np.int8]:
        """[N, M] majority of the families; 0 everywhere without weak judges."""
        if not len(self.names):
            return np.zeros(self.scores.shape[1:], dtype=np.int8)
        return majority(self.family_votes)

    @cached_property
    def vote_level(self) -> NDArray[np.intp]:
        """[N, M] :attr:`vote` as a position, 0 to 2."""
        return self.vote.astype(np.intp) + 1

    @cached_property
    def vote_counts(self) -> NDArray[np.int64]:
        """[M, 3] how often each candidate has each vote."""
        return np.stack([(self.vote == v).sum(axis=0) for v in (-1, 0, 1)], axis=-1)

    @cached_property
    def feature_names(self) -> tuple[str, ...]:
        """[P] names of :attr:`features`."""
        return tuple(self._feature_scores)

    @cached_property
    def _feature_scores(self) -> dict[str, NDArray[np.float64]]:
        """Standardised scores [N, M] by feature; the k-gram models are one, their average."""
        unit = {
            name: _standardise(score) for name, score in zip(self.names, self.scores, strict=True)
        }
        kgrams = [n for n in self.names if n in KGRAMS]
        features = {n: s for n, s in unit.items() if n not in kgrams}
        if kgrams:
            features["k-gram"] = _standardise(np.mean([unit[n] for n in kgrams], axis=0))
        return features

    @cached_property
    def features(self) -> NDArray[np.float64]:
        """[N, M, P] standardised scores as deviations from the mean of the query."""
        if not self._feature_scores:
            return np.zeros((*self.scores.shape[1:], 0))
        x = np.stack(list(self._feature_scores.values()), axis=-1)
        return x - x.mean(axis=1, keepdims=True)

    @cached_property
    def between(self) -> NDArray[np.float64]:
        """[M, P] means over the queries of each candidate's :attr:`features`."""
        return self.features.mean(axis=0)

    @cached_property
    def within(self) -> NDArray[np.float64]:
        """[N, M, P] :attr:`features` less the candidate's mean.

        That candidates who write at length are better, and that a candidate's longer answers are
        its better ones, are two things; models learn them apart.
        """
        return self.features - self.between

    @cached_property
    def query_feature_names(self) -> tuple[str, ...]:
        """[G] names of :attr:`query_features`."""
        names = self.feature_names
        return tuple(f"mean {n}" for n in names) + tuple(f"spread {n}" for n in names)

    @cached_property
    def query_features(self) -> NDArray[np.float64]:
        """[N, G] each query's mean and spread over the candidates of each score, standardised."""
        if not self._feature_scores:
            return np.zeros((self.scores.shape[1], 0))
        x = np.stack(list(self._feature_scores.values()), axis=-1)
        return _standardise(np.concatenate([x.mean(axis=1), x.std(axis=1)], axis=1), axis=0)

    @cached_property
    def spread(self) -> NDArray[np.float64]:
        """[N] how much the scores vary over the candidates of a query, standardised; sign ignored.

        The mean over the features of the log mean absolute deviation from the median: the
        label-free guess of how much a query tells the candidates apart. One candidate astray, as
        an empty response, does not make a query stand out.
        """
        if not self._feature_scores:
            return np.zeros(self.scores.shape[1])
        x = self.features
        deviation = np.abs(x - np.median(x, axis=1, keepdims=True)).mean(axis=1)
        return _standardise(np.log(deviation + 0.05).mean(axis=1))


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
    """

    outcome: NDArray[np.int8]
    signals: Signals
    queries: tuple[str, ...]
    candidates: tuple[str, ...]
    slots: int | None = None
    order: tuple[int, ...] = field(default=())

    @classmethod
    def of(
        cls,
        task: Task,
        outcome: NDArray[np.int8] | None = None,
        *,
        weak_judges: Sequence[str] | None = None,
    ) -> Evidence:
        """Evidence of a task whose weak judges have scored it, or that has none.

        Parameters
        ----------
        task
            The task.
        outcome
            [N, M] judgments; those that the task records where None.
        weak_judges
            Names of the weak judges to use; all that the task has where None.
        """
        outcome = task.recorded if outcome is None else np.asarray(outcome)
        shape = (task.n_queries, task.n_candidates)
        if outcome.shape != shape:
            raise OutcomeError(f"judgments have shape {outcome.shape}, expected {shape}")
        if "weak_score" in task.data:
            data = task.data if weak_judges is None else task.data.sel(weak_judge=list(weak_judges))
            names = tuple(str(name) for name in data["weak_judge"].values)
            signals = Signals(np.asarray(data["weak_score"].values), names)
        else:
            signals = Signals(np.zeros((0, *shape)), ())
        return cls(outcome.astype(np.int8), signals, task.queries, task.candidates)

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

    def coords(self) -> Mapping[str, Sequence[str]]:
        """Names along the dims that results use."""
        return {
            "candidate": self.candidates,
            "other_candidate": self.candidates,
            "query": [self.queries[q] for q in self.judged],
            "weak_judge": self.signals.names,
            "family": tuple(dict.fromkeys(self.signals.groups)),
            "feature": self.signals.feature_names,
            "query_feature": self.signals.query_feature_names,
            "outcome": NAMES,
            "vote": NAMES,
            "contrast": ("loss against draw", "both against win"),
        }


def _standardise(x: NDArray[np.float64], axis: int | None = None) -> NDArray[np.float64]:
    """Mean 0 and standard deviation 1, clipped at 4; 0 where all are alike."""
    centred = x - x.mean(axis=axis, keepdims=True)
    scale = centred.std(axis=axis, keepdims=True)
    unit = np.divide(centred, scale, out=np.zeros_like(centred), where=scale > 1e-12)
    return np.clip(unit, -4.0, 4.0)
