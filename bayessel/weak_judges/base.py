"""What a weak judge is, and a family of weak judges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import DataError
from bayessel.tasks.texts import Texts
from bayessel.weak_judges.corpus import Corpus


@dataclass(frozen=True)
class Family:
    """Weak judges that share their work; a file of ``families/`` defines one as ``FAMILY``.

    Attributes
    ----------
    members
        Name of each weak judge and one line on what it measures.
    scores
        ``scores(corpus, names)`` scores by the weak judges ``names``, at least one of
        ``members``, all at once: [len(names), N, M], candidate minus baseline.
    """

    members: Mapping[str, str]
    scores: Callable[[Corpus, tuple[str, ...]], NDArray[np.float64]]


@dataclass(frozen=True)
class WeakJudge:
    """A free, noisy text statistic: a function from texts to scores [N, M].

    Attributes
    ----------
    name
        Its key in :data:`bayessel.weak_judges.WEAK_JUDGES`.
    description
        One line.
    family
        The key of its family in :data:`bayessel.weak_judges.FAMILIES`.
    computed_by
        The family.
    """

    name: str
    description: str
    family: str
    computed_by: Family

    def __call__(self, texts: Texts) -> NDArray[np.float64]:
        """[N, M] scores; positive favours the candidate over the baseline."""
        return family_scores(self.family, self.computed_by, Corpus(texts), (self.name,))[0]


def family_scores(
    name: str, family: Family, corpus: Corpus, members: tuple[str, ...]
) -> NDArray[np.float64]:
    """Score by some weak judges of a family, and refuse what are no scores.

    Parameters
    ----------
    name
        The family's name, for messages.
    family
        The family.
    corpus
        The texts.
    members
        Names of the weak judges, at least one.

    Returns
    -------
    ndarray
        [len(members), N, M], all finite.

    Raises
    ------
    DataError
        The family returned another shape, NaN or infinity: it may come from a plug-in.
    """
    scores = np.asarray(family.scores(corpus, members), np.float64)
    expected = (len(members), corpus.n_queries, corpus.n_responses - 1)
    if scores.shape != expected:
        raise DataError(
            f"the family of weak judges {name!r} returned scores of shape {scores.shape}, "
            f"expected {expected}: mend it, or leave out {', '.join(members)}"
        )
    if not np.isfinite(scores).all():
        raise DataError(
            f"the family of weak judges {name!r} returned NaN or infinity, expected finite "
            f"scores: mend it, or leave out {', '.join(members)}"
        )
    return scores
