"""``bayessel gridsearch``: the paper's search for eps, as a command of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bayessel.cli import options as opt
from bayessel.cli.display import say, say_note, say_scoring

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from bayessel.tasks.task import Task


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
        int, typer.Option(min=0, help="Also draw it given so many of the recorded annotations.")
    ] = 0,
) -> None:
    """Search llm-selector's eps, with the weak judges' majority as the oracle.

    Prints the mean identification probability of the weak judges' own best candidate for every
    pair on the grid. With --out it is drawn as a heat map, and on it what dual_parameter learns of
    eps from the weak judges' votes. No annotation is read or spent, unless --annotated asks for
    some.
    """
    from bayessel.errors import BudgetError
    from bayessel.pictures.eps_grid import plot_eps_search
    from bayessel.pictures.style import save_figure
    from bayessel.strategies.paper.parts.eps_search import STEPS, search_eps
    from bayessel.tasks.task import Task
    from bayessel.weak_judges import KGRAMS, score_weak_judges
    from bayessel.weak_judges.votes import majority, votes

    if annotated and (out is None or not posterior):
        raise BudgetError(
            f"--annotated {annotated}: it is for the posterior on the heat map, which needs --out "
            "and no --no-posterior"
        )
    task = Task.read(path, baseline=baseline, format=format)
    some = opt.some_rows(task, annotated, seed)
    texts = task.texts
    if out is not None:
        opt.result_folder(out)
    scores, names = score_weak_judges(texts, KGRAMS, progress=say_scoring)
    weak = votes(scores)
    found = search_eps(weak, majority(weak), realizations=realizations, budget=budget, seed=seed)
    steps = found.identified.shape[1]
    if steps < budget:
        say(f"note: budget {budget} was cut to {steps}, the queries of a sub-task")
    score = {
        (float(loss), float(tie)): s for (loss, tie), s in zip(found.grid, found.score, strict=True)
    }
    say("eps_loss  " + " ".join(f"{tie:5.2f}" for tie in STEPS) + "   (columns: eps_draw)")
    for loss in STEPS:
        cells = (score.get((loss, tie)) for tie in STEPS)
        say(f"{loss:8.2f}  " + " ".join("    -" if s is None else f"{s:5.3f}" for s in cells))
    say(f"chosen: --eps-loss {found.best[0]:g} --eps-draw {found.best[1]:g}")
    if out is None:
        return
    with opt.interruptible(out):
        draws = (
            _posteriors(task.with_weak_judges(scores, names), some, annotated, seed)
            if posterior
            else {}
        )
    name = path.resolve().stem or str(path)
    heading = (
        f"{name}: the weak judges' best identified, {realizations} sub-tasks, {steps} annotations"
    )
    figure = plot_eps_search(found.grid, found.score, found.best, draws, heading)
    for file in save_figure(figure, out / "eps_search"):
        say(f"wrote {file}")


def _posteriors(
    task: Task, some: NDArray[np.int8], annotated: int, seed: int
) -> dict[str, NDArray[np.float64]]:
    """Draws [S, 2] of eps given the votes alone and, if asked for, some annotations too."""
    from bayessel.studies.paper.eps_posterior import eps_posterior

    given = {"given the weak judges' votes alone": task.without_recorded().recorded}
    if annotated:
        given[f"given the votes and {annotated} annotations"] = some
    found = {}
    for what, judgments in given.items():
        say_note(f"fitting dual_parameter {what}")
        draws, quality = eps_posterior(task, judgments, seed, slots=annotated)
        loss, tie = draws.mean(axis=0)
        deviation = draws.std(axis=0)
        say(
            f"{what}: eps_loss {loss:.3f} ± {deviation[0]:.3f}, "
            f"eps_draw {tie:.3f} ± {deviation[1]:.3f} ({quality})"
        )
        found[what] = draws
    return found
