r"""Item response: candidates have qualities, queries have difficulties, draws have a band.

Source: graded response (ordered probit) with a random effect of the item, Samejima (1969); Albert
and Chib (1993); discrimination as in the two-parameter model, Birnbaum (1968). For candidate j on
query q, with x[q,j] the weak judges' scores relative to the query's mean, x̄[j] a candidate's mean
of them, and z[q] their mean and spread over the query's candidates (all standardised, all free)::

    quality_j      ~ Normal(0, sd_quality)
    between_p      ~ Normal(0, sd_between)                 of x̄: sign and size are learned
    within_p       ~ Normal(0, sd_within)                  of x - x̄: likewise
    query_coefficient_g ~ Normal(0, sd_query_coefficient)  of z
    difficulty_q   ~ Normal(0, sd_difficulty)              high: easy for all the candidates
    band_q         = band · exp(sd_band · w_q),  w_q ~ Normal(0, 1)
    u[q,j]         = level + difficulty_q + query_coefficient · z[q]
                     + exp(discrimination · spread[q]) · ability[q,j] + Normal(0, 1)
    ability[q,j]   = quality_j + between · x̄[j] + within · (x[q,j] - x̄[j])
    Y[q,j]         = win if u > band_q, loss if u < -band_q, else draw

spread[q] says how much the weak judges' scores vary over the candidates; whether such a query
tells the candidates apart better (discrimination > 0), and how much, is learned. Each query
has a band of its own: on one query all candidates may draw, on another there may be only losses and
draws, as where the baseline was right.

The estimand is the finite population: judged cells count as they are, the others are predicted with
a new difficulty and band for each unjudged query; ``F = argmax_j WR_j``, and eps_loss, eps_draw are
F's loss and draw rates over all N queries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from bayessel.priors import Prior

if TYPE_CHECKING:
    from bayessel.inference.evidence import Evidence

PRIORS = {
    "level": Prior("Normal", {"loc": 0.0, "scale": 1.0}),
    "sd_quality": Prior("HalfNormal", {"scale": 0.5}),
    "sd_between": Prior("HalfNormal", {"scale": 0.1}),
    "sd_within": Prior("HalfNormal", {"scale": 0.25}),
    "sd_query_coefficient": Prior("HalfNormal", {"scale": 0.25}),
    "sd_difficulty": Prior("HalfNormal", {"scale": 1.0}),
    "band": Prior("LogNormal", {"loc": -1.0, "scale": 1.0}),
    "sd_band": Prior("HalfNormal", {"scale": 0.5}),
    "discrimination": Prior("Normal", {"loc": 0.0, "scale": 0.3}),
}

VARIANTS = {
    "plain": {
        "discrimination": Prior("Fixed", {"value": 0.0}),
        "sd_band": Prior("Fixed", {"value": 0.0}),
    }
}
"""``item_response:plain``: every query discriminates alike and has the same draw band."""

DIMS = {
    "quality": ("candidate",),
    "between": ("feature",),
    "within": ("feature",),
    "query_coefficient": ("query_feature",),
    "ease": ("query",),
    "difficulty": ("query",),
    "log_band": ("query",),
}


CELLS = 20.0
"""Candidates with which a judged query's ease is half centred."""


class Data(NamedTuple):
    """What the program reads.

    Attributes
    ----------
    outcome
        [R, M] outcomes of the judged queries, ``MISSING`` where a cell is not judged.
    row
        [R] their positions; N where a slot is free.
    within
        [N, M, P] scores relative to the query's mean, less the candidate's mean.
    between
        [M, P] the candidates' means.
    z
        [N, G] mean and spread of the query's scores.
    spread
        [N] how much the scores vary over the candidates.
    """

    outcome: Any
    row: Any
    within: Any
    between: Any
    z: Any
    spread: Any


def prepare(evidence: Evidence) -> Data:
    """Lay the evidence out for the programs."""
    signals = evidence.signals
    return Data(
        evidence.row_outcome,
        evidence.rows,
        signals.within,
        signals.between,
        signals.query_features,
        signals.spread,
    )


