"""Options that say how a task is read from files, and the reading itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bayessel.cli import options as opt
from bayessel.cli.display import ReadingDisplay, say
from bayessel.cli.named_values import named_values
from bayessel.cli.weak_judges import weak_judge_files
from bayessel.support.progress import listening
from bayessel.support.text import count, listing

if TYPE_CHECKING:
    from bayessel.tasks.task import Task


Outcomes = Annotated[
    str | None,
    typer.Option(
        metavar="SCALE",
        help="How outcomes are written: -1-0-1 (loss, draw, win; the default), 0-1 (loss 0, "
        "draw 0.5, win 1), or pass-fail (of each LLM by itself).",
    ),
]
Judge = Annotated[
    str | None,
    typer.Option(help="Which judge's (annotator's) judgments to read, if several."),
]


@dataclass(frozen=True)
class FileOptions:
    """How files are read, where their judgments do not matter."""

    baseline: opt.Baseline = None
    format: opt.Format = None
    null: Annotated[
        str | None,
        typer.Option(help="alpaca-eval: read a null preference as 'missing' or 'draw'."),
    ] = None
    draw_band: Annotated[
        float | None,
        typer.Option(help="alpaca-eval: preferences this close to 1.5 are draws (default 0)."),
    ] = None
    tolerance: opt.Tolerance = None
    rule: Annotated[
        list[str] | None,
        typer.Option(
            "--rule",
            metavar="NAME=READING",
            help="How the format's files are read, such as games=agree (docs/files.md lists the "
            "rules of each format); repeatable.",
        ),
    ] = None

    def given(self) -> dict[str, Any]:
        """What the user said, as :func:`bayessel.tasks.readers.read_tables` takes it.

        Raises
        ------
        BudgetError
            A rule of another form, or one that is given twice.
        """
        rules = named_values(self.rule or (), "rule", "NAME=READING, such as 'games=agree'")
        given: dict[str, Any] = {
            "null": self.null,
            "draw_band": self.draw_band,
            "judge": getattr(self, "judge", None),
            "tolerance": self.tolerance,
            "outcomes": getattr(self, "outcomes", None),
            "rules": rules or None,
        }
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True)
class FileReading(FileOptions):
    """How a task is read, where its judgments do not matter."""

    weak_judge: opt.WeakJudge = None

    def task(
        self, path: Path | Sequence[Path], *, quiet: bool = False, unjudged: bool = False
    ) -> Task:
        """Read a task and leave out the candidates that nobody judged.

        Parameters
        ----------
        path
            The file or folder, or several.
        quiet
            Print nothing; else print how large the task is and what the reader noted.
        unjudged
            Keep the candidates that nobody judged.

        Raises
        ------
        DataError, UnknownNameError, BudgetError
            The files or the options do not make a task.
        """
        from bayessel.tasks.judged import judged_candidates
        from bayessel.tasks.task import Task
        from bayessel.weak_judges.of_task import require_own_names

        files = weak_judge_files(self.weak_judge)
        given = self.given()
        with ReadingDisplay(quiet=quiet) as display, listening(display):
            task = Task.read(
                path,
                baseline=self.baseline,
                format=self.format,
                **given,
            )
        task, left_out = (task, ()) if unjudged else judged_candidates(task)
        for name, file in files.items():
            task = task.with_weak_judge(name, file, outcomes=given.get("outcomes"))
        require_own_names(task)
        if not quiet:
            say(
                f"{count(task.n_queries, 'query', 'queries')}, {task.n_candidates} candidates, "
                f"baseline {task.baseline} (read as {task.data.attrs['format']})"
            )
            for note in task.notes:
                say(f"note: {note}")
            if left_out:
                say(
                    f"note: left out {count(len(left_out), 'candidate')} without any judgment: "
                    + listing(left_out)
                )
        return task


@dataclass(frozen=True)
class Reading(FileReading):
    """How a task is read."""

    outcomes: Outcomes = None
    judge: Judge = None


@dataclass(frozen=True)
class DataReading(FileOptions):
    """How judged data sets are read."""

    outcomes: Outcomes = None
    judge: Judge = None
