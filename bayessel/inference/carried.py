"""Chains carried from one annotation to the next, instead of a refit.

C chains stand at draws from the posterior. When a row is judged, the posterior changes a little; a
few Hamiltonian transitions (Neal 2011), which leave the new posterior invariant, move each chain
from where it stands. Step size and diagonal metric are taken from the ensemble, and a chain so far
out that the ensemble's steps are too long for it, which would stay there for good, is started anew
where another stands (as in DREAM, Vrugt et al. 2009). Rows are laid out
on slots, whose number grows by a half as they fill: a program is compiled once for each such shape
and not at every step. The effects of a free slot are draws from their prior, so a new row finds its
own.
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
FAR_OUT = 2.0
"""Chains whose energy is higher than the upper quartile by so many times the quartiles' distance
are astray."""
LEAST_SLOTS = 16


Held = dict[int, tuple[NDArray[Any], Any]]
_LARGE = 1000


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
    data
        What the program read, on the device.
    held
        Large arrays of ``data`` by the identity of the host's, which is kept beside them: what does
        not change from step to step is moved to the device once.
    """

    model: Model
    evidence: Evidence
    position: dict[str, Any]
    scale: Any
    step_size: float
    draws: dict[str, Any]
    by_row: frozenset[str]
    data: Any
    held: Held


