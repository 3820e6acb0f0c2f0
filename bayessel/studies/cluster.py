"""Run a study's chunks on a Dask cluster; needs the extra ``cluster``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bayessel.errors import BudgetError
from bayessel.studies.problem import Problem
from bayessel.studies.realize import Plan
from bayessel.studies.runners import Finished, Runner, timed
from bayessel.studies.store import Chunk

_AT_ONCE = 4
"""Chunks that are sent for each thread of the cluster; the rest wait here, at no cost."""

RETRIES = 5
"""How often a chunk is run again because its worker died, before the study ends."""


def run_cluster(address: str, *, timeout: float = 30) -> Runner:
    """A runner that uses the workers of a Dask scheduler.

    The workers need bayessel, but not the data: it is sent to them once. When a worker dies,
    another one runs its chunk again; finished chunks are on this machine's disk already.

    Parameters
    ----------
    address
        Address of the scheduler: ``tcp://HOST:PORT``.
    timeout
        Seconds to wait for the scheduler.

    Raises
    ------
    BudgetError
        Dask distributed is not installed, or no scheduler answers.
    """
    try:
        from distributed import Client
    except ImportError:
        raise BudgetError(
            "a scheduler needs Dask distributed: pip install 'bayessel[cluster]'"
        ) from None
    if not re.fullmatch(r"(tcp|tls|ws|wss|ucx)://[^\s/]+:\d{1,5}|[^\s/:]+:\d{1,5}", address):
        raise BudgetError(f"scheduler {address!r}: expected tcp://HOST:PORT")
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
