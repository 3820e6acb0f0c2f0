"""State of a selection for the two-way model: its posterior is sampled anew at each step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayessel.acquisition.base import Moments
from bayessel.inference.draws import Draws
from bayessel.inference.evidence import Evidence
from bayessel.inference.load import Model
from bayessel.inference.two_way.known import Known
from bayessel.inference.two_way.rows import features_within, laid_out, prior_table
from bayessel.inference.two_way.sweeps import (
    Sweeps,
    WinRates,
    own_shares,
    population,
    sweep,
    sweep_win_rates,
)
from bayessel.models.distributions.halves import outcome_law
from bayessel.models.two_way import Data
from bayessel.outcomes import MISSING
from bayessel.strategies.states.cell_outlook import SampledCells

LEADING = 8
"""L, candidates whose cells the acquisitions see where one question is asked."""

COPIES = 20
"""Draws of the win rates for each state of the sampler's variances and scales."""

_SAMPLED = 256
"""States that acquisitions see which need draws of cells."""

_MORE_DRAWS = 500
"""States of each chain in the longer run."""

_FORGET = 50
"""Steps of these before the first state that is kept."""


@dataclass(frozen=True)
class TwoWayState:
    """What the sampler says after some judgments.

    It is an :class:`~bayessel.acquisition.base.Outlook`; cells are seen by :meth:`cells`.

    Attributes
    ----------
    model
        The two-way model.
    evidence
        What was judged.
    data
        What the model reads of it.
    rates
        What states of the variances and scales say of the win rates.
    seed
        Of draws that are made only where they are needed.
    most
        L, how many leading candidates acquisitions see.
    """

    model: Model
    evidence: Evidence
    data: Data
    rates: WinRates
    seed: int
    most: int = LEADING

    def seeing(self, most: int) -> TwoWayState:
        """The same with more leading candidates that acquisitions see."""
        return replace(self, most=most)

    @cached_property
    def draws(self) -> Draws:
        """Draws of the finite population, :data:`COPIES` of each state."""
        outcome = self.evidence.outcome
        judged = np.where(outcome != MISSING, outcome, 0).sum(axis=0) / 2
        share = np.repeat(own_shares(self.data, self.rates.variance), COPIES)
        half = (self.rates.drawn - 0.5) * len(outcome) - share[:, None] * judged
        return population(outcome, half, self.rates.drawing, share)

    @cached_property
    def expected(self) -> NDArray[np.float64]:
        """[M] expected win rates, all but the variances and scales integrated out.

        Of a candidate that is little known a state may expect less than nothing; it counts as 0.
        """
        found: NDArray[np.float64] = np.clip(self.rates.mean, 0.0, 1.0).mean(axis=0)
        return found

    @cached_property
    def known(self) -> Known:
        """Closed forms at the mean variances and scales of the states."""
        return Known(
            laid_out(self.data),
            prior_table(self.data, self.model.priors),
            self.rates.variance.mean(axis=0),
            self.rates.scales.mean(axis=0),
        )

    @cached_property
    def features(self) -> NDArray[np.float64]:
        """[N, M, P] features within."""
        return features_within(self.data)

    @property
    def spread(self) -> NDArray[np.float64]:
        """[N] how much the weak judges' scores vary."""
        return self.evidence.signals.spread

    @cached_property
    def leading(self) -> NDArray[np.intp]:
        """[L] positions of the leading candidates."""
        return self.known.leading(self.most)

    @cached_property
    def _sampled(self) -> tuple[Sweeps, Draws]:
        """States with their coefficients and query effects, and the population of each."""
        rng = np.random.default_rng(self.seed)
        sweeps = sweep(rng, self.data, self.model.priors, _SAMPLED)
        return sweeps, self._population(sweeps)

    def _population(self, sweeps: Sweeps) -> Draws:
        share = own_shares(self.data, sweeps.variance)
        return population(self.evidence.outcome, sweeps.half_points, sweeps.drawing, share)

    @property
    def win_rate(self) -> NDArray[np.float64]:
        """[S, L] win rates."""
        return self._sampled[1].win_rate[:, self.leading]

    @property
    def p_best(self) -> NDArray[np.float64]:
        """[S, L] shares of being the best."""
        return self._sampled[1].p_best[:, self.leading]

    @cached_property
    def points(self) -> NDArray[np.float64]:
        """[S, N, L] expected points of cells; a new query has the effect that is drawn for it."""
        sweeps, m, n = self._sampled[0], self.evidence.n_candidates, self.evidence.n_queries
        found = 0.5 + sweeps.coefficients[:, None, self.leading]
        slopes, features = sweeps.coefficients[:, m:], self.features[:, self.leading]
        if slopes.shape[1]:
            found = found + np.einsum("sp,qlp->sql", slopes, features)
        rng = np.random.default_rng([self.seed, 1])
        effects = sweeps.scales[:, 1:2] * rng.standard_normal((len(sweeps.scales), n))
        opened = np.asarray(self.data.row)
        effects[:, opened[opened < n]] = sweeps.effects
        return found + effects[:, :, None]

    @property
    def noise(self) -> NDArray[np.float64]:
        """[N, L] variances of the points of cells in a given state."""
        variance = self.rates.variance.mean(axis=0)[self.leading]
        return np.broadcast_to(variance, (self.evidence.n_queries, len(variance)))

    @cached_property
    def _cells(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """[S, N, L] probabilities of a loss and a win: of points, some are draws."""
        law = outcome_law(self.points, self._sampled[0].drawing[:, None, None])
        return law[..., 0], law[..., 2]

    @property
    def loss(self) -> NDArray[np.float64]:
        """[S, N, L] probabilities of a loss."""
        return self._cells[0]

    @property
    def win(self) -> NDArray[np.float64]:
        """[S, N, L] probabilities of a win."""
        return self._cells[1]

    @property
    def p_f(self) -> None:
        """Nothing: F is no parameter of this model, it follows from the win rates."""
        return None

    def cells(self, queries: NDArray[np.intp], available: NDArray[np.bool_]) -> TwoWayCells:
        """What an acquisition sees of the cells of some queries."""
        return TwoWayCells(self, self.known, queries, available)

    def more_draws(self) -> Draws:
        """Draws of four chains, with one completion of each state."""
        runs = []
        for rng in np.random.default_rng(self.seed).spawn(4):
            sweeps = sweep(rng, self.data, self.model.priors, _MORE_DRAWS, burn_in=_FORGET)
            runs.append(self._population(sweeps))
        return Draws.of_chains(runs)


@dataclass(frozen=True)
class TwoWayCells:
    """Cells of some queries; a :class:`~bayessel.acquisition.base.CellOutlook`.

    Attributes
    ----------
    state
        What the sampler says.
    known
        Closed forms, which may hold more cells as if judged.
    queries
        [Q] positions.
    may
        [N, M] cells that may be asked.
    before, asked
        The cells as they were seen before these were held as judged: a query and candidates.
    """

    state: TwoWayState
    known: Known
    queries: NDArray[np.intp]
    may: NDArray[np.bool_]
    before: TwoWayCells | None = None
    asked: tuple[int, NDArray[np.intp]] | None = None

    @cached_property
    def _sampled(self) -> SampledCells:
        """Draws of the best candidate and of cells, moved as by the cells held as judged."""
        if self.before is None or self.asked is None:
            outcome = self.state.evidence.outcome
            return SampledCells.of(self.state, outcome, self.queries, self.may)
        rng = np.random.default_rng([self.state.seed, 2, *map(int, self.asked[1]), self.asked[0]])
        return self.before._sampled.with_cells(rng, *self.asked)

    @property
    def leading(self) -> NDArray[np.intp]:
        """[L] positions of the leading candidates."""
        return self.state.leading

    @property
    def available(self) -> NDArray[np.bool_]:
        """[Q, L] which cells may be asked."""
        return self.may[np.ix_(self.queries, self.leading)]

    @cached_property
    def judged(self) -> NDArray[np.bool_]:
        """[Q, L] which cells are judged."""
        rows, place = self.known.rows, np.full(self.state.evidence.n_queries, -1)
        place[self.queries] = np.arange(len(self.queries))
        at = place[np.repeat(rows.position, np.diff(rows.first))]
        found = np.zeros((len(self.queries), self.state.evidence.n_candidates), dtype=bool)
        found[at[at >= 0], rows.who[at >= 0]] = True
        return found[:, self.leading]

    @property
    def new(self) -> NDArray[np.bool_]:
        """[Q] queries without any judged cell."""
        return self.known.slot[self.queries] < 0

    @cached_property
    def moments(self) -> Moments:
        """Means and covariances of win rates and cells."""
        features = self.state.features[np.ix_(self.queries, self.leading)]
        return Moments(*self.known.moments(self.queries, self.leading, features))

    @property
    def p_best(self) -> NDArray[np.float64]:
        """[S, L] shares of being the best."""
        return self._sampled.p_best

    @property
    def loss(self) -> NDArray[np.floating]:
        """[S, Q, L] probabilities of a loss."""
        return self._sampled.loss

    @property
    def win(self) -> NDArray[np.floating]:
        """[S, Q, L] probabilities of a win."""
        return self._sampled.win

    def with_cells(
        self, rng: np.random.Generator, query: int, candidates: NDArray[np.intp]
    ) -> TwoWayCells:
        """The same as if cells had been judged with the outcomes that were expected.

        Means and covariances change by closed forms. Draws of the best candidate and of cells are
        moved as in :meth:`.SampledCells.with_cells`, where an acquisition reads them.
        """
        features = self.state.features[query, candidates]
        may = self.may.copy()
        may[query, candidates] = False
        known = self.known.with_cells(query, candidates, features)
        return replace(self, known=known, may=may, before=self, asked=(query, candidates))


def start(rng: np.random.Generator, model: Model, evidence: Evidence, draws: int) -> TwoWayState:
    """State after what is judged."""
    data = model.prepare(evidence)
    size = {"draws": max(draws // COPIES, 1), "copies": COPIES}
    rates = sweep_win_rates(rng, data, model.priors, **size)
    return TwoWayState(model, evidence, data, rates, int(rng.integers(2**31)))


def advance(rng: np.random.Generator, state: TwoWayState, outcome: NDArray[np.int8]) -> TwoWayState:
    """State after more is judged."""
    evidence = replace(state.evidence, outcome=outcome)
    return start(rng, state.model, evidence, len(state.rates.drawn))
