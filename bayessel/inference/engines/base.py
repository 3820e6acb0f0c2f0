"""What engines share: what each can fit, and the one call that draws."""

from __future__ import annotations

import importlib
from typing import Any, Protocol, cast

from numpy.typing import NDArray

from bayessel.errors import DataError, did_you_mean
from bayessel.inference.engines import ENGINES
from bayessel.inference.load import Model

type Sites = dict[str, NDArray[Any]]
"""Draws by name, [chain, draw, ...]."""


class Engine(Protocol):
    """What a module of this folder defines."""

    STEPS_PER_DRAW: int
    """Steps of a chain from one draw to the next."""

    def refusal(self, model: Model) -> str | None:
        """Why this engine cannot fit a model, and what to do; None where it can."""

    def sample(
        self,
        model: Model,
        data: Any,
        *,
        seed: int,
        chains: int = 4,
        draws: int = 1000,
        warmup: int = 1000,
        progress: bool = False,
    ) -> tuple[Sites, Sites]:
        """Draws from the posterior of a model that the engine does not refuse.

        Parameters
        ----------
        model
            The model.
        data
            What its programs read.
        seed
            The same seed gives the same draws.
        chains, draws, warmup
            Number of chains, and of draws and warm-up steps of each. Independent draws have no
            warm-up, and are laid out as chains so that ArviZ's checks apply.
        progress
            Show a progress bar, where there is something to wait for.

        Returns
        -------
        samples
            [chain, draw, ...] by site, deterministic ones included.
        stats
            [chain, draw] ``diverging``, ``energy``, ``acceptance_rate``, ``n_steps`` and ``lp`` of
            Hamiltonian chains; empty for others.
        """


def engine_named(name: str) -> Engine:
    """The engine of a name of :data:`bayessel.inference.engines.ENGINES`.

    Raises
    ------
    UnknownNameError
        There is no such engine.
    """
    if name not in ENGINES:
        raise did_you_mean(name, ENGINES, "engine")
    return cast(Engine, importlib.import_module(f"bayessel.inference.engines.{ENGINES[name]}"))


def engine_for(model: Model, name: str) -> Engine:
    """The engine of a name, for a model.

    Raises
    ------
    UnknownNameError
        There is no such engine.
    DataError
        The engine cannot fit the model.
    """
    engine = engine_named(name)
    reason = engine.refusal(model)
    if reason is not None:
        raise DataError(reason)
    return engine


def default_engine(model: Model) -> str:
    """``gibbs`` where it can fit the model, which is then the fastest; else ``numpyro``."""
    return "gibbs" if engine_named("gibbs").refusal(model) is None else "numpyro"
