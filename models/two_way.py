r"""Two ways: half an outcome is a candidate's ability, plus the query's effect, plus noise.

Source: the crossed random-effects model of a table with two factors, most of whose cells are empty
(Searle, Casella and McCulloch 1992, Variance Components; Gao and Owen 2017), as a working model of
a finite population. With y[q,j] half the outcome, -1/2 for a loss, 0 for a draw, 1/2 for a win::

    y[q,j]    ~ Normal(ability_j + Σ within · w[q,j] + effect_q, √variance_j)
    ability_j ~ Normal(level + Σ between · x̄[j], sd_quality)
    effect_q  ~ Normal(0, sd_query)
    variance_j ~ InverseGamma(SHAPE, (SHAPE - 1) (noise + FLOOR))           mean noise + FLOOR
    number of draws ~ Binomial(most that the points allow, drawing)

It is made for cells: a query tells of the few candidates that are judged on it, and what they have
in common, the query's effect, drops out of their difference. A candidate that nearly always wins
has a small variance, hence one for each candidate, drawn together by ``noise``.
FLOOR keeps the variances from vanishing where all outcomes so far are alike: outcomes come in
halves.

x[q,j] are what weak judges say, x̄[j] a candidate's mean over all queries and w[q,j] the rest of
it. Whether candidates that a weak judge likes are better (between), and whether the responses that
it likes are a candidate's better ones (within), are learned apart, for three kinds of weak judges
(:data:`KINDS`). Text statistics and scores of given weak judges are deviations from the query's
mean, standardised, and their slopes start at 0; those of text statistics are small. A given weak
judge that says verdicts is read in halves, as outcomes are. Its slopes start above 0: it is more
often right than wrong until the calls say otherwise. Several given weak judges of one kind share
the prior (:data:`SHARED`): it is that of the sum of their slopes, so a judge that is given several
times counts once. A cell of which a weak judge says nothing takes the candidate's mean, plus what a
verdict judge says of the query; the mean of few cells is drawn towards the mean of all.

Outcomes are not normal, and win rates, means of many of them, nearly are: the estimand is linear in
y, so what the model gets wrong of single outcomes hardly matters. Given the variances and the two
standard deviations everything is normal, so posterior draws and the value of a cell are closed
forms (``bayessel.inference.two_way``).

The estimand is the finite population: judged cells count as they are; ``F = argmax_j WR_j``. Of a
noisy judge it is what the judge is expected to say. ``verdict_noise`` is the variance of half an
outcome of a cell that is asked once, given the cell; it is known, from cells that were asked twice
(``bayessel.inference.judges``), because single verdicts do not tell it from ``variance``. With k
the share of the variance that is not noise, a judged cell is, given the rest, ::

    Normal(mean + k (y - mean), √(k (1 - k) variance_j)),   k = 1 - verdict_noise / mean of variance

and an unjudged one Normal(mean, √(k variance_j)); ``verdict_noise`` is 0 where nothing is said.
Outcome probabilities of a cell, for predictive checks, take its expected points and spread draws
over them by ``drawing``, cells independent given the query's effect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from bayessel.priors import Prior

if TYPE_CHECKING:
    from bayessel.inference.evidence import Evidence

PRIORS = {
    "level": Prior("Normal", {"loc": 0.0, "scale": 0.5}),
    "sd_quality": Prior("HalfNormal", {"scale": 0.2}),
    "sd_query": Prior("HalfNormal", {"scale": 0.3}),
    "noise": Prior("Gamma", {"concentration": 4.0, "rate": 32.0}),
    "text_between": Prior("Normal", {"loc": 0.0, "scale": 0.02}),
    "text_within": Prior("Normal", {"loc": 0.0, "scale": 0.03}),
    "score_between": Prior("Normal", {"loc": 0.0, "scale": 0.3}),
    "score_within": Prior("Normal", {"loc": 0.0, "scale": 0.1}),
    "verdict_between": Prior("Normal", {"loc": 0.7, "scale": 0.4}),
    "verdict_within": Prior("Normal", {"loc": 0.3, "scale": 0.3}),
    "drawing": Prior("Beta", {"concentration1": 1.0, "concentration0": 1.0}),
    "verdict_noise": Prior("Fixed", {"value": 0.0}),
}

DIMS = {
    "ability": ("candidate",),
    "variance": ("candidate",),
    "effect": ("query",),
    **{
        f"{kind}_{slope}": (f"{kind}_feature",)
        for kind in ("text", "score", "verdict")
        for slope in ("between", "within")
    },
}

KINDS = ("text", "score", "verdict")
"""Kinds of weak judges, in the order of the features: text statistics, given scores, verdicts."""

SHARED = ("score_between", "score_within", "verdict_between", "verdict_within")
"""Priors of the sum of slopes over the weak judges of a kind; see :meth:`.Prior.shared`.

