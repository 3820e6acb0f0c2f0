"""State of a selection for the regression: its posterior is sampled anew at each step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayessel.inference.draws import Draws
from bayessel.inference.evidence import Evidence
from bayessel.inference.gibbs.population import (
    expected_points,
    expected_win_rates,
    population,
)
from bayessel.inference.gibbs.sweeps import Sweeps, sweep
from bayessel.inference.load import Model
from bayessel.models.distributions.halves import outcome_law
from bayessel.strategies.states.cell_outlook import SampledCells
from bayessel.strategies.states.leading import by_state, leading_candidates

LEADING = 8
"""L, candidates whose cells the acquisitions see."""

COPIES = 4
"""Completions of the population for each state of the sampler."""

_MORE_DRAWS = 500
"""States of each chain in the longer run."""


@dataclass(frozen=True)
class GibbsState:
    """What the sampler says after some judgments.

    It is an :class:`~bayessel.acquisition.base.Outlook`.

    Attributes
    ----------
    model
        The regression.
    evidence
        What was judged.
    sweeps
        States of the sampler.
    draws
        Draws of the finite population, :data:`COPIES` completions of each state.
    seed
        Seed of the longer run.
    """

    model: Model
    evidence: Evidence
    sweeps: Sweeps
    draws: Draws
    seed: int

    @cached_property
    def expected(self) -> NDArray[np.float64]:
        """[M] expected win rates, with less Monte Carlo error than the mean of :attr:`draws`."""
        return expected_win_rates(self.evidence.outcome, self.sweeps)

    @property
    def p_f(self) -> None:
        """F is no parameter of the regression."""
        return None

    @property
    def spread(self) -> NDArray[np.float64]:
        """[N] how much the weak judges' scores vary."""
        return self.evidence.signals.spread

    @cached_property
    def leading(self) -> NDArray[np.intp]:
        """[L] positions of the leading candidates."""
        return leading_candidates(self.draws.p_best, self.draws.win_rate, LEADING)

    @cached_property
    def win_rate(self) -> NDArray[np.float64]:
        """[S, L] win rates, the mean over the completions."""
        return by_state(self.draws.win_rate[:, self.leading], COPIES)

    @cached_property
    def p_best(self) -> NDArray[np.float64]:
        """[S, L] shares of being the best, the mean over the completions."""
        return by_state(self.draws.p_best[:, self.leading], COPIES)

    @cached_property
    def points(self) -> NDArray[np.float64]:
        """[S, N, L] expected points of cells in each state."""
        found: NDArray[np.float64] = expected_points(
            self.model.prepare(self.evidence), self.sweeps, self.leading
        )
        return found

    @property
    def noise(self) -> NDArray[np.float64]:
        """[1, L, L] covariance of the points of a query's cells in a given state."""
        found: NDArray[np.float64] = self.sweeps.covariance.mean(axis=0)
        return found[np.ix_(self.leading, self.leading)][None]

    @cached_property
    def _cells(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """[S, N, L] probabilities of a loss and a win: of points, some are draws."""
        law = outcome_law(self.points, self.sweeps.drawing[:, None, None])
        return law[..., 0], law[..., 2]

    @property
    def loss(self) -> NDArray[np.float64]:
        """[S, N, L] probabilities of a loss."""
        return self._cells[0]

    @property
    def win(self) -> NDArray[np.float64]:
        """[S, N, L] probabilities of a win."""
        return self._cells[1]

    def seeing(self, most: int) -> GibbsState:
        """The same: its number of leading candidates is fixed."""
        return self

    def cells(self, queries: NDArray[np.intp], available: NDArray[np.bool_]) -> SampledCells:
        """What an acquisition sees of the cells of some queries."""
        return SampledCells.of(self, self.evidence.outcome, queries, available)

    def more_draws(self) -> Draws:
        """Draws of four chains, with one completion of each state."""
        data = self.model.prepare(self.evidence)
        sweeps = (
            sweep(rng, data, self.model.priors, _MORE_DRAWS)
            for rng in np.random.default_rng(self.seed).spawn(4)
        )
        return Draws.of_chains([population(self.evidence.outcome, s) for s in sweeps])


def start(rng: np.random.Generator, model: Model, evidence: Evidence, draws: int) -> GibbsState:
    """State after what is judged."""
    data = model.prepare(evidence)
    sweeps = sweep(rng, data, model.priors, max(draws // COPIES, 1), copies=COPIES)
    found = population(evidence.outcome, sweeps)
    return GibbsState(model, evidence, sweeps, found, int(rng.integers(2**31)))


def advance(rng: np.random.Generator, state: GibbsState, outcome: NDArray[np.int8]) -> GibbsState:
    """State after more is judged."""
    evidence = replace(state.evidence, outcome=outcome)
    return start(rng, state.model, evidence, COPIES * len(state.sweeps.drawing))
