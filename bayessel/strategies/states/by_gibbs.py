"""A selection's state where the posterior has known conditionals: sampled anew at each step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayessel.acquisition.expected_regret import expected_regret
from bayessel.acquisition.information_gain import information_gain
from bayessel.inference.draws import Draws, by_chain
from bayessel.inference.evidence import Evidence
from bayessel.inference.gibbs.population import expected_points, population
from bayessel.inference.gibbs.sweeps import Sweeps, sweep
from bayessel.inference.load import Model

LEADING = 8
"""Candidates whose cells the acquisitions look at: the likeliest to be the best."""

_COPIES = 4
_MORE_DRAWS = 500


@dataclass(frozen=True)
class GibbsState:
    """What a sampler says after some judgments.

    Attributes
    ----------
    model
        The regression.
    evidence
        What was judged.
    sweeps
        States of the sampler.
    draws
        Draws of the finite population, four completions of each state.
    seed
        Of the longer run.
    """

    model: Model
    evidence: Evidence
    sweeps: Sweeps
    draws: Draws
    seed: int

    @cached_property
    def leading(self) -> NDArray[np.intp]:
        """Positions of the leading candidates."""
        mean, share = self.draws.win_rate.mean(axis=0), self.draws.p_best.mean(axis=0)
        return np.sort(np.lexsort((-mean, -share))[:LEADING])

    @cached_property
    def points(self) -> NDArray[np.float64]:
        """[S, N, leading] expected points of cells in each state."""
        found: NDArray[np.float64] = expected_points(
            self.model.prepare(self.evidence), self.sweeps, self.leading
        )
        return found

    def more_draws(self) -> Draws:
        """Draws of four chains, one completion of each state."""
        data = self.model.prepare(self.evidence)
        sweeps = (
            sweep(rng, data, self.model.priors, _MORE_DRAWS)
            for rng in np.random.default_rng(self.seed).spawn(4)
        )
        return by_chain([population(self.evidence.outcome, s) for s in sweeps])

    def regret(self) -> NDArray[np.float64]:
        """[N] expected lowering of the regret."""
        win_rate = self.draws.win_rate[:, self.leading]
        mean = win_rate.reshape(len(self.points), -1, len(self.leading)).mean(axis=1)
        noise = self.sweeps.covariance.mean(axis=0)[np.ix_(self.leading, self.leading)]
        score: NDArray[np.float64] = expected_regret(mean, self.points, noise[None])
        return score

    def gain(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """[N] information gain and its error."""
        share = self.draws.p_best[:, self.leading]
        share = share.reshape(len(self.points), -1, len(self.leading)).mean(axis=1)
        points = np.clip(self.points, 0.005, 0.995)
        tie = self.sweeps.drawing[:, None, None] * 2 * np.minimum(points, 1 - points)
        return information_gain(share, 1 - points - tie / 2, points - tie / 2)


def start(rng: np.random.Generator, model: Model, evidence: Evidence, draws: int) -> GibbsState:
    """State after what is judged."""
    data = model.prepare(evidence)
    sweeps = sweep(rng, data, model.priors, max(draws // _COPIES, 1), copies=_COPIES)
    found = population(evidence.outcome, sweeps)
    return GibbsState(model, evidence, sweeps, found, int(rng.integers(2**31)))


def advance(rng: np.random.Generator, state: GibbsState, outcome: NDArray[np.int8]) -> GibbsState:
    """State after more is judged."""
    evidence = replace(state.evidence, outcome=outcome)
    return start(rng, state.model, evidence, _COPIES * len(state.sweeps.drawing))
