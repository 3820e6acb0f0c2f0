"""Weak judges: free, noisy text statistics that score every response against the baseline's.

A weak judge is a function from :class:`~bayessel.tasks.texts.Texts` to scores [N, M]; positive
favours the candidate. Which way a score points on a given task, and how far to trust it, is for
the models to learn: on some tasks the longer answer wins, on others the shorter one.

To add a weak judge, write a file with ``scores`` and ``FAMILY`` and add it to ``FAMILIES``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import did_you_mean
from bayessel.tasks.texts import Texts
from bayessel.weak_judges.base import Family, WeakJudge
from bayessel.weak_judges.corpus import Corpus
from bayessel.weak_judges.families import (
    cross_entropy,
    kgram,
    length,
    lexical_variety,
    query_coverage,
    structure,
    tfidf,
)

__all__ = [
    "FAMILIES",
    "KGRAMS",
    "WEAK_JUDGES",
    "Family",
    "Texts",
    "WeakJudge",
    "score_weak_judges",
]

FAMILIES: tuple[Family, ...] = (
    kgram.FAMILY,
    length.FAMILY,
    lexical_variety.FAMILY,
    tfidf.FAMILY,
    cross_entropy.FAMILY,
    query_coverage.FAMILY,
    structure.FAMILY,
)
"""Every family, in the order of the registry."""

WEAK_JUDGES: dict[str, WeakJudge] = {
    name: WeakJudge(name, description, family)
    for family in FAMILIES
    for name, description in family.members.items()
}
"""Every weak judge by name."""

KGRAMS: tuple[str, ...] = tuple(kgram.FAMILY.members)
"""The weak judges of LLM SELECTOR, k = 1 to 10."""


def score_weak_judges(
    texts: Texts,
    names: Iterable[str] | None = None,
    *,
    progress: Callable[[str], None] | None = None,
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Score all responses by weak judges, each family at once.

    Parameters
    ----------
    texts
        Queries and responses.
    names
        Names of J weak judges, each once; all of :data:`WEAK_JUDGES` by default.
    progress
        Called with a family's name as its work begins.

    Returns
    -------
    scores
        [J, N, M] candidate minus baseline, all finite.
    names
        [J] the weak judges' names, in the order asked for.

    Raises
    ------
    UnknownNameError
        There is no weak judge of that name.
    DataError
        The texts' shapes do not fit each other, or an entry is not a str.
    """
    wanted = weak_judge_names(names)
    corpus = Corpus(texts)
    scores = np.empty((len(wanted), *texts.responses.shape))
    for family in FAMILIES:
        members = tuple(name for name in wanted if name in family.members)
        if members:
            if progress is not None:
                progress(family.name)
            scores[[wanted.index(name) for name in members]] = family.scores(corpus, members)
    return scores, wanted


def weak_judge_names(names: Iterable[str] | None) -> tuple[str, ...]:
    """[J] names of weak judges as they were asked for, each once; all by default.

    Raises
    ------
    UnknownNameError
        There is no weak judge of that name.
    """
    if names is None:
        return tuple(WEAK_JUDGES)
    wanted = tuple(dict.fromkeys([names] if isinstance(names, str) else names))
    for name in wanted:
        if name not in WEAK_JUDGES:
            raise did_you_mean(name, WEAK_JUDGES, "weak judge")
    return wanted
