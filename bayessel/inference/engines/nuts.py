"""NumPyro's NUTS for any generative model; chains run side by side."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from numpyro import handlers
from numpyro.infer import MCMC, NUTS, Predictive, init_to_median

from bayessel.errors import BudgetError
from bayessel.inference.engines.base import Sites
from bayessel.inference.load import Model
from bayessel.inference.runtime import precision

_STATS = ("diverging", "energy", "accept_prob", "num_steps", "potential_energy")
_NAMES = {"accept_prob": "acceptance_rate", "num_steps": "n_steps", "potential_energy": "lp"}
TARGET_ACCEPT = 0.9
STEPS_PER_DRAW = 1


def refusal(model: Model) -> str | None:
    """See :meth:`.base.Engine.refusal`: every model has a NumPyro program."""
    return None


def sample(
    model: Model,
    data: Any,
    *,
    seed: int,
    chains: int = 4,
    draws: int = 1000,
    warmup: int = 1000,
    progress: bool = False,
) -> tuple[Sites, Sites]:
    """See :meth:`.base.Engine.sample`.

    A second call with data of the same shapes compiles nothing, unless it shows a progress bar.

    Raises
    ------
    BudgetError
        Fewer than 10 warm-up steps.
    """
    if warmup < 10:
        raise BudgetError(f"warmup {warmup}: NUTS needs at least 10 warm-up steps")
    with precision(double=True):
        data = jax.tree.map(jnp.asarray, data)  # NumPy refuses the row that a free slot points at
        settings = Program(model), chains, draws, warmup
        run = partial(_run, *settings, progress=True) if progress else _compiled(*settings)
        found = run(jax.random.key(seed), data)
        samples, extra = ({k: np.asarray(v) for k, v in part.items()} for part in found)
    stats = {_NAMES.get(k, k): v for k, v in extra.items()}
    stats["lp"] = -stats["lp"]
    return samples, stats


class Program:
    """A model's program, equal to another one of the same file and priors."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.key = (model.module.__name__, str(sorted(model.priors.items())))

    def __call__(self, data: Any) -> None:
        """Run the program."""
        self.model.numpyro(data)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Program) and self.key == other.key


def _run(
    program: Program,
    chains: int,
    draws: int,
    warmup: int,
    key: Any,
    data: Any,
    *,
    progress: bool = False,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Samples and statistics of all chains."""
    mcmc = MCMC(
        NUTS(program, target_accept_prob=TARGET_ACCEPT, init_strategy=init_to_median),
        num_warmup=warmup,
        num_samples=draws,
        num_chains=chains,
        chain_method="vectorized",
        progress_bar=progress,
        jit_model_args=True,
    )
    mcmc.run(key, data, extra_fields=_STATS)
    return mcmc.get_samples(group_by_chain=True), mcmc.get_extra_fields(group_by_chain=True)


@lru_cache(maxsize=32)
def _compiled(program: Program, chains: int, draws: int, warmup: int) -> Any:
    """The whole of a run as one program, compiled once for each shape of the data.

    A sampler that is run from outside compiles its loop anew each time, and every compilation takes
    memory maps of which a process has few.
    """
    return jax.jit(partial(_run, program, chains, draws, warmup))


def prior_samples(model: Model, data: Any, seed: int, draws: int) -> dict[str, NDArray[Any]]:
    """[S, ...] draws of every site from the prior.

    Parameters
    ----------
    model
        The model.
    data
        What its program reads; only its shapes matter for what is sampled.
    seed
        For ``jax.random.key``.
    draws
        S.
    """
    with precision(double=True):
        unobserved = handlers.block(model.numpyro, hide_fn=_observed)
        predictive = Predictive(unobserved, num_samples=draws)
        found = predictive(jax.random.key(seed), jax.tree.map(jnp.asarray, data))
    return {k: np.asarray(v) for k, v in found.items()}


def _observed(site: dict[str, Any]) -> bool:
    return bool(site["type"] == "sample" and site["is_observed"])
