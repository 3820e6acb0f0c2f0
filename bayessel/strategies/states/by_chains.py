"""State of a selection for any generative model: Hamiltonian chains, moved on at each step."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from bayessel.acquisition.expected_regret import points_and_noise
from bayessel.inference.carried import chains as carried
from bayessel.inference.carried.hamiltonian import KEPT
from bayessel.inference.draws import OWN, Draws
from bayessel.inference.evidence import Evidence
from bayessel.inference.load import Model
from bayessel.inference.model_file import validate_model_file
from bayessel.inference.population import survey, survey_cells
from bayessel.inference.runtime import precision
from bayessel.strategies.states.cell_outlook import SampledCells
from bayessel.strategies.states.leading import by_state, leading_candidates

LEADING = 10
"""L, candidates whose cells the acquisitions see."""

COPIES = 4
"""Completions of the population for each state of the chains."""

_MORE_DRAWS = 64
"""States of each chain in the longer run."""
_APART = 4
"""Moves between two kept states of the longer run: enough for these to be nearly independent."""


@dataclass(frozen=True)
class ChainState:
    """The chains and what they say.

    It is an :class:`~bayessel.acquisition.base.Outlook`.

    Attributes
    ----------
    chains
        See :class:`bayessel.inference.carried.chains.Carried`.
    draws
        Draws of the finite population, :data:`COPIES` completions of each state of the chains.
    p_best
        [S, L] shares of being the best, of the leading candidates.
    leading
        [L] positions of the leading candidates.
    seed
        Seed with which the effects of the unjudged queries were drawn.
    expected
        [M] expected win rates, with less Monte Carlo error than the mean of ``draws``.
    """

    chains: carried.Carried
    draws: Draws
    p_best: NDArray[np.float64]
    leading: NDArray[np.intp]
    seed: int
    expected: NDArray[np.float64]

    @property
    def evidence(self) -> Evidence:
        """What was judged."""
        return self.chains.evidence

    @property
    def p_f(self) -> NDArray[np.float64] | None:
        """[M] posterior of F, where it is a parameter of the model."""
        if "p_f" not in self.chains.draws:
            return None
        found: NDArray[np.float64] = np.asarray(self.chains.draws["p_f"], dtype=float).mean(axis=0)
        return found / found.sum()

    @property
    def spread(self) -> NDArray[np.float64]:
        """[N] how much the weak judges' scores vary."""
        return self.evidence.signals.spread

    @cached_property
    def win_rate(self) -> NDArray[np.float64]:
        """[S, L] win rates, the mean over the completions."""
        return by_state(self.draws.win_rate[:, self.leading], COPIES)

    @cached_property
    def _cells(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """[S, N, L] probabilities of a loss and a win of the leading candidates' cells."""
        with precision(double=False):
            loss, win = survey_cells(
                self.chains.model.predict,
                _key(self.seed),
                self.chains.draws,
                self.chains.data,
                self.evidence.outcome,
                self.leading,
            )
        return np.asarray(loss), np.asarray(win)

    @property
    def loss(self) -> NDArray[np.float32]:
        """[S, N, L] probabilities of a loss."""
        return self._cells[0]

    @property
    def win(self) -> NDArray[np.float32]:
        """[S, N, L] probabilities of a win."""
        return self._cells[1]

    @cached_property
    def _points_and_noise(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        found: tuple[NDArray[np.float32], NDArray[np.float32]] = points_and_noise(*self._cells)
        return found

    @property
    def points(self) -> NDArray[np.float32]:
        """[S, N, L] expected points of cells in each state."""
        return self._points_and_noise[0]

    @property
    def noise(self) -> NDArray[np.float32]:
        """[N, L] variances of the points of cells in a given state."""
        return self._points_and_noise[1]

    def seeing(self, most: int) -> ChainState:
        """The same: its number of leading candidates is fixed."""
        return self

    def cells(self, queries: NDArray[np.intp], available: NDArray[np.bool_]) -> SampledCells:
        """What an acquisition sees of the cells of some queries."""
        return SampledCells.of(self, self.evidence.outcome, queries, available)

    def more_draws(self) -> Draws:
        """Draws of the chains moved on, with one completion of each state."""
        rng, chains, runs = np.random.default_rng(self.seed), self.chains, []
        for _ in range(_MORE_DRAWS // KEPT):
            chains = carried.carry(rng, chains, self.evidence.outcome, moves=_APART)
            runs.append(_seen(rng, chains).draws)
        number = len(self.draws.win_rate) // (KEPT * COPIES)

        def laid_out(*values: NDArray[np.float64]) -> NDArray[np.float64]:
            """From [transition, chain, copy] to [chain, transition], the first copy of each."""
            by_transition = np.concatenate(values)[::COPIES]
            by_transition = by_transition.reshape(-1, number, *by_transition.shape[1:])
            return np.swapaxes(by_transition, 0, 1).reshape(-1, *by_transition.shape[2:])

        return runs[0].map(laid_out, *runs[1:], chains=number)


def start(rng: np.random.Generator, model: Model, evidence: Evidence, draws: int) -> ChainState:
    """State after what is judged."""
    validate_model_file(model, evidence)
    chains = max(8, draws // (COPIES * KEPT))
    return _seen(rng, carried.begin(rng, model, evidence, chains=chains))


def advance(rng: np.random.Generator, state: ChainState, outcome: NDArray[np.int8]) -> ChainState:
    """State after more is judged."""
    return _seen(rng, carried.carry(rng, state.chains, outcome))


def _seen(rng: np.random.Generator, chains: carried.Carried) -> ChainState:
    """The state of chains: their completions of the population, and who leads."""
    with precision(double=False):
        seed = int(rng.integers(2**31))
        seen = survey(
            chains.model.predict,
            chains.model.complete,
            COPIES,
            _key(seed),
            chains.draws,
            chains.data,
            chains.evidence.outcome,
            cells=False,
        )
        counts, shares = (np.asarray(v, dtype=float) for v in (seen.counts, seen.p_best))
        own = {
            name: np.repeat(np.asarray(chains.draws[name], dtype=float), COPIES, axis=0)
            for name in OWN
            if name in chains.draws
        }
    draws = Draws.of_counts(counts.reshape(-1, *counts.shape[2:]), own)
    leading = leading_candidates(shares, draws.win_rate, LEADING)
    expected = np.asarray(seen.expected, dtype=float).mean(axis=0)
    return ChainState(chains, draws, shares[:, leading], leading, seed, expected)


@jax.jit
def _key(seed: Any) -> Any:
    """JAX's key of a seed, compiled: one call instead of several."""
    return jax.random.key(seed)
