"""Posterior draws of many simulations of one model at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from bayessel.checks.draws import draw_best
from bayessel.checks.simulation.data import data_of, evidence_of
from bayessel.checks.simulation.design import Design
from bayessel.checks.simulation.truths import Truth
from bayessel.inference.carried import hamiltonian
from bayessel.inference.engines import exact, nuts, pymc_many
from bayessel.inference.evidence import Evidence
from bayessel.inference.load import Model
from bayessel.inference.population import describe, survey
from bayessel.inference.runtime import precision

_APART = 4
"""Steps of NUTS between draws, so that they are nearly independent."""


@dataclass(frozen=True)
class Fitted:
    """Posterior draws, H = S / 2 of them for ranks.

    ``rate`` [H, M, K] over the N queries, ``best`` [H] the best of each draw, ``eps`` [H, 2],
    ``joint`` [H] log likelihoods of the judged rows and ``true_joint`` that of the truth; from the
    other half ``chance`` [M], P(best); ``points`` [S, N, M] the expected points of each cell, where
    rows are chosen by them.
    """

    rate: NDArray[np.float64]
    chance: NDArray[np.float64]
    best: NDArray[np.intp]
    eps: NDArray[np.float64]
    points: NDArray[np.float64]
    joint: NDArray[np.float64]
    true_joint: float


def fit_all(
    rng: np.random.Generator,
    model: Model,
    engine: str,
    design: Design,
    truths: list[Truth],
    judged: list[NDArray[np.int8]],
) -> list[Fitted]:
    """Posterior draws of every simulation."""
    given = zip(judged, truths, strict=True)
    evidence = [evidence_of(seen, scores=truth.score) for seen, truth in given]
    data = [data_of(model, e, truth.vote) for e, truth in zip(evidence, truths, strict=True)]
    seeds = rng.integers(2**31, size=len(data))
    if engine == "carried":
        with precision(double=False):
            stacked = jax.tree.map(lambda *leaves: jnp.asarray(np.stack(leaves)), *data)
            keys = jax.vmap(jax.random.key)(jnp.asarray(seeds, dtype=jnp.uint32))
            rounds = max(1, design.transitions // (10 * hamiltonian.KEPT))
            sites = _chains(nuts.Program(model), design.draws, rounds, keys, stacked)
            samples = [{k: np.asarray(v[i]) for k, v in sites.items()} for i in range(len(data))]
    elif engine == "pymc":
        size = {"chains": 2, "draws": (design.draws + 1) // 2, "warmup": design.transitions}
        each_fit = pymc_many.sample_each(model, data, seeds.tolist(), apart=_APART, **size)
        samples = [{k: _joined(v)[: design.draws] for k, v in sites.items()} for sites in each_fit]
    else:
        samples = [_one(model, engine, design, d, int(s)) for d, s in zip(data, seeds, strict=True)]
    each = zip(samples, data, evidence, truths, strict=True)
    return [_population(rng, model, *one, cells=design.adaptive) for one in each]


def _one(
    model: Model, engine: str, design: Design, data: Any, seed: int
) -> dict[str, NDArray[Any]]:
    """[S, ...] draws of one simulation by site."""
    if engine == "exact":
        sites, _ = exact.sample(model, data, seed=seed, chains=1, draws=design.draws)
    else:
        sites, _ = nuts.sample(
            model, data, seed=seed, chains=4, draws=design.draws, warmup=design.transitions
        )
        return {k: _joined(v)[::_APART] for k, v in sites.items()}
    return {k: v[0] for k, v in sites.items()}


def _joined(draws: NDArray[Any]) -> NDArray[Any]:
    """[chain · draw, ...] of [chain, draw, ...]."""
    return draws.reshape(-1, *draws.shape[2:])


def _chains(program: nuts.Program, chains: int, rounds: int, keys: Any, data: Any) -> Any:
    """[L, C, ...] sites where C chains of each of L simulations end.

    One program is compiled for all of them, and run as often as the chains are moved.
    """
    split = jax.vmap(lambda key: jax.random.split(key, chains))
    position = jax.vmap(lambda k, d: hamiltonian.from_prior(program, k, d))(split(keys), data)
    step = jnp.tile(jnp.asarray(hamiltonian.STEP_SIZES, jnp.float32), (len(keys), 1))
    draws: Any = None
    for i in range(10 * (rounds + 1)):
        keys = _next_keys(keys)
        rate = 0.3 if i < 10 * rounds else 0.0
        position, draws, step = _move_all(program, keys, position, step, data, rate)
    return {k: v[:, -chains:] for k, v in draws.items()}


@jax.jit
def _next_keys(keys: Any) -> Any:
    """[L] keys that follow."""
    return jax.vmap(lambda key: jax.random.fold_in(key, 1))(keys)


@partial(jax.jit, static_argnames="program")
def _move_all(
    program: nuts.Program, keys: Any, position: Any, step: Any, data: Any, rate: Any
) -> Any:
    """One move of the chains of every simulation."""

    def one(key: Any, position: Any, step: Any, data: Any) -> Any:
        return hamiltonian.move(program, key, position, step, data, rate)

    return jax.vmap(one)(keys, position, step, data)


def _population(
    rng: np.random.Generator,
    model: Model,
    sites: dict[str, Any],
    data: Any,
    evidence: Evidence,
    truth: Truth,
    *,
    cells: bool,
) -> Fitted:
    """What draws say of the N queries, by the functions that a fit and a selection use."""
    chance, size = None, len(next(iter(sites.values())))
    if "p_f" in sites:  # F is summed out: draw it
        chance = np.asarray(sites["p_f"], dtype=float)
        sites = {**sites, "p_f": np.eye(chance.shape[1])[draw_best(rng, chance)]}
    points = np.zeros((size, 0, 0))
    with precision(double=True):
        draws = {k: jnp.asarray(v, dtype=float) for k, v in sites.items()}
        data, outcome = jax.tree.map(jnp.asarray, data), jnp.asarray(evidence.outcome)
        if cells:
            key = jax.random.key(int(rng.integers(2**31)))
            seen = survey(model.predict, model.complete, 1, key, draws, data, outcome)
            points = np.asarray((1 + seen.win - seen.loss) / 2)

        def described(draws: dict[str, Any]) -> dict[str, NDArray[np.float64]]:
            found = describe(
                model.predict,
                model.log_likelihood,
                model.complete,
                model.replicate,
                jax.random.key(int(rng.integers(2**31))),
                draws,
                data,
                outcome,
                jnp.asarray(evidence.judged),
                jnp.asarray(evidence.outcome[evidence.judged]),
            )
            return {k: np.asarray(v, dtype=float) for k, v in found.items()}

        found = described(draws)
        # fewer rows may be judged than were laid out; a row's own effects are integrated out
        cut = {k: tuple(slice(size) for size in v.shape[1:]) for k, v in sites.items()}
        true = described({k: jnp.asarray(truth.draw[k][cut[k]], dtype=float)[None] for k in sites})
    best = draw_best(rng, sites.get("p_f", found["p_best"]))
    rate = found["outcome_rate"]
    eps = rate[np.arange(size), best, :2]
    if "eps_loss" in sites:
        eps = np.stack([found["eps_loss"], found["eps_draw"]], axis=1)
    joint = found.get("joint", np.zeros(size))
    # the leader and P(best) come from other draws than those that the truth is ranked among: draws
    # that chose the leader favour it
    half = size // 2
    chance = (found["p_best"] if chance is None else chance)[:half].mean(axis=0)
    true_joint = float(true["joint"][0]) if "joint" in true else 0.0
    return Fitted(rate[half:], chance, best[half:], eps[half:], points, joint[half:], true_joint)
