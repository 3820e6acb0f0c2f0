"""``bayessel bench``: strategies on repeated sub-tasks of judged data sets."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from bayessel.cli import options as opt
from bayessel.cli.display import say, say_note
from bayessel.cli.groups import grouped
from bayessel.cli.reading import DataReading

Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH...",
        help="Judged data sets, in any format that is read; simulated:NAME is generated "
        "(close, hard, spread, draws or twins).",
    ),
]


@grouped
def bench(
    paths: Paths,
    reading: DataReading,
    baselines: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,...",
            help="Baseline LLMs to vary, where there are scores or games against each.",
        ),
    ] = None,
    weak_judge: opt.WeakJudge = None,
    protocol: Annotated[str, typer.Option(help="panel, paper or whole.")] = "panel",
    unit: Annotated[
        str,
        typer.Option(help="What is counted: calls, or queries that are judged for all candidates."),
    ] = "calls",
    strategies: Annotated[
        str, typer.Option(help="all, or names and name:option=value,option=value, with commas.")
    ] = "all",
    realizations: Annotated[int, typer.Option(help="Sub-tasks drawn.")] = 300,
    budget: Annotated[
        int,
        typer.Option(
            help="In whole-query equivalents: calls / M, where M is the number of candidates of a "
            "sub-task."
        ),
    ] = 80,
    oracle_noise: Annotated[
        str, typer.Option(metavar="RATE,...", help="Shares of the oracle's answers that are wrong.")
    ] = "0",
    kgrams: Annotated[
        str, typer.Option(metavar="Z,...", help="Numbers of k-gram weak judges, 1 to 20.")
    ] = "10",
    seed: opt.Seed = 0,
    workers: Annotated[int, typer.Option(help="Processes; the results do not depend on it.")] = 1,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Dask scheduler, instead of --workers.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for results.")] = Path("bayessel-bench"),
) -> None:
    """Measure how few calls the strategies need; the same command goes on where it stopped.

    Writes every realization, tables (Markdown, CSV) and figures (PNG, SVG) to the folder.
    """
    from bayessel import studies
    from bayessel.cli.weak_judges import weak_judge_files
    from bayessel.reports.study import write_study

    study = studies.run(
        paths,
        strategies,
        folder=out,
        protocol=protocol,
        unit=unit,
        realizations=realizations,
        budget=budget,
        noise=_numbers(oracle_noise, float, "oracle noise"),
        kgrams=_numbers(kgrams, int, "kgrams"),
        baseline=reading.baseline,
        baselines=() if baselines is None else _names(baselines),
        format=reading.format,
        weak_judges=weak_judge_files(weak_judge),
        seed=seed,
        workers=workers,
        scheduler=scheduler,
        progress=_progress(time.monotonic),
        note=say_note,
        **reading.given(),
    )
    write_study(study)
    say(f"Files in {out}:")
    say("  tables.md, tables/ (CSV)")
    say("  figures/ (PNG, SVG)")
    say("  realizations.parquet: every data set, strategy, realization and budget")


def _names(text: str) -> tuple[str, ...]:
    """Names with commas between them.

    Raises
    ------
    BudgetError
        There is no name.
    """
    from bayessel.errors import BudgetError

    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise BudgetError(f"baselines {text!r}: expected different names with commas")
    return names


def _numbers[T: (int, float)](text: str, kind: type[T], what: str) -> tuple[T, ...]:
    """Numbers with commas between them.

    Raises
    ------
    BudgetError
        One is not a number.
    """
    from bayessel.errors import BudgetError

    try:
        return tuple(kind(part) for part in text.split(","))
    except ValueError:
        raise BudgetError(f"{what} {text!r}: expected numbers with commas") from None


def _progress(clock: Callable[[], float]) -> Callable[[int, int, float], None]:
    """Prints how much of a study is done: every five seconds, and at every tenth of it."""
    last, tenth = -5.0, -1

    def show(done: int, of: int, left: float) -> None:
        nonlocal last, tenth
        now = clock()
        if now - last < 5 and 10 * done // of == tenth:
            return
        last, tenth = now, 10 * done // of
        rest = f"; about {_duration(left)} left" if left >= 1 else ""
        say_note(f"{100 * done / of:.0f} % of the realizations done{rest}")

    return show


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
