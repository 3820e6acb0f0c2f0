"""Exact inference: closed forms and enumeration over F where a model has them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp

from bayessel.errors import DataError
from bayessel.inference.draws import Draws
from bayessel.inference.load import Model
from bayessel.outcomes import MISSING, K, counts
from bayessel.priors import Prior


# ------------------------------------------------------------------ dual_parameter:paper
def sample(
    model: Model,
    data: Any,
    *,
    seed: int,
    chains: int = 4,
    draws: int = 1000,
    progress: bool = False,
) -> tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
    """Independent draws from the posterior of ``dual_parameter:paper``.

    Given F = j, eps is Dirichlet(a + n_j); the other candidates' rates are known.

    Parameters
    ----------
    model
        ``dual_parameter`` with ``rho`` fixed, eps Dirichlet or fixed.
    data
        What its programs read.
    seed
        Of the generator.
    chains, draws
        Independent draws are laid out as chains, so that ArviZ's checks apply.
    progress
        There is nothing to wait for.

    Returns
    -------
    samples, stats
        As :func:`bayessel.inference.engines.nuts.sample`; no stats.

    Raises
    ------
    DataError
        Another model, or priors under which nothing is exact.
    """
    prior_eps, prior_rho = model.priors.get("eps"), model.priors.get("rho_shared")
    own = model.module.__name__ == "bayessel.models.dual_parameter"
    if not own or prior_rho is None or not prior_rho.fixed or prior_eps is None:
        raise DataError(
            f"the engine exact has no closed form for {model.name}: it fits dual_parameter:paper "
            "(rho fixed, eps Dirichlet or fixed); use the engine numpyro or pymc"
        )
    rng = np.random.default_rng(seed)
    n = data.counts[..., :-1].sum(axis=1)
    m, size, log_rho = len(n), chains * draws, np.log(prior_rho.value)
    if prior_eps.fixed:
        eps = np.broadcast_to(prior_eps.value, (size, K))
    else:
        f = rng.choice(m, size=size, p=mixture_best(n, prior_eps, prior_rho.value))
        gamma = rng.standard_gamma(np.asarray(prior_eps.parameters["concentration"]) + n[f])
        eps = gamma / gamma.sum(axis=1, keepdims=True)
    log_f = (np.log(eps) - log_rho) @ n.T
    p_best = np.exp(log_f - logsumexp(log_f, axis=1, keepdims=True))
    rho = np.broadcast_to(prior_rho.value, (size, m, K))
    found = {
        "eps": eps,
        "rho_shared": rho[:, 0],
        "rho": rho,
        "p_best": p_best,
        "eps_loss": eps[:, 0],
        "eps_draw": eps[:, 1],
    }
    return {k: v.reshape(chains, draws, *v.shape[1:]).copy() for k, v in found.items()}, {}


def posterior_best(
    counts: NDArray[np.int64],
    eps: NDArray[np.float64],
    log_prior: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Posterior over F for a preset eps, as in the paper (arXiv 2510.09418).

    ``log p(F=j | A) = const + log pi0_j + sum_{q in A} log eps[Y[q,j]]``

    The other candidates' 1/3 each cancel where all candidates have as many judged cells; where
    rows are judged in part they count.

    Parameters
    ----------
    counts
        [M, K] judged cells by candidate and outcome.
    eps
        [K] probabilities of loss, draw and win, all positive.
    log_prior
        [M]; uniform where None.

    Returns
    -------
    ndarray
        [M] probabilities.
    """
    logits: NDArray[np.float64] = counts.astype(float) @ np.log(np.asarray(eps) * K)
    if log_prior is not None:
        logits = logits + log_prior
    return np.exp(logits - logsumexp(logits))


def mixture_best(
    counts: NDArray[np.int64], prior: Prior, rho: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Posterior over F with a Dirichlet prior over eps and the others' rates known.

    ``p(F=j | A) ∝ B(a + n_j) / B(a) · Π_k rho[k]^(-n_j[k])``

    Parameters
    ----------
    counts
        [M, K]
    prior
        Dirichlet over eps.
    rho
        [K] rates of the others; 1/3 each where None.

    Returns
    -------
    ndarray
        [M] probabilities. Given F = j, eps ~ Dirichlet(a + n_j).
    """
    a = np.asarray(prior.parameters["concentration"])
    rho = np.full(K, 1 / K) if rho is None else rho
    logits = _log_beta(a + counts) - _log_beta(a) - counts @ np.log(rho)
    return np.exp(logits - logsumexp(logits))


def _log_beta(a: NDArray[np.float64]) -> NDArray[np.float64]:
    return gammaln(a).sum(axis=-1) - gammaln(a.sum(axis=-1))


# ------------------------------------------------------------------ independent rates
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


def enumerate_best(outcome: NDArray[np.int8], prior: Prior = FLAT) -> NDArray[np.float64]:
    """P(best) of independent rates, by enumerating every completion of the population.

    The points of candidate j over the unjudged cells are Dirichlet-multinomial; candidates are
    independent, and those that tie share. For small N: the cost grows with N².

    Parameters
    ----------
    outcome
        [N, M] judgments, ``MISSING`` elsewhere.
    prior
        Dirichlet over the rates.

    Returns
    -------
    ndarray
        [M] probabilities.
    """
    a = np.asarray(prior.parameters["concentration"])
    n = len(outcome)
    known = counts(outcome)
    pmf = np.zeros((len(known), 2 * n + 1))  # half points
    for j, judged in enumerate(known):
        left = n - judged.sum()
        draw, win = (x.ravel() for x in np.meshgrid(np.arange(left + 1), np.arange(left + 1)))
        keep = draw + win <= left
        drawn = np.stack([left - draw - win, draw, win], axis=1)[keep]
        log_p = (
            gammaln(left + 1)
            - gammaln(drawn + 1).sum(axis=1)
            + _log_beta(a + judged + drawn)
            - _log_beta(a + judged)
        )
        total = judged + drawn
        np.add.at(pmf[j], total[:, 1] + 2 * total[:, 2], np.exp(log_p))
    below = np.cumsum(pmf, axis=1) - pmf
    best = np.zeros(len(pmf))
    for j in range(len(pmf)):
        # shares[t]: probability, by half points, that t others tie with j and none is above
        shares = np.zeros((len(pmf), 2 * n + 1))
        shares[0] = pmf[j]
        for i in range(len(pmf)):
            if i != j:
                tied = np.vstack([np.zeros_like(shares[:1]), shares[:-1]]) * pmf[i]
                shares = shares * below[i] + tied
        best[j] = (shares.sum(axis=1) / (1 + np.arange(len(pmf)))).sum()
    return best
