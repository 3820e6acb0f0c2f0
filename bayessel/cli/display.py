"""Printing: lines, errors, and a selection step by step.

In a terminal the steps are one table that is updated in place; in a file or a pipe each is a line.
Names and responses come from other people's files: what a terminal would obey is never printed raw.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from bayessel.reports.standing import LEADERS, money, standing_table, with_interval
from bayessel.support.text import count, json_line, printable

if TYPE_CHECKING:
    import pandas as pd

    from bayessel.selection.selector import Selector


def _console(stderr: bool = False) -> Console:
    console = Console(stderr=stderr, highlight=False, emoji=False)
    console.soft_wrap = not console.is_terminal  # a file or a pipe gets whole lines
    return console


def say(line: str) -> None:
    """Print one line, or several."""
    _console().print(printable(line), markup=False)


def say_json(value: Any) -> None:
    """Print one JSON object on one line, and nothing else."""
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "")
    sys.stdout.write(json_line(value, ascii_only=not encoding.startswith("utf")) + "\n")


def say_error(message: str) -> None:
    """Print one line on standard error."""
    line = printable("error: " + " ".join(message.split()))
    try:
        _console(stderr=True).print(line, markup=False)
    except (OSError, ValueError):  # nobody can read it: the exit code says it
        _silence(sys.stderr)


def say_note(line: str) -> None:
    """Print one line of progress on standard error."""
    _console(stderr=True).print(printable(line), markup=False)


def printing() -> None:
    """Prepare the streams: what an encoding lacks is escaped, and a closed stream is no error."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by who called
            setattr(sys, name, io.StringIO())
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def finish_printing() -> None:
    """Write out what is still held back.

    Raises
    ------
    OSError
        It cannot be written: the disk is full, or the reader went away.
    """
    try:
        sys.stdout.flush()
    except OSError as error:
        _silence(sys.stdout)
        raise OSError(error.errno, error.strerror, "standard output") from error


def show_cursor() -> None:
    """Give a terminal its cursor back, wherever the drawing of a table was broken off."""
    console = _console()
    if console.is_terminal:
        console.show_cursor()


def _silence(stream: Any) -> None:
    """Let nothing be written any more: also what Python itself writes as it ends."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError, AttributeError):
        return


def silence() -> None:
    """Print no more: nobody reads it."""
    _silence(sys.stdout)


def say_scoring(family: str) -> None:
    """Print which family of weak judges is being scored."""
    say(f"weak judges: {family}")


def show_standing(table: pd.DataFrame) -> None:
    """Print the table of all candidates."""
    console = _console()
    console.print(standing_table(table, width=console.width))


class LiveDisplay:
    """Shows a selection step by step.

    Parameters
    ----------
    budget
        T, in calls.
    quiet
        Show nothing.
    """

    def __init__(self, budget: int, *, quiet: bool = False) -> None:
        self._budget = budget
        self._quiet = quiet
        self._console = _console()
        self._live: Live | None = None

    def __enter__(self) -> LiveDisplay:
        if not self._quiet and self._console.is_terminal:
            self._live = Live(console=self._console, auto_refresh=False)
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def __call__(self, selector: Selector) -> None:
        """Show the latest step."""
        if self._quiet or not selector.steps:  # none where an outcome was corrected meanwhile
            return
        step = selector.steps[-1]
        told = [s.of.candidate for s in selector.steps if s.of.question == step.of.question]
        cost = "" if selector.spent is None else f", cost {money(selector.spent)}"
        race = selector.in_race
        if self._live is not None:
            why = f": {step.of.why}" if step.of.why else ""
            text = (
                f"{step.of.call} of {count(self._budget, 'call')} on "
                f"{count(selector.n_queries, 'query', 'queries')}{cost}; {len(race)} of "
                f"{selector.task.n_candidates} candidates in the race\n"
                f"last asked: {step.of.query}, {_some(told, 4)}{why}"
            )
            head = Text(printable(text))
            table = standing_table(selector.table, width=self._console.width, most=LEADERS)
            self._live.update(Group(head, table), refresh=True)
            return
        judged = f"{step.of.query} ({_some(told, 2)})"
        opened = count(selector.n_queries, "query", "queries")
        line = (
            f"{step.of.call:>5}/{self._budget} calls, {opened}{cost}  {judged}  best "
            f"{step.recommended}, P(best) {step.p_best:.3f}, win rate "
            f"{with_interval(step.win_rate, step.lower, step.upper)}; in the race: {_some(race, 4)}"
        )
        self._console.print(printable(line), markup=False)


class ReadingDisplay:
    """Shows on a terminal how far each large file is read; nothing elsewhere.

    Parameters
    ----------
    quiet
        Show nothing.
    """

    SMALL = 1 << 23
    """Bytes of a file that is read before anybody looks."""

    def __init__(self, *, quiet: bool = False) -> None:
        console = _console(stderr=True)
        self._shown = not quiet and console.is_terminal
        self._progress = Progress(
            TextColumn("reading {task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._bars: dict[Path, TaskID] = {}

    def __enter__(self) -> ReadingDisplay:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars:
            self._progress.stop()

    def __call__(self, path: Path, done: int, of: int) -> None:
        """Show that ``done`` of the ``of`` bytes of a file were read."""
        if not self._shown or of < self.SMALL:
            return
        if path not in self._bars:
            self._bars[path] = self._progress.add_task(escape(path.name), total=of)
            self._progress.start()
        self._progress.update(self._bars[path], completed=done)


def _some(names: Sequence[str], most: int) -> str:
    """The names, or how many there are."""
    return ", ".join(names) if len(names) <= most else f"{len(names)} candidates"
