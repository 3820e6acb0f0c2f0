"""Simulation-based calibration of the two-way model by its Gibbs steps.

It reads outcomes as halves of normal numbers, and does not make losses, draws and wins itself. So
the cells that are simulated are the normal numbers that it assumes, and the steps are given these.
Parameters come from the NumPyro program; the steps find them by their own conditionals. Of the
judged rows some cells are left out, as where calls are bought one by one. Quantities: ``level``,
``sd_quality``, ``sd_query``, ``noise``, ``drawing``; ``ability`` and ``variance`` of the first
candidate; ``text_within``, the first slope, where there are scores; ``win_rate``,
``win_rate_leader`` and ``p_best`` of the completed population; ``log_likelihood`` of the judged
cells.
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
from bayessel.inference.load import Model
from bayessel.inference.two_way.sweeps import sweep
from bayessel.outcomes import MISSING

_DRAWS_ALLOWED = 20  # cells that may be draws, of which the judged ones are counted
_APART = 5  # steps between draws
_SHARE = 0.6  # of the cells of a judged row


@dataclass(frozen=True)
class NormalCells:
    """One simulation: parameters by site, scores [J, N, M], half outcomes y and what may be seen.

    ``effect`` [N] are the query effects, ``open`` [N, M] the cells of a row that are seen when it
    is judged.
    """

    draw: dict[str, NDArray[Any]]
    score: NDArray[np.float64]
    effect: NDArray[np.float64]
    y: NDArray[np.float64]
    open: NDArray[np.bool_]


def simulate_cells(rng: np.random.Generator, model: Model, design: Design) -> list[NormalCells]:
    """Parameters from the prior, and normal cells."""
    shape = (design.n_queries, design.n_candidates)
    nothing = np.full(shape, MISSING, dtype=np.int8)
    scores = rng.standard_normal((design.simulations, design.weak_judges, *shape))
    found = []
    for score in scores:  # abilities depend on the scores' means
        data = model.prepare(evidence_of(nothing, scores=score))
        sites = nuts.prior_samples(model, data, int(rng.integers(2**31)), 1)
        draw = {k: v[0] for k, v in sites.items()}
        effect = draw["sd_query"] * rng.standard_normal(shape[0])
        y = _mean(draw, data) + effect[:, None]
        y = y + np.sqrt(draw["variance"]) * rng.standard_normal(shape)
        seen = rng.random(shape) < _SHARE
        seen[np.arange(shape[0]), rng.integers(shape[1], size=shape[0])] = True
        found.append(NormalCells(draw, score, effect, y, seen))
    return found


def _mean(draw: dict[str, NDArray[Any]], data: Any) -> NDArray[np.float64]:
    """[N, M] expected half outcomes, query effects left out."""
    text = data.within["text"]
    mean = np.zeros(text.shape[:2]) + draw["ability"]
    return mean + text @ draw["text_within"] if text.shape[-1] else mean


def fit_cells(
    rng: np.random.Generator,
    model: Model,
    design: Design,
    truth: NormalCells,
    judged: NDArray[np.bool_],
) -> tuple[Fitted, dict[str, float]]:
    """What the steps find, and the ranks of the truth.

    Parameters
    ----------
    rng
        Randomness.
    model, design
        What infers, from how much.
    truth
        What was simulated.
    judged
        [N, M] cells that are seen, where they are open.
    """
    judged = judged & truth.open
    seen = np.where(judged, 0, MISSING).astype(np.int8)
    evidence = evidence_of(seen, scores=truth.score)
    data = model.prepare(evidence)
    value = np.where(judged, 2 * truth.y, MISSING)[evidence.judged]
    n_draws = rng.binomial(_DRAWS_ALLOWED, truth.draw["drawing"])
    data = data._replace(outcome=value, n_draws=n_draws, most_draws=_DRAWS_ALLOWED)
    size = {"burn_in": design.transitions, "every": _APART}
    kept = sweep(rng, data, model.priors, design.draws, **size)
    m, half = design.n_candidates, design.draws // 2  # the leader comes from the first half
    known = np.where(judged, truth.y, 0.0).sum(axis=0)
    rate = 0.5 + (known + kept.half_points) / design.n_queries
    true_rate = 0.5 + truth.y.mean(axis=0)
    best = rate.argmax(axis=1)
    chance = np.bincount(best[:half], minlength=m) / half
    leader = int(np.argmax(chance))
    mean = np.zeros((design.draws, *truth.y.shape)) + kept.coefficients[:, None, :m]
    if data.within["text"].shape[-1]:
        mean = mean + np.einsum("sp,qjp->sqj", kept.coefficients[:, m:], data.within["text"])
    mean[:, evidence.judged] += kept.effects[:, :, None]

    def log_p(mean: NDArray[np.float64], variance: NDArray[np.float64]) -> float:
        each = -0.5 * (truth.y - mean) ** 2 / variance - 0.5 * np.log(variance)
        return float(np.where(judged, each, 0.0).sum())

    likely = np.array([log_p(mean[s], kept.variance[s]) for s in range(half, design.draws)])
    true_mean = _mean(truth.draw, data) + truth.effect[:, None]
    true_likely = log_p(true_mean, truth.draw["variance"])
    values: dict[str, tuple[Any, NDArray[np.float64]]] = {
        "level": (truth.draw["level"], kept.expected[half:, 0]),
        "sd_quality": (truth.draw["sd_quality"], kept.scales[half:, 0]),
        "sd_query": (truth.draw["sd_query"], kept.scales[half:, 1]),
        "noise": (truth.draw["noise"], kept.scales[half:, 2]),
        "drawing": (truth.draw["drawing"], kept.drawing[half:]),
        "ability": (truth.draw["ability"][0], kept.coefficients[half:, 0]),
        "variance": (truth.draw["variance"][0], kept.variance[half:, 0]),
        "win_rate": (true_rate[0], rate[half:, 0]),
        "win_rate_leader": (true_rate[leader], rate[half:, leader]),
        "p_best": (chance[true_rate.argmax()], chance[best[half:]]),
        "log_likelihood": (true_likely, likely),
    }
    if design.weak_judges:
        values["text_within"] = (truth.draw["text_within"][0], kept.coefficients[half:, m])
    nothing = np.zeros((0, m, 3)), chance, best[half:], np.zeros((0, 2))
    fitted = Fitted(*nothing, 0.5 + mean, likely, true_likely)
    return fitted, {k: float(ranks(rng, np.asarray(t), d)) for k, (t, d) in values.items()}
