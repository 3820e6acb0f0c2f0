"""A study on a cluster of two workers, one of which is killed, gives the same numbers."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from bayessel.errors import BudgetError
from bayessel.studies.cluster import run_cluster
from bayessel.studies.problem import prepare
from bayessel.studies.realize import Plan
from bayessel.studies.rows import write_rows
from bayessel.studies.runners import run_chunks
from bayessel.studies.specs import parse_specs

SPECS = parse_specs("random:draws=100")
PLAN = Plan(realizations=40, budget=6, seed=1)


def _rows(problem, folder, **options) -> bytes:
    table = run_chunks([problem], SPECS, PLAN, folder / "chunks", **options)
    write_rows(["generated"], table, folder / "rows.parquet")
    return (folder / "rows.parquet").read_bytes()


# Dask's own, when a worker dies: sockets that the dead process leaves
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_worker_is_killed(task, tmp_path):
    from distributed import Client, LocalCluster

    problem = prepare("generated", task, SPECS, cache=tmp_path / "cache")
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    expected = _rows(problem, tmp_path / "here")
    killed = []
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=str(tmp_path)
    ) as cluster:
        with Client(cluster) as client:
            workers = client.run(os.getpid)

        def kill_one(done: int, of: int, left: float) -> None:
            if done == 2:
                pid = next(iter(workers.values()))
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

        found = _rows(
            problem,
            tmp_path / "there",
            runner=run_cluster(cluster.scheduler_address),
            progress=kill_one,
        )
    assert len(killed) == 1
    assert found == expected


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_no_scheduler():
    with pytest.raises(BudgetError, match=r"scheduler tcp://127.0.0.1:1: no answer"):
        run_cluster("tcp://127.0.0.1:1", timeout=0.2)


@pytest.mark.parametrize(
    "address", ["garbage", "", "http://x:1", "inproc://a:1", "tcp://x", "a b:1"]
)
def test_an_address_that_is_none_ends_at_once(address):
    with pytest.raises(BudgetError, match="expected tcp://HOST:PORT"):
        run_cluster(address)


def test_without_dask(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BudgetError, match="pip install"):
        run_cluster("tcp://127.0.0.1:1")
