r"""Gibbs sampling of ``models/regression.py``: every conditional is of known form.

Sweep, with Φ[q] the [M, D] design of a row, c its coefficients with variances t, Ω = Σ^-1::

    unjudged cells of a row judged in part | c, Σ    Normal, given the row's judged cells
    c | Ω, t             Normal:  precision diag(1/t) + Σ_q Φ[q]' Ω Φ[q]
    t_g | c              InverseGamma:  a_g + d_g / 2,  b_g + |c_g|² / 2
    t_g | c_g / √t_g, Ω  by slice sampling: the chain moves between small and large effects
    contrast, common | c by slice sampling, Ω summed out
    Ω | c, contrast, common   Wishart:  ν + R degrees,  ((ν - M - 1) S + Σ_q e_q e_q')^-1

(Gelman et al., Bayesian Data Analysis, chapter 15; Bartlett's decomposition for the Wishart; the
two moves of t interwoven as in Yu and Meng 2011; slices as in Neal 2003.) The sums over rows are
formed once, so the time of a sweep hardly depends on R.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import DataError
from bayessel.inference.draws import Draws
from bayessel.inference.engines.gibbs_kernel import run_sweeps
from bayessel.inference.load import Model
from bayessel.models.regression import Data
from bayessel.outcomes import MISSING, counts
from bayessel.priors import Prior

BURN_IN = 40
"""Sweeps that are dropped."""

_CONJUGATE = {
    "level": "Normal",
    "var_quality": "InverseGamma",
    "var_between": "InverseGamma",
    "var_within": "InverseGamma",
    "var_query": "InverseGamma",
    "contrast": "Gamma",
    "common": "Gamma",
    "drawing": "Beta",
}
_GROUPS = ("var_quality", "var_between", "var_within", "var_query")


def refusal(model: Model) -> str | None:
    """Why a model cannot be fitted by these conditionals; None where it can."""
    if model.module.__name__ != "bayessel.models.regression":
        return f"the engine gibbs has no conditionals for {model.name}: it fits regression"
    for name, family in _CONJUGATE.items():
        prior = model.priors[name]
        if prior.family != family and (not prior.fixed or name in ("level", "drawing")):
            return f"{name}={prior}: the engine gibbs takes {family} there; use the engine numpyro"
    return None


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
        [S, M] sums over the unjudged cells of half the outcome, drawn.
    drawing
        [S].
    """

    coefficients: NDArray[np.float64]
    variances: NDArray[np.float64]
    scales: NDArray[np.float64]
    covariance: NDArray[np.float64]
    half_points: NDArray[np.float64]
    drawing: NDArray[np.float64]


def sweep(
    rng: np.random.Generator,
    data: Data,
    priors: dict[str, Prior],
    draws: int,
    *,
    copies: int = 1,
    burn_in: int = BURN_IN,
) -> Sweeps:
    """Run one chain from the prior's centre.

    Parameters
    ----------
    rng
        Randomness.
    data
        What the regression reads.
    priors
        Of the regression; conjugate ones, see :func:`refusal`.
    draws
        S / copies, states kept.
    copies
        Completions of the population for each state; what is else of a state is not repeated.
    burn_in
        Sweeps before those kept.
    """
    used = np.asarray(data.row) < len(data.within)
    rows = np.asarray(data.row)[used]
    outcome = np.asarray(data.outcome)[used]
    judged = outcome != MISSING
    y = np.where(judged, outcome / 2, 0.0)
    n, m = y.shape
    x, z = np.asarray(data.within)[rows], np.asarray(data.z)[rows]
    features, of_query = x.shape[2], z.shape[1]
    flat = x.reshape(n, m * features)
    products = _by_pairs((flat.T @ flat).reshape(m, features, m, features))
    with_z = (flat.T @ z).reshape(m, features, of_query)
    left = np.ones(len(data.within), dtype=bool)
    left[rows] = False
    rest = (int(left.sum()), data.within[left].sum(axis=0), data.z[left].sum(axis=0))
    level, beta = priors["level"].parameters, priors["drawing"].parameters
    shapes = np.array([_pair(priors[k]) for k in _GROUPS])
    coefficients, variances, scales, covariance, half_points = run_sweeps(
        rng,
        draws,
        burn_in,
        copies,
        y,
        judged,
        np.ascontiguousarray(x),
        np.ascontiguousarray(z),
        np.ascontiguousarray(data.between),
        products,
        with_z,
        z.T @ z,
        rest[0],
        np.ascontiguousarray(rest[1]),
        rest[2],
        np.array([level["loc"], level["scale"]]),
        shapes,
        np.array([_pair(priors[k]) for k in ("contrast", "common")]),
    )
    drawn, missed = float(data.n_draws), float(data.most_draws - data.n_draws)
    drawing = rng.beta(beta["concentration1"] + drawn, beta["concentration0"] + missed, draws)
    return Sweeps(coefficients, variances, scales, covariance, half_points, drawing)