With independent priors of their own, judges that make the same mistakes would count as so many
witnesses before the first call.
"""

READS_TEXTS = False
"""Text statistics are read only where they are named: they told little, and cost calls."""

READS_GIVEN = True
"""Given weak judges are read as they are, with gaps, and not as text statistics."""

SHAPE = 20.0
"""How alike the variances of the candidates are: ``variance_j`` is known as from 2 SHAPE cells."""

FLOOR = 0.02
"""Mean variance of a cell that is left where ``noise`` is 0: that of rounding to halves."""

LEAST = 1e-3
"""Smallest standard deviation of qualities and of query effects that the sampler visits."""


class Data(NamedTuple):
    """What the program reads.

    Attributes
    ----------
    outcome
        [R, M] outcomes of the queries with a judged cell, ``MISSING`` where a cell is not judged.
    row
        [R] their positions; N where a slot is free.
    within
        By kind, [N, M, P] what weak judges of that kind say of a cell, less the candidate's mean.
    between
        By kind, [M, P] the candidates' means.
    n_draws, most_draws
        Draws among the judged cells, and the most that the candidates' points allow.
    verdict_noise
        Variance of half an outcome of a cell that is the judge's noise.
    """

    outcome: Any
    row: Any
    within: dict[str, Any]
    between: dict[str, Any]
    n_draws: Any
    most_draws: Any
    verdict_noise: Any = 0.0


def prepare(evidence: Evidence) -> Data:
    """Lay the evidence out for the programs."""
    wins, losses = ((evidence.outcome == k).sum(axis=0) for k in (1, -1))
    n_draws = int((evidence.outcome == 0).sum())
    most = int((n_draws + wins.sum() + losses.sum()) - np.abs(wins - losses).sum())
    said = {kind: evidence.given.parts_of(kind) for kind in ("score", "verdict")}
    return Data(
        evidence.row_outcome,
        evidence.rows,
        {"text": evidence.signals.within} | {kind: of.within for kind, of in said.items()},
        {"text": evidence.signals.between} | {kind: of.between for kind, of in said.items()},
        np.asarray(n_draws),
        np.asarray(most),
        np.asarray(evidence.verdict_noise),
    )


def prior_of_each(name: str, priors: dict[str, Prior], count: int) -> Prior:
    """Prior of each of the ``count`` elements of a site, such as the slopes of a kind."""
    return priors[name].shared(count) if name in SHARED else priors[name]


def numpyro_model(data: Data, priors: dict[str, Prior] = PRIORS) -> None:
    """NumPyro program; abilities and query effects are non-centred."""
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist

    (n_rows, n_candidates), row = data.outcome.shape, data.row

    used = [kind for kind in KINDS if data.between[kind].shape[1]]  # a plate cannot be empty

    def slopes(name: str, count: int) -> Any:
        with numpyro.plate(f"{name}_feature", count):
            return prior_of_each(name, priors, count).numpyro(name) * jnp.ones(count)

    expected = jnp.full(n_candidates, priors["level"].numpyro("level"))
    for kind in used:
        x = data.between[kind]
        expected = expected + x @ slopes(f"{kind}_between", x.shape[1])
    sd_quality = priors["sd_quality"].numpyro("sd_quality")
    noise = priors["noise"].numpyro("noise")
    with numpyro.plate("candidate", n_candidates):
        unit = numpyro.sample("ability_unit", dist.Normal(0.0, 1.0))
        variance = numpyro.sample(
            "variance", dist.InverseGamma(SHAPE, (SHAPE - 1) * (noise + FLOOR))
        )
    ability = numpyro.deterministic("ability", expected + sd_quality * unit)
    sd_query = priors["sd_query"].numpyro("sd_query")
    effect_unit = numpyro.sample("effect_unit", dist.Normal(0.0, 1.0).expand([n_rows]).to_event(1))
    effect = numpyro.deterministic("effect", sd_query * effect_unit)
    drawing = priors["drawing"].numpyro("drawing")
    numpyro.sample("draws", dist.Binomial(data.most_draws, drawing), obs=data.n_draws)
    within = {kind: slopes(f"{kind}_within", data.between[kind].shape[1]) for kind in used}
    if not n_rows:
        return
    mean = ability + effect[:, None]
    for kind in used:
        mean = mean + data.within[kind][row] @ within[kind]
    judged = jnp.abs(data.outcome) <= 1
    with numpyro.plate("query", n_rows, dim=-2), numpyro.plate("cell", n_candidates, dim=-1):
        cell = dist.Normal(mean, jnp.sqrt(variance)).mask(judged)
        numpyro.sample("outcome", cell, obs=jnp.where(judged, data.outcome, 0) / 2)


def pymc_model(data: Data, priors: dict[str, Prior] = PRIORS) -> Any:
    """PyMC twin of :func:`numpyro_model`; returns the ``pymc.Model``."""
    import pymc as pm
    import pytensor.tensor as pt

    (n_rows, n_candidates), row = data.outcome.shape, data.row
    used = [kind for kind in KINDS if data.between[kind].shape[1]]
    q, j = np.nonzero(np.abs(data.outcome) <= 1)
    coords = {
        "candidate": range(n_candidates),
        "query": range(n_rows),
        "cell": range(len(q)),
        **{f"{kind}_feature": range(data.between[kind].shape[1]) for kind in KINDS},
    }

    def slopes(name: str, kind: str) -> Any:
        count = data.between[kind].shape[1]
        return prior_of_each(name, priors, count).pymc(name, f"{kind}_feature")

    with pm.Model(coords=coords) as model:
        expected = priors["level"].pymc("level") * np.ones(n_candidates)
        for kind in used:
            slope = slopes(f"{kind}_between", kind)
            expected = expected + data.between[kind] @ slope
        sd_quality = priors["sd_quality"].pymc("sd_quality")
        noise = priors["noise"].pymc("noise")
        unit = pm.Normal("ability_unit", 0.0, 1.0, dims="candidate")
        variance = pm.InverseGamma(
            "variance", SHAPE, (SHAPE - 1) * (noise + FLOOR), dims="candidate"
        )
        ability = pm.Deterministic("ability", expected + sd_quality * unit, dims="candidate")
        sd_query = priors["sd_query"].pymc("sd_query")
        effect_unit = pm.Normal("effect_unit", 0.0, 1.0, dims="query")
        effect = pm.Deterministic("effect", sd_query * effect_unit, dims="query")
        drawing = priors["drawing"].pymc("drawing")
        pm.Binomial("draws", n=data.most_draws, p=drawing, observed=data.n_draws)
        mean = ability[j] + effect[q]
        for kind in used:
            mean = mean + data.within[kind][row[q], j] @ slopes(f"{kind}_within", kind)
        if len(q):
            pm.Normal(
                "outcome",
                mean,
                pt.sqrt(variance)[j],
                observed=data.outcome[q, j] / 2,
                dims="cell",
            )
    return model


def _mean(draw: dict[str, Any], data: Data, rows: Any) -> Any:
    """[rows, M] expected half outcomes given a posterior draw, query effects left out."""
    import jax.numpy as jnp

    mean = jnp.broadcast_to(draw["ability"], data.within["text"][rows].shape[:-1])
    for kind in KINDS:
        if f"{kind}_within" in draw:
            mean = mean + data.within[kind][rows] @ draw[f"{kind}_within"]
    return mean


def _effects(key: Any, draw: dict[str, Any], data: Data) -> Any:
    """[N] query effects: those of the opened queries as drawn, the others new."""
    from jax import random

    unit = random.normal(key, (len(data.within["text"]),), dtype=draw["ability"].dtype)
    return (draw["sd_query"] * unit).at[data.row].set(draw["effect"], mode="drop")


def predict(key: Any, draw: dict[str, Any], data: Data) -> Any:
    """[N, M, K] outcome probabilities of every cell given a posterior draw.

    Opened queries keep their effects, the others get new ones from ``key``.
    """
    from bayessel.models.distributions.halves import outcome_law

    return outcome_law(
        0.5 + _mean(draw, data, slice(None)) + _effects(key, draw, data)[:, None], draw["drawing"]
    )


def complete(key: Any, draw: dict[str, Any], data: Data, outcome: Any) -> Any:
    """[M, K] losses, draws and wins of a completed population.

    Judged cells count as they are, of a noisy judge's a share; what is left to a candidate's other
    cells is normal. Of the
    cells that the points allow to be draws, ``drawing`` are.
    """
    import jax.numpy as jnp
    from jax import random

    from bayessel.models.distributions.halves import completed

    of_queries, of_cells = random.split(key)
    judged = jnp.abs(outcome) <= 1
    mean = _mean(draw, data, slice(None)) + _effects(of_queries, draw, data)[:, None]
    share = 1 - jnp.minimum(data.verdict_noise / draw["variance"].mean(), 1.0)
    counts = jnp.stack([(outcome == k).sum(axis=0) for k in (-1, 0, 1)], axis=-1) * share
    unjudged = len(outcome) - counts.sum(axis=-1)
    unit = random.normal(of_cells, unjudged.shape, dtype=mean.dtype)
    half = jnp.where(judged, 1 - share, 1.0) * mean
    half = half.sum(axis=0) + jnp.sqrt(unjudged * share * draw["variance"]) * unit
    return completed(counts, half, draw["drawing"], len(outcome))


def log_likelihood(draw: dict[str, Any], data: Data) -> Any:
    """[R] log probability of a query's judged cells, its effect integrated out.

    Cell by cell given those before it: the normal density at -1/2, 0 and 1/2, scaled to sum to 1.
    It is so a probability, as other models'. What was fitted is :func:`log_density`.
    """
    return _of_rows(draw, data)[0]


def log_density(draw: dict[str, Any], data: Data) -> Any:
    """[R] log density of a query's judged cells as it is fitted, but for a constant."""
    return _of_rows(draw, data)[1]


