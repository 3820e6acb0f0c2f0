"""Results whose posterior is exact by conjugacy, and ways to make one wrong.

The data: rates_j ~ Dirichlet(a) for each candidate and independent cells; the exact posterior of
the rates is Dirichlet(a + counts). A tree built with the ``a`` that made the data is a right
result, so a check's false-alarm rate is measured over many of them, at microseconds a draw.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.special import gammaln

from bayessel.outcomes import MISSING, NAMES, counts

CHAINS = 4


def names(m: int) -> np.ndarray:
    return np.array([f"candidate-{j + 1:02d}" for j in range(m)], dtype=str)


def draw_rates(rng: np.random.Generator, m: int, concentration: float = 2.0) -> np.ndarray:
    """[M, K] true rates."""
    return rng.dirichlet(np.full(3, concentration), size=m)


def draw_outcome(rng: np.random.Generator, rates: np.ndarray, n: int) -> np.ndarray:
    """[n, M] independent cells."""
    u = rng.random((n, len(rates), 1))
    return ((u > rates.cumsum(axis=-1)[None, :, :2]).sum(axis=-1) - 1).astype(np.int8)


def draw_hard(rng: np.random.Generator, m: int, n: int, spread: float = 1.5) -> np.ndarray:
    """[n, M] outcomes with a difficulty that a query's candidates share."""
    theta = 0.5 * rng.standard_normal(m)
    u = theta + spread * rng.standard_normal((n, 1)) + rng.standard_normal((n, m))
    return np.where(np.abs(u) < 0.3, 0, np.sign(u)).astype(np.int8)


def population(
    rng: np.random.Generator, rates: np.ndarray, outcome: np.ndarray, n_queries: int
) -> dict[str, np.ndarray]:
    """Posterior variables of the finite population, from [S, M, K] rates."""
    observed = counts(outcome)
    drawn = rng.multinomial(n_queries - observed.sum(axis=1), rates)
    share = (observed + drawn) / n_queries
    win_rate = share @ np.array([0.0, 0.5, 1.0])
    best = (win_rate >= win_rate.max(axis=1, keepdims=True) - 1e-12).astype(float)
    best /= best.sum(axis=1, keepdims=True)
    eps = np.einsum("sm,smk->sk", best, share)
    return {
        "eps_loss": eps[:, 0],
        "eps_draw": eps[:, 1],
        "p_best": best,
        "win_rate": win_rate,
        "rates": rates,
        "outcome_rate": share,
    }


def replicate(rng: np.random.Generator, rates: np.ndarray, n: int) -> np.ndarray:
    """[S, n, M] int8 replicated rows."""
    u = rng.random((len(rates), n, rates.shape[1], 1))
    return ((u > rates.cumsum(axis=-1)[:, None, :, :2]).sum(axis=-1) - 1).astype(np.int8)


