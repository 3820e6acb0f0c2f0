"""Finished realizations on disk, in chunks that are written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bayessel.studies.code import code_hash
from bayessel.studies.problem import Problem
from bayessel.studies.realize import Plan
from bayessel.studies.specs import Spec

_SIZE = {True: 50, False: 4}  # realizations a chunk, compiled or not: seconds of work


@dataclass(frozen=True)
class Chunk:
    """Some realizations of one strategy on one data set.

    Attributes
    ----------
    data
        Position of the data set.
    spec
        The strategy.
    start, stop
        First realization, and the one after the last.
    path
        Where the finished rows lie.
    """

    data: int
    spec: Spec
    start: int
    stop: int
    path: Path

    @property
    def done(self) -> bool:
        """Whether it is on disk."""
        return self.path.exists()

    def write(self, rows: pd.DataFrame) -> None:
        """Put the rows on disk: a crash leaves the whole file or none."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        rows.to_parquet(partial, index=False)
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(self.path)

    def read(self) -> pd.DataFrame:
        """Rows on disk."""
        return pd.read_parquet(self.path)


def chunks(folder: Path, data: int, problem: Problem, plan: Plan, spec: Spec) -> list[Chunk]:
    """Chunks of a strategy on a data set, in order.

    The folder of a chunk is named by a hash of all that its numbers depend on: data, judgments,
    plan, strategy and the code. A run with other settings, or more realizations, keeps what it can
    use and disturbs nothing else.
    """
    size = _SIZE[spec.compiled]
    settings = [
        code_hash(),
        problem.task.recorded_hash,
        _data_hash(problem),
        plan.protocol,
        plan.budget,
        plan.seed,
        spec.label,
    ]
    key = hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:20]
    starts = range(0, plan.realizations, size)
    stops = (min(start + size, plan.realizations) for start in starts)
    return [
        Chunk(data, spec, start, stop, folder / key / f"{start:07d}-{stop:07d}.parquet")
        for start, stop in zip(starts, stops, strict=True)
    ]


def _data_hash(problem: Problem) -> str:
    """Of names, texts where they are kept, and k-gram scores."""
    return problem.task.fingerprint + hashlib.sha256(problem.kgram.tobytes()).hexdigest()