def numpyro_model(data: Data, priors: dict[str, Prior] = PRIORS) -> None:
    """NumPyro program.

    Effects are non-centred (``effect = sd · unit``) but for a query's ease, its level and
    difficulty together, which is centred as far as its cells tell of it.
    """
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist

    from bayessel.models.distributions.ordered_probit import OrderedProbit

    def effects(name: str, plate: Any, sd: Any) -> Any:
        with plate:
            unit = numpyro.sample(f"{name}_unit", dist.Normal(0.0, 1.0))
        return numpyro.deterministic(name, sd * unit)

    (n_rows, n_candidates), row = data.outcome.shape, data.row
    level = priors["level"].numpyro("level")
    band = priors["band"].numpyro("band")
    discrimination = priors["discrimination"].numpyro("discrimination")
    candidates = numpyro.plate("candidate", n_candidates, dim=-1)
    quality = effects("quality", candidates, priors["sd_quality"].numpyro("sd_quality"))
    sd_band = priors["sd_band"].numpyro("sd_band")
    unit = dist.Normal(0.0, 1.0).expand([n_rows]).to_event(1)  # a plate of no row is not allowed
    log_band = numpyro.deterministic("log_band", sd_band * numpyro.sample("log_band_unit", unit))
    sd_difficulty = priors["sd_difficulty"].numpyro("sd_difficulty")
    ability, expected = quality, jnp.full(n_rows, level)
    if data.within.shape[-1]:
        features = numpyro.plate("feature", data.within.shape[-1])
        query_features = numpyro.plate("query_feature", data.z.shape[-1])
        sd = priors["sd_between"].numpyro("sd_between")
        ability = ability + data.between @ effects("between", features, sd)
        sd = priors["sd_within"].numpyro("sd_within")
        ability = ability + data.within[row] @ effects("within", features, sd)
        sd = priors["sd_query_coefficient"].numpyro("sd_query_coefficient")
        expected = expected + data.z[row] @ effects("query_coefficient", query_features, sd)
    judged = jnp.abs(data.outcome) <= 1
    w = centring(judged)
    ease = numpyro.sample("ease", dist.Normal(w * expected, sd_difficulty**w).to_event(1))
    difficulty = sd_difficulty ** (1 - w) * (ease - w * expected)
    numpyro.deterministic("difficulty", difficulty)
    predictor = (expected + difficulty)[:, None] + (
        jnp.exp(discrimination * data.spread[row])[:, None] * ability
    )
    if not n_rows:  # a plate cannot be empty
        return
    with numpyro.plate("query", n_rows, dim=-2), candidates:
        outcome = OrderedProbit(predictor, band * jnp.exp(log_band)[:, None]).mask(judged)
        numpyro.sample("outcome", outcome, obs=jnp.where(judged, data.outcome, 0))


def pymc_model(data: Data, priors: dict[str, Prior] = PRIORS) -> Any:
    """PyMC twin of :func:`numpyro_model`; returns the ``pymc.Model``."""
    import pymc as pm
    import pytensor.tensor as pt

    def effects(name: str, dim: str, sd: Any) -> Any:
        unit = pm.Normal(f"{name}_unit", 0.0, 1.0, dims=dim)
        return pm.Deterministic(name, sd * unit, dims=dim)

    (n_rows, n_candidates), row = data.outcome.shape, data.row
    q, j = np.nonzero(np.abs(data.outcome) <= 1)
    coords = {
        "candidate": range(n_candidates),
        "query": range(n_rows),
        "feature": range(data.within.shape[-1]),
        "query_feature": range(data.z.shape[-1]),
        "cell": range(len(q)),
    }
    with pm.Model(coords=coords) as model:
        level = priors["level"].pymc("level")
        band = priors["band"].pymc("band")
        discrimination = priors["discrimination"].pymc("discrimination")
        quality = effects("quality", "candidate", priors["sd_quality"].pymc("sd_quality"))
        log_band = effects("log_band", "query", priors["sd_band"].pymc("sd_band"))
        sd_difficulty = priors["sd_difficulty"].pymc("sd_difficulty")
        ability, expected = quality, level * np.ones(n_rows)
        if data.within.shape[-1]:
            sd = priors["sd_between"].pymc("sd_between")
            ability = ability + data.between @ effects("between", "feature", sd)
            sd = priors["sd_within"].pymc("sd_within")
            ability = ability + data.within[row] @ effects("within", "feature", sd)
            sd = priors["sd_query_coefficient"].pymc("sd_query_coefficient")
            expected = expected + data.z[row] @ effects("query_coefficient", "query_feature", sd)
        w = centring(np.abs(data.outcome) <= 1)
        ease = pm.Normal("ease", w * expected, sd_difficulty**w, dims="query")
        difficulty = sd_difficulty ** (1 - w) * (ease - w * expected)
        pm.Deterministic("difficulty", difficulty, dims="query")
        scale = pt.exp(discrimination * data.spread[row])
        predictor = (expected + difficulty)[:, None] + scale[:, None] * ability
        half = (band * pt.exp(log_band))[q]
        pm.OrderedProbit(
            "outcome",
            eta=predictor[q, j],
            cutpoints=pt.stack([-half, half], axis=-1),
            compute_p=False,
            observed=data.outcome[q, j] + 1,
            dims="cell",
        )
    return model


