"""What weak judges say of every cell of a task: scores, votes, and the features made from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayessel.support.ties import TIE
from bayessel.weak_judges import KGRAMS, WEAK_JUDGES
from bayessel.weak_judges.votes import majority
from bayessel.weak_judges.votes import votes as votes_of


@dataclass(frozen=True)
class Signals:
    """Weak judges' scores, and what is derived from them once for each task.

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
        label-free guess of how much a query tells the candidates apart. One candidate far away from
        the others, such as an empty response, does not make a query stand out.
        """
        if not self._feature_scores:
            return np.zeros(self.scores.shape[1])
        x = self.features
        deviation = np.abs(x - np.median(x, axis=1, keepdims=True)).mean(axis=1)
        return _standardise(np.log(deviation + 0.05).mean(axis=1))


def _standardise(x: NDArray[np.float64], axis: int | None = None) -> NDArray[np.float64]:
    """Mean 0 and standard deviation 1, clipped at 4; 0 where all are alike."""
    centred = x - x.mean(axis=axis, keepdims=True)
    scale = centred.std(axis=axis, keepdims=True)
    unit = np.divide(centred, scale, out=np.zeros_like(centred), where=scale > TIE)
    return np.clip(unit, -4.0, 4.0)
