"""Run a study's chunks on a Dask cluster; needs the extra ``cluster``."""

from __future__ import annotations

from collections.abc import Sequence

from bayessel.errors import BudgetError
from bayessel.studies.problem import Problem
from bayessel.studies.realize import Plan
from bayessel.studies.store import Chunk
from bayessel.studies.study import Finished, Runner, timed

_AT_ONCE = 4
"""Chunks a thread of the cluster has at hand; the rest wait here, where they cost nothing."""

RETRIES = 5
"""Workers that may die under a chunk before the study gives up."""


def run_cluster(address: str, *, timeout: float = 30) -> Runner:
    """Run chunks on the workers of a scheduler.

    The workers need bayessel installed, not the data: it is sent to them once. A chunk whose worker
    dies is run again by another; finished chunks are already on this machine's disk.

    Parameters
    ----------
    address
        Of the scheduler: ``tcp://HOST:PORT``.
    timeout
        Seconds to wait for it.

    Raises
    ------
    BudgetError
        Dask distributed is not installed, or no scheduler answers.
    """
    try:
        from distributed import Client
    except ImportError:
        raise BudgetError(
            "--scheduler needs Dask distributed: pip install 'bayessel[cluster]'"
        ) from None
    try:
        client = Client(address, timeout=timeout, set_as_default=False)
    except (OSError, ValueError) as error:
        raise BudgetError(
            f"scheduler {address}: no answer ({type(error).__name__}); expected tcp://HOST:PORT of "
            "a running 'dask scheduler'"
        ) from None

    def run(problems: Sequence[Problem], plan: Plan, left: Sequence[Chunk]) -> Finished:
        from distributed import as_completed

        with client:
            sent = client.scatter(list(problems), broadcast=True, hash=False)
            waiting = list(left)[::-1]
            running = {}

            def submit() -> object:
                chunk = waiting.pop()
                future = client.submit(
                    timed, sent[chunk.data], plan, chunk, pure=False, retries=RETRIES
                )
                running[future.key] = chunk
                return future

            threads = sum(client.nthreads().values()) or 1
            first = [submit() for _ in range(min(len(waiting), _AT_ONCE * threads))]
            finished = as_completed(first, loop=client.loop)
            for future in finished:
                yield running.pop(future.key), *future.result()
                if waiting:
                    finished.add(submit())

    return run
