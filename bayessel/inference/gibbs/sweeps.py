"""Chains of Gibbs steps: what the regression reads, laid out for them, and the states they keep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayessel.inference.gibbs.state import PriorTable, Rows, Unjudged
from bayessel.inference.gibbs.step import run
from bayessel.models.regression import Data
from bayessel.outcomes import MISSING
from bayessel.priors import Prior

BURN_IN = 40
"""Steps before the first state that is kept."""

GROUPS = ("var_quality", "var_between", "var_within", "var_query")
"""Priors of the groups' variances, in the order of :attr:`Sweeps.variances`."""


@dataclass(frozen=True)
class Sweeps:
    """S states of the sampler.

    Attributes
    ----------
    coefficients
        [S, D]: quality (M), level, between (P), within (P), query (G).
    variances
        [S, 4] of quality, between, within, query.
    scales
        [S, 2] contrast and common.
    covariance
        [S, M, M] Σ.
    half_points
        [S, M] sums over the unjudged cells of half the outcome, drawn; [S x copies, M] where a
        state is completed more than once.
    expected
        [S, M] sums over the unjudged cells of half the outcome, expected given the variances, Σ and
        the judged cells, and not drawn: their mean over the states varies less.
    drawing
        [S] share of the cells that are draws, of those that the points allow.
    """

    coefficients: NDArray[np.float64]
    variances: NDArray[np.float64]
    scales: NDArray[np.float64]
    covariance: NDArray[np.float64]
    half_points: NDArray[np.float64]
    expected: NDArray[np.float64]
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
        What the regression reads.
    priors
        Of the regression; conjugate ones, see :func:`bayessel.inference.engines.gibbs.refusal`.
    draws
        S, states that are kept.
    copies
        Completions of the population for each state; the rest of a state is not repeated.
    burn_in
        Steps before those kept.
    every
        Steps from one kept state to the next.
    """
    rows, unjudged = _laid_out(data)
    level, beta = priors["level"].parameters, priors["drawing"].parameters
    prior = PriorTable(
        np.array([level["loc"], level["scale"]]),
        np.array([_pair(priors[k]) for k in GROUPS]),
        np.array([_pair(priors[k]) for k in ("contrast", "common")]),
    )
    kept = run(rng, rows, unjudged, prior, draws, burn_in, copies, every)
    drawn, missed = float(data.n_draws), float(data.most_draws - data.n_draws)
    drawing = rng.beta(beta["concentration1"] + drawn, beta["concentration0"] + missed, draws)
    return Sweeps(*kept, drawing)


def _laid_out(data: Data) -> tuple[Rows, Unjudged]:
    """Judged rows with their sums, and the sums of the other rows."""
    used = np.asarray(data.row) < len(data.within)
    position = np.asarray(data.row)[used]
    outcome = np.asarray(data.outcome)[used]
    judged = outcome != MISSING
    x = np.ascontiguousarray(np.asarray(data.within)[position])
    z = np.ascontiguousarray(np.asarray(data.z)[position])
    n, m, features = x.shape
    flat, of_query = x.reshape(n, m * features), z.shape[1]
    between = np.asarray(data.between)
    rows = Rows(
        np.where(judged, outcome / 2, 0.0),
        judged,
        np.flatnonzero(~judged.all(axis=1)),
        x,
        z,
        np.hstack([np.eye(m), np.ones((m, 1)), between]),
        x.sum(axis=0),
        z.sum(axis=0),
        products_by_pair((flat.T @ flat).reshape(m, features, m, features)),
        (flat.T @ z).reshape(m, features, of_query),
        z.T @ z,
        _groups(m, features, of_query),
    )
    left = np.ones(len(data.within), dtype=bool)
    left[position] = False
    x_left = np.ascontiguousarray(data.within[left].sum(axis=0))
    return rows, Unjudged(int(left.sum()), x_left, data.z[left].sum(axis=0))


def _groups(m: int, features: int, of_query: int) -> NDArray[np.int64]:
    """[4, 2] first coefficient of each group, and the one after its last; the level is no group."""
    last = m + 1 + np.cumsum([0, features, features, of_query])
    return np.stack([[0, *last[:-1]], [m, *last[1:]]], axis=1)


def products_by_pair(products: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums of products [M, P, M, P] laid out by pair of candidates and pair of features.

    Returns
    -------
    ndarray
        [M (M + 1) / 2, P (P + 1) / 2]. The lower triangle of a symmetric [M, M], as a vector, times
        it is the sum over all pairs of candidates.
    """
    both = products + products.transpose(2, 1, 0, 3)
    of_pair, other = np.tril_indices(len(both))
    feature, other_feature = np.tril_indices(products.shape[1])
    both[np.arange(len(both)), :, np.arange(len(both))] /= 2
    found = both.transpose(0, 2, 1, 3)[of_pair, other]
    return np.ascontiguousarray(found[:, feature, other_feature])


def _pair(prior: Prior) -> tuple[float, float]:
    """Concentration and rate; of a known value (value, -1)."""
    if prior.fixed:
        return float(prior.value), -1.0
    return float(prior.parameters["concentration"]), float(prior.parameters["rate"])


def split(coefficients: NDArray[np.float64], data: Data) -> list[NDArray[np.float64]]:
    """[S, D] coefficients as quality, level, between, within, query."""
    m, features = data.between.shape
    return np.split(coefficients, np.cumsum([m, 1, features, features]), axis=1)
