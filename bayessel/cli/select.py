"""``bayessel select``: choose the best candidate of a recorded task."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bayessel.cli import options as opt
from bayessel.cli.costs import named_costs
from bayessel.cli.display import LiveDisplay, say, say_json, say_scoring, show_standing
from bayessel.cli.groups import grouped
from bayessel.cli.reading import Reading
from bayessel.cli.strategy_options import StrategyChoice
from bayessel.errors import BudgetError
from bayessel.outcomes import MISSING
from bayessel.support.text import command, count

if TYPE_CHECKING:
    import pandas as pd

_BUDGET = 600
_LEVEL = 0.95
"""P(best) at which most people would have stopped."""

_LONG = 0.2
"""Share of the calls that were made after that, for a hint."""


@grouped
def select(
    path: opt.TaskPath,
    reading: Reading,
    choice: StrategyChoice,
    budget: Annotated[
        int | None,
        typer.Option(
            help="Calls to spend at most, each a verdict on one candidate's response to one query "
            f"(default {_BUDGET}, or all if fewer)."
        ),
    ] = None,
    cost: opt.Cost = None,
    out: Annotated[Path, typer.Option(help="Run folder; the same command goes on with it.")] = Path(
        "bayessel-run"
    ),
    stop_at: Annotated[
        float | None, typer.Option(help="Stop when P(best), or P(within), reaches this.")
    ] = None,
    within: Annotated[
        float | None,
        typer.Option(help="With --stop-at: P(win rate within this of the best's), e.g. 0.01."),
    ] = None,
    seed: opt.Seed = 0,
    as_json: opt.Json = False,
) -> None:
    """Choose the best candidate, answering from the recorded judgments.

    Without recorded judgments it begins a run for 'bayessel next' and 'bayessel tell'.
    """
    from bayessel.reports.selection import SelectionReport, files_text
    from bayessel.selection.run import Run
    from bayessel.selection.stopping import Stop, cut_budget, require_budget

    if within is not None and stop_at is None:
        raise BudgetError("--within needs --stop-at: the probability to stop at, such as 0.95")
    stop = None if stop_at is None else Stop(stop_at, within)
    if budget is not None:
        require_budget(budget)
    choice.validate()
    costs = named_costs(cost)
    task = reading.task(path, quiet=as_json)
    choice.note_unread(task, costs)
    answerable = int((task.recorded != MISSING).sum())
    note = ""
    if budget is None:
        budget = min(_BUDGET, answerable)
    elif answerable:
        budget, note = cut_budget(budget, answerable, recorded=True)
    if note and not as_json:
        say(f"note: {note}")
    progress = None if as_json else say_scoring
    with Run.create(
        out,
        task,
        choice.strategy,
        seed=seed,
        options=choice.options,
        cost=costs,
        progress=progress,
    ) as run:
        if not answerable:
            say(
                json.dumps({"run": str(out), "calls": 0})
                if as_json
                else f"no recorded judgments: the run is ready, ask with '{command('next', out)}'"
            )
            return
        run.ledger.remember("stop", None if stop is None else [stop.level, stop.within])
        before = run.selector.n_calls
        if before >= budget and not as_json:
            than = "as many as" if before == budget else "more than"
            say(
                f"note: {count(before, 'call was', 'calls were')} made before in {out}, "
                f"{than} the budget of {budget}: nothing more is bought"
            )
        late: list[str] = []
        with LiveDisplay(budget, quiet=as_json) as display:
            run.judge(budget, stop=stop, on_step=display, on_note=late.append)
        notes = [*([note] if note else []), *late]
        report = SelectionReport.of_run(run, {"notes": notes} if notes else {})
        files = report.write(out)
    if as_json:
        shown = {**report.numbers, "files": {k: str(v) for k, v in files.items()}}
        say_json(shown)
        return
    for line in late:
        say(f"note: {line}")
    say("")
    show_standing(report.table)
    say("\n" + report.text)
    if stop is None and (line := _hint(report.history, report.selector.p_best)):
        say(line)
    say(files_text(out, files))


def _hint(history: pd.DataFrame | None, p_best: float) -> str:
    """How many calls a stopping rule would have spared; empty where that is few."""
    from bayessel.selection.stopping import stops_at

    found = None if history is None or p_best < _LEVEL else stops_at(history, _LEVEL)
    if history is None or found is None or len(history) - found < _LONG * len(history):
        return ""
    return (
        f"hint: P(best) first reached {_LEVEL:g} at call {found} of {len(history)}: "
        f"--stop-at {_LEVEL:g} would have ended there"
    )
