"""Chains carried from one annotation to the next, instead of a refit.

C chains stand at draws from the posterior. When a row is judged, the posterior changes a little; a
few Hamiltonian transitions (Neal 2011), which leave the new posterior invariant, move each chain
from where it stands. Step size and diagonal metric are taken from the ensemble. Rows are laid out
on slots, whose number doubles as they fill: a program is compiled once for each such shape and not
at every step. The effects of a free slot are draws from their prior, so a new row finds its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from numpy.typing import NDArray
from numpyro import handlers
from numpyro.infer.util import constrain_fn, potential_energy, unconstrain_fn

from bayessel.evidence import Evidence
from bayessel.inference.model import Model
from bayessel.inference.nuts import Program
from bayessel.inference.runtime import precision
from bayessel.outcomes import MISSING

CHAINS = 64
LEAPFROG = 8
FIRST = 300
"""Transitions from the prior to the first posterior."""
KEPT = 2
"""Transitions of one move; the states after each of them are the draws, S = C · KEPT."""
TARGET_ACCEPT = 0.8
LEAST_SLOTS = 16


@dataclass(frozen=True)
class Carried:
    """Chains after some judgments.

    Attributes
    ----------
    model
        The generative model.
    evidence
        What was judged.
    position
        [C, ...] unconstrained values by site.
    scale
        [D] variance of the ensemble, the inverse of the metric.
    step_size
        Of the leapfrog integrator.
    draws
        [S, ...] values by site, deterministic ones included: the chains after each of the last
        transitions.
    by_row
        Sites with a value for each slot.
    """

    model: Model
    evidence: Evidence
    position: dict[str, Any]
    scale: Any
    step_size: float
    draws: dict[str, Any]
    by_row: frozenset[str]


def slots_for(rows: int) -> int:
    """Slots for so many judged rows and one more: a power of two."""
    slots = LEAST_SLOTS
    while slots <= rows:
        slots *= 2
    return slots


def begin(
    rng: np.random.Generator,
    model: Model,
    evidence: Evidence,
    *,
    chains: int = CHAINS,
    transitions: int = FIRST,
) -> Carried:
    """Chains at the posterior after ``evidence``, moved there from the prior.

    Parameters
    ----------
    rng
        Randomness.
    model
        The generative model.
    evidence
        Judgments so far; there may be none.
    chains
        C.
    transitions
        Transitions before those, in which step size and metric are adapted.
    """
    evidence = replace(evidence, slots=slots_for(len(evidence.judged)))
    program = Program(model)
    with precision(double=False):
        data = _data(model, evidence)
        keys = jax.random.split(jax.random.key(int(rng.integers(2**31))), chains)
        position = _from_prior(program, keys, data)
        by_row = _sites_by_row(program, model, evidence, data)
        state = Carried(model, evidence, position, _variance(position), 0.1, {}, by_row)
        if not _informative(program, keys[0], data):  # the prior is the posterior
            transitions = 20
        for _ in range(max(1, transitions // 20)):
            state = _adapted(rng, state, data, 20, rate=0.3)
        return _moved(rng, state, data, rate=0.0)


def carry(rng: np.random.Generator, state: Carried, outcome: NDArray[np.int8]) -> Carried:
    """Chains after more judgments.

    Parameters
    ----------
    rng
        Randomness.
    state
        Chains after fewer.
    outcome
        [N, M] all judgments.
    """
    before = state.evidence
    judged = np.flatnonzero((outcome != MISSING).any(axis=1))
    new = [int(q) for q in judged if q not in set(before.judged.tolist())]
    order = (*(int(q) for q in before.judged), *new)
    slots = max(len(before.rows), slots_for(len(order)))
    evidence = replace(before, outcome=outcome, order=order, slots=slots)
    with precision(double=False):
        data = _data(state.model, evidence)
        state = _joined(rng, replace(state, evidence=evidence), before, data)
        state = _adapted(rng, state, data, _extra(len(order)), rate=0.15)
        return _moved(rng, state, data, rate=0.1)


def _extra(rows: int) -> int:
    """Transitions before those that are kept: the first rows change the posterior most."""
    return 12 if rows <= 8 else 6 if rows <= 20 else KEPT


def _data(model: Model, evidence: Evidence) -> Any:
    return jax.tree.map(jnp.asarray, model.prepare(evidence))


@partial(jax.jit, static_argnames="program")
def _from_prior(program: Program, keys: Any, data: Any) -> dict[str, Any]:
    """[C, ...] unconstrained draws of the latent sites."""

    def one(key: Any) -> dict[str, Any]:
        sites = handlers.trace(handlers.seed(program, key)).get_trace(data)
        return unconstrain_fn(program, (data,), {}, _latent(sites))

    return jax.vmap(one)(keys)


def _latent(sites: dict[str, Any]) -> dict[str, Any]:
    return {
        name: site["value"]
        for name, site in sites.items()
        if site["type"] == "sample" and not site["is_observed"]
    }


@jax.jit
def _variance(position: dict[str, Any]) -> Any:
    """[D] variances of the ensemble, from its quartiles: a few chains astray do not count."""
    flat = jax.vmap(lambda p: ravel_pytree(p)[0])(position)
    low, high = jnp.quantile(flat, jnp.array([0.25, 0.75]), axis=0)
    return ((high - low) / 1.349) ** 2 + 1e-6


def _adapted(
    rng: np.random.Generator, state: Carried, data: Any, transitions: int, rate: float
) -> Carried:
    """Some transitions, then the metric from the ensemble."""
    for _ in range(transitions // KEPT):
        state = _moved(rng, state, data, rate)
    return replace(state, scale=_variance(state.position))


def _moved(rng: np.random.Generator, state: Carried, data: Any, rate: float) -> Carried:
    key = jax.random.key(int(rng.integers(2**31)))
    position, draws, step = _move(
        Program(state.model), key, state.position, state.scale, state.step_size, data, rate
    )
    return replace(state, position=position, step_size=step, draws=draws)


@partial(jax.jit, static_argnames="program")
def _move(
    program: Program,
    key: Any,
    position: dict[str, Any],
    scale: Any,
    step_size: Any,
    data: Any,
    rate: Any,
) -> tuple[dict[str, Any], dict[str, Any], Any]:
    """Positions after KEPT transitions, all their states constrained, and the step size."""
    unravel = ravel_pytree(jax.tree.map(lambda leaf: leaf[0], position))[1]
    flat = jax.vmap(lambda p: ravel_pytree(p)[0])(position)
    root = jnp.sqrt(scale)

    def potential(unit: Any) -> Any:
        return potential_energy(program, (data,), {}, unravel(unit * root))

    value_and_grad = jax.vmap(jax.value_and_grad(potential))

    def leapfrog(carried: Any, _: Any) -> tuple[Any, None]:
        q, p, gradient, value, step = carried
        p = p - 0.5 * step * gradient
        q = q + step * p
        value, gradient = value_and_grad(q)
        return (q, p - 0.5 * step * gradient, gradient, value, step), None

    def transition(carried: Any, key: Any) -> tuple[Any, Any]:
        q, value, gradient, log_step = carried
        momentum_key, jitter_key, accept_key = jax.random.split(key, 3)
        p = jax.random.normal(momentum_key, q.shape, dtype=q.dtype)
        jitter = jax.random.uniform(jitter_key, (len(q), 1), q.dtype, 0.6, 1.2)
        start = (q, p, gradient, value, jnp.exp(log_step) * jitter)
        (q1, p1, gradient1, value1, _), _ = jax.lax.scan(leapfrog, start, None, length=LEAPFROG)
        energy = value - value1 + 0.5 * (p**2 - p1**2).sum(axis=1)
        accept = jnp.exp(jnp.minimum(jnp.where(jnp.isnan(energy), -jnp.inf, energy), 0.0))
        taken = jax.random.uniform(accept_key, accept.shape, q.dtype) < accept
        q = jnp.where(taken[:, None], q1, q)
        gradient = jnp.where(taken[:, None], gradient1, gradient)
        value = jnp.where(taken, value1, value)
        log_step = log_step + rate * (accept.mean() - TARGET_ACCEPT)
        return (q, value, gradient, log_step), q

    q = flat / root
    value, gradient = value_and_grad(q)
    start = (q, value, gradient, jnp.log(jnp.asarray(step_size, q.dtype)))
    (q, _, _, log_step), visited = jax.lax.scan(transition, start, jax.random.split(key, KEPT))
    visited = (visited * root).reshape(-1, visited.shape[-1])
    draws = jax.vmap(
        lambda v: constrain_fn(program, (data,), {}, unravel(v), return_deterministic=True)
    )(visited)
    return jax.vmap(unravel)(q * root), draws, jnp.exp(log_step)


def _joined(rng: np.random.Generator, state: Carried, before: Evidence, data: Any) -> Carried:
    """The same chains, the effects of rows that were not judged before drawn from their prior."""
    program = Program(state.model)
    chains = len(next(iter(state.position.values())))
    keys = jax.random.split(jax.random.key(int(rng.integers(2**31))), chains)
    position = _extend(
        program,
        state.by_row,
        keys,
        state.position,
        _data(state.model, before),
        data,
        jnp.asarray(len(before.judged)),
    )
    return replace(state, position=position, scale=_variance(position))


@partial(jax.jit, static_argnames="program")
def _informative(program: Program, key: Any, data: Any) -> Any:
    """Whether the data say anything: a likelihood of 1 does not."""
    sites = handlers.trace(handlers.seed(program, key)).get_trace(data)
    observed = [
        jnp.any(site["fn"].log_prob(site["value"]) != 0)
        for site in sites.values()
        if site["type"] == "sample" and site["is_observed"]
    ]
    return jnp.any(jnp.array(observed))


def _sites_by_row(program: Program, model: Model, evidence: Evidence, data: Any) -> frozenset[str]:
    """Sites whose shape depends on the number of slots."""
    key = jax.random.key(0)
    wider = _data(model, replace(evidence, slots=len(evidence.rows) + 1))
    shapes, others = (
        jax.eval_shape(partial(_latent_values, program), key, given) for given in (data, wider)
    )
    return frozenset(k for k in shapes if shapes[k].shape != others[k].shape)


def _latent_values(program: Program, key: Any, data: Any) -> dict[str, Any]:
    return _latent(handlers.trace(handlers.seed(program, key)).get_trace(data))


@partial(jax.jit, static_argnames=("program", "by_row"))
def _extend(
    program: Program,
    by_row: frozenset[str],
    keys: Any,
    position: dict[str, Any],
    before: Any,
    after: Any,
    known: Any,
) -> dict[str, Any]:
    """Positions under new data; of the sites by row only the first ``known`` rows are kept."""

    def one(key: Any, old: dict[str, Any]) -> dict[str, Any]:
        values = constrain_fn(program, (before,), {}, old)
        same = {k: v for k, v in values.items() if k not in by_row}
        drawn = _latent_values(handlers.substitute(program, data=same), key, after)
        new = unconstrain_fn(program, (after,), {}, drawn)
        for k in by_row:
            kept = jnp.zeros_like(new[k]).at[: len(old[k])].set(old[k])
            is_known = jnp.arange(len(new[k])) < known
            new[k] = jnp.where(is_known.reshape(-1, *[1] * (new[k].ndim - 1)), kept, new[k])
        return {k: new[k] if k in by_row else old[k] for k in old}

    return jax.vmap(one)(keys, position)
