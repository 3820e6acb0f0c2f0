"""The default: a generative model with its parameters learned at every step."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bayessel.acquisition.base import TIE, argmax
from bayessel.acquisition.spread import spread_weights
from bayessel.errors import did_you_mean
from bayessel.inference.engines import gibbs
from bayessel.inference.evidence import Evidence
from bayessel.inference.load import Model, load_model
from bayessel.models import DEFAULT
from bayessel.priors import Prior
from bayessel.strategies.base import AskInfo, Standing, check_draws, with_row
from bayessel.tasks.task import Task
from bayessel.weak_judges import WEAK_JUDGES

ACQUISITIONS = ("spread", "expected-regret", "information-gain", "random")
"""How the next query is chosen."""

if TYPE_CHECKING:
    from bayessel.strategies.states.by_chains import ChainState
    from bayessel.strategies.states.by_gibbs import GibbsState

    State = GibbsState | ChainState


@dataclass(frozen=True)
class Bayessel:
    """Everything learned jointly from judgments and weak judges; see ``models/``.

    Parameters
    ----------
    model
        Name of the generative model, ``name:variant``, or the path of a file of your own.
        ``regression`` with conjugate priors is sampled by Gibbs sweeps; for every other model
        Hamiltonian chains are carried from step to step.
    acquisition
        One of :data:`ACQUISITIONS`: drawn, queries on which the weak judges' scores vary more with
        higher chances (:mod:`bayessel.acquisition.spread`); most lowering of the decision's
        expected regret; information gain about the best candidate; random.
    draws
        Posterior draws a step, four for each state of the sampler.
    weak_judges
        Names of the weak judges.
    prior
        Priors to replace, by name, as text or :class:`~bayessel.priors.Prior`.

    Raises
    ------
    UnknownNameError, DataError
        An unknown model, acquisition or prior; a model file at fault.
    """

    model: str = DEFAULT
    acquisition: str = "spread"
    draws: int = 512
    weak_judges: tuple[str, ...] = tuple(WEAK_JUDGES)
    prior: dict[str, Prior | str] = field(default_factory=dict)
    name: str = field(default="bayessel", init=False)
    needs_weak_judges: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        check_draws(self.draws)
        if self.acquisition not in ACQUISITIONS:
            raise did_you_mean(self.acquisition, ACQUISITIONS, "acquisition")
        object.__setattr__(self, "model", str(self.model))
        _ = self.generative  # an unknown model or prior is refused at once

    @cached_property
    def generative(self) -> Model:
        """The generative model with its priors."""
        return load_model(self.model, self.prior)

    @property
    def carries(self) -> bool:
        """Whether chains are carried along; else the state depends on the judgments alone."""
        return gibbs.refusal(self.generative) is not None

    @property
    def options(self) -> dict[str, Any]:
        """Model, acquisition, and the priors that were replaced."""
        path = Path(self.model)
        model = str(path.resolve()) if path.suffix == ".py" else self.model
        found: dict[str, Any] = {"model": model, "acquisition": self.acquisition}
        if self.prior:
            found["prior"] = {k: str(v) for k, v in self.prior.items()}
        return found

    @property
    def priors(self) -> dict[str, Prior]:
        """Priors of the model."""
        return self.generative.priors

    @property
    def _sampler(self) -> ModuleType:
        if self.carries:
            from bayessel.strategies.states import by_chains  # starts JAX

            return by_chains
        from bayessel.strategies.states import by_gibbs

        return by_gibbs

    def init(self, rng: np.random.Generator, task: Task, outcome: NDArray[np.int8]) -> State:
        """Draws from the posterior after ``outcome``."""
        evidence = Evidence.of(task, outcome)
        found: State = self._sampler.start(rng, self.generative, evidence, self.draws)
        return found

    def tell(
        self, rng: np.random.Generator, state: State, query: int, outcomes: NDArray[np.int8]
    ) -> State:
        """Draws from the posterior after the row."""
        outcome = with_row(state.evidence.outcome, query, outcomes)
        found: State = self._sampler.advance(rng, state, outcome)
        return found

    def ask(
        self, rng: np.random.Generator, state: State, available: NDArray[np.bool_]
    ) -> tuple[int, AskInfo]:
        """Query drawn, or with the highest score; ties broken at random."""
        if self.acquisition in ("random", "spread"):
            weight = np.where(available, 1.0, 0.0)
            if self.acquisition == "spread":
                weight = weight * spread_weights(state.evidence.signals.spread)
            chance = weight / weight.sum()
            query = int(rng.choice(len(chance), p=chance))
            return query, AskInfo(float(chance[query]), 0.0)
        error = np.full(len(available), np.nan)
        if self.acquisition == "information-gain":
            score, error = state.gain()
        else:
            score = state.regret()
        query = argmax(rng, score, available)
        return query, AskInfo(float(score[query]), float(error[query]))

    def recommend(self, rng: np.random.Generator, state: State) -> Standing:
        """Candidate with the highest expected win rate, whose expected regret is the lowest."""
        mean = state.draws.win_rate.mean(axis=0)
        top = np.flatnonzero(mean >= mean.max() - TIE)
        best = int(rng.choice(top))
        return Standing(best, state.draws.p_best.mean(axis=0), state.draws, {}, state.more_draws)
