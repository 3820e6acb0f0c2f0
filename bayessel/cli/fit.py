"""``bayessel fit``: the posterior of a generative model given the recorded judgments."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from bayessel.cli import options as opt
from bayessel.cli.display import say, say_json
from bayessel.cli.fit_options import FitChoice
from bayessel.cli.groups import grouped
from bayessel.cli.output import interruptible, result_folder
from bayessel.cli.priors import note_chains
from bayessel.cli.reading import Reading


@grouped
def fit(
    path: opt.TaskPath,
    reading: Reading,
    choice: FitChoice,
    out: Annotated[Path, typer.Option(help="Folder for the result.")] = Path("bayessel-fit"),
    seed: opt.Seed = 0,
    as_json: opt.Json = False,
) -> None:
    """Fit a generative model; writes result.nc, summary.csv, fit.json and pictures.

    'bayessel check DIR' says whether the result can be trusted.
    """
    model = choice.load()
    if choice.engine is None:
        note_chains(model)
    from bayessel.inference.engines.base import default_engine
    from bayessel.inference.fit import fit as fit_model
    from bayessel.reports.fit import FitReport
    from bayessel.tasks.judged import judgments_of

    task = reading.task(path, quiet=as_json)
    judgments = judgments_of(task, choice.rows, seed)
    result_folder(out)
    with interruptible(out):
        engine = choice.engine or default_engine(model)
        task = choice.scored(task, model, out, quiet=as_json)
        warmup = choice.warmup if engine != "exact" else 0  # independent draws
        if not as_json:
            steps = f"{warmup} warm-up steps and " if warmup else ""
            say(
                f"fitting {choice.model} with {engine}: {choice.chains} chains of "
                f"{steps}{choice.draws} draws"
            )
        began = time.perf_counter()
        tree = fit_model(
            task,
            model,
            engine,
            outcomes=judgments,
            seed=seed,
            **choice.settings(quiet=as_json),
        )
        seconds = time.perf_counter() - began
    with interruptible(out):
        more = {
            "chains": choice.chains,
            "draws": choice.draws,
            "warmup": warmup,
            "seconds": round(seconds, 3),
        }
        report = FitReport(tree, task, more)
        files = [file.name for file in report.write(out).values()]
    if as_json:
        say_json({**report.numbers, "files": files})
        return
    say(report.text)
    say(f"Files in {out}: {', '.join(files)}")
