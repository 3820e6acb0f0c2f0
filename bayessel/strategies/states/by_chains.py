"""A selection's state for any generative model: Hamiltonian chains carried along."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from bayessel.acquisition.expected_regret import expected_regret, points_and_noise
from bayessel.acquisition.information_gain import information_gain
from bayessel.inference.carried import chains as carried
from bayessel.inference.carried.hamiltonian import KEPT
from bayessel.inference.draws import POINTS, Draws, by_chain
from bayessel.inference.evidence import Evidence
from bayessel.inference.load import Model
from bayessel.inference.model_file import validate_model_file
from bayessel.inference.population import survey, survey_cells
from bayessel.inference.runtime import precision

LEADING = 10
"""Candidates whose cells the acquisitions look at: the likeliest to be the best."""

_COPIES = 4
_MORE_DRAWS = 64
"""States of each chain in the longer run."""
_APART = 4
"""Moves of the chains from one to the next two, so that they hardly depend on each other."""


@dataclass(frozen=True)
class ChainState:
    """The chains and what they say.

    Attributes
    ----------
    chains
        See :class:`bayessel.inference.carried.chains.Carried`.
    draws
        Draws of the finite population, four completions of each state of the chains.
    p_best
        [S, leading] shares of being the best.
    leading
        Positions of those candidates.
    seed
        That the unjudged queries' effects were drawn with.
    """

    chains: carried.Carried
    draws: Draws
    p_best: NDArray[np.float64]
    leading: NDArray[np.intp]
    seed: int

    @property
    def evidence(self) -> Evidence:
        """What was judged."""
        return self.chains.evidence

    @cached_property
    def cells(self) -> tuple[Any, Any]:
        """[S, N, leading] probabilities of a loss and a win of their cells, on the device."""
        with precision(double=False):
            found: tuple[Any, Any] = survey_cells(
                self.chains.model.predict,
                _key(self.seed),
                self.chains.draws,
                self.chains.data,
                self.evidence.outcome,
                self.leading,
            )
        return found

    def more_draws(self) -> Draws:
        """Draws of the chains moved on, one completion of each state."""
        rng, chains, found = np.random.default_rng(self.seed), self.chains, []
        for _ in range(_MORE_DRAWS // KEPT):
            chains = carried.carry(rng, chains, self.evidence.outcome, moves=_APART)
            found.append(_seen(rng, chains).draws)
        every = by_chain(found)  # [transition, chain, copy]
        size = len(every.win_rate) // (len(found) * KEPT * _COPIES)

        def laid_out(values: NDArray[np.float64]) -> NDArray[np.float64]:
            by_transition = values[::_COPIES].reshape(-1, size, *values.shape[1:])
            return np.swapaxes(by_transition, 0, 1).reshape(-1, *values.shape[1:])

        return Draws(
            laid_out(every.win_rate),
            laid_out(every.p_best),
            laid_out(every.outcome_rate),
            laid_out(every.eps_loss),
            laid_out(every.eps_draw),
            size,
        )

    def regret(self) -> NDArray[np.float64]:
        """[N] expected lowering of the regret."""
        leading = self.draws.win_rate[:, self.leading]
        mean = leading.reshape(len(self.p_best), _COPIES, -1).mean(axis=1)
        with precision(double=False):
            found = _regret(mean.astype(np.float32), *self.cells)
        return np.asarray(found, dtype=float)

    def gain(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """[N] information gain and its error."""
        loss, win = self.cells
        return information_gain(self.p_best, np.asarray(loss), np.asarray(win))


def start(rng: np.random.Generator, model: Model, evidence: Evidence, draws: int) -> ChainState:
    """State after what is judged."""
    validate_model_file(model, evidence)
    chains = max(8, draws // (_COPIES * KEPT))
    return _seen(rng, carried.begin(rng, model, evidence, chains=chains))


def advance(rng: np.random.Generator, state: ChainState, outcome: NDArray[np.int8]) -> ChainState:
    """State after more is judged."""
    return _seen(rng, carried.carry(rng, state.chains, outcome))


def _seen(rng: np.random.Generator, chains: carried.Carried) -> ChainState:
    outcome = chains.evidence.outcome
    with precision(double=False):
        seed = int(rng.integers(2**31))
        seen = survey(
            chains.model.predict,
            chains.model.complete,
            _COPIES,
            _key(seed),
            chains.draws,
            chains.data,
            outcome,
            cells=False,
        )
        counts, shares = (np.asarray(v, dtype=float) for v in (seen.counts, seen.p_best))
        rate = counts / len(outcome)
        flat = rate.reshape(-1, *rate.shape[2:])
    if "p_best" in chains.draws:  # the model's own
        repeated = np.repeat(np.asarray(chains.draws["p_best"], dtype=float), _COPIES, axis=0)
    else:  # the best of each completion
        half_points = np.rint(2 * (flat @ POINTS) * len(outcome))
        top = half_points == half_points.max(axis=1, keepdims=True)
        repeated = top / top.sum(axis=1, keepdims=True)
    loss_rate, draw_rate = (
        np.repeat(np.asarray(chains.draws[k], dtype=float), _COPIES)
        if k in chains.draws
        else (repeated * flat[:, :, i]).sum(axis=1)
        for i, k in enumerate(("eps_loss", "eps_draw"))
    )
    draws = Draws(flat @ POINTS, repeated, flat, loss_rate, draw_rate)
    order = np.lexsort((-draws.win_rate.mean(axis=0), -shares.mean(axis=0)))
    leading = np.sort(order[:LEADING])
    return ChainState(chains, draws, shares[:, leading], leading, seed)


@jax.jit
def _key(seed: Any) -> Any:
    """The key of a seed, in one call of the device."""
    return jax.random.key(seed)


@jax.jit
def _regret(win_rate: Any, loss: Any, win: Any) -> Any:
    return expected_regret(win_rate, *points_and_noise(loss, win))
