"""``bayessel page``: people judge blind in their browser."""

from __future__ import annotations

import contextlib
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bayessel.cli.display import say
from bayessel.errors import BayesselError, BudgetError, DataError

if TYPE_CHECKING:
    from bayessel.oracles.people.app import Page, Settings
    from bayessel.selection.stopping import Stop
    from bayessel.tasks.task import Task


def page(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The run folder.")],
    annotator: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Print an address for this person; may be repeated."),
    ] = None,
    budget: Annotated[
        int | None, typer.Option(metavar="CALLS", help="Stop after this many calls in all.")
    ] = None,
    overlap: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            help="Share of the questions that two people judge, to see how far they agree.",
        ),
    ] = 0.0,
    cost: Annotated[
        float | None, typer.Option(metavar="NUMBER", help="What one verdict costs, in any unit.")
    ] = None,
    instructions: Annotated[str, typer.Option(help="What the page tells people to look at.")] = "",
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Port of this machine (default: that of last time)."),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
) -> None:
    """Let people judge blind in their browser, side by side, without names.

    It serves this machine alone. Every answer is on disk before the next question shows.
    """
    try:
        from bayessel.oracles.people.app import Settings, check_name
        from bayessel.oracles.people.serve import listen, serve
    except ModuleNotFoundError as error:
        raise BayesselError(
            f"the page needs {error.name}, which is not installed: pip install 'bayessel[page]'"
        ) from None
    from bayessel.selection.run import Run

    names = [check_name(name) for name in annotator or []]
    if budget is not None and budget < 1:
        raise BudgetError(f"budget {budget}: expected a number of calls of at least 1")
    with Run.open(folder) as run:
        task = run.task
    if not task.has_texts:
        raise DataError(
            f"the run in {folder} has no responses to show: begin a run with a table that has a "
            "column text, or judge with 'bayessel next' and 'bayessel tell'"
        )
    listening, address = listen(folder, port)
    settings = Settings(address.secrets, instructions=instructions)

    def ready() -> None:
        for name in names or [None]:
            who = "judge here" if name is None else name
            say(f"{who}: {address.for_annotators(name)}")
        say(f"progress, for you alone: {address.for_organiser}")
        say("stop with Ctrl-C; every answer is kept, and the same command goes on")
        if browser:
            with contextlib.suppress(webbrowser.Error):
                webbrowser.open(address.for_annotators(names[0] if names else None))

    with contextlib.closing(listening):
        opened = _open(folder, task, settings, overlap=overlap, budget=budget, cost=cost)
        serve(opened, listening, on_ready=ready)


def _open(
    folder: Path,
    task: Task,
    settings: Settings,
    *,
    overlap: float = 0.0,
    budget: int | None = None,
    stop: Stop | None = None,
    cost: float | None = None,
) -> Page:
    """The page of a run; whatever is opened is closed by its desk."""
    from bayessel.oracles.people.ahead import Ahead
    from bayessel.oracles.people.app import Page
    from bayessel.oracles.people.desk import Desk
    from bayessel.oracles.people.sheet import Sheets
    from bayessel.oracles.verdicts.ledger import VerdictLedger
    from bayessel.selection.people import RunOutcomes, RunQuestions

    sheets = Sheets(task)
    ahead = Ahead(
        lambda: RunQuestions(folder, task=task, budget=budget, stop=stop), prepare=sheets.prepare
    )
    desk = Desk(
        VerdictLedger.in_folder(folder),
        RunOutcomes(folder),
        ahead,
        overlap=overlap,
        budget=budget,
        cost=cost,
    )
    return Page(desk, sheets, settings)