def slots_for(rows: int) -> int:
    """Slots for so many judged rows and one more: a power of two, or one and a half of it."""
    slots = LEAST_SLOTS
    while slots <= rows:
        slots = slots * 3 // 2 if slots.bit_count() == 1 else slots * 4 // 3
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
        data, held = _data(model, evidence, {})
        keys = jax.random.split(jax.random.key(int(rng.integers(2**31))), chains)
        position = _from_prior(program, keys, data)
        by_row = _sites_by_row(program, model, evidence, data)
        scale = _variance(position)
        state = Carried(model, evidence, position, scale, 0.1, {}, by_row, data, held)
        if not _informative(program, keys[0], data):  # the prior is the posterior
            transitions = 20
        for _ in range(max(1, transitions // 20)):
            for _ in range(20 // KEPT):
                state = _moved(rng, state, rate=0.3)
            state = replace(state, scale=_variance(state.position))
        return _moved(rng, state, rate=0.0)


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
    known = before.judged.tolist()
    new = sorted(set(judged.tolist()) - set(known))
    order = (*known, *new)
    slots = max(len(before.rows), slots_for(len(order)))
    evidence = replace(before, outcome=outcome, order=order, slots=slots)
    with precision(double=False):
        data, held = _data(state.model, evidence, state.held)
        position, scale, step_size, draws = _advance(
            Program(state.model),
            state.by_row,
            int(rng.integers(2**31)),
            _moves(len(order)),
            _padded(state.position, state.by_row, slots - len(before.rows)),
            state.step_size,
            data,
            len(known),
        )
    return replace(
        state,
        evidence=evidence,
        position=position,
        scale=scale,
        step_size=step_size,
        draws=draws,
        data=data,
        held=held,
    )


def _padded(position: dict[str, Any], by_row: frozenset[str], more: int) -> dict[str, Any]:
    """Positions with room for more slots, whose values are drawn later."""
    if not more:
        return position

    def wider(of: Any) -> Any:
        return jnp.pad(of, [(0, 0), (0, more)] + [(0, 0)] * (of.ndim - 2))

    return {k: wider(v) if k in by_row else v for k, v in position.items()}


def _moves(rows: int) -> int:
    """Moves; the states of the last are kept. The first rows change the posterior most."""
    return 7 if rows <= 8 else 4 if rows <= 20 else 1


def _data(model: Model, evidence: Evidence, held: Held) -> tuple[Any, Held]:
    """What the program reads, on the device, and its large arrays to find there the next time."""
    kept: Held = {}

    def move(leaf: Any) -> Any:
        if np.size(leaf) < _LARGE:
            return jnp.asarray(leaf)
        host, device = held.get(id(leaf), (None, None))
        if host is not leaf:
            device = jnp.asarray(leaf)
        kept[id(leaf)] = leaf, device
        return device

    return jax.tree.map(move, model.prepare(evidence)), kept


@partial(jax.jit, static_argnames=("program", "by_row"))
def _advance(
    program: Program,
    by_row: frozenset[str],
    seed: Any,
    moves: Any,
    position: dict[str, Any],
    step_size: Any,
    data: Any,
    known: Any,
) -> tuple[dict[str, Any], Any, Any, dict[str, Any]]:
    """One step in one program: new rows' effects are drawn, and the chains moved.

    Returns positions, metric, step size and the draws.
    """
    chains = len(next(iter(position.values())))
    joining, moving = jax.random.split(jax.random.key(seed))
    position = _extend(program, by_row, jax.random.split(joining, chains), position, data, known)
    scale = _variance(position)
    visited = jnp.zeros((KEPT * chains, len(scale)), scale.dtype)

    def move(i: Any, carried: Any) -> Any:
        position, _, step_size, _ = carried
        scale = _variance(position)
        key = jax.random.fold_in(moving, i)
        position, visited, step_size = _transitions(
            program, key, position, scale, step_size, data, 0.1
        )
        return position, scale, step_size, visited

    start = position, scale, jnp.asarray(step_size, scale.dtype), visited
    position, scale, step_size, visited = jax.lax.fori_loop(0, moves, move, start)
    return position, scale, step_size, _draws(program, visited, position, data)


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


def _moved(rng: np.random.Generator, state: Carried, rate: float) -> Carried:
    key = jax.random.key(int(rng.integers(2**31)))
    position, draws, step = _move(
        Program(state.model), key, state.position, state.scale, state.step_size, state.data, rate
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
    position, visited, step_size = _transitions(
        program, key, position, scale, step_size, data, rate
    )
    return position, _draws(program, visited, position, data), step_size


def _draws(program: Program, visited: Any, position: dict[str, Any], data: Any) -> dict[str, Any]:
    """[S, ...] values by site of flat positions [S, D]; ``position`` says their layout."""
    unravel = ravel_pytree(jax.tree.map(lambda leaf: leaf[0], position))[1]
    return jax.vmap(
        lambda v: constrain_fn(program, (data,), {}, unravel(v), return_deterministic=True)
    )(visited)


def _transitions(
    program: Program,
    key: Any,
    position: dict[str, Any],
    scale: Any,
    step_size: Any,
    data: Any,
    rate: Any,
) -> tuple[dict[str, Any], Any, Any]:
    """Positions after KEPT transitions, all their states [S, D], and the step size."""
    unravel = ravel_pytree(jax.tree.map(lambda leaf: leaf[0], position))[1]
    flat = jax.vmap(lambda p: ravel_pytree(p)[0])(position)
    root = jnp.sqrt(scale)

    def potential(unit: Any) -> Any:
        return potential_energy(program, (data,), {}, unravel(unit * root))

    energy_of, gradient_of = jax.vmap(potential), jax.vmap(jax.grad(potential))

    def leapfrog(carried: Any, _: Any) -> tuple[Any, None]:
        q, p, gradient, step = carried
        p = p - 0.5 * step * gradient
        q = q + step * p
        gradient = gradient_of(q)
        return (q, p - 0.5 * step * gradient, gradient, step), None

    def transition(carried: Any, key: Any) -> tuple[Any, Any]:
        q, value, gradient, log_step = carried
        momentum_key, jitter_key, accept_key = jax.random.split(key, 3)
        p = jax.random.normal(momentum_key, q.shape, dtype=q.dtype)
        jitter = jax.random.uniform(jitter_key, (len(q), 1), q.dtype, 0.6, 1.2)
        start = (q, p, gradient, jnp.exp(log_step) * jitter)
        (q1, p1, gradient1, _), _ = jax.lax.scan(leapfrog, start, None, length=LEAPFROG)
        value1 = energy_of(q1)  # the leapfrog needs gradients only
        energy = value - value1 + 0.5 * (p**2 - p1**2).sum(axis=1)
        accept = jnp.exp(jnp.minimum(jnp.where(jnp.isnan(energy), -jnp.inf, energy), 0.0))
        taken = jax.random.uniform(accept_key, accept.shape, q.dtype) < accept
        q = jnp.where(taken[:, None], q1, q)
        gradient = jnp.where(taken[:, None], gradient1, gradient)
        value = jnp.where(taken, value1, value)
        log_step = log_step + rate * (accept.mean() - TARGET_ACCEPT)
        return (q, value, gradient, log_step), q

    q = flat / root
    q, value = _gathered(jax.random.fold_in(key, KEPT), q, energy_of(q))
    gradient = gradient_of(q)
    start = (q, value, gradient, jnp.log(jnp.asarray(step_size, q.dtype)))
    (q, _, _, log_step), visited = jax.lax.scan(transition, start, jax.random.split(key, KEPT))
    visited = (visited * root).reshape(-1, visited.shape[-1])
    return jax.vmap(unravel)(q * root), visited, jnp.exp(log_step)


def _gathered(key: Any, q: Any, energy: Any) -> tuple[Any, Any]:
    """Positions [C, D] and energies [C], chains astray started anew where others stand."""
    energy = jnp.where(jnp.isnan(energy), jnp.inf, energy)  # as where a rate rounds to 0
    low, high = jnp.quantile(energy, jnp.array([0.25, 0.75]))
    astray = ~(energy <= high + FAR_OUT * (high - low)) & jnp.isfinite(high)
    source = jax.random.categorical(key, jnp.where(astray, -jnp.inf, 0.0), shape=astray.shape)
    source = jnp.where(astray, source, jnp.arange(len(astray)))
    return q[source], energy[source]


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
    wider, _ = _data(model, replace(evidence, slots=len(evidence.rows) + 1), {})
    shapes, others = (
        jax.eval_shape(partial(_latent_values, program), key, given) for given in (data, wider)
    )
    return frozenset(k for k in shapes if shapes[k].shape != others[k].shape)


def _latent_values(program: Program, key: Any, data: Any) -> dict[str, Any]:
    return _latent(handlers.trace(handlers.seed(program, key)).get_trace(data))


def _extend(
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
        drawn = _latent_values(handlers.substitute(program, data=same), key, data)
        new = unconstrain_fn(program, (data,), {}, drawn)
        for k in by_row:
            is_known = jnp.arange(len(new[k])) < known
            new[k] = jnp.where(is_known.reshape(-1, *[1] * (new[k].ndim - 1)), old[k], new[k])
        return {k: new[k] if k in by_row else old[k] for k in old}

    return jax.vmap(one)(keys, position)
