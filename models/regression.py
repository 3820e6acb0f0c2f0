r"""Regression: a row's outcomes are one vector, normal around what the weak judges' scores predict.

Source: multivariate regression with an inverse-Wishart covariance (Zellner 1962; Gelman et al.,
Bayesian Data Analysis, chapter 15), used as a working model of a finite population, as in
model-assisted estimation (Särndal, Swensson and Wretman 1992). With y[q,j] half the outcome, -1/2
for a loss, 0 for a draw, 1/2 for a win::

    y[q,:] ~ Normal(mean[q,:], Σ)                                    a row, all candidates together
    mean[q,j] = level + quality_j + between · x̄[j] + within · (x[q,j] - x̄[j]) + query · z[q]
    quality_j ~ Normal(0, √var_quality), and so between_p, within_p, query_g with their variances
    Σ      ~ InverseWishart(ν, (ν - M - 1) S)               mean S
    S      = contrast · (I - 11'/M) + common · (M + 1) · 11'/M + κ I
    number of draws ~ Binomial(most that the points allow, drawing)

x[q,j] are the scores relative to the query's mean, x̄[j] a candidate's mean over all queries: two
things are learned apart, whether candidates that write at length are better, and whether a
candidate's longer answers are its better ones. Σ, with ν = M + 40, is what candidates have in
common beyond that: variants of one LLM win and lose the same rows, which say little of their
difference. κ keeps Σ from vanishing where all outcomes are alike: outcomes come in halves. A half
outcome's variance is 1/4 at most, and .08 the prior mean of both its parts; the prior modes of the
effects' variances stand for standard deviations of 7 points of win rate between candidates and of
one to two points for a standard deviation of a score.

Outcomes are not normal, and win rates, means of many of them, nearly are: the estimand is linear in
y, so what the model gets wrong of single outcomes hardly matters, and rows that the ordered models
cannot describe (all draws, no wins) do no harm. All conditionals are of known form, so a sweep of
Gibbs sampling takes a fraction of a millisecond (``bayessel.inference.engines.gibbs``).

The estimand is the finite population: judged cells count as they are; ``F = argmax_j WR_j``.
Outcome probabilities of a cell, for predictive checks, take its expected points and spread draws
over them by ``drawing``, cells independent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from bayessel.priors import Prior

if TYPE_CHECKING:
    from bayessel.inference.evidence import Evidence

PRIORS = {
    "level": Prior("Normal", {"loc": 0.0, "scale": 0.5}),
    "var_quality": Prior("InverseGamma", {"concentration": 1.0, "rate": 0.01}),
    "var_between": Prior("InverseGamma", {"concentration": 1.0, "rate": 0.0003}),
    "var_within": Prior("InverseGamma", {"concentration": 1.0, "rate": 0.001}),
    "var_query": Prior("InverseGamma", {"concentration": 1.0, "rate": 0.001}),
    "contrast": Prior("Gamma", {"concentration": 2.0, "rate": 25.0}),
    "common": Prior("Gamma", {"concentration": 2.0, "rate": 25.0}),
    "drawing": Prior("Beta", {"concentration1": 1.0, "concentration0": 1.0}),
}

DIMS = {
    "quality": ("candidate",),
    "between": ("feature",),
    "within": ("feature",),
    "query_coefficient": ("query_feature",),
    "covariance": ("candidate", "other_candidate"),
    "bartlett_square": ("candidate",),
}

DEGREES = 40
"""Degrees of freedom of the prior of Σ beyond M: it counts as so many rows, less one."""

FLOOR = 0.002
"""κ: a tenth of the variance of rounding to halves."""


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
    part
        Places in ``row`` of the rows judged in part.
    n_draws, most_draws
        Draws among the judged cells, and the most that the candidates' points allow.
    """

    outcome: Any
    row: Any
    within: Any
    between: Any
    z: Any
    part: Any
    n_draws: Any
    most_draws: Any


def prepare(evidence: Evidence) -> Data:
    """Lay the evidence out for the programs."""
    signals = evidence.signals
    judged = np.abs(evidence.row_outcome) <= 1
    wins, losses = ((evidence.outcome == k).sum(axis=0) for k in (1, -1))
    n_draws = int((evidence.outcome == 0).sum())
    most = int((n_draws + wins.sum() + losses.sum()) - np.abs(wins - losses).sum())
    return Data(
        evidence.row_outcome,
        evidence.rows,
        signals.within,
        signals.between,
        signals.query_features,
        np.flatnonzero(judged.any(axis=1) & ~judged.all(axis=1)),
        np.asarray(n_draws),
        np.asarray(most),
    )


