"""The files that a selection leaves behind, and its summary."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bayessel.errors import RunError
from bayessel.inference.results import save_tree
from bayessel.selection.selector import Selector
from bayessel.selection.stopping import Stop
from bayessel.tasks.task import Task

_TIE = 1e-9


def summary(selector: Selector, stop: Stop | None = None) -> dict[str, Any]:
    """What was found, as plain data.

    Parameters
    ----------
    selector
        A selection.
    stop
        Its stopping rule, if any.
    """
    table = selector.table
    first = table.iloc[0]  # the recommended candidate
    found: dict[str, Any] = {
        "best": selector.best,
        "p_best": round(selector.p_best, 6),
        "win_rate": round(float(first["win_rate"]), 6),
        "interval_90": [round(float(first["lower"]), 6), round(float(first["upper"]), 6)],
        "p_within_1pct": round(float(first["p_within_1pct"]), 6),
        "judged": int(first["judged"]),
        "annotations": selector.n_annotations,
        "cells": selector.n_cells,
        "queries": selector.task.n_queries,
        "candidates": selector.task.n_candidates,
        "baseline": selector.task.baseline,
        "strategy": selector.strategy.name,
        "options": selector.strategy.options,
        "seed": selector.seed,
        "priors": {k: str(v) for k, v in selector.strategy.priors.items()},
    }
    found |= highest_p_best(table)
    known = recorded_win_rates(selector.task)
    if len(known):
        found["recorded_best"] = str(known.index[0])
        found["recorded_win_rate"] = round(float(known.iloc[0]), 6)
        found["recorded_tied"] = int((known >= known.iloc[0] - _TIE).sum())
    if stop is not None:
        found["stopped"] = stop.reached(selector.standing)
        found["stop_at"] = stop.level
        found["within"] = stop.within
    return found


def highest_p_best(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """``highest_p_best``: who has it, where that is not the recommended candidate; else nothing.

    Parameters
    ----------
    table
        Columns ``p_best`` and ``win_rate``, the recommended candidate first.
    """
    at = int(np.argmax(table["p_best"]))
    row = table.iloc[at]
    if row["p_best"] <= table["p_best"].iloc[0] + _TIE:
        return {}
    numbers = {k: round(float(row[k]), 6) for k in ("p_best", "win_rate")}
    return {"highest_p_best": {"candidate": str(table.index[at]), **numbers}}


def recorded_win_rates(task: Task) -> pd.Series:
    """Win rates over all recorded judgments, the highest first; empty where there are none."""
    rates = pd.Series(
        task.win_rate, index=pd.Index(task.candidates, name="candidate"), name="win_rate"
    )
    return rates.dropna().sort_values(ascending=False)


def write_results(
    selector: Selector,
    history: pd.DataFrame,
    folder: Path,
    found: dict[str, Any],
    level: float | None,
) -> dict[str, Path]:
    """Write result, history, summary and pictures into a folder.

    Parameters
    ----------
    selector
        A selection.
    history
        Its history.
    folder
        Where.
    found
        Its summary.
    level
        Stop level, for the picture.

    Returns
    -------
    dict
        Path by what it is: ``result`` (netCDF, opens with ``arviz.from_netcdf``), ``history``
        (CSV), ``standing`` (CSV), ``summary`` (JSON) and one PNG a picture (an SVG lies beside it).
    """
    from bayessel.pictures import selection as plots  # matplotlib is wanted here only
    from bayessel.pictures.style import save_figure
    from bayessel.pictures.win_rates import plot_win_rates

    files = {
        "result": folder / "result.nc",
        "history": folder / "history.csv",
        "standing": folder / "standing.csv",
        "summary": folder / "summary.json",
    }
    posterior, table = selector.posterior, selector.table
    known = recorded_win_rates(selector.task)
    figures = {
        "p_best": plots.plot_p_best(history, level),
        "win_rates": plot_win_rates(table, known if len(known) else None),
        "eps": plots.plot_eps(posterior),
    }
    try:
        save_tree(posterior, files["result"])
        _write(files["history"], history.to_csv(index=False, float_format="%.6g"))
        _write(files["standing"], table.to_csv(float_format="%.6g"))
        _write(files["summary"], json.dumps(found, indent=2, ensure_ascii=False) + "\n")
        for name, figure in figures.items():
            files[name] = save_figure(figure, folder / name)[0]
    except OSError as error:
        raise RunError(
            f"cannot write the results into {folder}: {error}; the answers are kept, "
            f"'bayessel status {folder}' writes the results again"
        ) from error
    return files


def random_knowledge(
    task: Task, annotations: int, *, repeats: int = 200, seed: int = 0
) -> dict[str, float]:
    """What random queries would have told after as many annotations.

    Parameters
    ----------
    task
        A task whose recorded judgments are complete.
    annotations
        How many random queries.
    repeats
        Random orders to average over.
    seed
        For the orders.

    Returns
    -------
    dict
        ``identified``: share of the orders in which the highest win rate so far is the best
        candidate over all queries; ``gap``: mean shortfall of the named candidate's win rate.
    """
    rng = np.random.default_rng([seed, 7])
    truth = task.win_rate
    points = (task.recorded + 1) / 2
    hits, gaps = [], []
    for _ in range(repeats):
        rows = rng.permutation(task.n_queries)[:annotations]
        rate = points[rows].mean(axis=0)
        named = int(rng.choice(np.flatnonzero(rate >= rate.max() - 1e-12)))
        hits.append(truth[named] >= truth.max() - 1e-12)
        gaps.append(truth.max() - truth[named])
    return {"identified": float(np.mean(hits)), "gap": float(np.mean(gaps))}


def _write(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
