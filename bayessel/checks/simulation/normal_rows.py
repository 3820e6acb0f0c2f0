"""Simulation-based calibration of the regression by Gibbs sweeps.

The regression reads outcomes as halves of a normal vector, and does not make losses, draws and wins
itself. So the rows that are simulated are the normal vectors that it assumes, real numbers, and the
sweeps are given these. Parameters come from the NumPyro program, Σ by Bartlett's decomposition; the
sweeps find them by their own conditionals. Quantities: ``level``; ``contrast``, ``common`` and
``log_determinant`` of Σ; ``drawing``; ``within``, the first coefficient, where there are scores;
``win_rate``, ``win_rate_leader`` and ``p_best`` of the completed population; ``log_likelihood`` of
the judged rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayessel.checks.simulation.data import evidence_of
from bayessel.checks.simulation.design import Design
from bayessel.checks.simulation.many_fits import Fitted
from bayessel.checks.simulation.uniformity import ranks
from bayessel.inference.engines import nuts
from bayessel.inference.gibbs.sweeps import Sweeps, sweep
from bayessel.inference.load import Model
from bayessel.outcomes import MISSING

_DRAWS_ALLOWED = 20  # cells that may be draws, of which the judged ones are counted
_APART = 5  # sweeps between draws


@dataclass(frozen=True)
class NormalRows:
    """One simulation: parameters by site, scores [J, N, M] and half outcomes y [N, M], all real."""

    draw: dict[str, NDArray[Any]]
    score: NDArray[np.float64]
    y: NDArray[np.float64]


def simulate_rows(rng: np.random.Generator, model: Model, design: Design) -> list[NormalRows]:
    """Parameters from the prior, and normal rows."""
    shape = (design.n_queries, design.n_candidates)
    nothing = np.full(shape, MISSING, dtype=np.int8)
    scores = rng.standard_normal((design.simulations, design.weak_judges, *shape))
    blank = model.prepare(evidence_of(nothing, design.rows, scores[0]))
    sites = nuts.prior_samples(model, blank, int(rng.integers(2**31)), design.simulations)
    found = []
    for i in range(design.simulations):
        draw = {k: v[i] for k, v in sites.items()}
        data = model.prepare(evidence_of(nothing, design.rows, scores[i]))
        noise = rng.multivariate_normal(np.zeros(shape[1]), draw["covariance"], size=shape[0])
        found.append(NormalRows(draw, scores[i], mean_of(draw, data) + noise))
    return found


def mean_of(draw: dict[str, NDArray[Any]], data: Any) -> NDArray[np.float64]:
    """[N, M] expected half outcomes."""
    mean = np.zeros(data.within.shape[:2]) + draw["level"] + draw["quality"]
    if data.within.shape[-1]:
        mean = mean + data.between @ draw["between"] + data.within @ draw["within"]
        mean = mean + (data.z @ draw["query_coefficient"])[:, None]
    return mean


def fit_rows(
    rng: np.random.Generator,
    model: Model,
    design: Design,
    rows: NormalRows,
    judged: NDArray[np.bool_],
) -> tuple[Fitted, dict[str, float]]:
    """What the sweeps find, and the ranks of the truth.

    Parameters
    ----------
    rng
        Randomness.
    model, design
        What infers, from how much.
    rows
        The truth.
    judged
        [N, M] cells that are seen.
    """
    seen = np.where(judged, 0, MISSING).astype(np.int8)
    evidence = evidence_of(seen, scores=rows.score)
    data = model.prepare(evidence)
    value = np.where(judged, 2 * rows.y, MISSING)[evidence.judged]
    n_draws = rng.binomial(_DRAWS_ALLOWED, rows.draw["drawing"])
    data = data._replace(outcome=value, n_draws=n_draws, most_draws=_DRAWS_ALLOWED)
    every = sweep(rng, data, model.priors, _APART * design.draws, burn_in=design.transitions)
    kept = Sweeps(**{k: v[::_APART] for k, v in vars(every).items()})
    known = np.where(judged, rows.y, 0.0).sum(axis=0)
    rate = 0.5 + (known + kept.half_points) / design.n_queries
    true_rate = 0.5 + rows.y.mean(axis=0)
    half = design.draws // 2  # the leader comes from other draws than those of the ranks
    best = rate.argmax(axis=1)
    chance = np.bincount(best[:half], minlength=design.n_candidates) / half
    leader, m = int(np.argmax(chance)), design.n_candidates
    mean = _means(kept, data)
    each = zip(mean[half:], kept.covariance[half:], strict=True)
    log_p = [_log_density(rows.y, judged, *one) for one in each]
    true_log_p = _log_density(rows.y, judged, mean_of(rows.draw, data), rows.draw["covariance"])
    values: dict[str, tuple[Any, NDArray[np.float64]]] = {
        "level": (rows.draw["level"], kept.coefficients[half:, m]),
        "contrast": (rows.draw["contrast"], kept.scales[half:, 0]),
        "common": (rows.draw["common"], kept.scales[half:, 1]),
        "log_determinant": (
            np.linalg.slogdet(rows.draw["covariance"])[1],
            np.linalg.slogdet(kept.covariance[half:])[1],
        ),
        "drawing": (rows.draw["drawing"], kept.drawing[half:]),
        "win_rate": (true_rate[0], rate[half:, 0]),
        "win_rate_leader": (true_rate[leader], rate[half:, leader]),
        "p_best": (chance[true_rate.argmax()], chance[best[half:]]),
        "log_likelihood": (true_log_p, np.array(log_p)),
    }
    if design.weak_judges:
        first = m + 1 + data.between.shape[1]
        values["within"] = (rows.draw["within"][0], kept.coefficients[half:, first])
    nothing = np.zeros((0, m, 3)), chance, best[half:], np.zeros((0, 2))
    fitted = Fitted(*nothing, 0.5 + mean, np.array(log_p), true_log_p)
    return fitted, {k: float(ranks(rng, np.asarray(t), d)) for k, (t, d) in values.items()}


def _means(kept: Sweeps, data: Any) -> NDArray[np.float64]:
    """[S, N, M] means of the draws."""
    m, features = data.between.shape
    columns = np.cumsum([m, 1, features, features])
    names = ("quality", "level", "between", "within", "query_coefficient")
    parts = dict(zip(names, np.split(kept.coefficients, columns, axis=1), strict=True))
    return np.stack(
        [mean_of({k: v[s] for k, v in parts.items()}, data) for s in range(len(kept.scales))]
    )


def _log_density(
    y: NDArray[np.float64],
    judged: NDArray[np.bool_],
    mean: NDArray[np.float64],
    covariance: NDArray[np.float64],
) -> float:
    """Log density of the judged cells, constants left out."""
    total = 0.0
    for pattern in np.unique(judged[judged.any(axis=1)], axis=0):
        at = (judged == pattern).all(axis=1)
        given = covariance[np.ix_(pattern, pattern)]
        residual = (y - mean)[np.ix_(at, pattern)]
        total -= 0.5 * (np.linalg.solve(given, residual.T) * residual.T).sum()
        total -= 0.5 * at.sum() * np.linalg.slogdet(given)[1]
    return float(total)
