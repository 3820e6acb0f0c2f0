r"""The two-parameter likelihood of LLM SELECTOR as a generative model.

Source: Durmazkeser et al., arXiv 2510.09418. The paper describes the best candidate F by two
presets, eps_loss and eps_draw: the probabilities that its response loses to, or draws with, the
baseline's. Here both have a prior, and so has F; the other candidates have outcome rates of their
own, each with a lower win rate than the best's; and the weak judges' votes v[q,j], the majority of
their families, are noisy copies of the outcomes, known for every query::

    F      ~ Categorical(1/M, ..., 1/M)                 which candidate is best; or favouring some
    eps    ~ Dirichlet(a)                               its outcome rates (loss, draw, win)
    worse_j    = logistic(worse_level + worse_spread · w_j)         w_j ~ Normal(0, 1)
    drawing_j  = logistic(drawing_level + drawing_spread · d_j)     d_j ~ Normal(0, 1)
    WR(rho_j)  = worse_j · WR(eps)                      WR = win + draw / 2: below the best's
    draw(rho_j) = drawing_j · 2 min(WR(rho_j), 1 - WR(rho_j))     of the most that fits
    Y[q,j] | F = j   ~ Categorical(eps)
    Y[q,j] | F != j  ~ Categorical(rho_j)
    v[q,j] | Y = y   ∝ base[v] · exp((reliability · s_y + leaning_j) · s_v)
    leaning_j ~ Normal(0, sd_leaning)

with s = (-1, 0, 1) the value of loss, draw, win and base the votes' frequencies in the task. The
reliability is shared by all cells and learned; below 0 the votes point the wrong way. It stands for
the weak judges' reliability over the temperature that their correlation calls for, of which only
the ratio can be learned. Weak judges may favour a candidate for its style, whatever its quality;
leaning_j says so, and keeps the unjudged cells' votes, which outnumber the judgments a
hundredfold, from deciding who is best. Unjudged outcomes and F are summed out, so NUTS runs on the
continuous part.

A few candidates nearly as good as the best and many that hardly ever draw: shares near 1 and 0 are
common. On the logistic scale their normal tails are short; a Beta's are not, and no sampler gets to
the end of them. The scale of the leanings is log-normal, which keeps it away from 0: where nothing
tells the leanings apart from 0 their posterior would narrow to a point that a sampler gets lost in.

The posterior of F given the parameters is ``p_f``. F is the candidate that eps belong to, were
there queries without end; the best of the N queries, of which ``p_best`` speaks, is the one with
the highest win rate over them. Given the parameters and F a win rate over the N queries counts
judged cells as they are and predicts the others from eps, rho and the votes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from bayessel.outcomes import NAMES
from bayessel.priors import Prior

if TYPE_CHECKING:
    from bayessel.inference.evidence import Evidence

PRIORS = {
    "F": Prior("Categorical", {"weights": {}, "other": 1.0}),
    "eps": Prior("Dirichlet", {"concentration": (1.0, 1.0, 1.0)}),
    "worse_level": Prior("Normal", {"loc": 0.0, "scale": 1.5}),
    "worse_spread": Prior("HalfNormal", {"scale": 1.5}),
    "drawing_level": Prior("Normal", {"loc": 0.0, "scale": 1.5}),
    "drawing_spread": Prior("HalfNormal", {"scale": 1.5}),
    "reliability": Prior("Normal", {"loc": 0.0, "scale": 1.0}),
    "sd_leaning": Prior("LogNormal", {"loc": -1.0, "scale": 0.7}),
}

VARIANTS = {
    "paper": {"rho_shared": Prior("Fixed", {"value": (1 / 3, 1 / 3, 1 / 3)})},
    "shared-rate": {"rho_shared": Prior("Dirichlet", {"concentration": (1.0, 1.0, 1.0)})},
}
"""What ``rho_shared`` replaces: all others alike, without votes.

``dual_parameter:paper`` is the paper's likelihood exactly, the others at 1/3 each. In
``dual_parameter:shared-rate`` one rate shared by all others is learned. It is wrong, and kept for
the checks to catch: 'best' is then whoever is least like the others, and that is the worst.
"""

REPLACED = {"rho_shared": ("worse_", "drawing_", "reliability", "sd_leaning")}
"""Priors that a variant's prior makes void, by their beginnings."""

