"""What a fit's folder holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bayessel.checks.draws import candidates, flat, posterior_of
from bayessel.errors import BayesselError, RunError
from bayessel.inference.load import Model, load_model
from bayessel.inference.model_code import allowed, is_code
from bayessel.inference.results import read_tree
from bayessel.priors import Prior
from bayessel.reports.facts.parts import Repeat
from bayessel.reports.facts.repeat import repeat_fit
from bayessel.reports.facts.source import Source
from bayessel.reports.fit import FitReport


def fit_source(folder: Path, model: Path | None = None) -> Source:
    """The result of ``bayessel fit`` in a folder.

    Parameters
    ----------
    folder
        Of the fit.
    model
        The model's file, where the result's model is one.

    Raises
    ------
    RunError
        It cannot be read.
    """
    tree = read_tree(folder)
    if "observed_data" not in tree.children or "model" not in tree.attrs:
        raise RunError(f"{folder} holds no fit of bayessel: make one with 'bayessel fit'")
    names = candidates(tree)
    observed = tree["observed_data"]["outcome"].sel(candidate=names)
    return Source(
        kind="fit",
        name=folder.resolve().name,
        candidates=tuple(names),
        queries=tuple(str(q) for q in observed["query"].to_numpy()),
        outcome=observed.transpose("query", "candidate").to_numpy().astype(np.int8),
        n_queries=int(tree["constant_data"]["n_queries"]),
        table=FitReport(tree).table,
        draws=flat(posterior_of(tree, "win_rate")),
        strategy=str(tree.attrs["model"]),
        fitted=tree,
        model=_model(dict(tree.attrs), model, folder),
        facts={"seed": int(tree.attrs.get("seed", 0))},
    )


def repeat_of_fit(folder: Path) -> Repeat:
    """How to repeat the fit in a folder.

    Raises
    ------
    RunError
        It cannot be read.
    """
    path = folder / "fit.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(f"cannot read {path} ({error}): make the fit again") from error
    attrs = read_tree(folder).attrs
    return repeat_fit(folder, found, str(attrs["baseline"]), str(attrs["data_hash"]))


def _model(attrs: Mapping[Any, Any], named: Path | None, folder: Path) -> Model | None:
    """The model that was fitted, with its priors; None where it is a file that nobody named.

    Raises
    ------
    RunError
        The file that was named is another one.
    """
    priors = {k: Prior.from_dict(v) for k, v in json.loads(attrs["priors"]).items()}
    name = str(attrs["model"])
    if is_code(name) and named is None:
        return None
    name = allowed(name, attrs.get("model_sha256"), named, folder)
    try:
        return load_model(name, priors)
    except BayesselError:
        return None