def numpyro_model(data: Data, priors: dict[str, Prior] = PRIORS) -> None:
    """NumPyro program; coefficients are non-centred, Σ^-1 by Bartlett's decomposition."""
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist

    def effects(name: str, plate: Any, variance: str) -> Any:
        sd = jnp.sqrt(priors[variance].numpyro(variance))
        with plate:
            unit = numpyro.sample(f"{name}_unit", dist.Normal(0.0, 1.0))
        return numpyro.deterministic(name, sd * unit)

    (n_rows, n_candidates), row = data.outcome.shape, data.row
    candidates = numpyro.plate("candidate", n_candidates)
    ability = priors["level"].numpyro("level") + effects("quality", candidates, "var_quality")
    mean = jnp.broadcast_to(ability, (n_rows, n_candidates))
    if data.within.shape[-1]:
        features = numpyro.plate("feature", data.within.shape[-1])
        query_features = numpyro.plate("query_feature", data.z.shape[-1])
        mean = mean + data.between @ effects("between", features, "var_between")
        mean = mean + data.within[row] @ effects("within", features, "var_within")
        gamma = effects("query_coefficient", query_features, "var_query")
        mean = mean + (data.z[row] @ gamma)[:, None]
    contrast, common = (priors[k].numpyro(k) for k in ("contrast", "common"))
    df = n_candidates + DEGREES
    below = n_candidates * (n_candidates - 1) // 2
    normal = numpyro.sample("bartlett", dist.Normal(0.0, 1.0).expand([below]).to_event(1))
    square = numpyro.sample("bartlett_square", dist.Chi2(df - jnp.arange(n_candidates)).to_event(1))
    factor = _factor(jnp, n_candidates, contrast, common)
    lower = jnp.diag(jnp.sqrt(square)).at[np.tril_indices(n_candidates, -1)].set(normal)
    of_precision = factor @ lower  # Σ^-1 = (factor lower)(factor lower)'
    root = jnp.linalg.inv(of_precision)
    covariance = numpyro.deterministic("covariance", root.T @ root)
    drawing = priors["drawing"].numpyro("drawing")
    numpyro.sample("draws", dist.Binomial(data.most_draws, drawing), obs=data.n_draws)
    if not n_rows:
        return
    judged = jnp.abs(data.outcome) <= 1
    whole = judged.all(axis=1)
    residual = jnp.where(judged, data.outcome / 2 - mean, 0.0)
    scaled = jnp.where(whole[:, None], residual, 0.0) @ of_precision
    log_det = jnp.linalg.slogdet(of_precision)[1]
    log_likelihood = whole.sum() * log_det - 0.5 * (scaled**2).sum()
    if len(data.part):
        judged, residual = judged[data.part], residual[data.part]
        both = judged[:, :, None] & judged[:, None, :]
        of_row = jnp.where(
            both, covariance, jnp.eye(n_candidates)
        )  # unjudged cells: alone, residual 0
        chol = jnp.linalg.cholesky(of_row)
        scaled = jnp.linalg.solve(chol, residual[..., None])[..., 0]
        log_det = jnp.log(jnp.diagonal(chol, axis1=1, axis2=2)).sum()
        log_likelihood = log_likelihood - 0.5 * (scaled**2).sum() - log_det
    numpyro.factor("outcome", log_likelihood)


