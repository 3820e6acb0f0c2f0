"""``bayessel demo``: the main job on a generated task, in seconds once it is compiled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from bayessel.cli import options as opt
from bayessel.cli.display import LiveDisplay, percent, say, say_result

_REPEATS = 500


def demo(
    out: Annotated[
        Path | None, typer.Option(help="Run folder (default bayessel-demo, or the next free one).")
    ] = None,
    budget: Annotated[int, typer.Option(help="Queries to judge.")] = 40,
    seed: opt.Seed = 0,
    as_json: opt.Json = False,
) -> None:
    """Generate 12 candidates x 200 queries and find the best candidate."""
    from bayessel.reports.selection import (
        random_knowledge,
        recorded_win_rates,
        summary,
        write_results,
    )
    from bayessel.selection.run import Run
    from bayessel.selection.stopping import cut_budget
    from bayessel.tasks.simulated import simulate_task

    task = simulate_task(seed=seed)
    budget, note = cut_budget(budget, task.n_queries, recorded=True)
    folder = out if out is not None else _free(Path("bayessel-demo"))
    if not as_json:
        say(
            f"A generated task: {task.n_queries} queries, {task.n_candidates} candidates, with "
            "texts. A recorded oracle answers."
        )
        if note:
            say(f"note: {note}")
    with Run.create(folder, task, seed=seed) as run:
        with LiveDisplay(budget, quiet=as_json) as display:
            selector = run.judge(budget, on_step=display)
        found = summary(selector)
        known = recorded_win_rates(task)
        found["random"] = random_knowledge(task, found["annotations"], repeats=_REPEATS, seed=seed)
        files = write_results(selector, run.history(), folder, found, None)
    if as_json:
        found["files"] = {k: str(v) for k, v in files.items()}
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    say_result(found, None, files)
    say(f"Second best in truth: {known.index[1]}, win rate {percent(known.iloc[1])}")
    say(
        f"As many random queries ({found['annotations']}) name the best candidate in "
        f"{percent(found['random']['identified'])} of {_REPEATS} orders;"
    )
    say(f"the one they name is {100 * found['random']['gap']:.2f} points below it on average")


def _free(folder: Path) -> Path:
    number, free = 1, folder
    while free.exists():
        number += 1
        free = folder.with_name(f"{folder.name}-{number}")
    return free
