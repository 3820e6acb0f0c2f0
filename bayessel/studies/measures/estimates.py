"""Estimates from realizations, with their errors: means, quantiles, shares, annotations needed."""

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


def right(runs: Runs, criterion: str) -> NDArray[np.bool_]:
    """[R, T] whether each recommendation is right by one of :data:`CRITERIA`."""
    return runs.gap <= CRITERIA[criterion] + TIE


def mean_and_error(values: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean over realizations and its standard error.

    Parameters
    ----------
    values
        [R, T].

    Returns
    -------
    mean, error
        [T]; the error is NaN where R is 1.
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
        [R, T].
    q
        In (0, 1).

    Returns
    -------
    quantile, error
        [T].
    """
    count = len(values)
    step = np.sqrt(q * (1 - q) / count)
    lower, middle, upper = np.quantile(
        values, np.clip([q - step, q, q + step], 0, 1), axis=0, method="linear"
    )
    return middle, (upper - lower) / 2


def needed(curve: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    """Annotations after which a curve has reached a level and stays there.

    Parameters
    ----------
    curve
        [..., T] values after 1 .. T annotations.
    level
        The level.

    Returns
    -------
    annotations
        [...] linear between the last budget below the level and the next one; 1 where no budget is
        below it, NaN where the last budget is.
    """
    below = curve < level - TIE
    steps = curve.shape[-1]
    last = steps - 1 - np.argmax(below[..., ::-1], axis=-1)  # last budget below, where any is
    following = np.minimum(last + 1, steps - 1)
    before = np.take_along_axis(curve, last[..., None], -1)[..., 0]
    after = np.take_along_axis(curve, following[..., None], -1)[..., 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        between = last + 1 + (level - before) / (after - before)
    found = np.where(below[..., -1], np.nan, between)
    return np.where(below.any(axis=-1), found, 1.0)


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