def _by_pairs(products: NDArray[np.float64]) -> NDArray[np.float64]:
    """[M (M + 1) / 2, P (P + 1) / 2] from [M, P, M, P], what each pair of candidates adds up to.

    With the lower triangle of a symmetric [M, M] times it, a form over all pairs is summed.
    """
    both = products + products.transpose(2, 1, 0, 3)
    of_pair, other = np.tril_indices(len(both))
    feature, other_feature = np.tril_indices(products.shape[1])
    both[np.arange(len(both)), :, np.arange(len(both))] /= 2
    found = both.transpose(0, 2, 1, 3)[of_pair, other]
    return np.ascontiguousarray(found[:, feature, other_feature])


def _pair(prior: Prior) -> tuple[float, float]:
    """Concentration and rate; a known value as (value, -1)."""
    if prior.fixed:
        return float(prior.value), -1.0
    return float(prior.parameters["concentration"]), float(prior.parameters["rate"])


def population(outcome: NDArray[np.int8], sweeps: Sweeps) -> Draws:
    """Draws of the finite population: judged cells as they are, the others from the sweeps.

    The unjudged draws are ``drawing`` of the most that the points allow.
    """
    known = counts(outcome)
    left = len(outcome) - known.sum(axis=-1)
    half = np.clip(np.rint(2 * sweeps.half_points) / 2, -left / 2, left / 2)  # so that some tie
    drawing = np.repeat(sweeps.drawing, len(half) // len(sweeps.drawing))
    ties = drawing[:, None] * (left - 2 * np.abs(half))
    unknown = np.stack([(left - ties) / 2 - half, ties, (left - ties) / 2 + half], axis=-1)
    return Draws.of_counts(known + unknown)


def expected_points(
    data: Data, sweeps: Sweeps, candidates: NDArray[np.intp]
) -> NDArray[np.float64]:
    """[S, N, len(candidates)] points that each state expects of cells, before any judgment."""
    m, features = len(data.between), data.between.shape[1]
    c = sweeps.coefficients
    quality, level, between, within, query = np.split(
        c, np.cumsum([m, 1, features, features]), axis=1
    )
    ability = 0.5 + quality + level + between @ data.between.T
    n = len(data.within)
    x = data.within[:, candidates].reshape(n * len(candidates), features)
    points = (within @ x.T).reshape(len(c), n, len(candidates))
    points += ability[:, None, candidates]
    points += (query @ data.z.T)[:, :, None]
    return points


def sample(
    model: Model,
    data: Any,
    *,
    seed: int,
    chains: int = 4,
    draws: int = 1000,
    warmup: int = BURN_IN,
    progress: bool = False,
) -> tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
    """Draws from the posterior of the regression.

    Parameters
    ----------
    model
        ``regression`` with conjugate priors.
    data
        What its programs read.
    seed
        Of the generators of the chains.
    chains, draws, warmup
        Number of chains, and of draws and first sweeps of each.
    progress
        There is nothing to wait for.

    Returns
    -------
    samples, stats
        As :func:`bayessel.inference.engines.nuts.sample`; no stats.

    Raises
    ------
    DataError
        Another model, or priors that are not conjugate.
    """
    reason = refusal(model)
    if reason is not None:
        raise DataError(reason)
    m, features = data.between.shape
    columns = np.cumsum([m, 1, features, features])
    runs = []
    for rng in np.random.default_rng(seed).spawn(chains):
        found = sweep(rng, data, model.priors, draws, burn_in=max(warmup, 1))
        quality, level, between, within, query = np.split(found.coefficients, columns, axis=1)
        sites = {
            "level": level[:, 0],
            "quality": quality,
            **{name: found.variances[:, g] for g, name in enumerate(_GROUPS)},
            "contrast": found.scales[:, 0],
            "common": found.scales[:, 1],
            "covariance": found.covariance,
            "drawing": found.drawing,
        }
        if features:
            sites |= {"between": between, "within": within, "query_coefficient": query}
        else:
            sites = {k: v for k, v in sites.items() if k not in _GROUPS[1:]}
        runs.append(sites)
    return {k: np.stack([run[k] for run in runs]) for k in runs[0]}, {}
