"""Run the chunks of a study that are not on disk yet: in this process, or in several."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from pathlib import Path
from statistics import fmean

from bayessel.errors import BudgetError
from bayessel.studies.problem import Problem
from bayessel.studies.realize import Plan, Realized, realize
from bayessel.studies.specs import Spec
from bayessel.studies.store import Chunk, chunks

Finished = Iterator[tuple[Chunk, Realized, float]]
"""Chunks with what was found and the seconds that each took."""
Runner = Callable[[Sequence[Problem], Plan, Sequence[Chunk]], Finished]
"""Runs chunks, in whatever order."""

_PROBLEMS: list[Problem] = []  # of a worker process


def run_chunks(
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
        Called with how many chunks are done, how many there are, and the seconds left: NaN until
        each strategy has finished a chunk.

    Returns
    -------
    list
        [data set][strategy] lists of chunks, all of them on disk. Their rows depend neither on
        interruptions nor on the runner.
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
    pace = Pace(left)
    for chunk, found, seconds in (runner or run_here)(problems, plan, left):
        chunk.write(found)
        done += 1
        pace.finished(chunk, seconds)
        if progress is not None:
            progress(done, len(every), pace.seconds_left())
    return table


class Pace:
    """How long a study still takes, by the time that the chunks of each strategy took.

    Parameters
    ----------
    chunks
        Those that must be run.
    clock
        Gives the time in seconds.
    """

    def __init__(
        self, chunks: Sequence[Chunk], clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._waiting = Counter(chunk.spec.label for chunk in chunks)
        self._took: dict[str, list[float]] = {}
        self._clock = clock
        self._began = clock()

    def finished(self, chunk: Chunk, seconds: float) -> None:
        """Count a chunk as finished, and the seconds that it took."""
        self._waiting[chunk.spec.label] -= 1
        self._took.setdefault(chunk.spec.label, []).append(seconds)

    def seconds_left(self) -> float:
        """Seconds left; NaN while a strategy with chunks left has finished none."""
        waiting = {label: number for label, number in self._waiting.items() if number}
        if not all(label in self._took for label in waiting):
            return float("nan")
        work = sum(number * fmean(self._took[label]) for label, number in waiting.items())
        worked = sum(sum(each) for each in self._took.values())
        elapsed = self._clock() - self._began
        return work * elapsed / worked if worked > 0 else 0.0


def run_here(problems: Sequence[Problem], plan: Plan, left: Sequence[Chunk]) -> Finished:
    """Run chunks one after the other in this process."""
    for chunk in left:
        yield chunk, *timed(problems[chunk.data], plan, chunk)


def timed(problem: Problem, plan: Plan, chunk: Chunk) -> tuple[Realized, float]:
    """What is found in a chunk, and the seconds it took."""
    began = time.perf_counter()
    found = realize(problem, plan, chunk.spec, chunk.start, chunk.stop)
    return found, time.perf_counter() - began


def run_workers(workers: int) -> Runner:
    """A runner that uses several processes.

    Parameters
    ----------
    workers
        Number of processes; 1 is this process.

    Raises
    ------
    BudgetError
        Fewer than one worker.
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
            waiting: dict[Future[tuple[Realized, float]], Chunk] = {
                pool.submit(_work, plan, chunk): chunk for chunk in left
            }
            for future in as_completed(waiting):
                yield waiting.pop(future), *future.result()
        finally:
            pool.shutdown(cancel_futures=True)

    return run


def _keep(problems: list[Problem]) -> None:
    _PROBLEMS[:] = problems


def _work(plan: Plan, chunk: Chunk) -> tuple[Realized, float]:
    return timed(_PROBLEMS[chunk.data], plan, chunk)