DIMS = {
    "eps": ("outcome",),
    "rho": ("candidate", "outcome"),
    "worse": ("candidate",),
    "drawing": ("candidate",),
    "leaning": ("candidate",),
    "tilt": ("candidate",),
    "rho_shared": ("outcome",),
}

SCORES = (-1.0, 0.0, 1.0)
"""Value s of loss, draw and win, as outcomes and as votes."""

LEAST = 1e-30
"""Rates below it count as it: 0 times the log of 0 would not be a number."""

MOST_TILT = 30.0
"""Tilts of votes beyond it count as it, for the same reason."""


class Data(NamedTuple):
    """What the program reads.

    Attributes
    ----------
    counts
        [M, V, K + 1] cells by candidate, vote (-1, 0, 1) and outcome; the last are not judged.
    base
        [V] frequencies of the votes.
    level
        [N, M] vote of each cell as a position on the axis V.
    outcome
        [R, M] outcomes of the judged queries, ``MISSING`` where a cell is not judged.
    row
        [R] their positions; N where a slot is free.
    log_prior
        [M] log prior probabilities of F.
    """

    counts: Any
    base: Any
    level: Any
    outcome: Any
    row: Any
    log_prior: Any


def prepare(evidence: Evidence) -> Data:
    """Count the cells."""
    level = evidence.signals.vote_level
    total = evidence.signals.vote_counts
    counts = evidence.counts(level, len(SCORES), total).astype(float)
    base = counts.sum(axis=(0, 2)) + 1.0
    return Data(
        counts,
        base / base.sum(),
        level,
        evidence.row_outcome,
        evidence.rows,
        np.log(evidence.prior_f),
    )


def numpyro_model(data: Data, priors: dict[str, Prior] = PRIORS) -> None:
    """NumPyro program, F and the unjudged outcomes summed out."""
    import jax
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist

    n_candidates = data.counts.shape[0]
    candidates = numpyro.plate("candidate", n_candidates)

    def shares(name: str) -> Any:
        level = priors[f"{name}_level"].numpyro(f"{name}_level")
        spread = priors[f"{name}_spread"].numpyro(f"{name}_spread")
        with candidates:
            unit = numpyro.sample(f"{name}_unit", dist.Normal(0.0, 1.0))
        return numpyro.deterministic(name, jax.nn.sigmoid(level + spread * unit))

    eps = priors["eps"].numpyro("eps")
    if "rho_shared" in priors:  # all others alike, votes ignored
        rho = jnp.broadcast_to(
            priors["rho_shared"].numpyro("rho_shared"), (n_candidates, len(SCORES))
        )
        vote = None
    else:
        rho = others(jnp, eps, shares("worse"), shares("drawing"))
        reliability = priors["reliability"].numpyro("reliability")
        sd = priors["sd_leaning"].numpyro("sd_leaning")
        expected, w = reliability * (rho[:, 2] - rho[:, 0]), centring(data)
        with candidates:
            tilt = numpyro.sample("tilt", dist.Normal(w * expected, sd**w))
        leaning = numpyro.deterministic("leaning", sd ** (1 - w) * (tilt - w * expected))
        vote = _votes(jnp, data.base, reliability, leaning)
    log_other, log_f = _log_likelihoods(jnp, data, eps, rho, vote)
    log_f = log_f + data.log_prior
    numpyro.deterministic("rho", rho)
    numpyro.deterministic("eps_loss", eps[0])
    numpyro.deterministic("eps_draw", eps[1])
    numpyro.deterministic("p_f", jax.nn.softmax(log_f))
    numpyro.factor("outcome", jax.nn.logsumexp(log_f) + jnp.sum(log_other))


