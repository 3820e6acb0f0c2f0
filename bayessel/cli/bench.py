"""``bayessel bench``: strategies on repeated sub-tasks of judged data sets."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bayessel.cli import options as opt
from bayessel.cli.display import say, say_note
from bayessel.cli.reading import Reading
from bayessel.support.text import count

Paths = Annotated[
    list[Path],
    typer.Argument(metavar="PATH...", help="Judged data sets, in any format that is read."),
]


def bench(
    paths: Paths,
    baseline: opt.Baseline = None,
    baselines: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,...",
            help="Baseline LLMs to vary, where there are scores or games against each.",
        ),
    ] = None,
    tolerance: opt.Tolerance = None,
    format: opt.Format = None,
    protocol: Annotated[str, typer.Option(help="panel or paper.")] = "panel",
    strategies: Annotated[
        str, typer.Option(help="all, or names and name:option=value,option=value, with commas.")
    ] = "all",
    realizations: Annotated[int, typer.Option(help="Sub-tasks drawn.")] = 1000,
    budget: Annotated[int, typer.Option(help="Queries judged in each.")] = 150,
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
    """Measure how few annotations the strategies need; the same command goes on where it stopped.

    Writes every realization, tables (Markdown, CSV) and figures (PNG, SVG) to the folder.
    """
    from bayessel.pictures.study import write_figures
    from bayessel.studies.baselines import read_against
    from bayessel.studies.cluster import run_cluster
    from bayessel.studies.problem import check, prepare
    from bayessel.studies.realize import Plan
    from bayessel.studies.rows import read_runs, write_rows
    from bayessel.studies.settings import data_label
    from bayessel.studies.specs import parse_specs
    from bayessel.studies.study import run_study, run_workers
    from bayessel.studies.tables import measure, together, write_tables
    from bayessel.tasks.sub_tasks import draw, find_protocol

    plan = Plan(protocol, realizations, budget, seed)
    rates = tuple(_number(text, float, "oracle noise") for text in oracle_noise.split(","))
    numbers = tuple(_number(text, int, "kgrams") for text in kgrams.split(","))
    specs = parse_specs(strategies, rates, numbers)
    runner = run_workers(workers) if scheduler is None else run_cluster(scheduler)
    against = _baselines(baselines, baseline)
    sources = [(name, other) for name in _names(paths) for other in against]
    names = [data_label(*source) for source in sources]
    tasks = [
        read_against(path, other or baseline, format=format, tolerance=tolerance)
        if other or tolerance is not None
        else Reading(baseline, format).task(path, quiet=True)
        for path in paths
        for other in against
    ]
    for name, task in zip(names, tasks, strict=True):
        check(name, task, specs)
    problems = []
    for name, task in zip(names, tasks, strict=True):
        say_note(
            f"{name}: {count(task.n_queries, 'query', 'queries')}, {task.n_candidates} candidates"
        )
        drawn, _ = draw(find_protocol(protocol), seed, 0, task.n_queries, task.n_candidates)
        if budget > len(drawn):
            say_note(
                f"note: budget {budget} was cut to {len(drawn)}, the queries of each sub-task "
                f"of {name}"
            )
        problems.append(
            prepare(
                name,
                task,
                specs,
                protocol=protocol,
                seed=seed,
                cache=out / "cache",
                progress=partial(_say_of, name),
            )
        )
    del tasks
    chunks = run_study(
        problems, specs, plan, out / "chunks", runner=runner, progress=_progress(time.monotonic)
    )
    write_rows(names, chunks, out / "realizations.parquet")
    parts = []
    for (source, other), problem, row in zip(sources, problems, chunks, strict=True):
        for rate in dict.fromkeys(rates):
            runs = [
                read_runs(source, cell, baseline=other, found=problem.eps.get(cell[0].spec.kgrams))
                for cell in row
                if cell[0].spec.noise == rate
            ]
            parts.append(measure(runs, seed))
    tables = together(parts)
    write_tables(tables, out)
    write_figures(tables, out)
    say(f"Files in {out}:")
    say("  tables.md, tables/ (CSV)")
    say("  figures/ (PNG, SVG)")
    say("  realizations.parquet: every data set, strategy, realization and budget")


def _say_of(name: str, what: str) -> None:
    say_note(f"{name}: {what}")


def _names(paths: list[Path]) -> list[str]:
    """Names of the data sets: their files' or folders' names.

    Raises
    ------
    DataError
        Two are the same.
    """
    from bayessel.errors import DataError

    names = [path.resolve().stem or str(path) for path in paths]
    for name, path in zip(names, paths, strict=True):
        if names.count(name) > 1:
            raise DataError(f"two data sets are called {name!r} ({path}): rename one of them")
    return names


def _baselines(text: str | None, one: str | None) -> list[str]:
    """Baselines that a study varies; one empty name where it does not.

    Raises
    ------
    BudgetError
        No name, a name twice, or --baseline as well.
    """
    from bayessel.errors import BudgetError

    if text is None:
        return [""]
    names = [name.strip() for name in text.split(",") if name.strip()]
    if one is not None:
        raise BudgetError(f"--baseline {one} and --baselines: give one of them")
    if not names or len(set(names)) < len(names):
        raise BudgetError(f"baselines {text!r}: expected different names with commas")
    return names


def _number[T: (int, float)](text: str, kind: type[T], what: str) -> T:
    from bayessel.errors import BudgetError

    try:
        return kind(text)
    except ValueError:
        raise BudgetError(f"{what} {text!r}: expected numbers with commas") from None


def _progress(clock: Callable[[], float]) -> Callable[[int, int, float], None]:
    """Says how far a study is: every five seconds, and at every tenth of it."""
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
