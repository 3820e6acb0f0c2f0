"""``bayessel gridsearch``: the paper's search for eps, as a command of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bayessel.cli import options as opt
from bayessel.cli.display import say, say_scoring


def gridsearch(
    path: opt.TaskPath,
    baseline: opt.Baseline = None,
    format: opt.Format = None,
    realizations: Annotated[int, typer.Option(min=1, help="Sub-tasks that are selected on.")] = 20,
    budget: Annotated[int, typer.Option(min=1, help="Queries judged in each.")] = 50,
    seed: opt.Seed = 0,
    out: Annotated[Path | None, typer.Option(help="Folder for the heat map.")] = None,
) -> None:
    """Search llm-selector's eps, with the weak judges' majority as the oracle.

    No annotation is read or spent. Prints the mean identification probability of the judges' own
    best candidate for every pair on the grid.
    """
    from bayessel.judges import KGRAM_JUDGES, score_judges
    from bayessel.judges.votes import majority, votes
    from bayessel.plots import plot_eps_search, save_figure
    from bayessel.strategies.eps_search import STEPS, search_eps
    from bayessel.task import Task

    task = Task.read(path, baseline=baseline, format=format)
    weak = votes(score_judges(task.texts, KGRAM_JUDGES, progress=say_scoring)[0])
    found = search_eps(weak, majority(weak), realizations=realizations, budget=budget, seed=seed)
    score = {
        (float(loss), float(tie)): s for (loss, tie), s in zip(found.grid, found.score, strict=True)
    }
    say("eps_loss  " + " ".join(f"{tie:5.2f}" for tie in STEPS) + "   (columns: eps_draw)")
    for loss in STEPS:
        cells = (score.get((loss, tie)) for tie in STEPS)
        say(f"{loss:8.2f}  " + " ".join("    -" if s is None else f"{s:5.3f}" for s in cells))
    say(f"chosen: --eps-loss {found.best[0]:g} --eps-draw {found.best[1]:g}")
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        figure = plot_eps_search(found.grid, found.score, found.best)
        for file in save_figure(figure, out / "eps_search"):
            say(f"wrote {file}")