def pymc_model(data: Data, priors: dict[str, Prior] = PRIORS) -> Any:
    """PyMC twin of :func:`numpyro_model`; returns the ``pymc.Model``."""
    import pymc as pm
    import pytensor.tensor as pt

    n_candidates = data.counts.shape[0]

    def shares(name: str) -> Any:
        level = priors[f"{name}_level"].pymc(f"{name}_level")
        spread = priors[f"{name}_spread"].pymc(f"{name}_spread")
        unit = pm.Normal(f"{name}_unit", 0.0, 1.0, dims="candidate")
        return pm.Deterministic(name, pm.math.sigmoid(level + spread * unit), dims="candidate")

    # PyMC wants no dimension called as a variable, `outcome`
    with pm.Model(coords={"candidate": range(n_candidates), "outcome_level": NAMES}) as model:
        eps = priors["eps"].pymc("eps", dims="outcome_level")
        if "rho_shared" in priors:
            shared = priors["rho_shared"].pymc("rho_shared", dims="outcome_level")
            rho = pt.ones((n_candidates, 1)) * shared
            vote = None
        else:
            rho = others(pt, eps, shares("worse"), shares("drawing"))
            reliability = priors["reliability"].pymc("reliability")
            sd = priors["sd_leaning"].pymc("sd_leaning")
            expected, w = reliability * (rho[:, 2] - rho[:, 0]), centring(data)
            tilt = pm.Normal("tilt", w * expected, sd**w, dims="candidate")
            leaning = sd ** (1 - w) * (tilt - w * expected)
            leaning = pm.Deterministic("leaning", leaning, dims="candidate")
            vote = _votes(pt, data.base, reliability, leaning)
        log_other, log_f = _log_likelihoods(pt, data, eps, rho, vote)
        log_f = log_f + data.log_prior
        pm.Deterministic("rho", rho, dims=("candidate", "outcome_level"))
        pm.Deterministic("eps_loss", eps[0])
        pm.Deterministic("eps_draw", eps[1])
        pm.Deterministic("p_f", pm.math.softmax(log_f), dims="candidate")
        # a Potential: F, which ties all cells together, and unjudged outcomes are summed out
        pm.Potential("outcome", pt.logsumexp(log_f) + log_other.sum())
    return model


def others(xp: Any, eps: Any, worse: Any, drawing: Any) -> Any:
    """[M, K] outcome rates rho of candidates that are not the best.

    Parameters
    ----------
    xp
        ``jax.numpy`` or ``pytensor.tensor``.
    eps
        [K] rates of the best.
    worse
        [M] win rates as shares of the best's.
    drawing
        [M] draw rates as shares of the most that the win rates allow.
    """
    win_rate = worse * (eps[2] + eps[1] / 2)
    half_draw = drawing * xp.minimum(win_rate, 1 - win_rate)
    return xp.stack([1 - win_rate - half_draw, 2 * half_draw, win_rate - half_draw], axis=-1)


def votes_given_outcome(xp: Any, base: Any, reliability: Any, leaning: Any) -> Any:
    """[M, V, K] probabilities of a vote of each candidate given the outcome.

    Parameters
    ----------
    xp
        ``jax.numpy`` or ``pytensor.tensor``.
    base
        [V] frequencies of the votes.
    reliability
        Above 0 where votes tend to be right.
    leaning
        [M] of the weak judges towards a candidate.
    """
    by_outcome = _votes(xp, base, reliability, leaning)
    columns = [
        xp.stack([base[v] * weight[v] / norm for v in range(len(SCORES))], axis=-1)
        for _, weight, norm in by_outcome
    ]
    return xp.stack(columns, axis=-1)


def _votes(xp: Any, base: Any, reliability: Any, leaning: Any) -> list[tuple[Any, list[Any], Any]]:
    """For each outcome [M] its tilt, weights of each vote over its frequency, and their norm.

    Outcomes and votes are few and candidates many: arithmetic on arrays [M], one after the other,
    is the fastest.
    """
    found = []
    for score in SCORES:
        tilt = xp.clip(reliability * score + leaning, -MOST_TILT, MOST_TILT)
        up = xp.exp(tilt)
        down = 1 / up
        norm = base[0] * down + base[1] + base[2] * up
        found.append((tilt, [down, 1.0, up], norm))
    return found


def centring(data: Data) -> Any:
    """From 0 to 1: how far the leanings are centred.

    The votes say a leaning's sum with what quality explains of them, ``tilt = leaning +
    reliability · (win - loss)``, whatever the other parameters are, and the more surely the more
    votes there are. It is sampled as it is where votes tell nearly all, in units of the leanings'
    scale where they tell nothing, and in between else (Papaspiliopoulos et al. 2007).
    """
    score = np.array(SCORES)
    variance = (data.base * score**2).sum() - (data.base * score).sum() ** 2
    information = variance * data.counts.sum() / data.counts.shape[0]
    return information / (information + 20.0)


def _log(xp: Any, probs: Any) -> Any:
    return xp.log(xp.maximum(probs, LEAST))