def pymc_model(data: Data, priors: dict[str, Prior] = PRIORS) -> Any:
    """PyMC twin of :func:`numpyro_model`; returns the ``pymc.Model``."""
    import pymc as pm
    import pytensor.tensor as pt

    def effects(name: str, dim: str, variance: str) -> Any:
        sd = pt.sqrt(priors[variance].pymc(variance))
        unit = pm.Normal(f"{name}_unit", 0.0, 1.0, dims=dim)
        return pm.Deterministic(name, sd * unit, dims=dim)

    (n_rows, n_candidates), row = data.outcome.shape, data.row
    judged = np.abs(data.outcome) <= 1
    whole = judged.all(axis=1)
    coords = {
        "candidate": range(n_candidates),
        "other_candidate": range(n_candidates),
        "query": np.flatnonzero(whole),
        "query_in_part": data.part,
        "feature": range(data.within.shape[-1]),
        "query_feature": range(data.z.shape[-1]),
    }
    with pm.Model(coords=coords) as model:
        ability = priors["level"].pymc("level") + effects("quality", "candidate", "var_quality")
        mean = pt.zeros((n_rows, n_candidates)) + ability
        if data.within.shape[-1]:
            mean = mean + data.between @ effects("between", "feature", "var_between")
            mean = mean + data.within[row] @ effects("within", "feature", "var_within")
            gamma = effects("query_coefficient", "query_feature", "var_query")
            mean = mean + (data.z[row] @ gamma)[:, None]
        contrast, common = (priors[k].pymc(k) for k in ("contrast", "common"))
        df, below = n_candidates + DEGREES, n_candidates * (n_candidates - 1) // 2
        normal = pm.Normal("bartlett", 0.0, 1.0, shape=below)
        square = pm.ChiSquared("bartlett_square", df - np.arange(n_candidates), dims="candidate")
        lower = pt.set_subtensor(
            pt.diag(pt.sqrt(square))[np.tril_indices(n_candidates, -1)], normal
        )
        factor = _factor(pt, n_candidates, contrast, common)
        root: Any = pt.linalg.inv(factor @ lower)
        dims = ("candidate", "other_candidate")
        covariance = pm.Deterministic("covariance", root.T @ root, dims=dims)
        drawing = priors["drawing"].pymc("drawing")
        pm.Binomial("draws", n=data.most_draws, p=drawing, observed=data.n_draws)
        if whole.any():
            pm.MvNormal(
                "outcome",
                mu=mean[whole],
                cov=covariance,
                observed=data.outcome[whole] / 2,
                dims=("query", "candidate"),
            )
        if len(data.part):
            known = judged[data.part]
            both = known[:, :, None] & known[:, None, :]
            pm.MvNormal(  # unjudged cells: alone, residual 0
                "outcome_in_part",
                mu=pt.where(known, mean[data.part], 0.0),
                cov=pt.where(both, covariance, np.eye(n_candidates)),
                observed=np.where(known, data.outcome[data.part] / 2, 0.0),
                dims=("query_in_part", "candidate"),
            )
    return model


def _factor(xp: Any, n_candidates: int, contrast: Any, common: Any) -> Any:
    """Symmetric root of the inverse of (ν - M - 1) S."""
    mean = np.full((n_candidates, n_candidates), 1 / n_candidates)
    inverse = (np.eye(n_candidates) - mean) / xp.sqrt(contrast + FLOOR)
    return (inverse + mean / xp.sqrt(common * (n_candidates + 1) + FLOOR)) / np.sqrt(DEGREES - 1)


def _mean(draw: dict[str, Any], data: Data, rows: Any) -> Any:
    """[rows, M] expected half outcomes given a posterior draw."""
    ability = draw["level"] + draw["quality"]
    within = data.within[rows]
    if not within.shape[-1]:
        return ability + within.sum(axis=-1)
    mean = ability + data.between @ draw["between"] + within @ draw["within"]
    return mean + (data.z[rows] @ draw["query_coefficient"])[:, None]


def predict(key: Any, draw: dict[str, Any], data: Data) -> Any:
    """[N, M, K] outcome probabilities of every cell given a posterior draw, cells independent."""
    from bayessel.models.distributions.halves import outcome_law

    return outcome_law(0.5 + _mean(draw, data, slice(None)), draw["drawing"])


