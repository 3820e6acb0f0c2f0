"""Whether a model's NumPyro program and its PyMC twin are one density, at points of the prior."""

from __future__ import annotations

import jax
import numpy as np
import pytensor.tensor as pt
from numpyro import handlers
from numpyro.infer.util import log_density

from bayessel.inference.load import Model
from bayessel.inference.runtime import precision

POINTS = 4


def points(model: Model, data: object, n: int = POINTS) -> list[dict[str, np.ndarray]]:
    """Values of the latent sites, drawn from the prior."""
    found = []
    for key in jax.random.split(jax.random.key(0), n):
        trace = handlers.trace(handlers.seed(model.numpyro, key)).get_trace(data)
        found.append(
            {
                name: np.asarray(site["value"])
                for name, site in trace.items()
                if site["type"] == "sample" and not site["is_observed"]
            }
        )
    return found


def values(twin: object, point: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """PyMC's value variables at a point."""
    at = {}
    for variable in twin.free_RVs:
        transform, value = twin.rvs_to_transforms[variable], point[variable.name]
        if transform is not None:
            value = transform.forward(pt.as_tensor(value), *variable.owner.inputs).eval()
        at[twin.rvs_to_values[variable].name] = np.asarray(value, dtype=float)
    return at


def densities(model: Model, data: object) -> tuple[np.ndarray, np.ndarray]:
    """[POINTS] log densities by NumPyro and by PyMC; their latent sites are the same."""
    with precision(double=True):
        at = points(model, data)
        ours = np.array([float(log_density(model.numpyro, (data,), {}, p)[0]) for p in at])
    twin = model.pymc(data)
    assert {v.name for v in twin.free_RVs} == set(at[0])
    density = twin.compile_logp(jacobian=False, mode="FAST_COMPILE")
    return ours, np.array([float(density(values(twin, p))) for p in at])
