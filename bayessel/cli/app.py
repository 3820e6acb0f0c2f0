"""The application: its commands, and one place where errors become one line and exit code 2."""

from __future__ import annotations

import csv
import signal
import sys
import threading
from typing import Annotated, Any

import typer

from bayessel import __version__
from bayessel.cli import (
    backup,
    bench,
    check,
    data,
    demo,
    fit,
    gridsearch,
    judge,
    page,
    report,
    select,
    sensitivity,
    steps,
)
from bayessel.cli import verdicts as export
from bayessel.cli.display import finish_printing, printing, say_error, show_cursor, silence
from bayessel.errors import BayesselError
from bayessel.support.files import reason

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
app.command()(backup.backup)
app.command()(page.page)
app.command()(report.report)
app.command()(fit.fit)
app.command()(check.check)
app.command()(sensitivity.sensitivity)


def _usage_error() -> type[typer.BadParameter]:
    """Base class of typer's usage errors, of which only ``BadParameter`` is public."""
    return next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")


def main() -> None:
    """Run the command line."""
    arguments = sys.argv[1:] or ["--help"]
    printing()
    before = _end_in_order()
    try:
        code = _run(arguments)
    except BayesselError as error:
        say_error(str(error))
        code = 2
    except _usage_error() as error:
        say_error(f"{error.format_message()} (see bayessel --help)")
        code = 2
    except _TerminatedError:
        code = 143
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    except BrokenPipeError:  # the reader of our output went away
        silence()
        code = 1
    except _OF_THE_MACHINE as error:
        say_error(_said(error))
        code = 2
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if code in (130, 143):
        show_cursor()
        say_error("interrupted; every answer so far is kept, the same command goes on")
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    """Run a command, and write out all that it printed."""
    try:
        code = app(arguments, standalone_mode=False)
    finally:
        finish_printing()
    return code if isinstance(code, int) else 0


class _TerminatedError(KeyboardInterrupt):
    """Somebody asks the process to end: what it holds, such as the cursor, is given back first."""


def _end_in_order() -> dict[int, Any]:
    """Let SIGTERM and SIGHUP end the process as an interrupt does; returns the old handlers."""
    if threading.current_thread() is not threading.main_thread():
        return {}

    def stop(number: int, frame: Any) -> None:
        raise _TerminatedError

    wanted = [getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP")]
    return {
        number: signal.signal(number, stop)
        for number in wanted
        if number is not None and signal.getsignal(number) == signal.SIG_DFL
    }


_OF_THE_MACHINE = (OSError, UnicodeError, RecursionError, MemoryError, csv.Error)
"""What no command expects, and no user should read as a trace."""


def _said(error: BaseException) -> str:
    """What happened, in words."""
    if isinstance(error, OSError):
        place = f": {error.filename}" if error.filename is not None else ""
        return f"{reason(error)}{place}"
    if isinstance(error, UnicodeError):
        return f"a text or a name cannot be written as UTF-8 or read as it: {error}"
    if isinstance(error, RecursionError):
        return "what was given is nested too deeply: expected a few levels of lists and objects"
    if isinstance(error, MemoryError):
        return "what was given does not fit into the memory: give less, or a larger machine"
    return f"a table cannot be read: {error}"
