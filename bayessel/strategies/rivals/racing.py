"""Racing: whole rows for the candidates that nobody has been shown to be ahead of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

from bayessel.errors import BudgetError
from bayessel.outcomes import MISSING
from bayessel.strategies.base import Choice
from bayessel.strategies.rivals.base import RivalState, RivalStrategy, row_of

FIRST = 5
"""Queries that two candidates must share before one can drop the other."""

BOUNDS = ("t", "bernstein")
"""Upper confidence bounds of a mean difference; see :class:`Racing`."""


@dataclass(frozen=True, kw_only=True)
class Racing(RivalStrategy):
    """A random query for all survivors at once; candidates drop out on paired differences.

    Maron and Moore (NIPS 1994); on the same queries for all ('blocking') and with bounds from the
    differences, Moore and Lee (ICML 1994). Candidate j is dropped as soon as there is a candidate i
    for which the upper bound of the mean of the differences ``points_j - points_i``, on the n
    queries where both are judged, is below 0. A dropped candidate is asked no more, so whoever
    dropped it keeps it out. The bound, with mean d and variance v of the differences and
    ``e = error / (M - 1)``:

    - ``t``: ``d + t(1 - e; n - 1) sqrt(v / n)``, Student's t; v is the sum of squares and 1/4
      divided by n - 1, so that a few equal differences are no proof. Looks are not corrected for.
    - ``bernstein``: ``d + sqrt(2 v L / n) + 6 L / n`` with ``L = log(3 n (n + 1) / e)``, the
      empirical Bernstein bound (Audibert, Munos and Szepesvári, 2009; Mnih, Szepesvári and
      Audibert, ICML 2008) for differences in [-1, 1], valid at all n together.

    Named is the survivor with the highest mean of its points. Once one is left it stays named, and
    further calls judge it.

    Parameters
    ----------
    bound
        ``t`` or ``bernstein``.
    error
        Probability of dropping the best candidate, shared between the others; in (0, 1).
    draws, priors
        See :class:`bayessel.strategies.rivals.base.RivalStrategy`.

    Raises
    ------
    BudgetError
        An unknown bound, an error outside (0, 1), or too few draws.
    """

    name: ClassVar[str] = "racing"

    bound: str = "t"
    error: float = 0.05

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.bound not in BOUNDS:
            raise BudgetError(f"bound {self.bound!r}: expected {' or '.join(BOUNDS)}")
        if not 0 < self.error < 1:
            raise BudgetError(f"error={self.error}: expected a probability above 0 and below 1")

    @property
    def options(self) -> dict[str, Any]:
        """The bound and its error; what all rivals say."""
        return {"bound": self.bound, "error": self.error, **super().options}

    def survivors(self, state: RivalState) -> NDArray[np.bool_]:
        """[M] who is still in the race."""
        n, mean, squares = paired_differences(state.outcome)
        error = self.error / (len(mean) - 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.bound == "t":
                variance = (squares + 0.25) / (n - 1)
                upper = mean + _quantiles(1 - error, len(state.outcome))[n] * np.sqrt(variance / n)
            else:
                log = np.log(3 * n * (n + 1) / error)
                upper = mean + np.sqrt(2 * squares / n * log / n) + 6 * log / n
        dropped: NDArray[np.bool_] = ((n >= FIRST) & (upper < 0)).any(axis=1)
        return ~dropped if not dropped.all() else np.ones(len(mean), dtype=bool)

    def choose(
        self,
        rng: np.random.Generator,
        state: RivalState,
        available: NDArray[np.bool_],
        pending: NDArray[np.int64],
    ) -> Choice:
        """A random query for all survivors."""
        return row_of(rng, available, self.survivors(state), "still in the race")

    def candidate_value(self, state: RivalState) -> NDArray[np.float64]:
        """[M] win rates so far; below all others where a candidate was dropped."""
        return np.where(self.survivors(state), state.rate, -2.0)


def paired_differences(
    outcome: NDArray[np.int8],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Differences of points between all pairs of candidates on the queries where both are judged.

    Parameters
    ----------
    outcome
        [N, M] outcomes, ``MISSING`` elsewhere.

    Returns
    -------
    n, mean, squares
        [M, M] each: how many queries, the mean of ``points_j - points_i`` (0 where there are none),
        and the sum of squared deviations from it.
    """
    judged = (outcome != MISSING).astype(float)
    y = np.where(outcome != MISSING, outcome, 0) / 2.0
    n = judged.T @ judged
    total = y.T @ judged - judged.T @ y
    square = (y**2).T @ judged + judged.T @ y**2 - 2 * y.T @ y
    mean = total / np.maximum(n, 1)
    return np.rint(n).astype(np.int64), mean, np.maximum(square - n * mean**2, 0.0)


@lru_cache(maxsize=64)
def _quantiles(level: float, n: int) -> NDArray[np.float64]:
    """[n + 1] quantiles of Student's t with -1, 0, 1, ... degrees of freedom; infinite below 1."""
    found = np.full(n + 1, np.inf)
    if n >= 2:
        found[2:] = t.ppf(level, np.arange(1, n))
    return found


STRATEGY = Racing
