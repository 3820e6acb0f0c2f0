"""Estimates from realizations, with their errors: means, quantiles, shares, calls needed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from bayessel.studies.rows import Runs
from bayessel.support.ties import TIE

CRITERIA: Mapping[str, float] = {
    "identified": 0.0,
    "within 1 %": 0.01,
    "within 2.5 %": 0.025,
    "within 5 %": 0.05,
}
"""When a recommendation counts as right: its win rate is at most this far below the best's."""

REPLICATES = 400
"""Bootstrap samples."""
_STREAM = 0xB0075
_ROUNDING = 1e-9


def right(runs: Runs, criterion: str) -> NDArray[np.bool_]:
    """[R, G] whether each recommendation is right by one of :data:`CRITERIA`."""
    return runs.gap <= CRITERIA[criterion] + TIE


def mean_and_error(values: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean over realizations and its standard error.

    Parameters
    ----------
    values
        [R, G].

    Returns
    -------
    mean, error
        [G]; the error is NaN where R is 1.
    """
    count = len(values)
    mean = values.mean(axis=0, dtype=np.float64)
    if count < 2:
        return mean, np.full(values.shape[1], np.nan)
    return mean, values.std(axis=0, ddof=1, dtype=np.float64) / np.sqrt(count)


def quantile_and_error(
    values: NDArray[np.float64], q: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Quantile over realizations; its error from the order statistics one deviation to each side.

    Parameters
    ----------
    values
        [R, G].
    q
        In (0, 1).

    Returns
    -------
    quantile, error
        [G].
    """
    count = len(values)
    step = np.sqrt(q * (1 - q) / count)
    lower, middle, upper = np.quantile(
        values, np.clip([q - step, q, q + step], 0, 1), axis=0, method="linear"
    )
    return middle, (upper - lower) / 2


STAY = 3.0
"""Whole-query equivalents through which a curve has to stay at a level that it has reached."""

_KEPT = 0.9  # of these


def reached(
    curve: NDArray[np.float64], level: float, budgets: NDArray[np.float64]
) -> NDArray[np.intp]:
    """At which budget a curve reaches a level and stays there.

    That is the first budget from which on, through the next :data:`STAY` whole-query equivalents
    (itself included, and as far as there are budgets), more than nine tenths of the budgets are at
    the level or above.

    Parameters
    ----------
    curve
        [..., G] values at each budget.
    level
        The level.
    budgets
        [G] whole-query equivalents, ascending.

    Returns
    -------
    ndarray
        [...] positions; -1 where there is none.
    """
    at_level = np.cumsum(curve >= level - TIE, axis=-1)
    at_level = np.concatenate([np.zeros_like(at_level[..., :1]), at_level], axis=-1)
    end = np.searchsorted(budgets, budgets + STAY - _ROUNDING)
    start = np.arange(len(budgets))
    stays = (at_level[..., end] - at_level[..., start]) > _KEPT * (end - start)
    return np.where(stays.any(axis=-1), stays.argmax(axis=-1), -1)


def needed(
    curve: NDArray[np.float64], level: float, budgets: NDArray[np.float64]
) -> NDArray[np.float64]:
    """[...] whole-query equivalents to reach a level and stay there; NaN where that is never.

    Parameters
    ----------
    curve, level, budgets
        See :func:`reached`.
    """
    at = reached(curve, level, budgets)
    return np.where(at >= 0, budgets[at], np.nan)


def resamples(realizations: int, seed: int) -> NDArray[np.float64]:
    """Bootstrap weights [B, R]: the same for all strategies, so that differences are paired."""
    rng = np.random.default_rng([_STREAM, seed])
    share = np.full(realizations, 1 / realizations)
    return rng.multinomial(realizations, share, size=REPLICATES) / realizations


def spread(values: NDArray[np.float64]) -> float:
    """Standard deviation over bootstrap samples; NaN where one in ten or more has no value."""
    finite = np.isfinite(values)
    return float(values[finite].std(ddof=1)) if finite.mean() > 0.9 else float("nan")


def jeffreys(k: int, n: int, level: float) -> tuple[float, float]:
    """Jeffreys' interval of a share, ``k`` of ``n``; it reaches 0 or 1 where all cases agree."""
    lower, upper = beta.ppf([(1 - level) / 2, (1 + level) / 2], k + 0.5, n - k + 0.5)
    return 0.0 if k == 0 else float(lower), 1.0 if k == n else float(upper)
