"""Chains carried from one annotation to the next, instead of a refit.

C chains stand at draws from the posterior. When a row is judged, the posterior changes a little; a
few Hamiltonian moves (:mod:`bayessel.inference.carried.hamiltonian`), which leave the new posterior
invariant, take each chain on from where it stands. Rows are laid out on slots. When all are
full, half as many are added: a program is compiled once for each number of slots and not at every
step. The effects of a free slot are draws from their prior: they become those of the next new row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from bayessel.inference.carried.hamiltonian import (
    KEPT,
    STEP_SIZES,
    advance,
    from_prior,
    informative,
    latent_values,
    move,
)
from bayessel.inference.engines.nuts import Program
from bayessel.inference.evidence import Evidence
from bayessel.inference.load import Model
from bayessel.inference.runtime import precision
from bayessel.outcomes import MISSING

CHAINS = 64
FIRST = 300
"""Transitions from the prior to the first posterior."""
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
    step_size
        [KEPT] of the leapfrog integrator, by parametrization.
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
    step_size: Any
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
        position = from_prior(program, keys, data)
        by_row = _sites_by_row(program, model, evidence, data)
        step_size = jnp.asarray(STEP_SIZES, jnp.float32)
        state = Carried(model, evidence, position, step_size, {}, by_row, data, held)
        if not informative(program, keys[0], data):  # the prior is the posterior
            transitions = 20
        for _ in range(transitions // KEPT):
            state = _moved(rng, state, rate=0.3)
        return _moved(rng, state, rate=0.0)


def carry(
    rng: np.random.Generator,
    state: Carried,
    outcome: NDArray[np.int8],
    *,
    moves: int | None = None,
) -> Carried:
    """Chains after more judgments.

    Parameters
    ----------
    rng
        Randomness.
    state
        Chains after fewer.
    outcome
        [N, M] all judgments.
    moves
        Of KEPT transitions; the states of the last are kept. As many as the number of judged rows
        asks for where not given.
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
        position, step_size, draws = advance(
            Program(state.model),
            state.by_row,
            int(rng.integers(2**31)),
            _moves(len(order)) if moves is None else moves,
            _padded(state.position, state.by_row, slots - len(before.rows)),
            state.step_size,
            data,
            len(known),
        )
    return replace(
        state,
        evidence=evidence,
        position=position,
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

    def place(leaf: Any) -> Any:
        if np.size(leaf) < _LARGE:
            return jnp.asarray(leaf)
        host, device = held.get(id(leaf), (None, None))
        if host is not leaf:
            device = jnp.asarray(leaf)
        kept[id(leaf)] = leaf, device
        return device

    return jax.tree.map(place, model.prepare(evidence)), kept


def _moved(rng: np.random.Generator, state: Carried, rate: float) -> Carried:
    key = jax.random.key(int(rng.integers(2**31)))
    position, draws, step = move(
        Program(state.model), key, state.position, state.step_size, state.data, rate
    )
    return replace(state, position=position, step_size=step, draws=draws)


def _sites_by_row(program: Program, model: Model, evidence: Evidence, data: Any) -> frozenset[str]:
    """Sites whose shape depends on the number of slots."""
    key = jax.random.key(0)
    wider, _ = _data(model, replace(evidence, slots=len(evidence.rows) + 1), {})
    shapes, others = (
        jax.eval_shape(partial(latent_values, program), key, given) for given in (data, wider)
    )
    return frozenset(k for k in shapes if shapes[k].shape != others[k].shape)
