"""PyMC's NUTS on many data sets of one shape, compiled once.

``pm.sample`` compiles for each model that it is given, seconds for a second of sampling. Here the
twins are made one graph (:mod:`bayessel.inference.engines.pymc_lift`), and one ``pm.NUTS`` goes
from data set to data set, with the acceptance of
:func:`bayessel.inference.engines.pymc_engine.sample` and all else PyMC's default: chains start at
the initial point of the first twin and up to 1 to either side, unconstrained. ``pm.sample`` starts
again where the density is 0; here PyMC's error is raised.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayessel.inference.engines.nuts import TARGET_ACCEPT
from bayessel.inference.engines.pymc_lift import lift
from bayessel.inference.load import Model


def sample_each(
    model: Model,
    data: Sequence[Any],
    seeds: Sequence[int],
    *,
    chains: int = 2,
    draws: int = 1000,
    warmup: int = 1000,
    apart: int = 1,
) -> Iterator[dict[str, NDArray[Any]]]:
    """Draws from the posterior of the PyMC twin, for each data set.

    Parameters
    ----------
    model
        The model.
    data
        What its twin reads; all of the same shapes.
    seeds
        One for each data set.
    chains, draws, warmup
        Number of chains, and of draws and warm-up steps of each.
    apart
        Steps from draw to draw.

    Yields
    ------
    dict
        [chain, draw, ...] by site, deterministic ones included.

    Raises
    ------
    DataError
        The model has no twin, or its graph depends on the data by more than values.
    """
    import pymc as pm
    from pymc.model.core import ValueGradFunction

    twins = [model.pymc(one) for one in data]
    (log_density, *sites), shared, values = lift([_graph(twin) for twin in twins])
    twin = twins[0]
    start, inputs = twin.initial_point(), twin.value_vars
    density = ValueGradFunction([log_density], inputs, ravel_inputs=True, initial_point=start)
    step = pm.NUTS(
        model=twin, initial_point=start, logp_dlogp_func=density, target_accept=TARGET_ACCEPT
    )
    names = [variable.name for variable in _sites(twin)]
    sites_at = twin.compile_fn(sites, inputs=inputs, mode="FAST_COMPILE")  # of few points
    for of_one, seed in zip(values, seeds, strict=True):
        for variable, value in zip(shared, of_one, strict=True):
            variable.set_value(value)
        found = []
        for rng in np.random.default_rng(seed).spawn(chains):
            at = {k: v + rng.uniform(-1.0, 1.0, np.shape(v)) for k, v in start.items()}
            points = _chain(step, rng, at, warmup, draws * apart)
            kept = [sites_at(point) for point in islice(points, apart - 1, None, apart)]
            found.append([np.stack(draws_of_site) for draws_of_site in zip(*kept, strict=True)])
        each = zip(names, zip(*found, strict=True), strict=True)
        yield {name: np.stack(of_chains) for name, of_chains in each}


def _sites(twin: Any) -> list[Any]:
    return [*twin.free_RVs, *twin.deterministics]


def _graph(twin: Any) -> list[Any]:
    """Log density and sites as functions of a point."""
    return [twin.logp(), *twin.replace_rvs_by_values(_sites(twin))]


def _chain(
    step: Any, rng: np.random.Generator, point: dict[str, Any], warmup: int, steps: int
) -> Iterator[dict[str, Any]]:
    """Points of one chain, after its warm-up."""
    step.setup_chain(rng, warmup, steps)
    step.reset_tuning()
    for i in range(warmup + steps):
        if i == warmup:
            step.stop_tuning()
        point, _ = step.step(point)
        if i >= warmup:
            yield point