def log_outcome(rates: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """[S, n] log probability of each judged row."""
    log = np.log(np.maximum(rates, 1e-300))
    k = np.where(outcome == MISSING, 0, outcome + 1)
    picked = log[:, np.arange(rates.shape[1])[None, :], k]
    return np.where(outcome == MISSING, 0.0, picked).sum(axis=-1)


def tree(
    outcome: np.ndarray,
    *,
    n_queries: int = 200,
    concentration: float = 2.0,
    draws: int = 250,
    seed: int = 0,
    rates: np.ndarray | None = None,
    prior_rates: np.ndarray | None = None,
    nuts: bool = True,
    model: str = "independent",
    candidates: np.ndarray | None = None,
) -> xr.DataTree:
    """A result under independent cells.

    Parameters
    ----------
    outcome
        [n, M] judged rows.
    rates
        [S, M, K] posterior draws in place of the exact ones: how a test makes a result wrong.
    prior_rates
        [S, M, K] prior draws in place of Dirichlet(concentration).
    nuts
        Add sample_stats of a healthy sampler.
    """
    rng = np.random.default_rng([seed, 99])
    n, m = outcome.shape
    a = np.full(3, concentration)
    s = CHAINS * draws
    if rates is None:
        gamma = rng.standard_gamma(a + counts(outcome), size=(s, m, 3))
        rates = gamma / gamma.sum(axis=-1, keepdims=True)
    if prior_rates is None:
        prior_rates = rng.dirichlet(a, size=(s, m))
    candidate = names(m) if candidates is None else np.array(candidates, dtype=str)
    query = np.array([f"query-{q + 1:03d}" for q in range(n)], dtype=str)
    rows = {"query": query, "candidate": candidate}

    def chains(values: np.ndarray, c: int = CHAINS) -> np.ndarray:
        return values.reshape(c, len(values) // c, *values.shape[1:])

    def group(found: dict[str, np.ndarray], c: int) -> xr.Dataset:
        dims = {
            "p_best": ["candidate"],
            "win_rate": ["candidate"],
            "rates": ["candidate", "outcome"],
            "outcome_rate": ["candidate", "outcome"],
        }
        variables = {
            k: (("chain", "draw", *dims.get(k, [])), chains(v, c)) for k, v in found.items()
        }
        return xr.Dataset(
            variables,
            coords={
                "chain": np.arange(c),
                "draw": np.arange(s // c),
                "candidate": candidate,
                "outcome": np.array(NAMES),
            },
        )

    def predicted(rates: np.ndarray, c: int) -> xr.Dataset:
        values = replicate(rng, rates, n)
        values[:, outcome == MISSING] = MISSING
        return xr.Dataset(
            {"outcome": (("chain", "draw", "query", "candidate"), chains(values, c))},
            coords={"chain": np.arange(c), "draw": np.arange(s // c), **rows},
        )

    after = population(rng, rates, outcome, n_queries)
    before = population(rng, prior_rates, np.full((0, m), MISSING, np.int8), n_queries)
    log_prior = (np.log(np.maximum(rates, 1e-300)) * (a - 1)).sum(axis=(1, 2))
    sample = {"chain": np.arange(CHAINS), "draw": np.arange(draws)}
    groups: dict[str, xr.Dataset] = {
        "posterior": group(after, CHAINS),
        "prior": group(before, 1),
        "log_prior": xr.Dataset({"rates": (("chain", "draw"), chains(log_prior))}, coords=sample),
        "constant_data": xr.Dataset({"n_queries": ((), n_queries)}),
    }
    if n:
        groups["prior_predictive"] = predicted(prior_rates, 1)
        groups["posterior_predictive"] = predicted(rates, CHAINS)
        groups["observed_data"] = xr.Dataset(
            {"outcome": (("query", "candidate"), outcome)}, coords=rows
        )
        groups["log_likelihood"] = xr.Dataset(
            {"outcome": (("chain", "draw", "query"), chains(log_outcome(rates, outcome)))},
            coords={**sample, "query": query},
        )
    if nuts:
        shape = (CHAINS, draws)
        groups["sample_stats"] = xr.Dataset(
            {
                "diverging": (("chain", "draw"), np.zeros(shape, bool)),
                "energy": (("chain", "draw"), 50 + 3 * rng.standard_normal(shape)),
                "acceptance_rate": (("chain", "draw"), rng.uniform(0.7, 1, shape)),
                "n_steps": (("chain", "draw"), np.full(shape, 7)),
                "lp": (("chain", "draw"), -50 + 3 * rng.standard_normal(shape)),
            },
            coords=sample,
        )
    result = xr.DataTree.from_dict(groups)
    result.attrs = {"model": model, "engine": "numpyro" if nuts else "exact", "seed": seed}
    return result


def shared_rate(
    rng: np.random.Generator, outcome: np.ndarray, n_queries: int = 200, draws: int = 250
) -> xr.DataTree:
    """The known failure: one learned rate shared by all candidates but the best.

    F ~ uniform, Y | F = j ~ Cat(eps), others ~ Cat(rho), eps and rho ~ Dirichlet(1, 1, 1); exact:
    ``p(F = j) ∝ B(1 + n_j) B(1 + n - n_j)``. It calls best whichever candidate is least like the
    others, and with a field of good ones that is the worst.
    """
    n = counts(outcome)
    rest = n.sum(axis=0) - n
    log_beta = [gammaln(1 + x).sum(axis=1) - gammaln(3 + x.sum(axis=1)) for x in (n, rest)]
    logits = log_beta[0] + log_beta[1]
    weight = np.exp(logits - logits.max())
    s, m = CHAINS * draws, len(n)
    best = rng.choice(m, size=s, p=weight / weight.sum())
    eps, rho = (
        (g := rng.standard_gamma(1 + x[best])) / g.sum(axis=1, keepdims=True) for x in (n, rest)
    )
    is_best = np.arange(m) == best[:, None]
    rates = np.where(is_best[..., None], eps[:, None, :], rho[:, None, :])
    found = tree(outcome, rates=rates, n_queries=n_queries, draws=draws, model="shared rate")
    posterior = found["posterior"].to_dataset()
    posterior["p_best"].values = is_best.reshape(posterior["p_best"].shape).astype(float)
    found["posterior"] = xr.DataTree(posterior)
    return found


def replace(found: xr.DataTree, group: str, **values: np.ndarray) -> xr.DataTree:
    """A copy of a result with other values of some variables of a group."""
    copy = found.copy(deep=True)
    dataset = copy[group].to_dataset()
    for name, value in values.items():
        dataset[name] = (dataset[name].dims, value)
    copy[group] = xr.DataTree(dataset)
    return copy