def complete(key: Any, draw: dict[str, Any], data: Data, outcome: Any) -> Any:
    """[M, K] losses, draws and wins of a completed population, candidates of a row together.

    Judged cells count as they are; the sum over unjudged rows is normal; the unjudged cells of a
    row judged in part are drawn given its judged ones. Of the cells that the points allow to be
    draws, ``drawing`` are.
    """
    import jax.numpy as jnp
    from jax import random

    from bayessel.models.distributions.halves import completed

    n, m = outcome.shape
    mean, covariance = _mean(draw, data, slice(None)), draw["covariance"]
    of_all, of_rows = random.split(key)
    judged = jnp.abs(outcome) <= 1
    free = ~judged.any(axis=1)
    root = jnp.linalg.cholesky(covariance)
    unit = random.normal(of_all, (m,), dtype=mean.dtype)
    half = jnp.where(free[:, None], mean, 0.0).sum(axis=0) + jnp.sqrt(free.sum()) * (root @ unit)
    if len(data.part):
        part, row = data.outcome[data.part], data.row[data.part]
        known = jnp.abs(part) <= 1
        in_part = ~known
        both = known[:, :, None] & known[:, None, :]
        given = jnp.where(both, covariance, jnp.eye(m))
        cross = jnp.where(known[:, :, None] & in_part[:, None, :], covariance, 0.0)
        slope = jnp.linalg.solve(given, cross)  # [R, judged, unjudged]
        residual = jnp.where(known, part / 2 - mean[row], 0.0)
        own = jnp.where(in_part[:, :, None] & in_part[:, None, :], covariance, jnp.eye(m))
        left = own - jnp.swapaxes(slope, 1, 2) @ cross
        noise = random.normal(of_rows, (len(row), m, 1), dtype=mean.dtype)
        value = (
            jnp.swapaxes(slope, 1, 2) @ residual[..., None] + jnp.linalg.cholesky(left) @ noise
        )[..., 0]
        half = half + jnp.where(in_part, mean[row] + value, 0.0).sum(axis=0)
    counts = jnp.stack([(outcome == k).sum(axis=0) for k in (-1, 0, 1)], axis=-1)
    return completed(counts, half, draw["drawing"], n)


def replicate(key: Any, draw: dict[str, Any], data: Data, probs: Any) -> Any:
    """[R, M] outcomes of rows of these probabilities [R, M, K], candidates of a row together.

    A Gaussian copula: each cell has its probabilities, and a row's cells the correlations of Σ.
    """
    import jax.numpy as jnp
    from jax import random
    from jax.scipy.special import ndtr

    covariance = draw["covariance"]
    unit = random.normal(key, probs.shape[:2], dtype=probs.dtype)
    shared = unit @ jnp.linalg.cholesky(covariance).T / jnp.sqrt(jnp.diagonal(covariance))
    u = ndtr(shared)
    return jnp.where(u < probs[..., 0], -1, jnp.where(u < probs[..., 0] + probs[..., 1], 0, 1))


def log_likelihood(draw: dict[str, Any], data: Data) -> Any:
    """[R] log probability of a judged row: the normal vector, held to outcomes in halves.

    Cell by cell given those before it: the normal density at -1/2, 0 and 1/2, scaled to sum to 1.
    It is so a probability, as other models'. What was fitted is :func:`log_density`.
    """
    import jax.numpy as jnp
    from jax.scipy.special import logsumexp

    judged, unit, sd = _cell_by_cell(draw, data)
    half = jnp.where(judged, data.outcome, 0) / 2
    given_before = half - sd * unit
    at = -0.5 * ((jnp.array([-0.5, 0.0, 0.5])[:, None, None] - given_before) / sd) ** 2
    log_p = -0.5 * unit**2 - logsumexp(at, axis=0)
    return jnp.where(judged, log_p, 0.0).sum(axis=1)


def log_density(draw: dict[str, Any], data: Data) -> Any:
    """[R] log density of a judged row, as it was fitted, but for a constant."""
    import jax.numpy as jnp

    judged, unit, sd = _cell_by_cell(draw, data)
    return jnp.where(judged, -0.5 * unit**2 - jnp.log(sd), 0.0).sum(axis=1)


def _cell_by_cell(draw: dict[str, Any], data: Data) -> tuple[Any, Any, Any]:
    """[R, M] whether a cell is judged, its residual given those before it, and that one's sd.

    The residual is in units of the sd; both are of no meaning where a cell is not judged.
    """
    import jax.numpy as jnp
    from jax.scipy.linalg import solve_triangular

    judged = jnp.abs(data.outcome) <= 1
    residual = jnp.where(judged, data.outcome / 2 - _mean(draw, data, data.row), 0.0)
    root = jnp.linalg.cholesky(draw["covariance"])
    sd = jnp.broadcast_to(jnp.diagonal(root), residual.shape)
    unit = solve_triangular(root, residual.T, lower=True).T
    if len(data.part):
        known = judged[data.part]
        both = known[:, :, None] & known[:, None, :]
        roots = jnp.linalg.cholesky(jnp.where(both, draw["covariance"], jnp.eye(len(root))))
        alone = solve_triangular(roots, residual[data.part][..., None], lower=True)[..., 0]
        unit = unit.at[data.part].set(alone)
        sd = sd.at[data.part].set(jnp.diagonal(roots, axis1=1, axis2=2))
    return judged, unit, sd
