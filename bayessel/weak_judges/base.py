"""What a weak judge and a family of weak judges are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayessel.tasks.texts import Texts
from bayessel.weak_judges.corpus import Corpus


@dataclass(frozen=True)
class Family:
    """Weak judges that share their work.

    Attributes
    ----------
    name
        Shown as the family is computed.
    members
        Name of each weak judge and one line on what it measures.
    scores
        ``scores(corpus, names)`` computes the weak judges asked for, a non-empty subset of
        ``members``, at once: [len(names), N, M], candidate minus baseline.
    """

    name: str
    members: Mapping[str, str]
    scores: Callable[[Corpus, tuple[str, ...]], NDArray[np.float64]]


@dataclass(frozen=True)
class WeakJudge:
    """A free, noisy text statistic: a function from texts to scores [N, M].

    Attributes
    ----------
    name
        The key in :data:`bayessel.weak_judges.WEAK_JUDGES`.
    description
        One line.
    family
        The family that computes it.
    """

    name: str
    description: str
    family: Family

    def __call__(self, texts: Texts) -> NDArray[np.float64]:
        """[N, M] scores; positive favours the candidate over the baseline."""
        return self.family.scores(Corpus(texts), (self.name,))[0]
