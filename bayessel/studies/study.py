"""A study from Python: any strategies on repeated sub-tasks of any judged data sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from bayessel.errors import BudgetError, DataError
from bayessel.studies.baselines import read_against
from bayessel.studies.cluster import run_cluster
from bayessel.studies.problem import Problem, prepare, require_usable
from bayessel.studies.realize import Plan
from bayessel.studies.rows import Runs, read_runs, write_rows
from bayessel.studies.runners import run_chunks, run_workers
from bayessel.studies.settings import data_label
from bayessel.studies.specs import Spec, parse_specs
from bayessel.studies.store import Chunk, claim_folder
from bayessel.studies.tables import Tables, measure, together
from bayessel.support.text import count
from bayessel.tasks.judged import judged_candidates
from bayessel.tasks.simulated_fields import PREFIX, field_of
from bayessel.tasks.task import Task
from bayessel.weak_judges.of_task import require_own_names

Data = str | Path | Sequence[str | Path] | Mapping[str, str | Path | Task]
"""Judged data sets: a path, several, or paths and tasks by name."""


@dataclass(frozen=True)
class Source:
    """One data set of a study, ready to run.

    Attributes
    ----------
    name
        Name of the data set.
    baseline
        The baseline LLM where the study varies it, otherwise empty.
    task
        The judged task.
    """

    name: str
    baseline: str
    task: Task

    @property
    def label(self) -> str:
        """Name in tables and pictures, with the baseline."""
        return data_label(self.name, self.baseline)


@dataclass(frozen=True)
class Study:
    """A finished study.

    Attributes
    ----------
    folder
        Where its files are.
    realizations
        ``realizations.parquet``: one row a data set, strategy, realization and budget;
        see :class:`bayessel.studies.realize.Realized`.
    tables
        What was measured; see :class:`bayessel.studies.tables.Tables`.
    """

    folder: Path
    realizations: Path
    tables: Tables
    _parts: tuple[tuple[Source, Problem, Sequence[Sequence[Chunk]]], ...]

    @cached_property
    def runs(self) -> tuple[Runs, ...]:
        """All realizations as arrays, one entry a data set, noise and strategy; read when asked."""
        return tuple(runs for group in _groups(self._parts) for runs in group)


def run(
    data: Data,
    strategies: str | Sequence[str] = "all",
    *,
    folder: str | Path,
    protocol: str = "panel",
    unit: str = "calls",
    realizations: int = 300,
    budget: int = 80,
    noise: float | Iterable[float] = 0.0,
    kgrams: int | Iterable[int] = 10,
    baseline: str | None = None,
    baselines: Sequence[str] = (),
    format: str | None = None,
    weak_judges: Mapping[str, str | Path] | None = None,
    seed: int = 0,
    workers: int = 1,
    scheduler: str | None = None,
    progress: Callable[[int, int, float], None] | None = None,
    note: Callable[[str], None] | None = None,
    **reading: Any,
) -> Study:
    """Repeat selections on sub-tasks of judged data sets, and measure how often they are right.

    The same call goes on where an earlier one stopped. The numbers depend neither on interruptions
    nor on who computes them.

    Parameters
    ----------
    data
        Judged data sets: a path, several paths, or paths and tasks by name. A path is named by its
        file or folder. ``simulated:NAME`` is a field that is generated; see
        :mod:`bayessel.tasks.simulated_fields`.
    strategies
        ``all``; or names and ``name:option=value,option=value``, with commas or as a sequence.
    folder
        Where everything is kept; made if it is not there.
    protocol
        How sub-tasks are drawn: ``panel``, ``paper`` or ``whole`` (everything; only the random
        numbers of the strategies differ).
    unit
        What is counted: ``calls``, or ``queries`` that are judged for all candidates, as in arXiv
        2510.09418, which takes strategies that choose whole queries.
    realizations
        R, number of sub-tasks.
    budget
        In whole-query equivalents (calls / M): 80 are as many calls as 80 queries judged for all M
        candidates. At most the number of a sub-task's queries.
    noise
        Shares of the oracle's answers that are wrong, in [0, 1); every strategy runs with each.
    kgrams
        Numbers z of k-gram weak judges, from 1 to 20; every strategy that reads them runs with
        each.
    baseline
        The baseline LLM, where the files do not name it.
    baselines
        Baseline LLMs to vary, where there are scores or games against each.
    format
        Format of the files; detected where None.
    weak_judges
        Tables by name of what given weak judges say of the cells of every data set; see
        :meth:`bayessel.tasks.task.Task.with_weak_judge`.
    seed
        The same seed gives the same sub-tasks and the same numbers.
    workers
        Number of processes.
    scheduler
        Address of a Dask scheduler, used instead of ``workers``.
    progress
        Called with how many chunks are done, how many there are, and the seconds left (NaN while
        unknown).
    note
        Called with one line about each data set and each long step.
    **reading
        How the files are read, such as ``tolerance``, ``rules``, ``outcomes`` or ``judge``; see
        :func:`bayessel.tasks.readers.read_tables`.

    Returns
    -------
    Study
        The tables, the runs, and where the files are.

    Raises
    ------
    BudgetError
        A number is out of range, or an option does not fit another.
    DataError
        A data set cannot be read, has no judgments, or lacks what a strategy needs.
    RunError
        The folder has files of the same names that bayessel did not write.
    UnknownNameError
        A strategy, protocol, format or baseline is unknown.

    Examples
    --------
    >>> from bayessel import simulate_task, studies
    >>> task = simulate_task(n_queries=30, n_candidates=4, seed=1)
    >>> study = studies.run(
    ...     {"simulated": task}, "random,uncertainty", realizations=20, budget=10, folder="study"
    ... )  # doctest: +SKIP
    >>> table = study.tables.by_budget  # doctest: +SKIP
    >>> table[table["calls / M"] == 10]["identified"]  # doctest: +SKIP
    """
    plan = Plan(protocol, realizations, budget, seed, unit)
    specs = parse_specs(strategies, _several(noise), _several(kgrams), unit)
    runner = run_workers(workers) if scheduler is None else run_cluster(scheduler)
    sources = read_sources(data, baseline=baseline, baselines=baselines, format=format, **reading)
    for name, file in (weak_judges or {}).items():
        written = reading.get("outcomes")
        sources = [
            replace(one, task=one.task.with_weak_judge(name, Path(file), outcomes=written))
            for one in sources
        ]
    for source in sources:
        require_own_names(source.task)
        require_usable(source.label, source.task, specs)
    folder = Path(folder)
    claim_folder(folder)
    problems = [_prepared(source, specs, plan, folder / "cache", note) for source in sources]
    chunks = run_chunks(problems, specs, plan, folder / "chunks", runner=runner, progress=progress)
    file = write_rows([s.label for s in sources], chunks, folder / "realizations.parquet")
    parts = tuple(zip(sources, problems, chunks, strict=True))
    tables = together([measure(runs, seed) for runs in _groups(parts)])
    return Study(folder, file, tables, parts)


def read_sources(
    data: Data,
    *,
    baseline: str | None = None,
    baselines: Sequence[str] = (),
    format: str | None = None,
    **reading: Any,
) -> list[Source]:
    """Read the data sets of a study, each with each baseline.

    Parameters
    ----------
    data, baseline, baselines, format, **reading
        As in :func:`run`.

    Raises
    ------
    BudgetError
        No data set; or options that do not fit each other, or do not fit a task.
    DataError
        Two data sets have one name, or one cannot be read.
    """
    if baselines and baseline is not None:
        raise BudgetError(f"baseline {baseline!r} and baselines: give one of them")
    if len(set(baselines)) < len(baselines):
        raise BudgetError(f"baselines {','.join(baselines)!r}: expected different names")
    named = _named(data)
    given = {"baseline": baseline, "baselines": baselines, "format": format, **reading}
    wrong = [name for name, value in given.items() if value not in (None, ())]
    sources = []
    for name, one in named.items():
        if isinstance(one, Task):
            if wrong:
                raise BudgetError(
                    f"{wrong[0]} with the task {name!r}, which is read already: give its path"
                )
            sources.append(Source(name, "", judged_candidates(one)[0]))
            continue
        if str(one).startswith(PREFIX):
            if wrong:
                raise BudgetError(f"{wrong[0]} with {one}, which is generated: leave it out")
            sources.append(Source(name, "", field_of(str(one))))
            continue
        for other in baselines or ("",):
            task = read_against(Path(one), other or baseline, format=format, **reading)
            sources.append(Source(name, other, task))
    return sources


def _named(data: Data) -> dict[str, str | Path | Task]:
    """Data sets by name: their files' or folders' names where none are given."""
    if isinstance(data, Mapping):
        found = dict(data)
    else:
        found = {}
        for path in [data] if isinstance(data, str | Path) else data:
            generated = str(path).startswith(PREFIX)
            name = str(path) if generated else Path(path).resolve().stem or str(path)
            if name in found:
                raise DataError(
                    f"two data sets are called {name!r} ({path}): rename one of them, or give "
                    "names in Python"
                )
            found[name] = path
    if not found:
        raise BudgetError("no data set was given: give a path, or tasks by name")
    return found


def _several[T](given: T | Iterable[T]) -> tuple[T, ...]:
    return tuple(given) if isinstance(given, Iterable) else (given,)


def _prepared(
    source: Source,
    specs: Sequence[Spec],
    plan: Plan,
    cache: Path,
    note: Callable[[str], None] | None,
) -> Problem:
    """The data set with its weak judges scored; what is done is said."""
    say = note or (lambda line: None)
    task = source.task
    queries, candidates = task.n_queries, task.n_candidates
    say(f"{source.label}: {count(queries, 'query', 'queries')}, {count(candidates, 'candidate')}")
    for line in task.notes:
        say(f"note: {line}")
    most = int(plan.axis(queries, candidates).equivalents[-1])
    if plan.budget > most:
        say(
            f"note: budget {plan.budget} was cut to {most}, the queries of each sub-task of "
            f"{source.label}"
        )
    return prepare(
        source.label,
        task,
        specs,
        protocol=plan.protocol,
        seed=plan.seed,
        cache=cache,
        progress=partial(_say_of, say, source.label),
    )


def _say_of(say: Callable[[str], None], name: str, what: str) -> None:
    say(f"{name}: {what}")


def _groups(
    parts: Iterable[tuple[Source, Problem, Sequence[Sequence[Chunk]]]],
) -> Iterable[list[Runs]]:
    """Runs that are compared with each other: of one data set, baseline and noise."""
    for source, problem, row in parts:
        for rate in dict.fromkeys(cell[0].spec.noise for cell in row):
            yield [
                read_runs(
                    source.name,
                    cell,
                    baseline=source.baseline,
                    found=problem.eps.get(cell[0].spec.kgrams),
                )
                for cell in row
                if cell[0].spec.noise == rate
            ]
