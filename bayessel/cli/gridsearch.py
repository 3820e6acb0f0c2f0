"""``bayessel gridsearch``: the paper's search for eps, as a command of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bayessel.cli import options as opt
from bayessel.cli.display import say, say_note, say_scoring
from bayessel.cli.output import interruptible, result_folder

if TYPE_CHECKING:
    from bayessel.studies.paper.eps_search_study import EpsPosterior, EpsStudy


def gridsearch(
    path: opt.TaskPath,
    baseline: opt.Baseline = None,
    format: opt.Format = None,
    realizations: Annotated[int, typer.Option(min=1, help="Sub-tasks that are selected on.")] = 20,
    budget: Annotated[int, typer.Option(min=1, help="Queries judged in each.")] = 50,
    seed: opt.Seed = 0,
    out: Annotated[Path | None, typer.Option(help="Folder for the heat map.")] = None,
    posterior: Annotated[
        bool, typer.Option(help="Draw bayessel's posterior of eps on the heat map (a minute).")
    ] = True,
    annotated: Annotated[
        int,
        typer.Option(min=0, help="Draw it also given this many of the recorded annotations."),
    ] = 0,
) -> None:
    """Search llm-selector's eps, with the weak judges' majority as the oracle.

    For every pair on the grid, prints how often the weak judges' own best candidate is identified.
    With --out it also draws this as a heat map, together with what dual_parameter learns about eps
    from the weak judges' votes. No annotation is read or spent, unless --annotated asks for some.
    """
    from bayessel.errors import BudgetError
    from bayessel.pictures.eps_grid import plot_eps_search
    from bayessel.pictures.style import save_figure
    from bayessel.studies.paper.eps_search_study import study_eps
    from bayessel.tasks.judged import judgments_of
    from bayessel.tasks.task import Task

    if annotated and (out is None or not posterior):
        raise BudgetError(
            f"--annotated {annotated} is for the posterior on the heat map: give --out, and no "
            "--no-posterior"
        )
    task = Task.read(path, baseline=baseline, format=format)
    some = judgments_of(task, annotated, seed)
    _ = task.texts  # a task without responses is refused before a folder is made
    if out is not None:
        result_folder(out)
    study = study_eps(
        task, realizations=realizations, budget=budget, seed=seed, progress=say_scoring
    )
    _say_search(study, budget)
    if out is None:
        return
    found: list[EpsPosterior] = []
    if posterior:
        with interruptible(out):
            found = study.posteriors(
                some, seed, progress=lambda given: say_note(f"fitting dual_parameter {given}")
            )
    for one in found:
        _say_posterior(one)
    name = path[0].resolve().stem or str(path[0])
    heading = (
        f"{name}: the weak judges' best identified, {realizations} sub-tasks, "
        f"{study.budget} annotations"
    )
    draws = {one.given: one.draws for one in found}
    figure = plot_eps_search(study.found.grid, study.found.score, study.found.best, draws, heading)
    for file in save_figure(figure, out / "eps_search"):
        say(f"wrote {file}")


def _say_search(study: EpsStudy, budget: int) -> None:
    """Print the score of every pair, and the pair that was chosen."""
    from bayessel.strategies.paper.parts.eps_search import STEPS

    if study.budget < budget:
        say(f"note: budget {budget} was cut to {study.budget}, the queries of a sub-task")
    say("eps_loss  " + " ".join(f"{tie:5.2f}" for tie in STEPS) + "   (columns: eps_draw)")
    for loss, scores in zip(STEPS, study.score_table, strict=True):
        cells = ("    -" if s != s else f"{s:5.3f}" for s in scores)  # NaN: not on the grid
        say(f"{loss:8.2f}  " + " ".join(cells))
    say(f"chosen: --eps-loss {study.found.best[0]:g} --eps-draw {study.found.best[1]:g}")


def _say_posterior(one: EpsPosterior) -> None:
    """Print mean and standard deviation of eps."""
    loss, tie = one.draws.mean(axis=0)
    deviation = one.draws.std(axis=0)
    say(
        f"{one.given}: eps_loss {loss:.3f} ± {deviation[0]:.3f}, "
        f"eps_draw {tie:.3f} ± {deviation[1]:.3f} ({one.quality})"
    )
