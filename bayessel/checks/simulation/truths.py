"""What a model makes: parameters from its prior, and from them outcomes and votes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from bayessel.checks.simulation.data import BASE, data_of, evidence_of
from bayessel.checks.simulation.design import Design
from bayessel.errors import DataError
from bayessel.inference.engines import nuts
from bayessel.inference.load import F, Model
from bayessel.inference.population import cell_probs
from bayessel.inference.runtime import precision
from bayessel.outcomes import MISSING, win_rate
from bayessel.support.ties import pick_highest


@dataclass(frozen=True)
class Truth:
    """One simulation: parameters by site, [N, M] outcomes, the best candidate, weak judges.

    ``vote`` [J, N, M] are votes that the model made of the outcomes, None where it makes none;
    ``score`` [J, N, M] are exogenous.
    """

    draw: dict[str, NDArray[Any]]
    outcome: NDArray[np.int8]
    vote: NDArray[np.int8] | None
    best: int
    score: NDArray[np.float64]


def simulate(rng: np.random.Generator, model: Model, design: Design) -> list[Truth]:
    """Parameters from the prior, and everything that they make.

    Parameters
    ----------
    rng
        Randomness.
    model, design
        What makes the data, and how much of it.

    Raises
    ------
    DataError
        The model has votes that nothing here can make.
    """
    shape = (design.n_queries, design.n_candidates)
    nothing = np.full(shape, MISSING, dtype=np.int8)
    channel = model.module.__name__ == "bayessel.models.judge_channel" and design.weak_judges > 0
    size = (design.simulations, 0 if channel else design.weak_judges, *shape)
    scores = rng.standard_normal(size) * rng.gamma(2.0, 0.5, (*size[:3], 1))  # rows spread unalike
    blank = evidence_of(nothing, design.rows, scores[0])
    votes = np.zeros((design.weak_judges, *shape), dtype=np.int8) if channel else None
    data = data_of(model, blank, votes)
    sites = nuts.prior_samples(model, data, int(rng.integers(2**31)), design.simulations)
    votes_of = getattr(model.module, "votes_given_outcome", None)
    if "reliability" in sites and votes_of is None:
        raise DataError(
            f"{model.name} has votes of a learned reliability, and no votes_given_outcome as "
            "models/dual_parameter.py has: they cannot be simulated"
        )
    truths, prior_f = [], model.prior_f(blank)
    with precision(double=True):
        probs_of = jax.jit(partial(cell_probs, model.predict))
        for i in range(design.simulations):
            if size[1]:
                data = data_of(model, evidence_of(nothing, design.rows, scores[i]), None)
            draw = {k: v[i] for k, v in sites.items()}
            best = int(rng.integers(design.n_candidates))
            if F in model.priors and len(set(prior_f)) > 1:
                best = int(rng.choice(design.n_candidates, p=prior_f))
            if "p_f" in draw:  # F comes before everything; votes come after the outcomes
                draw["p_f"] = np.eye(design.n_candidates)[best]
            first = {k: v for k, v in draw.items() if k != "reliability"}
            key = jax.random.key(int(rng.integers(2**31)))
            if channel:
                probs = np.broadcast_to(draw["rates"], (*shape, 3))
            else:
                probs = np.asarray(probs_of(key, first, data, blank.outcome))
            outcome = categorical(rng, probs)
            vote = None
            if channel:
                vote = _votes_of_channel(rng, draw["confusion"], draw["leaning"], outcome)
            elif votes_of is not None and "reliability" in draw:
                vote = _votes_of_reliability(rng, votes_of, draw, outcome)
            if "p_f" not in draw:
                best = pick_highest(rng, win_rate(outcome))
            truths.append(Truth(draw, outcome, vote, best, scores[i]))
    return truths


def _votes_of_reliability(
    rng: np.random.Generator,
    votes_of: Callable[..., NDArray[np.float64]],
    draw: dict[str, NDArray[Any]],
    outcome: NDArray[np.int8],
) -> NDArray[np.int8]:
    """[1, N, M] votes of a model that says how probable each vote is given the outcome."""
    law = votes_of(np, BASE, draw["reliability"], draw["leaning"])  # [M, V, K]
    return categorical(rng, law[np.arange(outcome.shape[1]), :, outcome + 1])[None]


def _votes_of_channel(
    rng: np.random.Generator,
    confusion: NDArray[np.float64],
    leaning: NDArray[np.float64],
    outcome: NDArray[np.int8],
) -> NDArray[np.int8]:
    """[J, N, M] votes of weak judges with confusions [J, K, V] and leanings [M, J]."""
    tilt = np.exp(leaning.T[:, :, None, None] * np.array([-1.0, 0.0, 1.0]))
    law = confusion[:, None] * tilt  # [J, M, K, V]
    law = law / law.sum(axis=-1, keepdims=True)
    return categorical(rng, law[:, np.arange(outcome.shape[1]), outcome + 1])


def categorical(rng: np.random.Generator, probs: NDArray[np.float64]) -> NDArray[np.int8]:
    """Outcomes in -1, 0, 1 from probabilities [..., K]."""
    u = rng.random((*probs.shape[:-1], 1))
    return ((u >= probs.cumsum(axis=-1)[..., :2]).sum(axis=-1) - 1).astype(np.int8)
