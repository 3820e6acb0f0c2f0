"""Whether a model's draws are those of its program: what no check of one result can tell.

A likelihood that is multiplied in three times by mistake, or lacks a factor, gives chains that mix
and replicate the data, and are too sure. Ranks of what the model itself makes show it
(:mod:`bayessel.checks.simulation.calibration`).
"""

from __future__ import annotations

import json
from pathlib import Path

import xarray as xr

from bayessel.checks.base import Check, not_run
from bayessel.checks.simulation.calibration import calibrate
from bayessel.checks.simulation.design import Design
from bayessel.errors import DataError
from bayessel.inference.load import load_model
from bayessel.inference.model_code import allowed
from bayessel.priors import Prior

NAME = "simulated data"
ALPHA = 0.01
"""Probability of a false alarm, all quantities together."""


def check_simulated(
    tree: xr.DataTree,
    design: Design | None = None,
    *,
    model: str | Path | None = None,
    seed: int = 0,
) -> Check:
    """Simulate data from a result's model, fit them, and rank the truth among the draws.

    This checks the model and its sampler, with the result's priors, on small data without weak
    judges. The data of the result are not looked at.

    Parameters
    ----------
    tree
        A result that says its model.
    design
        What is simulated; 100 times 30 queries and 4 candidates, 8 queries judged, where None.
    model
        The result's model file, where its model is one: it is code, and runs only if it is named.
    seed
        The same seed gives the same ranks.

    Raises
    ------
    RunError
        The result's model is a file, and ``model`` is not that file.
    """
    design = Design(draws=60) if design is None else design
    if "model" not in tree.attrs:
        return not_run(NAME, "The result does not say its model: nothing can be simulated.")
    said = allowed(tree.attrs["model"], tree.attrs.get("model_sha256"), model, "the result")
    try:
        given = json.loads(tree.attrs.get("priors", "{}"))
        priors = {str(k): Prior.from_dict(v) for k, v in given.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return not_run(NAME, "The result's priors cannot be read: nothing can be simulated.")
    loaded = load_model(said, priors)
    engine = tree.attrs.get("engine")
    engine = engine if engine in ("exact", "gibbs") else "carried"
    try:
        found = calibrate(loaded, engine, design, seed=seed)
    except DataError as error:
        return not_run(NAME, f"{error}.")
    worst = str(found.table["p_value"].idxmin())
    least = float(found.table["p_value"].min())
    of = (
        f"{design.simulations} simulations of {design.n_queries} queries x {design.n_candidates} "
        f"candidates, {design.rows} judged"
    )
    if found.passed(ALPHA):
        text = f"The truth ranks evenly among draws: {of}; least p {least:.2g}, {worst}."
    else:
        mean = float(found.table["mean_rank"][worst])
        text = (
            f"The truth does not rank evenly among draws: {worst}, p {least:.2g}, mean rank "
            f"{mean:.2f}; {of}. Program and predict do not describe the same data (a weight, a "
            "factor, a sign), or the sampler fails: see the picture."
        )
    numbers = {"calibration": found, "model": tree.attrs["model"], "alpha": ALPHA}
    return Check(NAME, found.passed(ALPHA), text, found.table, numbers)
