"""Weak judges: free, noisy text statistics that score every response against the baseline's.

A weak judge is a function from :class:`~bayessel.tasks.texts.Texts` to scores [N, M]; a positive
score favours the candidate. Whether a high score means a good response differs between tasks: on
some the longer answer wins, on others the shorter one. The models learn the direction, and how far
to trust each weak judge.

Weak judges that share their work form a family. A new family is one file of ``families/``, or an
entry point of the group ``bayessel.weak_judges``; both define a
:class:`~bayessel.weak_judges.base.Family`. Families are ordered by the names of their files. This
order is that of the weak judges in every array, so it decides which random number goes where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import did_you_mean
from bayessel.support.registry import Registry
from bayessel.tasks.texts import Texts
from bayessel.weak_judges.base import Family, WeakJudge, family_scores
from bayessel.weak_judges.corpus import Corpus

__all__ = [
    "BUILT_IN",
    "FAMILIES",
    "KGRAMS",
    "WEAK_JUDGES",
    "Family",
    "Texts",
    "WeakJudge",
    "score_weak_judges",
]

FAMILIES: Registry[Family] = Registry(
    "bayessel.weak_judges.families",
    attribute="FAMILY",
    group="bayessel.weak_judges",
    what="family of weak judges",
    kind=Family,
)
"""Families by name: bayessel's in the order of their files' names, then those of plug-ins."""


class _WeakJudges(Mapping[str, WeakJudge]):
    """The members of all families; plug-ins are loaded only where bayessel has no such name."""

    @cached_property
    def built_in(self) -> dict[str, WeakJudge]:
        """The members of bayessel's own families, by name."""
        return _members(FAMILIES.built_in)

    @cached_property
    def _all(self) -> dict[str, WeakJudge]:
        return self.built_in | _members(FAMILIES.plugged_in)

    def __getitem__(self, name: str) -> WeakJudge:
        if name in self.built_in:  # bayessel's own names are not given away
            return self.built_in[name]
        if name in self._all:
            return self._all[name]
        raise did_you_mean(name, self, "weak judge")

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, name: object) -> bool:
        return name in self.built_in or name in self._all


def _members(families: Iterable[str]) -> dict[str, WeakJudge]:
    """Weak judges by name, of the families named."""
    return {
        member: WeakJudge(member, description, name, FAMILIES[name])
        for name in families
        for member, description in FAMILIES[name].members.items()
    }


WEAK_JUDGES = _WeakJudges()
"""Weak judges by name: bayessel's own, then those of plug-ins."""

BUILT_IN: tuple[str, ...] = tuple(WEAK_JUDGES.built_in)
"""Names of bayessel's own weak judges: those that are used where none is named."""

KGRAMS: tuple[str, ...] = tuple(FAMILIES["kgram"].members)
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
        Names of J weak judges, each once; :data:`BUILT_IN` where None.
    progress
        Called with a family's name as its scoring begins.

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
        The texts' shapes do not fit each other, an entry is not a str, or a plug-in's family
        fails to load or returns something else than scores.
    """
    wanted = weak_judge_names(names)
    corpus = Corpus(texts)
    scores = np.empty((len(wanted), *texts.responses.shape))
    asked = {WEAK_JUDGES[name].family for name in wanted}
    for family in FAMILIES:
        if family not in asked:
            continue
        if progress is not None:
            progress(family)
        members = tuple(name for name in wanted if WEAK_JUDGES[name].family == family)
        places = [wanted.index(name) for name in members]
        scores[places] = family_scores(family, FAMILIES[family], corpus, members)
    return scores, wanted


def weak_judge_names(names: Iterable[str] | None) -> tuple[str, ...]:
    """[J] names of weak judges as they were asked for, each once; the built-in ones where None.

    Raises
    ------
    UnknownNameError
        There is no weak judge of that name.
    """
    if names is None:
        return BUILT_IN
    wanted = tuple(dict.fromkeys([names] if isinstance(names, str) else names))
    for name in wanted:
        _ = WEAK_JUDGES[name]
    return wanted
