"""The strategy ``bayessel``: a generative model whose parameters are learned at every step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from bayessel.acquisition import ACQUISITIONS, DEFAULT_WHOLE, Acquisition
from bayessel.acquisition import DEFAULT as DEFAULT_ACQUISITION
from bayessel.acquisition.base import Outlook, Scores
from bayessel.errors import BudgetError, DataError
from bayessel.inference.draws import Draws
from bayessel.inference.engines import gibbs
from bayessel.inference.evidence import Evidence
from bayessel.inference.load import VERDICT_NOISE, Model, load_model
from bayessel.models import DEFAULT as DEFAULT_MODEL
from bayessel.priors import Prior
from bayessel.strategies.base import (
    AskInfo,
    Choice,
    Standing,
    Unit,
    not_default,
    picked_highest,
    require_draws,
    whole_queries,
    with_row,
)
from bayessel.strategies.states.questions import State as Seen
from bayessel.strategies.states.questions import choose_cells
from bayessel.support.ties import pick_highest
from bayessel.tasks.task import Task
from bayessel.weak_judges import BUILT_IN, weak_judge_names


class State(Outlook, Seen, Protocol):
    """What a sampler knows after some answers; see ``bayessel/strategies/states``."""

    @property
    def draws(self) -> Draws:
        """Draws of the finite population."""

    @property
    def expected(self) -> NDArray[np.float64]:
        """[M] expected win rates, with as little Monte Carlo error as the sampler allows."""

    @property
    def p_f(self) -> NDArray[np.float64] | None:
        """[M] posterior of F, where it is a parameter of the model."""

    @property
    def more_draws(self) -> Callable[[], Draws]:
        """Computes draws of a longer run."""


@dataclass(frozen=True)
class Bayessel:
    """Everything is learned jointly from judged cells and weak judges; see ``models/``.

    Parameters
    ----------
    model
        Name of the generative model, ``name:variant``, or the path of a file of your own.
        ``two_way`` and ``regression`` with conjugate priors are sampled by Gibbs steps; for every
        other model Hamiltonian chains are moved on from step to step.
    acquisition
        How the next question is chosen: a name of :data:`bayessel.acquisition.ACQUISITIONS`; None
        for :data:`~bayessel.acquisition.DEFAULT`, of whole queries
        :data:`~bayessel.acquisition.DEFAULT_WHOLE`.
    draws
        Posterior draws of a step, several for each state of the sampler.
    weak_judges
        Names of the text statistics that score the task's texts. None for all of them where the
        model or the acquisition reads them, as ``two_way`` does not. They stand beside the weak
        judges that the task is given.
    prior
        Priors to replace, by name, as text or :class:`~bayessel.priors.Prior`.
    whole_queries
        Ask for every candidate of a query at once.

    Raises
    ------
    BudgetError
        Too few draws; an acquisition of cells for whole queries, or the other way round.
    UnknownNameError, DataError
        An unknown model, acquisition, weak judge or prior; a model file at fault.
    """

    name: ClassVar[str] = "bayessel"
    needs_weak_judges: ClassVar[bool] = False
    reads_given: ClassVar[bool] = True

    model: str = DEFAULT_MODEL
    acquisition: str | None = None
    draws: int = 512
    weak_judges: tuple[str, ...] | None = None
    prior: dict[str, Prior | str] = field(default_factory=dict)
    whole_queries: bool = False

    def __post_init__(self) -> None:
        require_draws(self.draws)
        if self.acquisition is None:
            name = DEFAULT_WHOLE if self.whole_queries else DEFAULT_ACQUISITION
            object.__setattr__(self, "acquisition", name)
        self._require_acquisition()
        object.__setattr__(self, "model", str(self.model))
        _ = self.generative  # an unknown model or prior is refused at once
        names = self._own_weak_judges if self.weak_judges is None else self.weak_judges
        object.__setattr__(self, "weak_judges", weak_judge_names(names))

    @cached_property
    def generative(self) -> Model:
        """The generative model with its priors."""
        return load_model(self.model, self.prior)

    @property
    def _own_weak_judges(self) -> tuple[str, ...]:
        """[J] names of the text statistics that are used where none are named."""
        return BUILT_IN if self.generative.reads_texts or self._acquisition.reads_texts else ()

    @property
    def carries(self) -> bool:
        """Whether chains are moved on; if not, a state depends on the judged cells alone."""
        return gibbs.refusal(self.generative) is not None

    @property
    def unit(self) -> Unit:
        """Whole queries where they are asked for."""
        return "queries" if self.whole_queries else "cells"

    @property
    def reads_costs(self) -> bool:
        """Cells are chosen by their value per unit of cost, whole queries whatever they cost."""
        return not self.whole_queries

    @property
    def _acquisition(self) -> Acquisition:
        return ACQUISITIONS[str(self.acquisition)]

    def _require_acquisition(self) -> None:
        """Refuse an acquisition that is not known, or cannot choose what is asked for."""
        found = self._acquisition
        if (found.score if self.whole_queries else found.cells) is None:
            can = [
                name
                for name in ACQUISITIONS
                if (ACQUISITIONS[name].score if self.whole_queries else ACQUISITIONS[name].cells)
            ]
            what = "whole queries" if self.whole_queries else "single cells"
            other = "leave whole queries out" if self.whole_queries else "ask whole queries"
            raise BudgetError(
                f"the acquisition {self.acquisition} does not choose {what}: {other} "
                f"(--whole-queries, whole_queries=True), or take one of {', '.join(can)}"
            )

    @property
    def options(self) -> dict[str, Any]:
        """Model and acquisition; all else where it is not the default."""
        path = Path(self.model)
        model = str(path.resolve()) if path.suffix == ".py" else self.model
        found: dict[str, Any] = {"model": model, "acquisition": self.acquisition}
        found |= not_default(self, "draws")
        if self.weak_judges != self._own_weak_judges:
            found["weak_judges"] = list(self.weak_judges or ())
        if self.prior:
            found["prior"] = {k: str(v) for k, v in self.prior.items()}
        if self.whole_queries:
            found["whole_queries"] = True
        return found

    @property
    def priors(self) -> dict[str, Prior]:
        """Priors of the model."""
        return self.generative.priors

    def noisy(self, verdict_noise: float) -> Bayessel:
        """The same strategy for a judge whose verdicts are noisy.

        Its win rates are then of what the judge is expected to say.

        Parameters
        ----------
        verdict_noise
            Variance of half an outcome when a cell is judged again, from 0 to 0.25; see
            :mod:`bayessel.inference.judges.audit`.

        Raises
        ------
        BudgetError
            A number out of range.
        DataError
            The model takes verdicts as they are.
        """
        if VERDICT_NOISE not in self.priors:
            raise DataError(
                f"the model {self.model} takes verdicts as they are, and has no {VERDICT_NOISE}: "
                f"take the model {DEFAULT_MODEL}, or leave the judge's noise out"
            )
        known = Prior("Fixed", {"value": float(verdict_noise)})
        return replace(self, prior={**self.prior, VERDICT_NOISE: known})

    @property
    def _sampler(self) -> ModuleType:
        if self.carries:
            from bayessel.strategies.states import by_chains  # starts JAX

            return by_chains
        from bayessel.strategies.states import by_gibbs, by_two_way

        two_way = self.generative.module.__name__ == "bayessel.models.two_way"
        return by_two_way if two_way else by_gibbs

    def init(self, rng: np.random.Generator, task: Task, outcome: NDArray[np.int8]) -> State:
        """Draws from the posterior after ``outcome``.

        Text statistics that the task has and nobody named are not read: a run does not keep them.
        """
        if not self.weak_judges and task.has_texts:
            task = task.with_weak_judges(np.empty((0, *outcome.shape)), ())
        evidence = Evidence.of(task, outcome, apart=self.generative.reads_given)
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
        self,
        rng: np.random.Generator,
        state: State,
        available: NDArray[np.bool_],
        cost: NDArray[np.float64],
        batch: int = 1,
    ) -> list[Choice]:
        """Questions with the highest scores, ties broken at random; or drawn by the scores."""
        chosen = self._acquisition
        if not self.whole_queries and chosen.cells is not None:
            return choose_cells(rng, chosen.cells, state, available, cost, batch)
        if chosen.score is None:  # refused when the strategy was made
            raise BudgetError(f"the acquisition {self.acquisition} does not choose whole queries")
        scores = chosen.score(state)
        _require_values(str(self.acquisition), scores, available.any(axis=1))

        def pick(rng: np.random.Generator, askable: NDArray[np.bool_]) -> tuple[int, AskInfo]:
            if not scores.drawn:
                return picked_highest(rng, scores.value, askable, scores.error)
            weight = np.where(askable, scores.value, 0.0)
            if weight.sum() == 0:  # those with a chance are judged, or in the batch already
                weight = askable.astype(float)
            chance = weight / weight.sum()
            query = int(rng.choice(len(chance), p=chance))
            return query, AskInfo(chance=float(chance[query]))

        return whole_queries(rng, state.evidence.outcome, available, batch, pick)

    def recommend(self, rng: np.random.Generator, state: State) -> Standing:
        """Candidate with the highest expected win rate: its expected regret is the lowest."""
        best = pick_highest(rng, state.expected)
        p_best = state.draws.p_best.mean(axis=0)
        return Standing(
            best, p_best, state.draws, {}, state.more_draws, p_f=state.p_f, expected=state.expected
        )


def _require_values(name: str, scores: Scores, available: NDArray[np.bool_]) -> None:
    """Refuse scores that no query can be chosen by; a plug-in may give such.

    Raises
    ------
    DataError
        Not one finite value for each query; or chances that are negative or all zero.
    """
    value = scores.value
    if value.shape != available.shape or not np.isfinite(value[available]).all():
        raise DataError(
            f"the acquisition {name} gives values of shape {value.shape}: expected "
            f"{len(available)} finite values, one for each query"
        )
    if scores.drawn and not (value[available].min() >= 0 and value[available].max() > 0):
        raise DataError(
            f"the acquisition {name} draws by values from {value[available].min():g} to "
            f"{value[available].max():g}: expected values of 0 or more, and one above 0"
        )


STRATEGY = Bayessel
