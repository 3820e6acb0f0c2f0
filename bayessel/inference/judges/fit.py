"""Fit the model of verdicts; the result is an ``xarray.DataTree``."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from bayessel.inference.engines.base import engine_for
from bayessel.inference.judges.measures import measured
from bayessel.inference.judges.table import VerdictTable
from bayessel.inference.load import Model, load_model
from bayessel.inference.results import about_result, dataset_of
from bayessel.models.judges import verdicts
from bayessel.priors import Prior


def fit_verdicts(
    table: VerdictTable,
    engine: str = "numpyro",
    *,
    priors: Mapping[str, Prior | str] | None = None,
    seed: int = 0,
    chains: int = 4,
    draws: int = 500,
    warmup: int = 500,
    progress: bool = False,
) -> xr.DataTree:
    """Posterior of what verdicts say of their judges.

    Parameters
    ----------
    table
        The verdicts.
    engine
        ``numpyro`` or ``pymc``.
    priors
        Priors to replace, by name.
    seed, chains, draws, warmup, progress
        As in :func:`bayessel.inference.fit.fit`.

    Returns
    -------
    xarray.DataTree
        ``posterior``: for each judge what :func:`~.measures.measured` names, ``correlation`` with
        the gold judge's opinions, and the model's own variables; ``sample_stats``,
        ``observed_data`` (``outcome`` by verdict), ``constant_data`` (``side``, ``judge``,
        ``cell``).

    Raises
    ------
    UnknownNameError, DataError, BudgetError
        An unknown engine or prior, an engine that cannot fit the model, a prior with a wider
        support.
    """
    model = load_model(Model("judges.verdicts", verdicts, dict(verdicts.PRIORS)), priors)
    by, data = engine_for(model, engine), verdicts.prepare(table)
    size = {"chains": chains, "draws": draws, "warmup": warmup}
    samples, stats = by.sample(model, data, seed=seed, progress=progress, **size)
    ordered = np.bincount(table.judge, np.abs(table.side), minlength=len(table.judges)) > 0
    gold = None if table.gold is None else table.judges.index(table.gold)
    said = measured(
        {name: np.asarray(samples[name]) for name in (*verdicts.OF_JUDGE, "correlation")},
        ordered,
        gold,
    )
    names = {
        "judge": table.judges,
        "learned_judge": [table.judges[k] for k in data.learned],
        "cell": [" / ".join(cell) for cell in table.cells],
    }
    about = about_result(
        {
            "model": model.name,
            "engine": engine,
            "seed": seed,
            "priors": {name: prior.to_dict() for name, prior in model.priors.items()},
            "gold": table.gold or "",
        }
    )
    dims = {**model.dims, **dict.fromkeys(said, ("judge",))}
    sites = {name: value for name, value in samples.items() if name != "outcome"}
    observed = xr.Dataset({"outcome": ("verdict", table.outcome)})
    constant = xr.Dataset(
        {name: ("verdict", getattr(table, name)) for name in ("side", "judge", "cell")}
    )
    groups = {
        "posterior": dataset_of({**said, **sites}, dims, names=names, about=about),
        "sample_stats": dataset_of(stats, {}, names={}, about=about),
        "observed_data": observed,
        "constant_data": constant,
    }
    tree = xr.DataTree.from_dict(groups)
    tree.attrs = dict(about)
    return tree
