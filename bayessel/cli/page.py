"""``bayessel page``: people judge blind in their browser, or in a file."""

from __future__ import annotations

import contextlib
import os
import webbrowser
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bayessel.cli import options as opt
from bayessel.cli.display import say, say_json
from bayessel.cli.groups import grouped
from bayessel.cli.people import export, progress
from bayessel.errors import BayesselError, BudgetError, DataError, RunError
from bayessel.support.alone import alone
from bayessel.support.marker import adopt
from bayessel.support.text import command, count

if TYPE_CHECKING:
    from bayessel.oracles.people.desk import Desk
    from bayessel.oracles.people.sheet import Sheets
    from bayessel.tasks.task import Task

TOGETHER = 8
"""Candidates of a query that stand on one screen at most, with ``--together``."""

LOCK = "page.lock"
"""File of the run folder that one process holds while it hands out questions."""


@grouped
def page(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The run folder.")],
    annotator: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Print an address for this person; may be repeated."),
    ] = None,
    budget: Annotated[
        int | None,
        typer.Option(metavar="CALLS", min=1, help="Stop after this many calls in all."),
    ] = None,
    stop_at: Annotated[
        float | None, typer.Option(metavar="P", help="Stop when P(best) reaches this.")
    ] = None,
    overlap: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            help="Share of the questions that two people judge, to see how far they agree.",
        ),
    ] = 0.0,
    together: Annotated[
        bool,
        typer.Option(
            "--together",
            help="Where several candidates are asked on a query, show them on one screen, beside "
            "the baseline as the reference.",
        ),
    ] = False,
    cost: Annotated[
        float | None, typer.Option(metavar="NUMBER", help="What one verdict costs, in any unit.")
    ] = None,
    instructions: Annotated[str, typer.Option(help="What people shall look at.")] = "",
    show_standing: Annotated[
        bool,
        typer.Option("--show-standing", help="Show the standing on the page of progress."),
    ] = False,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Port of this machine (default: that of last time)."),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    offline: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the page into one file instead of serving it."),
    ] = None,
    questions: Annotated[
        int, typer.Option(metavar="K", min=1, help="Questions of that file.")
    ] = 20,
    export_to: Annotated[
        Path | None,
        typer.Option(
            "--export",
            metavar="FILE",
            help="Write people's verdicts and stop: .csv, .parquet, or .json for Label Studio.",
        ),
    ] = None,
    summary: Annotated[
        bool, typer.Option("--summary", help="Say what people did, and stop.")
    ] = False,
    model: opt.RunModel = None,
    as_json: opt.Json = False,
) -> None:
    """Let people judge blind in their browser, side by side, without names.

    It serves this machine alone. Every answer is on disk before the next question shows; answers of
    a file come back with 'bayessel tell DIR answers.json'.
    """
    if summary or as_json or export_to is not None:
        _look_back(folder, export_to, as_json)
        return
    try:
        from bayessel.oracles.people.app import check_name
        from bayessel.oracles.people.sheet import Sheets

        import_module("bayessel.oracles.people.serve")  # is the extra complete?
    except ModuleNotFoundError as error:
        raise BayesselError(
            f"the page needs {error.name}, which is not installed: pip install 'bayessel[page]'"
        ) from None
    from bayessel.selection.people import open_desk
    from bayessel.selection.stopping import Stop

    names = [check_name(name) for name in annotator or []]
    stop = None if stop_at is None else Stop(stop_at)
    if offline is not None:
        if len(names) != 1:
            raise BudgetError("--offline writes a file for one person: name it with --annotator")
        if os.path.lexists(offline):
            raise RunError(f"{offline} is there: give another name")
    sheets = Sheets(_task_with_texts(folder))
    with alone(folder / LOCK, f"the page of {folder} is served"):
        adopt(folder, [LOCK])
        desk = open_desk(
            folder,
            sheets,
            overlap=overlap,
            budget=budget,
            stop=stop,
            cost=cost,
            together=TOGETHER if together and offline is None else 1,
            model=model,
        )
        if offline is not None:
            with contextlib.closing(desk):
                _write_offline(desk, sheets, offline, names[0], questions, instructions)
                say(f"tell the answers with: {command('tell', folder, 'ANSWERS.json')}")
            return
        settings = {
            "instructions": instructions,
            "progress": lambda desk: progress(desk, folder if show_standing else None, model),
        }
        _serve(folder, desk, sheets, names, settings, port, browser)


def _task_with_texts(folder: Path) -> Task:
    from bayessel.selection.run import Run

    with Run.open(folder) as run:
        task = run.task
    if not task.has_texts:
        raise DataError(
            f"the run in {folder} has no responses to show: begin a run with a table that has a "
            "column text, or judge with 'bayessel next' and 'bayessel tell'"
        )
    return task


def _serve(
    folder: Path,
    desk: Desk,
    sheets: Sheets,
    names: list[str],
    settings: dict[str, Any],
    port: int | None,
    browser: bool,
) -> None:
    from bayessel.oracles.people.app import Page, Settings
    from bayessel.oracles.people.serve import listen, serve

    with contextlib.ExitStack() as opened:
        closing = opened.enter_context(contextlib.ExitStack())
        closing.callback(desk.close)
        listening, address = listen(folder, port)
        opened.enter_context(contextlib.closing(listening))

        def ready(server: object) -> None:
            for name in (*names,) or (None,):
                who = "judge here" if name is None else name
                say(f"{who}: {address.for_annotators(name)}")
            say(f"progress, for you alone: {address.for_organiser}")
            say("stop with Ctrl-C; every answer is kept, and the same command goes on")
            if browser:
                with contextlib.suppress(webbrowser.Error):
                    webbrowser.open(address.for_annotators(names[0] if names else None))

        page = Page(desk, sheets, Settings(address.secrets, **settings))
        closing.pop_all()  # the server closes the desk
        serve(page, listening, on_ready=ready)


def _write_offline(
    desk: Desk, sheets: Sheets, path: Path, name: str, questions: int, instructions: str
) -> None:
    from bayessel.oracles.people.app import Settings
    from bayessel.oracles.people.offline import new_set, offline_page
    from bayessel.support.files import reason, write_text

    asked = desk.set_aside(name, questions, new_set())
    if not asked:
        raise BudgetError("there is nothing left to ask: no file was written")
    try:
        write_text(
            path,
            offline_page(asked, sheets, title=Settings.title, instructions=instructions),
            new=True,
        )
    except OSError as error:
        raise RunError(f"cannot write {path}: {reason(error)}; give another name") from error
    say(f"{path} has {count(len(asked), 'question')} for {name}; nobody else is asked them")


def _look_back(folder: Path, path: Path | None, as_json: bool) -> None:
    """What people did so far."""
    from bayessel.oracles.people.summary import summarize
    from bayessel.oracles.verdicts.ledger import DATABASE, VerdictLedger
    from bayessel.reports.people import summary_lines
    from bayessel.selection.run import Run

    with Run.open(folder) as run:
        if not (folder / DATABASE).exists():
            raise RunError(f"nobody judged at the page of {folder} yet")
        with VerdictLedger.in_folder(folder) as ledger:
            recorded = ledger.all
        if path is not None:
            rows = export(path, recorded, run)
            say(f"{path} has {count(rows, 'answer')} of people")
            return
    found = summarize(recorded)
    if as_json:
        say_json(found.numbers)
        return
    for line in summary_lines(found):
        say(line)
