"""Seconds and peak memory from a large file to the first question.

Usage: python benchmarks/reading.py [--queries N] [--candidates M] [KIND ...]

Writes a table of N x M outcomes (100,000 x 200) of each kind (csv, jsonl, parquet, csv.gz, and
folder: the run folder's own three tables) into a temporary folder, and reads it in a process of its
own. The peak is the largest resident memory of that process. Seconds are of the clock, and of the
processor in brackets: on a busy machine the first are longer.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

KINDS = ("csv", "csv.gz", "jsonl", "parquet", "folder")

READ = """
import json, resource, sys, time
start = time.perf_counter()
from bayessel.tasks.task import Task
task = Task.read(sys.argv[1])
read, read_cpu = time.perf_counter() - start, time.process_time()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
from bayessel.selection.selector import Selector
asked = Selector(task).ask()
whole, whole_cpu = time.perf_counter() - start, time.process_time()
last = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([read, read_cpu, peak, whole, whole_cpu, last]))
"""


def write(path: Path, kind: str, queries: int, candidates: int) -> None:
    """Write a table of random outcomes, a block of queries at a time."""
    rng = np.random.default_rng(0)
    names = [f"candidate-{j}" for j in range(candidates)]
    if kind in ("parquet", "folder"):
        _write_parquet(path, kind, rng, names, queries)
        return
    with gzip.open(path, "wt", compresslevel=1) if kind == "csv.gz" else path.open("w") as file:
        if kind != "jsonl":
            file.write("query_id,candidate,outcome\n")
        for q in range(queries):
            told = rng.integers(-1, 2, candidates).tolist()
            pairs = zip(names, told, strict=True)
            if kind == "jsonl":
                records = ({"query_id": f"q{q}", "candidate": n, "outcome": o} for n, o in pairs)
                file.writelines(json.dumps(record) + "\n" for record in records)
            else:
                file.writelines(f"q{q},{name},{outcome}\n" for name, outcome in pairs)


def _write_parquet(
    path: Path, kind: str, rng: np.random.Generator, names: list[str], queries: int
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema({"query_id": "str", "candidate": "str", "outcome": "int64"})
    if kind == "folder":
        path.mkdir()
        path = path / "judgments.parquet"
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, queries, 1000):
            block = range(start, min(queries, start + 1000))
            query = [f"q{q}" for q in block for _ in names]
            told = rng.integers(-1, 2, len(query))
            columns = {"query_id": query, "candidate": names * len(block), "outcome": told}
            writer.write_table(pa.table(columns, schema))


def main() -> None:
    """Measure each kind."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kinds", nargs="*", choices=[*KINDS, []], metavar="KIND")
    parser.add_argument("--queries", type=int, default=100_000)
    parser.add_argument("--candidates", type=int, default=200)
    given = parser.parse_args()
    print("kind      file MB     read s (CPU)   peak GB   first question s   peak GB")
    with tempfile.TemporaryDirectory() as folder:
        for kind in given.kinds or KINDS:
            path = Path(folder) / ("task" if kind == "folder" else f"task.{kind}")
            write(path, kind, given.queries, given.candidates)
            files = path.iterdir() if path.is_dir() else [path]
            size = sum(file.stat().st_size for file in files) / 1e6
            done = subprocess.run(
                [sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=False
            )
            if done.returncode:
                sys.exit(done.stderr)
            read, read_cpu, peak, whole, whole_cpu, last = json.loads(done.stdout)
            reading = f"{read:8.1f} ({read_cpu:5.1f}) {peak / 1e6:9.2f}"
            asking = f"{whole:15.1f} ({whole_cpu:5.1f}) {last / 1e6:9.2f}"
            print(f"{kind:<9} {size:7.0f} {reading} {asking}", flush=True)


if __name__ == "__main__":
    main()