def _of_rows(draw: dict[str, Any], data: Data) -> tuple[Any, Any]:
    """[R] log probability and log density of the judged cells, query effects integrated out."""
    import jax
    import jax.numpy as jnp
    from jax.scipy.special import logsumexp

    judged = jnp.abs(data.outcome) <= 1
    half = jnp.where(judged, data.outcome, 0) / 2
    residual = half - _mean(draw, data, data.row)
    levels = jnp.array([-0.5, 0.0, 0.5])

    def cell(carry: Any, inputs: Any) -> tuple[Any, Any]:
        mean, var = carry  # of the query's effect given the cells before
        value, e, known, noise = inputs
        spread = var + noise
        at = -0.5 * (levels[:, None] - (value - e + mean)) ** 2 / spread
        own = -0.5 * (e - mean) ** 2 / spread
        found = own - logsumexp(at, axis=0), own - 0.5 * jnp.log(spread)
        gain = var / spread
        moved = (mean + gain * (e - mean), var * (1 - gain))
        kept = tuple(jnp.where(known, new, old) for new, old in zip(moved, carry, strict=True))
        return kept, tuple(jnp.where(known, one, 0.0) for one in found)

    start = (jnp.zeros(len(half)), jnp.full(len(half), draw["sd_query"] ** 2))
    by_cell = (half.T, residual.T, judged.T, draw["variance"])
    log_p, log_f = jax.lax.scan(cell, start, by_cell)[1]
    return log_p.sum(axis=0), log_f.sum(axis=0)
