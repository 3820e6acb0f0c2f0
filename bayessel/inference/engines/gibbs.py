"""Gibbs sampling of ``two_way`` and ``regression``: every conditional is of known form.

The steps are in :mod:`bayessel.inference.two_way.step` and :mod:`bayessel.inference.gibbs.step`.
Consecutive states are alike, most of all the scales, and steps are cheap: one
state in :data:`STEPS_PER_DRAW` is kept.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bayessel.inference.engines.base import Sites
from bayessel.inference.gibbs.sweeps import GROUPS, Sweeps, split, sweep
from bayessel.inference.load import Model
from bayessel.inference.two_way import sweeps as two_way
from bayessel.models.regression import Data
from bayessel.models.two_way import KINDS

STEPS_PER_DRAW = 5

_REGRESSION = "bayessel.models.regression"
_TWO_WAY = "bayessel.models.two_way"

_SLOPES = [f"{kind}_{slope}" for kind in KINDS for slope in ("between", "within")]

_FAMILIES = {
    _REGRESSION: {
        "level": "Normal",
        **dict.fromkeys(GROUPS, "InverseGamma"),
        "contrast": "Gamma",
        "common": "Gamma",
        "drawing": "Beta",
    },
    _TWO_WAY: {
        "level": "Normal",
        "sd_quality": "HalfNormal",
        "sd_query": "HalfNormal",
        "noise": "Gamma",
        **dict.fromkeys(_SLOPES, "Normal"),
        "drawing": "Beta",
    },
}
"""Families of the priors that the steps take, by model."""

_MAY_BE_FIXED = {*GROUPS, "contrast", "common", "sd_quality", "sd_query", "noise"}


def refusal(model: Model) -> str | None:
    """See :meth:`.base.Engine.refusal`: conjugate priors are needed."""
    families = _FAMILIES.get(model.module.__name__)
    if families is None:
        return (
            f"the engine gibbs has no conditionals for {model.name}: it fits two_way and regression"
        )
    for name, family in families.items():
        prior = model.priors[name]
        if prior.family != family and not (prior.fixed and name in _MAY_BE_FIXED):
            return f"{name}={prior}: the engine gibbs takes {family} there; use the engine numpyro"
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
    """See :meth:`.base.Engine.sample`; one draw is :data:`STEPS_PER_DRAW` steps."""
    one = _two_way if model.module.__name__ == _TWO_WAY else _regression
    runs = [
        one(rng, data, model.priors, draws, burn_in=warmup, every=STEPS_PER_DRAW)
        for rng in np.random.default_rng(seed).spawn(chains)
    ]
    return {name: np.stack([run[name] for run in runs]) for name in runs[0]}, {}


def _two_way(*args: Any, **options: Any) -> dict[str, Any]:
    """[S, ...] by the names of the NumPyro program, of one chain."""
    sweeps, data = two_way.sweep(*args, **options), args[1]
    m, at = data.outcome.shape[1], 0
    effects = np.zeros((len(sweeps.variance), len(data.row)))
    effects[:, : sweeps.effects.shape[1]] = sweeps.effects
    sites = {
        "level": sweeps.expected[:, 0],
        "ability": sweeps.coefficients[:, :m],
        "effect": effects,
        "variance": sweeps.variance,
        "sd_quality": sweeps.scales[:, 0],
        "sd_query": sweeps.scales[:, 1],
        "noise": sweeps.scales[:, 2],
        "drawing": sweeps.drawing,
    }
    between, within = sweeps.expected[:, 1:], sweeps.coefficients[:, m:]
    for kind in KINDS:
        here = slice(at, at + data.between[kind].shape[1])
        if here.stop > at:
            sites |= {f"{kind}_between": between[:, here], f"{kind}_within": within[:, here]}
        at = here.stop
    return sites


def _regression(*args: Any, **options: Any) -> dict[str, Any]:
    """[S, ...] by the names of the NumPyro program, of one chain."""
    return _sites(sweep(*args, **options), args[1])


def _sites(sweeps: Sweeps, data: Data) -> dict[str, Any]:
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
