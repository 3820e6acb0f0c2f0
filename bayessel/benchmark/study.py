"""Run a study: all strategies on all data sets, in chunks, by one process or by several."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from pathlib import Path

import pandas as pd

from bayessel.benchmark.problem import Problem
from bayessel.benchmark.realize import Plan, realize
from bayessel.benchmark.specs import Spec
from bayessel.benchmark.store import Chunk, chunks
from bayessel.errors import BudgetError

Finished = Iterator[tuple[Chunk, pd.DataFrame]]
Runner = Callable[[Sequence[Problem], Plan, Sequence[Chunk]], Finished]
"""Runs chunks, in whatever order, and gives back their rows."""

_PROBLEMS: list[Problem] = []  # of a worker process


def run_study(
    problems: Sequence[Problem],
    specs: Sequence[Spec],
    plan: Plan,
    folder: Path,
    *,
    runner: Runner | None = None,
    progress: Callable[[int, int, float], None] | None = None,
) -> list[list[list[Chunk]]]:
    """Run what is not on disk yet.

    Parameters
    ----------
    problems, specs, plan
        What to run.
    folder
        Where finished chunks lie.
    runner
        :func:`run_here` by default.
    progress
        Called with how many chunks are done, of how many, and the seconds left.

    Returns
    -------
    list
        [data set][strategy] chunks, all of them on disk. Their rows are the same however often the
        run was interrupted and whoever ran them.
    """
    table = [
        [chunks(folder, at, problem, plan, spec) for spec in specs]
        for at, problem in enumerate(problems)
    ]
    every = [chunk for row in table for cell in row for chunk in cell]
    left = [chunk for chunk in every if not chunk.done]
    left.sort(key=lambda chunk: chunk.start)  # all strategies advance alike: an honest time left
    done = len(every) - len(left)
    if progress is not None and done:
        progress(done, len(every), float("nan") if left else 0.0)
    began = time.perf_counter()
    for number, (chunk, rows) in enumerate((runner or run_here)(problems, plan, left), 1):
        chunk.write(rows)
        if progress is not None:
            pace = (time.perf_counter() - began) / number
            progress(done + number, len(every), pace * (len(left) - number))
    return table


def run_here(problems: Sequence[Problem], plan: Plan, left: Sequence[Chunk]) -> Finished:
    """Run chunks one after the other in this process."""
    for chunk in left:
        yield chunk, realize(problems[chunk.data], plan, chunk.spec, chunk.start, chunk.stop)


def run_workers(workers: int) -> Runner:
    """Run chunks in several processes.

    Raises
    ------
    BudgetError
        Fewer than one.
    """
    if workers < 1:
        raise BudgetError(f"workers {workers}: expected at least 1")
    if workers == 1:
        return run_here

    def run(problems: Sequence[Problem], plan: Plan, left: Sequence[Chunk]) -> Finished:
        if not left:
            return
        context = multiprocessing.get_context("spawn")  # a fork of JAX's threads may hang
        pool = ProcessPoolExecutor(workers, context, _keep, (list(problems),))
        try:
            waiting: dict[Future[pd.DataFrame], Chunk] = {
                pool.submit(_work, plan, chunk): chunk for chunk in left
            }
            for future in as_completed(waiting):
                yield waiting.pop(future), future.result()
        finally:
            pool.shutdown(cancel_futures=True)

    return run


def _keep(problems: list[Problem]) -> None:
    _PROBLEMS[:] = problems


def _work(plan: Plan, chunk: Chunk) -> pd.DataFrame:
    return realize(_PROBLEMS[chunk.data], plan, chunk.spec, chunk.start, chunk.stop)
