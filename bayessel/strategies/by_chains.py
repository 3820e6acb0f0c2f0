"""A selection's state for any generative model: Hamiltonian chains carried along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from bayessel.acquisition.expected_regret import expected_regret, points_and_noise
from bayessel.acquisition.information_gain import information_gain
from bayessel.evidence import Evidence
from bayessel.inference import carried
from bayessel.inference.draws import POINTS, Draws
from bayessel.inference.model import Model
from bayessel.inference.population import survey
from bayessel.inference.runtime import precision

LEADING = 10
"""Candidates whose cells the acquisitions look at: the likeliest to be the best."""

_COPIES = 4


@dataclass(frozen=True)
class ChainState:
    """The chains and what they say.

    Attributes
    ----------
    chains
        See :class:`bayessel.inference.carried.Carried`.
    draws
        Draws of the finite population, four completions of each state of the chains.
    p_best
        [S, leading] shares of being the best.
    loss, win
        [S, N, leading] probabilities of the leading candidates' cells, on the device.
    leading
        Positions of those candidates.
    """

    chains: carried.Carried
    draws: Draws
    p_best: NDArray[np.float64]
    loss: Any
    win: Any
    leading: NDArray[np.intp]

    @property
    def evidence(self) -> Evidence:
        """What was judged."""
        return self.chains.evidence

    def regret(self) -> NDArray[np.float64]:
        """[N] expected lowering of the regret."""
        leading = self.draws.win_rate[:, self.leading]
        mean = leading.reshape(len(self.loss), _COPIES, -1).mean(axis=1)
        with precision(double=False):
            found = _regret(mean.astype(np.float32), self.loss, self.win)
        return np.asarray(found, dtype=float)

    def gain(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """[N] information gain and its error."""
        return information_gain(self.p_best, np.asarray(self.loss), np.asarray(self.win))


def start(rng: np.random.Generator, model: Model, evidence: Evidence, draws: int) -> ChainState:
    """State after what is judged."""
    chains = max(8, draws // (_COPIES * carried.KEPT))
    return _seen(rng, carried.begin(rng, model, evidence, chains=chains))


def advance(rng: np.random.Generator, state: ChainState, outcome: NDArray[np.int8]) -> ChainState:
    """State after more is judged."""
    return _seen(rng, carried.carry(rng, state.chains, outcome))


def _seen(rng: np.random.Generator, chains: carried.Carried) -> ChainState:
    outcome = chains.evidence.outcome
    with precision(double=False):
        counts, p_best, loss, win, leading = _survey(
            chains.model.predict,
            chains.model.complete,
            min(LEADING, outcome.shape[1]),
            int(rng.integers(2**31)),
            chains.draws,
            chains.data,
            outcome,
        )
        shares = np.asarray(p_best, dtype=float)[:, leading]
        rate = np.asarray(counts, dtype=float) / len(outcome)
        flat = rate.reshape(-1, *rate.shape[2:])
    if "p_best" in chains.draws:  # the model's own
        repeated = np.repeat(np.asarray(chains.draws["p_best"], dtype=float), _COPIES, axis=0)
    else:  # the best of each completion
        half_points = np.rint(2 * (flat @ POINTS) * len(outcome))
        top = half_points == half_points.max(axis=1, keepdims=True)
        repeated = top / top.sum(axis=1, keepdims=True)
    eps = np.einsum("sm,smk->sk", repeated, flat)
    loss_rate, draw_rate = (
        np.repeat(np.asarray(chains.draws[k], dtype=float), _COPIES)
        if k in chains.draws
        else eps[:, i]
        for i, k in enumerate(("eps_loss", "eps_draw"))
    )
    draws = Draws(flat @ POINTS, repeated, flat, loss_rate, draw_rate)
    return ChainState(chains, draws, shares, loss, win, np.asarray(leading))


@partial(jax.jit, static_argnames=("predict", "completed", "size"))
def _survey(
    predict: Callable[..., Any],
    completed: Callable[..., Any] | None,
    size: int,
    seed: Any,
    draws: Any,
    data: Any,
    outcome: Any,
) -> tuple[Any, Any, Any, Any, Any]:
    """A survey: counts, shares, and the cells and positions of the leading candidates."""
    seen = survey(predict, completed, _COPIES, jax.random.key(seed), draws, data, outcome)
    points = (seen.counts @ jnp.asarray(POINTS, seen.loss.dtype)).mean(axis=(0, 1))
    leading = jnp.sort(jnp.lexsort((-points, -seen.p_best.mean(axis=0)))[:size])
    return seen.counts, seen.p_best, seen.loss[..., leading], seen.win[..., leading], leading


@jax.jit
def _regret(win_rate: Any, loss: Any, win: Any) -> Any:
    return expected_regret(win_rate, *points_and_noise(loss, win))
