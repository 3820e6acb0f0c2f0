"""PyMC's samplers for a model's PyMC twin."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from bayessel.errors import DataError, did_you_mean
from bayessel.inference.engines.base import Sites
from bayessel.inference.engines.nuts import TARGET_ACCEPT
from bayessel.inference.load import Model

SAMPLERS = ("pymc", "nutpie", "numpyro")
"""PyMC's own NUTS, nutpie (a package of its own) and NumPyro's NUTS, run by PyMC."""

STEPS_PER_DRAW = 1

_STATS = {
    "diverging": "diverging",
    "energy": "energy",
    "acceptance_rate": "acceptance_rate",
    "mean_tree_accept": "acceptance_rate",
    "n_steps": "n_steps",
    "lp": "lp",
    "logp": "lp",
}


def refusal(model: Model) -> str | None:
    """See :meth:`.base.Engine.refusal`: models with a PyMC twin are fitted."""
    if hasattr(model.module, "pymc_model"):
        return None
    return f"the model {model.name} has no pymc_model: use the engine numpyro, or write one"


def sample(
    model: Model,
    data: Any,
    *,
    seed: int,
    chains: int = 4,
    draws: int = 1000,
    warmup: int = 1000,
    progress: bool = False,
    sampler: str = "pymc",
) -> tuple[Sites, Sites]:
    """See :meth:`.base.Engine.sample`: draws from the posterior of the PyMC twin.

    Parameters
    ----------
    sampler
        One of :data:`SAMPLERS`.

    Raises
    ------
    UnknownNameError
        No such sampler.
    DataError
        The sampler is not installed.
    """
    if sampler not in SAMPLERS:
        raise did_you_mean(sampler, SAMPLERS, "PyMC sampler")
    import pymc as pm

    with model.pymc(data):
        try:
            with warnings.catch_warnings():
                # what these say is in the result, where the checks read it
                warnings.filterwarnings("ignore", category=UserWarning)
                warnings.filterwarnings("ignore", category=FutureWarning)
                tree = pm.sample(
                    draws=draws,
                    tune=warmup,
                    chains=chains,
                    cores=1,
                    random_seed=seed,
                    nuts_sampler=sampler,
                    target_accept=TARGET_ACCEPT,
                    progressbar=progress,
                    compute_convergence_checks=False,
                )
        except ImportError as error:
            raise DataError(
                f"the PyMC sampler {sampler} is not installed (pip install {sampler}): {error}"
            ) from error
    samples = {str(k): np.asarray(v.values) for k, v in tree["posterior"].data_vars.items()}
    stats = {
        _STATS[str(k)]: np.asarray(v.values)
        for k, v in tree["sample_stats"].data_vars.items()
        if str(k) in _STATS
    }
    return samples, stats
