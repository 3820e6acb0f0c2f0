"""Closed forms: the engine for ``dual_parameter:paper``, and draws of independent rates.

The strategies of the paper use the independent rates; they are no model of their own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp

from bayessel.inference.draws import Draws
from bayessel.inference.engines.base import Sites
from bayessel.inference.load import Model
from bayessel.outcomes import MISSING, K, counts
from bayessel.priors import Prior

STEPS_PER_DRAW = 1


def refusal(model: Model) -> str | None:
    """See :meth:`.base.Engine.refusal`: ``dual_parameter:paper`` is fitted.

    That is ``dual_parameter`` with ``rho_shared`` known, and eps Dirichlet or known.
    """
    own = model.module.__name__ == "bayessel.models.dual_parameter"
    rho = model.priors.get("rho_shared")
    if own and rho is not None and rho.fixed:
        return None
    return (
        f"the engine exact has no closed form for {model.name}: it fits dual_parameter:paper "
        "(rho fixed, eps Dirichlet or fixed); use the engine numpyro or pymc"
    )


def sample(
    model: Model,
    data: Any,
    *,
    seed: int,
    chains: int = 4,
    draws: int = 1000,
    warmup: int = 0,
    progress: bool = False,
) -> tuple[Sites, Sites]:
    """See :meth:`.base.Engine.sample`; draws are independent.

    Given F = j, eps is Dirichlet(a + n_j); the other candidates' rates are known.
    """
    prior_eps, prior_rho = model.priors["eps"], model.priors["rho_shared"]
    rng = np.random.default_rng(seed)
    n = data.counts[..., :-1].sum(axis=1)
    m, size, log_rho = len(n), chains * draws, np.log(prior_rho.value)
    if prior_eps.fixed:
        eps = np.broadcast_to(prior_eps.value, (size, K))
    else:
        f = rng.choice(m, size=size, p=mixture_best(n, prior_eps, prior_rho.value, data.log_prior))
        gamma = rng.standard_gamma(np.asarray(prior_eps.parameters["concentration"]) + n[f])
        eps = gamma / gamma.sum(axis=1, keepdims=True)
    log_f = (np.log(eps) - log_rho) @ n.T + data.log_prior
    p_f = np.exp(log_f - logsumexp(log_f, axis=1, keepdims=True))
    rho = np.broadcast_to(prior_rho.value, (size, m, K))
    found = {
        "eps": eps,
        "rho_shared": rho[:, 0],
        "rho": rho,
        "p_f": p_f,
        "eps_loss": eps[:, 0],
        "eps_draw": eps[:, 1],
    }
    return {k: v.reshape(chains, draws, *v.shape[1:]).copy() for k, v in found.items()}, {}


def posterior_best(
    counts: NDArray[np.int64],
    eps: NDArray[np.float64],
    log_prior: NDArray[np.float64] | None = None,
    queries: int | None = None,
) -> NDArray[np.float64]:
    """Posterior over F for a preset eps, as in the paper (arXiv 2510.09418).

    ``log p(F=j | A) = const + log pi0_j + sum_{q in A} log eps[Y[q,j]]``

    The other candidates' 1/3 each cancel where all candidates have as many judged cells. Where some
    cells are missing, a candidate's sum has fewer terms, and the terms that it lacks count as 0
    would: a good candidate loses by it. With ``queries`` each missing cell of a judged query counts
    as the mean of the candidate's judged cells does, so that it neither costs nor favours; nothing
    changes where none is missing. Of a candidate without any judged cell nothing is known: 0.

    Parameters
    ----------
    counts
        [M, K] judged cells by candidate and outcome.
    eps
        [K] probabilities of loss, draw and win, all positive.
    log_prior
        [M]; uniform where None.
    queries
        Number of judged queries; None where cells that are not judged are to count as 0.

    Returns
    -------
    ndarray
        [M] probabilities.
    """
    logits: NDArray[np.float64] = counts.astype(float) @ np.log(np.asarray(eps) * K)
    if queries is not None:
        judged = counts.sum(axis=1)
        mean = np.divide(logits, judged, out=np.zeros_like(logits), where=judged > 0)
        logits = logits + (queries - judged) * mean
    if log_prior is not None:
        logits = logits + log_prior
    return np.exp(logits - logsumexp(logits))


def mixture_best(
    counts: NDArray[np.int64],
    prior: Prior,
    rho: NDArray[np.float64] | None = None,
    log_prior: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Posterior over F with a Dirichlet prior over eps and the others' rates known.

    ``p(F=j | A) ∝ pi0_j · B(a + n_j) / B(a) · Π_k rho[k]^(-n_j[k])``

    Parameters
    ----------
    counts
        [M, K]
    prior
        Dirichlet over eps.
    rho
        [K] rates of the others; 1/3 each where None.
    log_prior
        [M] of F; uniform where None.

    Returns
    -------
    ndarray
        [M] probabilities. Given F = j, eps ~ Dirichlet(a + n_j).
    """
    a = np.asarray(prior.parameters["concentration"])
    rho = np.full(K, 1 / K) if rho is None else rho
    logits = _log_beta(a + counts) - _log_beta(a) - counts @ np.log(rho)
    if log_prior is not None:
        logits = logits + log_prior
    return np.exp(logits - logsumexp(logits))


def _log_beta(a: NDArray[np.float64]) -> NDArray[np.float64]:
    return gammaln(a).sum(axis=-1) - gammaln(a.sum(axis=-1))


FLAT = Prior("Dirichlet", {"concentration": (1.0, 1.0, 1.0)})
"""Prior over the outcome rates of a candidate of which nothing is known."""


def independent_rates(
    rng: np.random.Generator, outcome: NDArray[np.int8], prior: Prior = FLAT, draws: int = 1000
) -> Draws:
    """Independent posterior draws where each candidate's rates are its own.

    ``rates_j ~ Dirichlet(a)``, judged cells Categorical(rates_j): the posterior is
    Dirichlet(a + n_j), and the outcomes of the unjudged cells are multinomial.

    Parameters
    ----------
    rng
        Randomness.
    outcome
        [N, M] judgments, ``MISSING`` elsewhere.
    prior
        Dirichlet over the rates.
    draws
        S.
    """
    a = np.asarray(prior.parameters["concentration"])
    n = counts(outcome)
    gamma = rng.standard_gamma(a + n, size=(draws, *n.shape))
    drawn = rng.multinomial((outcome == MISSING).sum(axis=0), gamma / gamma.sum(-1, keepdims=True))
    return Draws.of_counts(n + drawn)
