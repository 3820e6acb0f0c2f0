"""Hamiltonian moves of an ensemble of chains that stand near the posterior.

Each transition (Neal 2011) leaves the posterior invariant, in whichever parametrization
(:mod:`bayessel.inference.carried.parametrization`). Step size and diagonal metric are taken from
the ensemble. Its steps are too long for a chain that is very far out, which would stay there for
good. Such a chain is started anew where another one stands (as in DREAM, Vrugt et al. 2009).
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from numpyro import handlers
from numpyro.infer.util import constrain_fn, potential_energy, unconstrain_fn

from bayessel.inference.carried.parametrization import Parametrization, normal_effects
from bayessel.inference.engines.nuts import Program

LEAPFROG = 8
CENTRED = (1.0, 0.0)
"""Degrees to which normal effects are centred, one transition each."""
STEP_SIZES = (0.1, 0.1)
"""At first, by degree."""
KEPT = len(CENTRED)
"""Transitions of one move; the states after each of them are the draws, S = C · KEPT."""
TARGET_ACCEPT = 0.8
FAR_OUT = 2.0
"""Chains whose energy is higher than the upper quartile by so many times the quartiles' distance
are astray."""


@partial(jax.jit, static_argnames=("program", "by_row"))
def advance(
    program: Program,
    by_row: frozenset[str],
    seed: Any,
    moves: Any,
    position: dict[str, Any],
    step_size: Any,
    data: Any,
    known: Any,
) -> tuple[dict[str, Any], Any, dict[str, Any]]:
    """One step in one program: new rows' effects are drawn, and the chains moved.

    Returns positions, step sizes and the draws.
    """
    chains = len(next(iter(position.values())))
    joining, moving = jax.random.split(jax.random.key(seed))
    position = extended(program, by_row, jax.random.split(joining, chains), position, data, known)
    visited = {k: jnp.tile(v, (KEPT, *[1] * (v.ndim - 1))) for k, v in position.items()}

    def moved(i: Any, carried: Any) -> Any:
        position, _, step_size = carried
        key = jax.random.fold_in(moving, i)
        return interwoven(program, key, position, step_size, data, 0.1)

    start = position, visited, step_size
    position, visited, step_size = jax.lax.fori_loop(0, moves, moved, start)
    return position, step_size, constrained(program, visited, data)


def latent_values(program: Program, key: Any, data: Any) -> dict[str, Any]:
    """Values of the latent sites, drawn from the prior."""
    sites = handlers.trace(handlers.seed(program, key)).get_trace(data)
    return {
        name: site["value"]
        for name, site in sites.items()
        if site["type"] == "sample" and not site["is_observed"]
    }


def extended(
    program: Program,
    by_row: frozenset[str],
    keys: Any,
    position: dict[str, Any],
    data: Any,
    known: Any,
) -> dict[str, Any]:
    """Positions under new data; of the sites by row only the first ``known`` rows are kept."""

    def one(key: Any, old: dict[str, Any]) -> dict[str, Any]:
        values = constrain_fn(program, (data,), {}, old)
        same = {k: v for k, v in values.items() if k not in by_row}
        drawn = latent_values(handlers.substitute(program, data=same), key, data)
        new = unconstrain_fn(program, (data,), {}, drawn)
        for k in by_row:
            is_known = jnp.arange(len(new[k])) < known
            new[k] = jnp.where(is_known.reshape(-1, *[1] * (new[k].ndim - 1)), old[k], new[k])
        return {k: new[k] if k in by_row else old[k] for k in old}

    return jax.vmap(one)(keys, position)


@partial(jax.jit, static_argnames="program")
def from_prior(program: Program, keys: Any, data: Any) -> dict[str, Any]:
    """[C, ...] unconstrained draws of the latent sites."""

    def one(key: Any) -> dict[str, Any]:
        return unconstrain_fn(program, (data,), {}, latent_values(program, key, data))

    return jax.vmap(one)(keys)


def variance(flat: Any) -> Any:
    """[D] variances of the ensemble [C, D], from its quartiles: a few astray do not count."""
    rows = ordered(flat)

    def quantile(share: float) -> Any:
        below, rest = divmod(share * (len(flat) - 1), 1)
        low, high = rows[int(below)], rows[math.ceil(below + rest)]
        return low + rest * (high - low)

    return ((quantile(0.75) - quantile(0.25)) / 1.349) ** 2 + 1e-6


def ordered(rows: Any) -> Any:
    """[C, D] each column in ascending order.

    By a sorting network (Batcher 1968): minima and maxima of whole rows, which the processor takes
    many columns at a time; a sort compares two numbers at a time, and is tens of times as slow.
    """
    count, d = rows.shape
    size = 1 << (count - 1).bit_length()
    rows = jnp.pad(rows, [(0, size - count), (0, 0)], constant_values=jnp.inf)
    for log_run in range(1, size.bit_length()):  # runs in order become runs twice as long
        for log_gap in reversed(range(log_run)):
            gap = 1 << log_gap
            pairs = rows.reshape(size // (2 * gap), 2, gap, d)
            one, other = pairs[:, 0], pairs[:, 1]
            if log_gap == log_run - 1:
                other = other[:, ::-1]
            pairs = jnp.stack([jnp.minimum(one, other), jnp.maximum(one, other)], axis=1)
            # one stage after the other: together they would be computed many times over
            rows = jax.lax.optimization_barrier(pairs.reshape(size, d))
    return rows[:count]


@partial(jax.jit, static_argnames="program")
def informative(program: Program, key: Any, data: Any) -> Any:
    """Whether the data say anything: a likelihood of 1 does not."""
    sites = handlers.trace(handlers.seed(program, key)).get_trace(data)
    observed = [
        jnp.any(site["fn"].log_prob(site["value"]) != 0)
        for site in sites.values()
        if site["type"] == "sample" and site["is_observed"]
    ]
    return jnp.any(jnp.array(observed))


@partial(jax.jit, static_argnames="program")
def move(
    program: Program, key: Any, position: dict[str, Any], step_size: Any, data: Any, rate: Any
) -> tuple[dict[str, Any], dict[str, Any], Any]:
    """Positions after KEPT transitions, all their states constrained, and the step sizes."""
    position, visited, step_size = interwoven(program, key, position, step_size, data, rate)
    return position, constrained(program, visited, data), step_size


def constrained(program: Program, visited: dict[str, Any], data: Any) -> dict[str, Any]:
    """[S, ...] values by site, deterministic ones included, of unconstrained ones."""
    return jax.vmap(lambda v: constrain_fn(program, (data,), {}, v, return_deterministic=True))(
        visited
    )


def interwoven(
    program: Program, key: Any, position: dict[str, Any], step_size: Any, data: Any, rate: Any
) -> tuple[dict[str, Any], dict[str, Any], Any]:
    """Positions after a transition in each parametrization, all states [S, ...], step sizes."""
    effects = normal_effects(program, data)

    def moved(position: dict[str, Any], at: Any) -> Any:
        key, centred, step_size = at
        way = Parametrization(program, effects, centred)
        inside, step_size = transition(way, key, way.enter(position, data), step_size, data, rate)
        position = way.leave(inside, data)
        return position, (position, step_size)

    centred = jnp.asarray(CENTRED, step_size.dtype)
    each = jax.random.split(key, KEPT), centred, step_size
    position, (visited, step_size) = jax.lax.scan(moved, position, each)
    return position, {k: v.reshape(-1, *v.shape[2:]) for k, v in visited.items()}, step_size


def transition(
    way: Parametrization,
    key: Any,
    position: dict[str, Any],
    step_size: Any,
    data: Any,
    rate: Any,
) -> tuple[dict[str, Any], Any]:
    """Positions after one transition, and the step size."""
    unravel = ravel_pytree(jax.tree.map(lambda leaf: leaf[0], position))[1]
    flat = jax.vmap(lambda p: ravel_pytree(p)[0])(position)
    root = jnp.sqrt(variance(flat))

    def potential(unit: Any) -> Any:
        return potential_energy(way, (data,), {}, unravel(unit * root))

    seen_from = jax.vmap(jax.value_and_grad(potential))
    gather_key, momentum_key, jitter_key, accept_key = jax.random.split(key, 4)
    q = flat / root
    value, gradient = seen_from(q)
    source, value = gathered(gather_key, value)
    q, gradient = q[source], gradient[source]
    p = jax.random.normal(momentum_key, q.shape, q.dtype)
    step = step_size * jax.random.uniform(jitter_key, (len(q), 1), q.dtype, 0.6, 1.2)

    def leapfrog(carried: Any, _: Any) -> tuple[Any, None]:
        q, p, _, gradient = carried
        p = p - 0.5 * step * gradient
        q = q + step * p
        value, gradient = seen_from(q)
        return (q, p - 0.5 * step * gradient, value, gradient), None

    (q1, p1, value1, _), _ = jax.lax.scan(leapfrog, (q, p, value, gradient), length=LEAPFROG)
    energy = value - value1 + 0.5 * (p**2 - p1**2).sum(axis=1)
    accept = jnp.exp(jnp.minimum(jnp.where(jnp.isnan(energy), -jnp.inf, energy), 0.0))
    taken = jax.random.uniform(accept_key, accept.shape, q.dtype) < accept
    q = jnp.where(taken[:, None], q1, q) * root
    return jax.vmap(unravel)(q), step_size * jnp.exp(rate * (accept.mean() - TARGET_ACCEPT))


def gathered(key: Any, energy: Any) -> tuple[Any, Any]:
    """[C] where each chain goes on from, those astray from where others stand, and energies [C]."""
    energy = jnp.where(jnp.isnan(energy), jnp.inf, energy)  # as where a rate rounds to 0
    low, high = jnp.quantile(energy, jnp.array([0.25, 0.75]))
    astray = ~(energy <= high + FAR_OUT * (high - low)) & jnp.isfinite(high)
    source = jax.random.categorical(key, jnp.where(astray, -jnp.inf, 0.0), shape=astray.shape)
    source = jnp.where(astray, source, jnp.arange(len(astray)))
    return source, energy[source]
