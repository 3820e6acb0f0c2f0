"""``bayessel start | next | tell | status``: judge by hand, days apart, in any process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from bayessel.cli import options as opt
from bayessel.cli import strategy_options as strategy_opt
from bayessel.cli.display import say, say_result, say_scoring, say_standing
from bayessel.cli.outcome_file import read_outcomes
from bayessel.selection.ledger import Ledger
from bayessel.support.text import count

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The run folder.")]


def start(
    path: opt.TaskPath,
    out: Annotated[Path, typer.Option(help="Run folder to create.")] = Path("bayessel-run"),
    baseline: opt.Baseline = None,
    strategy: strategy_opt.StrategyName = strategy_opt.DEFAULT,
    model: strategy_opt.ModelName = None,
    acquisition: strategy_opt.Acquisition = None,
    prior: strategy_opt.Priors = None,
    eps_loss: strategy_opt.EpsLoss = None,
    eps_draw: strategy_opt.EpsDraw = None,
    seed: opt.Seed = 0,
    format: opt.Format = None,
    null: opt.Null = None,
    draw_band: opt.DrawBand = None,
    judge: opt.Judge = None,
    tolerance: opt.Tolerance = None,
) -> None:
    """Begin a run whose answers come from you: see 'next' and 'tell'."""
    from bayessel.selection.run import Run

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
        quiet=False,
        baseline=baseline,
        format=format,
        null=null,
        draw_band=draw_band,
        judge=judge,
        tolerance=tolerance,
    )
    with Run.create(out, task, strategy, seed=seed, options=options, progress=say_scoring) as run:
        _ = run.selector  # scores the weak judges now, so that 'next' is quick
    say(f"the run is ready in {out}: ask with 'bayessel next {out}'")


def next_query(folder: Folder, as_json: opt.Json = False) -> None:
    """Print the query to judge next, with the responses. The same until an answer is told."""
    from bayessel.selection.run import Run

    with Run.open(folder) as run:
        query = run.next()
        task = run.task
        text = str(task.data["query_text"].sel(query=query).item())
        responses = task.responses_to(query)
    base = responses.pop(task.baseline)
    if as_json:
        shown = {
            "query": query,
            "text": text,
            "baseline": {"name": task.baseline, "response": base},
            "responses": responses,
        }
        typer.echo(json.dumps(shown, ensure_ascii=False))
        return
    say(f"query: {query}")
    if text:
        say(text)
    if task.has_texts:
        say(f"\n--- baseline: {task.baseline}\n{base}")
        for name, response in responses.items():
            say(f"\n--- candidate: {name}\n{'(no response)' if response is None else response}")
    else:
        say("candidates: " + ", ".join(task.candidates))
    say(
        f"\nJudge each candidate against the baseline, write a CSV with the columns "
        f"candidate,outcome (loss, draw or win), and record it:\n"
        f"  bayessel tell {folder} {query} outcomes.csv"
    )


def tell(
    folder: Folder,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="The query that was judged.")],
    outcomes: Annotated[
        Path, typer.Argument(metavar="OUTCOMES", help="CSV with the columns candidate,outcome.")
    ],
    unasked: Annotated[
        bool, typer.Option("--unasked", help="Accept a query that was not asked.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Correct outcomes that were recorded before.")
    ] = False,
) -> None:
    """Record the outcomes of a query, for all candidates or for some."""
    with Ledger.in_folder(folder) as ledger:
        told = ledger.tell(query, read_outcomes(outcomes, query), unasked=unasked, replace=replace)
        answers = ledger.answers
    judged = len({q for q, _, _ in answers})
    done = [f"recorded {count(told.new, 'new outcome', 'new outcomes')}"] if told.new else []
    done += [f"corrected {count(told.corrected, 'outcome', 'outcomes')}"] if told.corrected else []
    what = " and ".join(done) or "nothing new, all outcomes were recorded before,"
    say(
        f"{what} for query {query}; {count(judged, 'query', 'queries')}, "
        f"{count(len(answers), 'cell', 'cells')} so far"
    )


def status(folder: Folder, as_json: opt.Json = False) -> None:
    """Show the standing, and write the result and the pictures into the run folder."""
    from bayessel.reports.selection import summary, write_results
    from bayessel.selection.run import Run
    from bayessel.selection.stopping import Stop

    with Run.open(folder, progress=None if as_json else say_scoring) as run:
        selector = run.selector
        history = run.history(None if as_json else _replaying)
        rule = run.ledger.meta.get("stop")
        stop = None if rule is None else Stop(*rule)
        found = summary(selector, stop)
        found["open"] = run.ledger.waiting
        files = write_results(
            selector, history, folder, found, None if stop is None else stop.level
        )
    if as_json:
        found["files"] = {k: str(v) for k, v in files.items()}
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    say_standing(selector)
    say_result(found, stop, files)
    if found["open"]:
        say(f"Asked and not answered yet: {', '.join(found['open'])}")


def _replaying(done: int, of: int) -> None:
    if done % 10 == 0 or done == of:
        say(f"history: {done} of {of} answers")
