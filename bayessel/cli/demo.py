"""``bayessel demo``: the main job on a generated task, in seconds once it is compiled."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bayessel.cli import options as opt
from bayessel.cli.display import LiveDisplay, say, say_json, show_standing
from bayessel.support.text import count

_REPEATS = 500


def demo(
    out: Annotated[
        Path | None, typer.Option(help="Run folder (default bayessel-demo, or the next free one).")
    ] = None,
    budget: Annotated[int, typer.Option(help="Calls to spend.")] = 480,
    seed: opt.Seed = 0,
    as_json: opt.Json = False,
) -> None:
    """Generate 12 candidates x 200 queries and find the best candidate."""
    from bayessel.reports.random_order import random_order
    from bayessel.reports.selection import SelectionReport, files_text
    from bayessel.reports.standing import percent
    from bayessel.selection.run import Run
    from bayessel.selection.stopping import cut_budget
    from bayessel.tasks.simulated import simulate_task

    task = simulate_task(seed=seed)
    budget, note = cut_budget(budget, task.recorded.size, recorded=True)
    folder = out if out is not None else free_folder(Path("bayessel-demo"))
    if not as_json:
        say(
            f"A generated task: {task.n_queries} queries, {task.n_candidates} candidates and their "
            "responses. The judgments are known and are read one by one."
        )
        if note:
            say(f"note: {note}")
    with Run.create(folder, task, seed=seed) as run:
        notes: list[str] = []
        with LiveDisplay(budget, quiet=as_json) as display:
            selector = run.judge(budget, on_step=display, on_note=notes.append)
        whole = max(1, selector.n_calls // task.n_candidates)
        by_chance = random_order(task, whole, repeats=_REPEATS, seed=seed)
        report = SelectionReport.of_run(run, {"random": by_chance})
        files = report.write(folder)
    if as_json:
        shown = {**report.numbers, "files": {k: str(v) for k, v in files.items()}}
        say_json(shown)
        return
    for line in notes:
        say(f"note: {line}")
    say("")
    show_standing(report.table)
    say("\n" + report.text)
    second = report.recorded
    say(f"The second best is {second.index[1]}, win rate {percent(second.iloc[1])}")
    say(
        f"For as many calls, {count(whole, 'random query', 'random queries')} can be judged for "
        "all candidates. Then the one with the highest win rate is the best in "
        f"{percent(by_chance['identified'])} of {_REPEATS} random orders;"
    )
    say(f"on average its win rate is {100 * by_chance['gap']:.2f} points below the best one's")
    say(files_text(folder, files))


def free_folder(folder: Path) -> Path:
    """The folder, or with the first number behind its name that is not taken."""
    number, free = 1, folder
    while free.exists():
        number += 1
        free = folder.with_name(f"{folder.name}-{number}")
    return free
