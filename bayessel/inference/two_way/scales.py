r"""Scales of the two-way model by slice sampling (Neal 2003): moves of the Gibbs step, compiled.

A scale hardly moves given the effects that it is the scale of, where these are little known: each
holds the other. So as much as possible is integrated out of the density of its logarithm.

With φ, the expected abilities and the query effects integrated out, the density of the judged cells
is that of a normal law. Let Λ and b be the precision and the shift of φ that the cells give, and
q = y' Var(y)^-1 y where φ is 0 (:class:`Likelihood`); A and h those of the prior. Then::

    log p(y) = (log |A| - log |Λ + A| + (b + h)' (Λ + A)^-1 (b + h) - h' A^-1 h - q) / 2 + const

The variances of the cells and of the query effects multiplied by s, Λ, b and q are divided by s and
the constant falls by (C / 2) log s for C cells: one pass over the cells serves every s.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba.extending import overload

from bayessel.inference.gibbs.triangular import solve_columns, solve_lower
from bayessel.inference.two_way.rows import PriorTable, Rows
from bayessel.models.two_way import FLOOR, LEAST, SHAPE
from bayessel.support.compiled import compiled


class Likelihood(NamedTuple):
    """What the judged cells say of φ, query effects integrated out; changed in place.

    Attributes
    ----------
    precision, shift
        [D, D] Λ and [D] b.
    square
        [1] q.
    """

    precision: Any
    shift: Any
    square: Any


class Joined(NamedTuple):
    """The likelihood and the prior of φ together.

    Attributes
    ----------
    shift
        [D] b + h.
    lower
        [D, D] Cholesky factor of Λ + A.
    log_density
        Of the judged cells, but for a constant.
    """

    shift: Any
    lower: Any
    log_density: float


@compiled
def joined(
    rows: Rows, prior: PriorTable, likelihood: Likelihood, sd_quality: float, spread: float
) -> Joined:
    """Join the prior of φ, with this ``sd_quality``, to the likelihood with variances x ``spread``.

    Abilities are Normal(design b, sd² I) with b normal, which is integrated out.
    """
    m, p = rows.x_left.shape
    precision, shift = likelihood.precision / spread, likelihood.shift / spread
    weight = 1 / max(sd_quality, LEAST) ** 2
    inner = weight * rows.squares
    for i in range(1 + p):
        inner[i, i] += 1 / prior.design[1, i] ** 2
    root = np.linalg.cholesky(inner)
    half = solve_columns(root, weight * rows.design.T)
    for i in range(1 + p):
        for j in range(m):
            for k in range(m):
                precision[j, k] -= half[i, j] * half[i, k]
    mean = rows.design @ prior.design[0]
    of_mean = weight * mean - (half @ mean) @ half
    found = 0.5 * m * np.log(weight) - 0.5 * (mean @ of_mean)
    for j in range(m):
        precision[j, j] += weight
        shift[j] += of_mean[j]
    for i in range(1 + p):
        found -= np.log(root[i, i])
    for i in range(p):
        precision[m + i, m + i] += 1 / prior.within[1, i] ** 2
        shift[m + i] += prior.within[0, i] / prior.within[1, i] ** 2
    lower = np.linalg.cholesky(precision)
    unit = solve_lower(lower, shift)
    for i in range(m + p):
        found += 0.5 * unit[i] * unit[i] - np.log(lower[i, i])
    found -= 0.5 * likelihood.square[0] / spread + 0.5 * len(rows.y) * np.log(spread)
    return Joined(shift, lower, found)


class OfSdQuality(NamedTuple):
    """What the density of log ``sd_quality`` reads; φ and the query effects are integrated out."""

    rows: Rows
    prior: PriorTable
    likelihood: Likelihood


class OfSpread(NamedTuple):
    """What the density of log s reads, a factor of all variances of cells and query effects.

    φ and the query effects are integrated out.
    """

    rows: Rows
    prior: PriorTable
    likelihood: Likelihood
    scales: Any


class OfSdQuery(NamedTuple):
    """What the density of log ``sd_query`` given φ reads; the query effects are integrated out.

    Attributes
    ----------
    weight, pull
        [R] sums over a query's cells of 1 / v, and of the residuals by 1 / v.
    scale
        Of the half normal prior.
    """

    weight: Any
    pull: Any
    scale: float


class OfNoise(NamedTuple):
    """What the density of log ``noise`` given the residuals reads; variances are integrated out.

    Given the variances it would hardly move: there are many of them, and it is their mean.

    Attributes
    ----------
    squares, number
        [M] sums of squared residuals, and numbers of cells.
    prior
        [2] of the Gamma prior.
    """

    squares: Any
    number: Any
    prior: Any


@compiled
def log_sd_quality(at: float, of: OfSdQuality) -> float:
    """Log density of log ``sd_quality``."""
    sd = np.exp(at)
    if sd < LEAST:
        return -np.inf
    found = joined(of.rows, of.prior, of.likelihood, sd, 1.0).log_density
    return found + at - 0.5 * (sd / of.prior.sd_quality) ** 2


@compiled
def log_spread(at: float, of: OfSpread) -> float:
    """Log density of log s.

    The move is along an orbit of a group (Liu and Sabatti 2000). The variances v_j keep their
    ratios to their mean ``noise + FLOOR``, so their density and the volume of the move cancel.
    """
    spread = np.exp(at)
    noise = spread * (of.scales[2] + FLOOR) - FLOOR
    sd_query = of.scales[1] * np.exp(0.5 * at)
    if noise <= 0 or sd_query < LEAST:
        return -np.inf
    found = joined(of.rows, of.prior, of.likelihood, of.scales[0], spread).log_density
    found += (of.prior.noise[0] - 1) * np.log(noise) - of.prior.noise[1] * noise
    return found - 0.5 * (sd_query / of.prior.sd_query) ** 2 + 1.5 * at


@compiled
def log_sd_query(at: float, of: OfSdQuery) -> float:
    """Log density of log ``sd_query``."""
    sd = np.exp(at)
    if sd < LEAST:
        return -np.inf
    found = at - 0.5 * (sd / of.scale) ** 2
    for r in range(len(of.weight)):
        apart = 1 + sd * sd * of.weight[r]
        found += 0.5 * (sd * of.pull[r]) ** 2 / apart - 0.5 * np.log(apart)
    return found


@compiled
def log_noise(at: float, of: OfNoise) -> float:
    """Log density of log ``noise``."""
    noise = np.exp(at)
    found = of.prior[0] * at - of.prior[1] * noise
    for j in range(len(of.number)):
        rate = (SHAPE - 1) * (noise + FLOOR) + of.squares[j] / 2
        found += SHAPE * np.log(noise + FLOOR) - (SHAPE + of.number[j] / 2) * np.log(rate)
    return found


_DENSITIES = {
    OfSdQuality: lambda at, of: log_sd_quality(at, of),
    OfSpread: lambda at, of: log_spread(at, of),
    OfSdQuery: lambda at, of: log_sd_query(at, of),
    OfNoise: lambda at, of: log_noise(at, of),
}


def log_density(at: float, of: Any) -> float:
    """The density that reads ``of``; compiled code chooses it by the type of ``of``."""
    return _DENSITIES[type(of)](at, of)


@overload(log_density, strict=False)
def _log_density(at: Any, of: Any) -> Any:
    return _DENSITIES[of.instance_class]


@compiled
def sliced(rng: Any, at: float, of: Any) -> float:
    """Move ``at`` by slice sampling of :func:`log_density`: stepping out by 1, and shrinkage."""
    level = log_density(at, of) - rng.standard_exponential()
    low = at - rng.random()
    high = low + 1.0
    while log_density(low, of) > level:
        low -= 1.0
    while log_density(high, of) > level:
        high += 1.0
    while True:
        new = low + (high - low) * rng.random()
        if log_density(new, of) > level:
            return new
        if new < at:
            low = new
        else:
            high = new
