"""States of the two-way model: its Gibbs steps run, and what they say of the population."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayessel.inference.draws import Draws
from bayessel.inference.two_way.rows import laid_out, prior_table
from bayessel.inference.two_way.step import run
from bayessel.models.two_way import Data
from bayessel.outcomes import MISSING, counts
from bayessel.priors import Prior

BURN_IN = 16
"""Steps before the first state that is kept."""


@dataclass(frozen=True)
class Sweeps:
    """S states of the sampler; shapes as in :class:`bayessel.inference.two_way.step.Kept`.

    Attributes
    ----------
    coefficients
        [S x copies, M + P] abilities and slopes within.
    effects
        [S x copies, R] effects of the opened queries.
    half_points
        [S x copies, M] drawn sums over the unjudged cells of half the outcome.
    expected
        [S, 1 + P] level and slopes between.
    variance
        [S, M] variances of the candidates' cells.
    scales
        [S, 3] sd_quality, sd_query, noise.
    mean_points
        [S, M] means of ``half_points`` given the variances and scales.
    drawing
        [S] share of the cells that are draws, of those that the points allow.
    """

    coefficients: NDArray[np.float64]
    effects: NDArray[np.float64]
    half_points: NDArray[np.float64]
    expected: NDArray[np.float64]
    variance: NDArray[np.float64]
    scales: NDArray[np.float64]
    mean_points: NDArray[np.float64]
    drawing: NDArray[np.float64]


def sweep(
    rng: np.random.Generator,
    data: Data,
    priors: dict[str, Prior],
    draws: int,
    *,
    copies: int = 1,
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
    copies
        Completions of the population for each state, with abilities and query effects drawn anew.
    burn_in
        Steps before those kept.
    every
        Steps from one kept state to the next.
    """
    kept = run(rng, laid_out(data), prior_table(data, priors), draws, burn_in, copies, every)
    beta = priors["drawing"].parameters
    drawn, missed = float(data.n_draws), float(data.most_draws - data.n_draws)
    drawing = rng.beta(beta["concentration1"] + drawn, beta["concentration0"] + missed, draws)
    return Sweeps(*kept, drawing)


def population(outcome: NDArray[np.int8], sweeps: Sweeps) -> Draws:
    """Draws of the finite population: judged cells as they are, the others from the states.

    The share ``drawing`` of the unjudged cells are draws, of the most that the points allow.

    Parameters
    ----------
    outcome
        [N, M] judgments, ``MISSING`` elsewhere.
    sweeps
        States given these judgments.
    """
    known = counts(outcome)
    left = len(outcome) - known.sum(axis=-1)
    half = np.clip(np.rint(2 * sweeps.half_points) / 2, -left / 2, left / 2)  # so that some tie
    drawing = np.repeat(sweeps.drawing, len(half) // len(sweeps.drawing))
    ties = drawing[:, None] * (left - 2 * np.abs(half))
    unknown = np.stack([(left - ties) / 2 - half, ties, (left - ties) / 2 + half], axis=-1)
    return Draws.of_counts(known + unknown)


def mean_win_rate(outcome: NDArray[np.int8], sweeps: Sweeps) -> NDArray[np.float64]:
    """[M] expected win rates: the means over the states of what each expects.

    Parameters
    ----------
    outcome
        [N, M] judgments, ``MISSING`` elsewhere.
    sweeps
        States given these judgments.
    """
    judged = np.where(outcome != MISSING, outcome, 0).sum(axis=0) / 2
    found: NDArray[np.float64] = 0.5 + (judged + sweeps.mean_points.mean(axis=0)) / len(outcome)
    return found
