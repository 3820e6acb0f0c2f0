"""``bayessel start | next | tell | status``: judge by hand, days apart, in any process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from bayessel.cli import options as opt
from bayessel.cli.display import say, say_scoring, show_standing
from bayessel.cli.groups import grouped
from bayessel.cli.outcome_file import read_outcomes
from bayessel.cli.reading import Reading
from bayessel.cli.strategy_options import StrategyChoice
from bayessel.support.text import count

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The run folder.")]


@grouped
def start(
    path: opt.TaskPath,
    reading: Reading,
    choice: StrategyChoice,
    out: Annotated[Path, typer.Option(help="Run folder to create.")] = Path("bayessel-run"),
    seed: opt.Seed = 0,
) -> None:
    """Begin a run whose answers come from you: see 'next' and 'tell'."""
    from bayessel.selection.run import Run

    choice.validate()
    task = reading.task(path)
    with Run.create(
        out, task, choice.strategy, seed=seed, options=choice.options, progress=say_scoring
    ) as run:
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
        f"candidate,outcome (loss, draw or win), and tell it:\n"
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
        bool, typer.Option("--replace", help="Correct outcomes that were stored before.")
    ] = False,
) -> None:
    """Store the outcomes of a query, for all candidates or for some."""
    from bayessel.selection.run import Run

    with Run.open(folder) as run:
        told = run.tell(query, read_outcomes(outcomes, query), unasked=unasked, replace=replace)
        answers = run.ledger.answers
    judged = len({q for q, _, _ in answers})
    done = [f"stored {count(told.new, 'new outcome', 'new outcomes')}"] if told.new else []
    done += [f"corrected {count(told.corrected, 'outcome', 'outcomes')}"] if told.corrected else []
    what = " and ".join(done) or "nothing new, all outcomes were stored before,"
    say(
        f"{what} for query {query}; {count(judged, 'query', 'queries')}, "
        f"{count(len(answers), 'cell', 'cells')} so far"
    )


def status(folder: Folder, as_json: opt.Json = False) -> None:
    """Show the standing, and write the result and the pictures into the run folder."""
    from bayessel.reports.selection import SelectionReport, files_text
    from bayessel.selection.run import Run
    from bayessel.selection.stopping import Stop

    with Run.open(folder, progress=None if as_json else say_scoring) as run:
        selector = run.selector
        history = run.history(None if as_json else _replaying)
        rule = run.ledger.meta.get("stop")
        stop = None if rule is None else Stop(*rule)
        waiting = run.ledger.waiting
        report = SelectionReport(selector, history, stop, {"open": waiting})
        files = report.write(folder)
    if as_json:
        shown = {**report.numbers, "files": {k: str(v) for k, v in files.items()}}
        typer.echo(json.dumps(shown, ensure_ascii=False))
        return
    show_standing(report.table)
    say("\n" + report.text)
    if waiting:
        say(f"Asked and not answered yet: {', '.join(waiting)}")
    say(files_text(folder))


def _replaying(done: int, of: int) -> None:
    if done % 10 == 0 or done == of:
        say(f"history: {done} of {of} answers")
