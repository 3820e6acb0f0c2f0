"""``bayessel select``: choose the best candidate of a recorded task."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from bayessel.cli import options as opt
from bayessel.cli import strategy_options as strategy_opt
from bayessel.cli.display import LiveDisplay, say, say_result, say_scoring
from bayessel.errors import BudgetError
from bayessel.support.text import count

_BUDGET = 60


def select(
    path: opt.TaskPath,
    baseline: opt.Baseline = None,
    budget: Annotated[
        int | None,
        typer.Option(help=f"Queries to judge at most (default {_BUDGET}, or all if fewer)."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Run folder; the same command goes on with it.")] = Path(
        "bayessel-run"
    ),
    strategy: strategy_opt.StrategyName = strategy_opt.DEFAULT,
    model: strategy_opt.ModelName = None,
    acquisition: strategy_opt.Acquisition = None,
    prior: strategy_opt.Priors = None,
    eps_loss: strategy_opt.EpsLoss = None,
    eps_draw: strategy_opt.EpsDraw = None,
    stop_at: Annotated[
        float | None, typer.Option(help="Stop when P(best), or P(within), reaches this.")
    ] = None,
    within: Annotated[
        float | None,
        typer.Option(help="With --stop-at: P(win rate within this of the best's), e.g. 0.01."),
    ] = None,
    seed: opt.Seed = 0,
    format: opt.Format = None,
    null: opt.Null = None,
    draw_band: opt.DrawBand = None,
    judge: opt.Judge = None,
    tolerance: opt.Tolerance = None,
    as_json: opt.Json = False,
) -> None:
    """Choose the best candidate, answering from the recorded judgments.

    Without recorded judgments it begins a run for 'bayessel next' and 'bayessel tell'.
    """
    from bayessel.reports.selection import summary, write_results
    from bayessel.selection.run import Run
    from bayessel.selection.stopping import Stop, check_budget, cut_budget

    if within is not None and stop_at is None:
        raise BudgetError("--within needs --stop-at: the probability to stop at, such as 0.95")
    stop = None if stop_at is None else Stop(stop_at, within)
    if budget is not None:
        check_budget(budget)
    options = strategy_opt.strategy_options(
        strategy,
        model=model,
        acquisition=acquisition,
        prior=prior,
        eps_loss=eps_loss,
        eps_draw=eps_draw,
    )
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
    answerable = int(task.judged.sum())
    note = ""
    if budget is None:
        budget = min(_BUDGET, answerable)
    elif answerable:
        budget, note = cut_budget(budget, answerable, recorded=True)
    if note and not as_json:
        say(f"note: {note}")
    progress = None if as_json else say_scoring
    with Run.create(out, task, strategy, seed=seed, options=options, progress=progress) as run:
        if not answerable:
            say(
                json.dumps({"run": str(out), "annotations": 0})
                if as_json
                else f"no recorded judgments: the run is ready, ask with 'bayessel next {out}'"
            )
            return
        run.ledger.remember("stop", None if stop is None else [stop.level, stop.within])
        before = run.selector.n_annotations
        if before >= budget and not as_json:
            than = "as many as" if before == budget else "more than"
            say(
                f"note: {count(before, 'query was', 'queries were')} judged before in {out}, "
                f"{than} the budget of {budget}: nothing more is bought"
            )
        with LiveDisplay(budget, quiet=as_json) as display:
            selector = run.judge(budget, stop=stop, on_step=display)
        found = summary(selector, stop)
        files = write_results(selector, run.history(), out, found, stop_at)
    if as_json:
        found["files"] = {k: str(v) for k, v in files.items()}
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    say_result(found, stop, files)
