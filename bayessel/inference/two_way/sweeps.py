"""States of the two-way model: its Gibbs steps run, and what they say of the population."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayessel.inference.draws import Draws
from bayessel.inference.two_way.rates import run_rates
from bayessel.inference.two_way.rows import laid_out, prior_table
from bayessel.inference.two_way.step import run
from bayessel.models.distributions.halves import completed
from bayessel.models.two_way import Data
from bayessel.outcomes import counts
from bayessel.priors import Prior

BURN_IN = 8
"""Steps before the first state that is kept."""


@dataclass(frozen=True)
class Sweeps:
    """S states of the sampler; shapes as in :class:`bayessel.inference.two_way.step.Kept`.

    Attributes
    ----------
    coefficients
        [S, M + P] abilities and slopes within.
    effects
        [S, R] effects of the opened queries.
    half_points
        [S, M] drawn sums over the unjudged cells of half the outcome; see
        :func:`~bayessel.inference.two_way.step.complete` for a noisy judge.
    expected
        [S, 1 + P] level and slopes between.
    variance
        [S, M] variances of the candidates' cells.
    scales
        [S, 3] sd_quality, sd_query, noise.
    drawing
        [S] share of the cells that are draws, of those that the points allow.
    """

    coefficients: NDArray[np.float64]
    effects: NDArray[np.float64]
    half_points: NDArray[np.float64]
    expected: NDArray[np.float64]
    variance: NDArray[np.float64]
    scales: NDArray[np.float64]
    drawing: NDArray[np.float64]


def sweep(
    rng: np.random.Generator,
    data: Data,
    priors: dict[str, Prior],
    draws: int,
    *,
    burn_in: int = BURN_IN,
    every: int = 1,
) -> Sweeps:
    """Run one chain from the prior's centre.

    Parameters
    ----------
    rng
        Randomness.
    data
        What the two-way model reads.
    priors
        Of the two-way model; conjugate ones, see :mod:`bayessel.inference.engines.gibbs`.
    draws
        S, states that are kept.
    burn_in
        Steps before those kept.
    every
        Steps from one kept state to the next.
    """
    kept = run(rng, laid_out(data), prior_table(data, priors), draws, burn_in, every)
    return Sweeps(*kept, _drawing(rng, data, priors, draws))


@dataclass(frozen=True)
class WinRates:
    """What S states of the variances and scales say of the win rates.

    Attributes
    ----------
    variance
        [S, M] variances of the candidates' cells.
    scales
        [S, 3] sd_quality, sd_query, noise.
    mean
        [S, M] expected win rates.
    drawn
        [S x copies, M] draws of the win rates.
    drawing
        [S x copies] share of the cells that are draws, of those that the points allow.
    """

    variance: NDArray[np.float64]
    scales: NDArray[np.float64]
    mean: NDArray[np.float64]
    drawn: NDArray[np.float64]
    drawing: NDArray[np.float64]


def sweep_win_rates(
    rng: np.random.Generator,
    data: Data,
    priors: dict[str, Prior],
    draws: int,
    *,
    copies: int = 1,
    burn_in: int = BURN_IN,
) -> WinRates:
    """Run one chain from the prior's centre, for the win rates alone: several times as fast.

    Parameters
    ----------
    rng, data, priors, draws, burn_in
        As in :func:`sweep`.
    copies
        Draws of the win rates for each state of the variances and scales.
    """
    kept = run_rates(rng, laid_out(data), prior_table(data, priors), draws, burn_in, copies)
    return WinRates(*kept, _drawing(rng, data, priors, draws * copies))


def _drawing(
    rng: np.random.Generator, data: Data, priors: dict[str, Prior], draws: int
) -> NDArray[np.float64]:
    """[draws] shares of the cells that are draws, of those that the points allow: Beta."""
    beta = priors["drawing"].parameters
    drawn, missed = float(data.n_draws), float(data.most_draws - data.n_draws)
    return rng.beta(beta["concentration1"] + drawn, beta["concentration0"] + missed, draws)


def own_shares(data: Data, variance: NDArray[np.float64]) -> NDArray[np.float64]:
    """[S] shares of the variances [S, M] that are not the judge's noise."""
    found: NDArray[np.float64] = 1 - np.minimum(data.verdict_noise / variance.mean(axis=1), 1.0)
    return found


def population(
    outcome: NDArray[np.int8],
    half_points: NDArray[np.float64],
    drawing: NDArray[np.float64],
    share: NDArray[np.float64],
) -> Draws:
    """Draws of the finite population: judged cells as they are, the others as drawn.

    The share ``drawing`` of the unjudged cells are draws, of the most that the points allow. Of a
    noisy judge's verdicts only a share counts as it is.

    Parameters
    ----------
    outcome
        [N, M] judgments, ``MISSING`` elsewhere.
    half_points
        [S, M] drawn sums over the unjudged cells of half the outcome.
    drawing
        [S] shares.
    share
        [S] of :func:`own_shares`.
    """
    known = share[:, None, None] * counts(outcome)
    return Draws.of_counts(completed(known, half_points, drawing[:, None], len(outcome)))
