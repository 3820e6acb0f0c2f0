"""What a result says to do: who is best, which query to judge next, the best's rates eps."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from bayessel.acquisition.information_gain import jackknife_error, jackknifed_gain
from bayessel.checks.draws import (
    candidates,
    flat,
    monte_carlo_error,
    posterior_of,
    r_hat,
    values,
)
from bayessel.inference.evidence import Evidence
from bayessel.inference.load import Model
from bayessel.inference.population import survey
from bayessel.inference.runtime import precision
from bayessel.outcomes import MISSING
from bayessel.support.ties import TIE

_THINNED = 600  # draws that the gain of every query is computed from


def advice(
    tree: xr.DataTree, model: Model, evidence: Evidence, seed: int = 0
) -> tuple[dict[str, Any], NDArray[np.float64]]:
    """What a result says to do.

    Parameters
    ----------
    tree
        A fit of ``model`` to ``evidence``.
    model, evidence
        What was fitted.
    seed
        Of the difficulties of queries that are not judged, where the model has them.

    Returns
    -------
    row
        ``best``, ``p_best`` and its Monte Carlo error ``p_best_error``, ``next_query`` (the highest
        information gain, in nats ``gain``), ``as_good`` (queries that cannot be told from it:
        within two standard errors of the difference), ``eps_loss``, ``eps_draw`` with their 90 %
        intervals ``..._lower`` and ``..._upper``, and ``r_hat`` (of eps), ``divergences``.
    gain
        [N] information about the best in each query, NaN where it is judged.
    """
    p_best = posterior_of(tree, "p_best")
    chance, names = flat(p_best).mean(axis=0), candidates(tree)
    leader = int(np.argmax(chance))
    gain, without = gain_of_queries(tree, model, evidence, seed)
    eps = {name: posterior_of(tree, name) for name in ("eps_loss", "eps_draw")}
    row: dict[str, Any] = {
        "best": names[leader],
        "p_best": chance[leader],
        "p_best_error": float(monte_carlo_error(p_best.to_numpy()[..., leader])),
        "next_query": None,
        "gain": np.nan,
        "as_good": 0,
    }
    if np.isfinite(gain).any():
        top = int(np.nanargmax(gain))
        row["next_query"], row["gain"] = evidence.queries[top], gain[top]
        row["as_good"] = _as_good(gain, without, top)
    for name, drawn in eps.items():
        lower, upper = np.quantile(flat(drawn), [0.05, 0.95])
        row |= {name: flat(drawn).mean(), f"{name}_lower": lower, f"{name}_upper": upper}
    row["r_hat"] = float(r_hat(np.stack([v.to_numpy() for v in eps.values()], axis=-1)).max())
    diverging = values(tree, "sample_stats", "diverging")
    row["divergences"] = 0 if diverging is None else int(diverging.sum())
    return row, gain


def gain_of_queries(
    tree: xr.DataTree, model: Model, evidence: Evidence, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Information about the best in each query.

    Of the best of the N queries: the highest win rate of each draw's completed population.

    Parameters
    ----------
    tree, model, evidence, seed
        As :func:`advice`.

    Returns
    -------
    gain, without
        [N], and [batches, N] without each batch of draws; NaN where a query is judged.
    """
    posterior = tree["posterior"]
    size = posterior.sizes["chain"] * posterior.sizes["draw"]
    kept = np.linspace(0, size - 1, min(size, _THINNED)).astype(int)
    draws = {str(k): flat(posterior_of(tree, str(k)))[kept] for k in posterior.data_vars}
    with precision(double=True):
        seen = survey(
            model.predict,
            model.complete,
            1,
            jax.random.key(seed),
            {k: jnp.asarray(v) for k, v in draws.items()},
            jax.tree.map(jnp.asarray, model.prepare(evidence)),
            jnp.asarray(evidence.outcome),
        )
    gain, without = jackknifed_gain(*(np.asarray(v) for v in (seen.p_best, seen.loss, seen.win)))
    judged = (evidence.outcome != MISSING).any(axis=1)
    return np.where(judged, np.nan, gain), np.where(judged, np.nan, without)


def _as_good(gain: NDArray[np.float64], without: NDArray[np.float64], top: int) -> int:
    """How many other queries lie within two standard errors of their difference to the top one."""
    error = jackknife_error(without[:, [top]] - without)
    return int((gain[top] - gain <= 2 * error + TIE).sum()) - 1
