"""Fit a generative model to the judgments of a task; the result is an ``xarray.DataTree``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bayessel.errors import BudgetError, DataError
from bayessel.inference.engines import nuts
from bayessel.inference.engines.base import default_engine, engine_for, engine_named
from bayessel.inference.evidence import Evidence
from bayessel.inference.load import Model, load_model
from bayessel.inference.model_code import file_hash, is_code
from bayessel.inference.model_file import validate_model_file
from bayessel.inference.population import describe, row_densities
from bayessel.inference.results import fit_tree
from bayessel.inference.runtime import precision
from bayessel.models import DEFAULT
from bayessel.outcomes import MISSING, parse_outcome
from bayessel.priors import Prior
from bayessel.tasks.task import Task


def fit(
    task: Task,
    model: str | Path | Model = DEFAULT,
    engine: str | None = None,
    *,
    outcomes: NDArray[np.int8] | pd.DataFrame | None = None,
    priors: Mapping[str, Prior | str] | None = None,
    weak_judges: Sequence[str] | None = None,
    seed: int = 0,
    chains: int = 4,
    draws: int = 1000,
    warmup: int = 1000,
    progress: bool = False,
    sampler: str = "pymc",
) -> xr.DataTree:
    """Posterior of a model given judgments of a task and its weak judges' scores.

    Parameters
    ----------
    task
        The task. Weak judges' scores are used where it has them
        (:meth:`~bayessel.tasks.task.Task.with_weak_judges`,
        :func:`bayessel.weak_judges.score_weak_judges`).
    model
        A name of :data:`bayessel.models.MODELS`, with ``:variant`` if wanted, or the path of a
        file of your own.
    engine
        A name of :data:`bayessel.inference.engines.ENGINES`; that of
        :func:`~bayessel.inference.engines.base.default_engine` where None.
    outcomes
        [N, M] outcomes with ``MISSING`` where a cell is not judged, or a frame with ``query_id``,
        ``candidate``, ``outcome``; the judgments that the task records where None. Rows may be
        judged in part; nothing may be judged.
    priors
        Priors to replace, by name.
    weak_judges
        Names of the weak judges to use, computed or given; all that the task has where None. A
        model that reads only whole weak judges leaves out those with gaps; the result's attribute
        ``weak_judges`` names those that were read.
    seed
        The same seed gives the same result.
    chains, draws, warmup
        Chains, and draws and warm-up steps of each.
    progress
        Show a progress bar.
    sampler
        With engine ``pymc``: ``pymc``, ``nutpie`` or ``numpyro``.

    Returns
    -------
    xarray.DataTree
        ArviZ's groups; see :func:`bayessel.inference.results.fit_tree`.

    Raises
    ------
    UnknownNameError
        No such model, engine or prior.
    BudgetError
        Chains, draws or warm-up out of range.
    DataError
        The engine cannot fit this model, or the model's file is at fault.
    """
    if engine is not None:
        engine_named(engine)  # an unknown name is refused before anything is loaded
    if chains < 1 or draws < 10 or warmup < 0:
        raise BudgetError(
            f"chains {chains}, draws {draws}, warmup {warmup}: expected at least 1, 10 and 0"
        )
    found = load_model(model, priors)
    engine = default_engine(found) if engine is None else engine
    evidence = Evidence.of(
        task, outcomes_of(task, outcomes), weak_judges=weak_judges, apart=found.reads_given
    )
    validate_model_file(found, evidence)
    data = found.prepare(evidence)
    rng = np.random.default_rng(seed)
    nuts_seed, describe_seed, prior_seed = (int(s) for s in rng.integers(2**31, size=3))
    by = engine_for(found, engine)
    samples, stats = by.sample(
        found,
        data,
        seed=nuts_seed,
        chains=chains,
        draws=draws,
        warmup=warmup,
        progress=progress,
        **({"sampler": sampler} if engine == "pymc" else {}),
    )
    with precision(double=True):
        known = described(found, evidence, data, samples, describe_seed)
        prior_samples, prior_known = _prior(found, evidence, prior_seed)
    return fit_tree(
        evidence,
        found,
        samples,
        stats,
        known,
        prior_samples,
        prior_known,
        {
            "model": found.name,
            **({"model_sha256": file_hash(found.name)} if is_code(found.name) else {}),
            "engine": engine if engine != "pymc" else f"pymc ({sampler})",
            "steps_per_draw": by.STEPS_PER_DRAW,
            "seed": seed,
            "priors": {k: v.to_dict() for k, v in found.priors.items()},
            "baseline": task.baseline,
            "data_hash": _data_hash(task, evidence),
            "queries_opened": len(evidence.judged),
            "cells": int((evidence.outcome != MISSING).sum()),
            "weak_judges": list(evidence.weak_judges),
        },
    )


def outcomes_of(task: Task, outcomes: NDArray[np.int8] | pd.DataFrame | None) -> NDArray[np.int8]:
    """[N, M] outcomes from what :func:`fit` takes as ``outcomes``.

    Raises
    ------
    UnknownNameError, OutcomeError, DataError
        Unknown names or outcomes, a cell twice, or missing columns.
    """
    if outcomes is None:
        return task.recorded
    if not isinstance(outcomes, pd.DataFrame):
        given = np.asarray(outcomes)
        if given.shape != (task.n_queries, task.n_candidates):
            raise DataError(
                f"judgments have shape {given.shape}, expected "
                f"{(task.n_queries, task.n_candidates)}: queries x candidates"
            )
        if not np.isin(given, (-1, 0, 1, MISSING)).all():
            raise DataError(f"judgments hold values other than -1, 0, 1 and {MISSING} (not judged)")
        return given.astype(np.int8)
    absent = {"query_id", "candidate", "outcome"} - set(outcomes.columns)
    if absent:
        raise DataError(f"judgments lack the column(s) {', '.join(sorted(absent))}")
    outcome = np.full((task.n_queries, task.n_candidates), MISSING, dtype=np.int8)
    for query, candidate, value in outcomes[["query_id", "candidate", "outcome"]].itertuples(
        index=False
    ):
        cell = task.query_index(query), task.candidate_index(candidate)
        if outcome[cell] != MISSING:
            raise DataError(
                f"judgments hold query {query!r}, candidate {candidate!r} more than once"
            )
        outcome[cell] = parse_outcome(value)
    return outcome


def described(
    model: Model,
    evidence: Evidence,
    data: Any,
    samples: dict[str, NDArray[Any]],
    seed: int,
    *,
    rows: Evidence | None = None,
) -> dict[str, NDArray[Any]]:
    """What draws [chain, draw, ...] say of the population; see :func:`~.population.describe`.

    ``rows`` has the judged rows to replicate; those of ``evidence`` where None.
    """
    rows = evidence if rows is None else rows
    shape = next(iter(samples.values())).shape[:2]
    size = shape[0] * shape[1]
    flat = {k: jnp.asarray(v).reshape(size, *v.shape[2:]) for k, v in samples.items()}
    found = describe(
        model.predict,
        model.log_likelihood,
        model.complete,
        model.replicate,
        jax.random.key(seed),
        flat,
        jax.tree.map(jnp.asarray, data),
        jnp.asarray(evidence.outcome),
        jnp.asarray(rows.judged),
        jnp.asarray(rows.outcome[rows.judged]),
    )
    if model.log_density is not None and len(rows.judged):
        of_rows = row_densities(model.log_density, flat, jax.tree.map(jnp.asarray, data))
        found["log_density"] = of_rows[:, : len(rows.judged)]
    return {k: np.asarray(v).reshape(*shape, *v.shape[1:]) for k, v in found.items()}


def _prior(
    model: Model, evidence: Evidence, seed: int, draws: int = 1000
) -> tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
    """Draws before any judgment or vote, and what they say of the population."""
    blank = replace(evidence, outcome=np.full_like(evidence.outcome, MISSING))
    blank = replace(blank, slots=len(evidence.judged))
    data = model.prepare(blank)
    samples = {k: v[None] for k, v in nuts.prior_samples(model, data, seed, draws).items()}
    if "p_f" in samples:  # the program's is given the votes
        samples["p_f"] = np.broadcast_to(model.prior_f(evidence), samples["p_f"].shape).copy()
    known = described(model, blank, data, samples, seed + 1, rows=evidence)
    for name in ("log_likelihood", "log_density"):
        known.pop(name, None)
    return samples, known


def _data_hash(task: Task, evidence: Evidence) -> str:
    digest = hashlib.sha256(task.fingerprint.encode())
    digest.update(evidence.outcome.tobytes())
    digest.update(np.ascontiguousarray(evidence.signals.scores).tobytes())
    if evidence.given.names:
        digest.update(np.ascontiguousarray(evidence.given.said).tobytes())
    return digest.hexdigest()
