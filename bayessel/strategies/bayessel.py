"""The default: a generative model with its parameters learned, its chains carried along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from bayessel.acquisition.choose import TIE, argmax
from bayessel.acquisition.expected_regret import expected_regret
from bayessel.acquisition.information_gain import information_gain
from bayessel.errors import did_you_mean
from bayessel.evidence import Evidence
from bayessel.inference import carried
from bayessel.inference.model import Model, load_model
from bayessel.inference.population import POINTS, Draws, survey
from bayessel.inference.runtime import precision
from bayessel.judges import JUDGES
from bayessel.priors import Prior
from bayessel.strategies.base import AskInfo, Standing, check_draws, with_row
from bayessel.task import Task

ACQUISITIONS = ("expected-regret", "information-gain", "spread", "random")
"""How the next query is chosen."""

LEADING = 10
"""Candidates whose cells the acquisitions look at: the likeliest to be the best."""

_COPIES = 4


@dataclass(frozen=True)
class BayesselState:
    """The chains and what they say.

    Attributes
    ----------
    chains
        See :class:`bayessel.inference.carried.Carried`.
    draws
        Draws of the finite population, four completions of each state of the chains.
    p_best
        [S, M] shares of being the best.
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


@dataclass(frozen=True)
class Bayessel:
    """Everything learned jointly from judgments and weak judges; see ``models/``.

    Parameters
    ----------
    model
        Name of the generative model, ``name:variant``, or the path of a file of your own.
    acquisition
        One of :data:`ACQUISITIONS`: lowest expected regret of the decision; information gain about
        the best candidate; most varied judges' scores; random.
    draws
        Posterior draws a step, rounded to whole chains: 128 states of the chains for 500 draws.
    judges
        Names of the weak judges.
    prior
        Priors to replace, by name, as text or :class:`~bayessel.priors.Prior`.

    Raises
    ------
    UnknownNameError, DataError
        An unknown model, acquisition or prior; a model file at fault.
    """

    model: str = "item_response"
    acquisition: str = "expected-regret"
    draws: int = 512
    judges: tuple[str, ...] = tuple(JUDGES)
    prior: dict[str, Prior | str] = field(default_factory=dict)
    name: str = field(default="bayessel", init=False)
    needs_judges: bool = field(default=False, init=False)
    carries: bool = field(default=True, init=False)

    def __post_init__(self) -> None:
        check_draws(self.draws)
        if self.acquisition not in ACQUISITIONS:
            raise did_you_mean(self.acquisition, ACQUISITIONS, "acquisition")
        object.__setattr__(self, "model", str(self.model))
        object.__setattr__(self, "_model", load_model(self.model, self.prior))

    @property
    def generative(self) -> Model:
        """The generative model with its priors."""
        found: Model = self._model  # type: ignore[attr-defined]
        return found

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

    def init(
        self, rng: np.random.Generator, task: Task, outcome: NDArray[np.int8]
    ) -> BayesselState:
        """Chains at the posterior after ``outcome``."""
        evidence = Evidence.of(task, outcome)
        chains = max(8, self.draws // (_COPIES * carried.KEPT))
        return self._seen(rng, carried.begin(rng, self.generative, evidence, chains=chains))

    def tell(
        self,
        rng: np.random.Generator,
        state: BayesselState,
        query: int,
        outcomes: NDArray[np.int8],
    ) -> BayesselState:
        """Move the chains to the posterior after the row."""
        outcome = with_row(state.chains.evidence.outcome, query, outcomes)
        return self._seen(rng, carried.carry(rng, state.chains, outcome))

    def _seen(self, rng: np.random.Generator, chains: carried.Carried) -> BayesselState:
        outcome = chains.evidence.outcome
        with precision(double=False):
            counts, p_best, loss, win, leading = _survey(
                self.generative.predict,
                min(LEADING, outcome.shape[1]),
                int(rng.integers(2**31)),
                chains.draws,
                chains.data,
                outcome,
            )
            shares = np.asarray(p_best, dtype=float)
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
        return BayesselState(chains, draws, shares, loss, win, np.asarray(leading))

    def ask(
        self, rng: np.random.Generator, state: BayesselState, available: NDArray[np.bool_]
    ) -> tuple[int, AskInfo]:
        """Query with the highest score; ties broken at random."""
        error = np.full(len(available), np.nan)
        if self.acquisition == "random":
            return int(rng.choice(np.flatnonzero(available))), AskInfo()
        if self.acquisition == "spread":
            score = state.chains.evidence.signals.spread
        elif self.acquisition == "information-gain":
            shares = state.p_best[:, state.leading]
            loss, win = np.asarray(state.loss), np.asarray(state.win)
            score, error = information_gain(shares, loss, win)
        else:
            leading = state.draws.win_rate[:, state.leading]
            mean = leading.reshape(len(state.loss), _COPIES, -1).mean(axis=1)
            with precision(double=False):
                found = _regret(mean.astype(np.float32), state.loss, state.win)
            score = np.asarray(found, dtype=float)
        query = argmax(rng, score, available)
        return query, AskInfo(float(score[query]), float(error[query]))

    def recommend(self, rng: np.random.Generator, state: BayesselState) -> Standing:
        """Candidate with the highest P(best); ties broken at random."""
        p_best = state.draws.p_best.mean(axis=0)
        top = np.flatnonzero(p_best >= p_best.max() - TIE)
        return Standing(int(rng.choice(top)), p_best, state.draws, {})


@partial(jax.jit, static_argnames=("predict", "size"))
def _survey(
    predict: Callable[..., Any], size: int, seed: Any, draws: Any, data: Any, outcome: Any
) -> tuple[Any, Any, Any, Any, Any]:
    """A survey: counts, shares, and the cells and positions of the leading candidates."""
    seen = survey(predict, _COPIES, jax.random.key(seed), draws, data, outcome)
    points = (seen.counts @ jnp.asarray(POINTS, seen.loss.dtype)).mean(axis=(0, 1))
    leading = jnp.sort(jnp.lexsort((-points, -seen.p_best.mean(axis=0)))[:size])
    return seen.counts, seen.p_best, seen.loss[..., leading], seen.win[..., leading], leading


_regret = jax.jit(expected_regret)
