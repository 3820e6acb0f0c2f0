"""Gibbs sampling of ``regression``: every conditional is of known form.

The step is in :mod:`bayessel.inference.gibbs.step`. Consecutive states are alike, most of all the
variances of the effects, and steps are cheap: one state in :data:`STEPS_PER_DRAW` is kept.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bayessel.inference.engines.base import Sites
from bayessel.inference.gibbs.sweeps import GROUPS, Sweeps, split, sweep
from bayessel.inference.load import Model
from bayessel.models.regression import Data

STEPS_PER_DRAW = 5

_CONJUGATE = {
    "level": "Normal",
    **dict.fromkeys(GROUPS, "InverseGamma"),
    "contrast": "Gamma",
    "common": "Gamma",
    "drawing": "Beta",
}


def refusal(model: Model) -> str | None:
    """See :meth:`.base.Engine.refusal`: ``regression`` with conjugate priors is fitted."""
    if model.module.__name__ != "bayessel.models.regression":
        return f"the engine gibbs has no conditionals for {model.name}: it fits regression"
    for name, family in _CONJUGATE.items():
        prior = model.priors[name]
        if prior.family != family and (not prior.fixed or name in ("level", "drawing")):
            return f"{name}={prior}: the engine gibbs takes {family} there; use the engine numpyro"
    return None


def sample(
    model: Model,
    data: Data,
    *,
    seed: int,
    chains: int = 4,
    draws: int = 1000,
    warmup: int = 1000,
    progress: bool = False,
) -> tuple[Sites, Sites]:
    """See :meth:`.base.Engine.sample`; one draw is :data:`STEPS_PER_DRAW` steps."""
    runs = [
        _sites(sweep(rng, data, model.priors, draws, burn_in=warmup, every=STEPS_PER_DRAW), data)
        for rng in np.random.default_rng(seed).spawn(chains)
    ]
    return {name: np.stack([run[name] for run in runs]) for name in runs[0]}, {}


def _sites(sweeps: Sweeps, data: Data) -> dict[str, Any]:
    """[S, ...] by the names of the NumPyro program."""
    quality, level, between, within, query = split(sweeps.coefficients, data)
    sites = {
        "level": level[:, 0],
        "quality": quality,
        "contrast": sweeps.scales[:, 0],
        "common": sweeps.scales[:, 1],
        "covariance": sweeps.covariance,
        "drawing": sweeps.drawing,
    }
    variances = dict(zip(GROUPS, sweeps.variances.T, strict=True))
    if not data.between.shape[1]:
        return sites | {"var_quality": variances["var_quality"]}
    return sites | variances | {"between": between, "within": within, "query_coefficient": query}