def centring(judged: Any) -> Any:
    """[R] from 0 to 1: how far a query's ease is centred, by the cells [R, M] that may tell it.

    Where many cells tell a query's ease, it is known whatever the level and the difficulties' scale
    are, and is sampled as it is; where few do, rather in units of that scale (Papaspiliopoulos et
    al. 2007), and where none is judged, entirely. All cells of a row that is judged in part count:
    its degree must not change while chains are carried along.
    """
    n_candidates = judged.shape[1]
    return judged.any(axis=1) * (n_candidates / (n_candidates + CELLS))


def predict(key: Any, draw: dict[str, Any], data: Data) -> Any:
    """[N, M, K] outcome probabilities of every cell given a posterior draw.

    Judged queries keep their difficulty and band, the others get new ones from ``key``.
    """
    import jax.numpy as jnp
    from jax import random

    from bayessel.models.distributions.ordered_probit import outcome_probs

    unit = random.normal(key, (2, len(data.spread)), dtype=draw["quality"].dtype)
    difficulty = (draw["sd_difficulty"] * unit[0]).at[data.row].set(draw["difficulty"], mode="drop")
    log_band = (draw["sd_band"] * unit[1]).at[data.row].set(draw["log_band"], mode="drop")
    predictor, band = _cells(
        draw, difficulty, log_band, data.between, data.within, data.z, data.spread
    )
    return outcome_probs(predictor, jnp.broadcast_to(band, predictor.shape))


def _cells(
    draw: dict[str, Any],
    difficulty: Any,
    log_band: Any,
    between: Any,
    within: Any,
    z: Any,
    spread: Any,
) -> tuple[Any, Any]:
    """Predictor [n, M] and half width of the band [n, 1] of n queries."""
    import jax.numpy as jnp

    ability, ease = draw["quality"], draw["level"] + difficulty
    if within.shape[-1]:
        ability = ability + between @ draw["between"] + within @ draw["within"]
        ease = ease + z @ draw["query_coefficient"]
    predictor = ease[:, None] + jnp.exp(draw["discrimination"] * spread)[:, None] * ability
    return predictor, (draw["band"] * jnp.exp(log_band))[:, None]


def log_likelihood(draw: dict[str, Any], data: Data) -> Any:
    """[R] log p(Y[q,:] | draw), the query's own difficulty and band integrated out.

    Adaptive Gauss-Hermite quadrature around the mode of the two effects of the query.
    """
    import jax
    import jax.numpy as jnp

    from bayessel.models.distributions.ordered_probit import OrderedProbit

    row = data.row
    unit = jnp.stack(
        [draw["difficulty"] / (draw["sd_difficulty"] + 1e-6), draw["log_band_unit"]], axis=-1
    )

    def log_joint(e: Any, outcome: Any, within: Any, z: Any, spread: Any) -> Any:
        predictor, band = _cells(
            draw,
            draw["sd_difficulty"] * e[:1],
            draw["sd_band"] * e[1:],
            data.between,
            within[None],
            z[None],
            spread[None],
        )
        judged = jnp.abs(outcome) <= 1
        log_p = OrderedProbit(predictor[0], band[0]).log_prob(jnp.where(judged, outcome, 0))
        return jnp.sum(jnp.where(judged, log_p, 0.0)) - 0.5 * jnp.sum(e**2) - jnp.log(2 * jnp.pi)

    return jax.vmap(_integrate, in_axes=(None, 0, 0, 0, 0, 0))(
        log_joint, unit, data.outcome, data.within[row], data.z[row], data.spread[row]
    )


def _integrate(log_joint: Any, start: Any, *args: Any, nodes: int = 7, steps: int = 5) -> Any:
    """``log ∫ exp log_joint(e, *args) de`` over the plane, from a start near its mode."""
    import jax
    import jax.numpy as jnp

    gradient, hessian = jax.grad(log_joint), jax.hessian(log_joint)

    def precision(e: Any) -> Any:
        """Negative curvature, at least the standard normal's half."""
        value, vector = jnp.linalg.eigh(-hessian(e, *args))
        return (vector * jnp.maximum(value, 0.5)) @ vector.T

    def newton(e: Any, _: Any) -> tuple[Any, None]:
        move = jnp.linalg.solve(precision(e), gradient(e, *args))
        return e + move * jnp.minimum(1.0, 1.0 / jnp.maximum(jnp.linalg.norm(move), 1e-9)), None

    mode, _ = jax.lax.scan(newton, start, None, length=steps)
    root = jnp.linalg.inv(jnp.linalg.cholesky(precision(mode))).T
    point, weight = np.polynomial.hermite_e.hermegauss(nodes)
    grid = np.stack(np.meshgrid(point, point), axis=-1).reshape(-1, 2)
    log_weight = np.log(np.outer(weight, weight).ravel()) + 0.5 * (grid**2).sum(axis=1)
    value = jax.vmap(lambda e: log_joint(mode + root @ e, *args))(jnp.asarray(grid))
    return jax.scipy.special.logsumexp(value + log_weight) + jnp.linalg.slogdet(root)[1]
