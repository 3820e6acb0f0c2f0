"""The application: its commands, and one place where errors become one line and exit code 2."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from bayessel import __version__
from bayessel.cli import (
    bench,
    check,
    data,
    demo,
    fit,
    gridsearch,
    judge,
    page,
    select,
    sensitivity,
    steps,
)
from bayessel.cli import verdicts as export
from bayessel.cli.display import say_error
from bayessel.errors import BayesselError

app = typer.Typer(
    name="bayessel",
    help="Find the best LLM for a task with few judgments, and know how sure you are.",
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"bayessel {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


app.command()(demo.demo)
app.command()(select.select)
app.command()(judge.judge)
app.command(name="verdicts")(export.verdicts)
app.command()(gridsearch.gridsearch)
app.command()(bench.bench)
app.add_typer(data.data, name="data")
app.command()(steps.start)
app.command(name="next")(steps.next_question)
app.command()(steps.tell)
app.command()(steps.status)
app.command()(page.page)
app.command()(fit.fit)
app.command()(check.check)
app.command()(sensitivity.sensitivity)


def _usage_error() -> type[typer.BadParameter]:
    """Base class of typer's usage errors, of which only ``BadParameter`` is public."""
    return next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")


def main() -> None:
    """Run the command line."""
    arguments = sys.argv[1:] or ["--help"]
    try:
        code = app(arguments, standalone_mode=False)
    except BayesselError as error:
        say_error(str(error))
        code = 2
    except _usage_error() as error:
        say_error(f"{error.format_message()} (see bayessel --help)")
        code = 2
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    except BrokenPipeError:  # the reader of our output went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    if code == 130:
        say_error("interrupted; every answer so far is kept, the same command goes on")
    sys.exit(code if isinstance(code, int) else 0)