def _log_likelihoods(xp: Any, data: Any, eps: Any, rho: Any, vote: Any) -> tuple[Any, Any]:
    """[M] log likelihoods if a candidate is not the best, and how much more they are if it is.

    Of its judged cells and, where there are any, of the votes on all its cells.

    Parameters
    ----------
    xp
        ``jax.numpy`` or ``pytensor.tensor``.
    data
        See :class:`Data`.
    eps
        [K] outcome rates of the best.
    rho
        [M, K] of the others.
    vote
        See :func:`_votes`; None where votes are ignored.
    """
    judged, unjudged = data.counts[:, :, :-1], data.counts[:, :, -1]
    number, each = judged.sum(axis=1), range(len(SCORES))
    log_best, log_rho = ([_log(xp, of[..., k]) for k in each] for of in (eps, rho))
    other = sum(number[:, k] * log_rho[k] for k in each)
    more = sum(number[:, k] * (log_best[k] - log_rho[k]) for k in each)
    if vote is None:
        return other, more
    balance = judged[:, 2] - judged[:, 0]  # of votes, by outcome
    other = other + data.counts.sum(axis=2) @ xp.log(data.base)
    for k, (tilt, _, norm) in enumerate(vote):
        other = other + balance[:, k] * tilt - number[:, k] * xp.log(norm)
    best_share = [eps[k] / norm for k, (_, _, norm) in enumerate(vote)]
    share = [rho[:, k] / norm for k, (_, _, norm) in enumerate(vote)]
    for v in each:
        of_best = xp.log(sum(best_share[k] * vote[k][1][v] for k in each))
        of_other = xp.log(sum(share[k] * vote[k][1][v] for k in each))
        other = other + unjudged[:, v] * of_other
        more = more + unjudged[:, v] * (of_best - of_other)
    return other, more


def predict(key: Any, draw: dict[str, Any], data: Data) -> Any:
    """[V, M, K] outcome probabilities of a cell by its vote, given a posterior draw.

    F is drawn from ``p_f``; the best has the rates eps, the others rho.
    """
    import jax
    import jax.numpy as jnp

    best = jax.random.categorical(key, jnp.log(draw["p_f"]))
    is_best = jnp.arange(len(draw["p_f"])) == best
    rates = jnp.where(is_best[:, None], draw["eps"], draw["rho"])
    if "reliability" not in draw:
        rates = rates / rates.sum(axis=-1, keepdims=True)
        return jnp.broadcast_to(rates, (len(SCORES), *rates.shape))
    vote = _votes(jnp, data.base, draw["reliability"], draw["leaning"])
    share = [rates[:, k] / norm for k, (_, _, norm) in enumerate(vote)]
    found = []
    for v in range(len(SCORES)):
        weight = [share[k] * weights[v] for k, (_, weights, _) in enumerate(vote)]
        found.append(jnp.stack(weight, axis=-1) / sum(weight)[:, None])
    return jnp.stack(found)


def log_likelihood(draw: dict[str, Any], data: Data) -> Any:
    """[R] log p(Y[q,:] | draw, votes, the other judged queries), F summed out.

    With p the posterior of F given all the judged queries it is ``-log Σ_f p_f / p(Y[q,:] | F=f)``,
    which is what leaving the query out calls for.
    """
    import jax
    import jax.numpy as jnp

    vote = 1.0
    if "reliability" in draw:
        vote = votes_given_outcome(jnp, data.base, draw["reliability"], draw["leaning"])

    def cells(rates: Any) -> Any:  # [R, M] log probability of the outcome given the vote
        weight = jnp.broadcast_to(rates[..., None, :] * vote, (*data.counts.shape[:2], len(SCORES)))
        log_p = _log(jnp, weight / weight.sum(axis=-1, keepdims=True))
        judged = jnp.abs(data.outcome) <= 1
        found = log_p[
            jnp.arange(data.outcome.shape[1]),
            data.level[data.row],
            jnp.where(judged, data.outcome, 0) + 1,
        ]
        return jnp.where(judged, found, 0.0)

    best, other = cells(draw["eps"]), cells(draw["rho"])
    given_f = other.sum(axis=1, keepdims=True) + best - other
    return -jax.nn.logsumexp(jnp.log(draw["p_f"]) - given_f, axis=1)
