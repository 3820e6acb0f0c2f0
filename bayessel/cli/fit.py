"""``bayessel fit``: the posterior of a generative model given the recorded judgments."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bayessel.cli import options as opt
from bayessel.cli.display import percent, say, say_highest_p_best
from bayessel.cli.strategy_options import note_chains

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from bayessel.tasks.task import Task


def fit(
    path: opt.TaskPath,
    baseline: opt.Baseline = None,
    model: opt.FitModel = "dual_parameter",
    engine: opt.Engine = None,
    sampler: opt.Sampler = "pymc",
    prior: opt.FitPriors = None,
    rows: opt.Rows = None,
    chains: opt.Chains = 4,
    draws: opt.Draws = 1000,
    warmup: opt.Warmup = 1000,
    out: Annotated[Path, typer.Option(help="Folder for the result.")] = Path("bayessel-fit"),
    seed: opt.Seed = 0,
    format: opt.Format = None,
    null: opt.Null = None,
    draw_band: opt.DrawBand = None,
    judge: opt.Judge = None,
    tolerance: opt.Tolerance = None,
    as_json: opt.Json = False,
) -> None:
    """Fit a generative model; writes result.nc, summary.csv, fit.json and pictures.

    'bayessel check DIR' says whether the result can be trusted.
    """
    priors = opt.named_priors(prior)
    opt.check_engine(engine, sampler)
    from bayessel.inference.load import load_model

    found_model = load_model(model, priors)
    if engine is None:
        note_chains(found_model)
    task = opt.read_task(
        path,
        quiet=as_json,
        baseline=baseline,
        format=format,
        null=null,
        draw_band=draw_band,
        judge=judge,
        tolerance=tolerance,
    )
    judgments = opt.some_rows(task, rows, seed)
    opt.result_folder(out)
    with opt.interruptible(out):
        from bayessel.inference.fit import default_engine
        from bayessel.inference.fit import fit as fit_model

        engine = engine or default_engine(found_model)
        task = opt.scored(task, out, quiet=as_json)
        if not as_json:
            say(f"fitting {model} with {engine}: {chains} chains of {warmup} + {draws}")
        began = time.perf_counter()
        tree = fit_model(
            task,
            found_model,
            engine,
            outcomes=judgments,
            seed=seed,
            chains=chains,
            draws=draws,
            warmup=warmup,
            progress=not as_json and sys.stderr.isatty(),
            sampler=sampler,
        )
        seconds = time.perf_counter() - began
    with opt.interruptible(out):
        summary = summarise(tree)
        table = standing(tree)
        found = {
            **described(tree, table, summary),
            "chains": chains,
            "draws": draws,
            "warmup": warmup if engine != "exact" else 0,
            "seconds": round(seconds, 3),
        }
        files = _write(out, tree, task, summary, table, found)
    if as_json:
        typer.echo(json.dumps({**found, "files": files}, ensure_ascii=False))
        return
    low, high = found["interval_90"]
    say(f"Best: {found['best']}")
    say(
        f"  P(best) {found['p_best']:.3f}; win rate {percent(found['win_rate'])} "
        f"(90 % interval {100 * low:.1f} - {100 * high:.1f})"
    )
    say_highest_p_best(found)
    say(f"  eps_loss {found['eps_loss']:.3f}, eps_draw {found['eps_draw']:.3f} (means)")
    say(f"  given {found['annotations']} of {found['queries']} queries ({found['cells']} cells)")
    say(f"Sampling: {quality(found)}; {found['seconds']:.1f} s")
    say(f"Files in {out}: {', '.join(files)}")


def standing(tree: xr.DataTree) -> pd.DataFrame:
    """Candidates by expected win rate.

    Columns ``p_best``, ``win_rate``, ``lower`` and ``upper`` (its 90 % interval) and
    ``p_within_1pct``.
    """
    import numpy as np
    import pandas as pd

    from bayessel.inference.draws import p_within

    posterior = tree["posterior"]
    names = [str(c) for c in posterior["candidate"].to_numpy()]
    rate, p_best = (
        posterior[v].transpose("chain", "draw", "candidate").to_numpy().reshape(-1, len(names))
        for v in ("win_rate", "p_best")
    )
    low, high = np.quantile(rate, [0.05, 0.95], axis=0)
    table = pd.DataFrame(
        {
            "p_best": p_best.mean(axis=0),
            "win_rate": rate.mean(axis=0),
            "lower": low,
            "upper": high,
            "p_within_1pct": p_within(rate, 0.01),
        },
        index=pd.Index(names, name="candidate"),
    )
    return table.sort_values(["win_rate", "p_best"], ascending=False)


def summarise(tree: xr.DataTree) -> pd.DataFrame:
    """``arviz.summary`` of the posterior variables that vary; a known value has no r-hat."""
    import warnings

    import arviz as az
    import numpy as np

    posterior = tree["posterior"].to_dataset()
    varying = [str(v) for v in posterior.data_vars if float(np.ptp(posterior[v].to_numpy())) > 0]
    with warnings.catch_warnings():  # a candidate that is never best has no r-hat
        warnings.simplefilter("ignore", RuntimeWarning)
        return az.summary(posterior[varying], round_to="none")


def described(tree: xr.DataTree, table: pd.DataFrame, summary: pd.DataFrame) -> dict[str, Any]:
    """What fit.json holds of a result."""
    from bayessel.reports.selection import highest_p_best

    best = table.iloc[0]
    posterior, attrs = tree["posterior"], tree.attrs
    diverging = None
    if "sample_stats" in tree.children and "diverging" in tree["sample_stats"]:
        diverging = int(tree["sample_stats"]["diverging"].sum())
    moving = summary[summary["sd"] > 0]
    rhat, ess = moving["r_hat"].astype(float).max(), moving["ess_bulk"].astype(float).min()
    return {
        "best": str(table.index[0]),
        "p_best": float(best["p_best"]),
        "win_rate": float(best["win_rate"]),
        "interval_90": [float(best["lower"]), float(best["upper"])],
        "p_within_1pct": float(best["p_within_1pct"]),
        **highest_p_best(table),
        "eps_loss": float(posterior["eps_loss"].mean()),
        "eps_draw": float(posterior["eps_draw"].mean()),
        "annotations": int(attrs["annotations"]),
        "cells": int(attrs["cells"]),
        "queries": int(tree["constant_data"]["n_queries"]),
        "candidates": len(table),
        "model": str(attrs["model"]),
        "engine": str(attrs["engine"]),
        "priors": json.loads(attrs["priors"]),
        "seed": int(attrs["seed"]),
        "max_r_hat": float(rhat) if rhat == rhat else None,
        "min_ess_bulk": float(ess) if ess == ess else None,
        "divergences": diverging,
    }


def quality(found: dict[str, Any]) -> str:
    """One line on how well a posterior was sampled."""
    rhat, ess, diverging = (found[k] for k in ("max_r_hat", "min_ess_bulk", "divergences"))
    if rhat is None or ess is None:
        return "nothing varies"
    text = f"largest r-hat {rhat:.3f}, smallest bulk ESS {ess:.0f}"
    if diverging is not None:
        return f"{text}, {diverging} divergence(s)"
    return f"{text}, {'Gibbs sweeps' if found['engine'] == 'gibbs' else 'independent draws'}"


def _write(
    out: Path,
    tree: xr.DataTree,
    task: Task,
    summary: pd.DataFrame,
    table: pd.DataFrame,
    found: dict[str, Any],
) -> list[str]:
    """Write everything or nothing; returns the files' names, one for each picture."""
    from bayessel.inference.results import save_tree
    from bayessel.pictures.fit import plot_eps_prior, plot_p_best
    from bayessel.pictures.style import save_figure
    from bayessel.pictures.win_rates import plot_win_rates
    from bayessel.reports.selection import recorded_win_rates

    known = recorded_win_rates(task)
    figures = {
        "win_rates": plot_win_rates(table, known if len(known) else None),
        "p_best": plot_p_best(table),
        "eps": plot_eps_prior(tree),
    }
    report = {**found, "standing": table.round(6).reset_index().to_dict(orient="records")}
    with opt.written_whole(out) as folder:
        save_tree(tree, folder / "result.nc")
        (folder / "summary.csv").write_text(
            summary.to_csv(index_label="variable", float_format="%.6g"), encoding="utf-8"
        )
        (folder / "fit.json").write_text(
            json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        for name, figure in figures.items():
            save_figure(figure, folder / name)
    return ["result.nc", "summary.csv", "fit.json", *(f"{name}.png" for name in figures)]
