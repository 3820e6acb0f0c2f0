"""Finished realizations on disk, in chunks: each is there whole or not at all."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bayessel.errors import RunError
from bayessel.inference.model_code import pinned
from bayessel.studies.code import code_hash
from bayessel.studies.problem import Problem
from bayessel.studies.realize import Plan, Realized
from bayessel.studies.specs import Spec
from bayessel.support import marker
from bayessel.support.files import reason, sync, written_whole

_COMPILED, _ONLY_NAMED, _OBJECT = 50, 20, 4  # realizations in a chunk: seconds of work


@dataclass(frozen=True)
class Chunk:
    """Some realizations of one strategy on one data set.

    Attributes
    ----------
    data
        Position of the data set in the study.
    spec
        The strategy.
    start, stop
        First realization, and the one after the last.
    path
        File of the finished rows; beside it lies one of where rules stopped.
    """

    data: int
    spec: Spec
    start: int
    stop: int
    path: Path

    @property
    def done(self) -> bool:
        """Whether it is on disk, whole: a damaged one is computed again."""
        if not self.path.exists():
            return False
        try:
            for path in (self._stops, self.path):
                pq.read_table(path, page_checksum_verification=True).validate()
        except (OSError, pa.ArrowException):
            return False
        return True

    def write(self, found: Realized) -> None:
        """Put both tables on disk, the rows last: a crash leaves whole files, or no rows."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        for path, table in ((self._stops, found.stops), (self.path, found.rows)):
            with written_whole(path) as partial:
                table.to_parquet(partial, index=False, write_page_checksum=True)
                sync(partial)

    def read(self) -> pd.DataFrame:
        """Rows on disk; see :class:`bayessel.studies.realize.Realized`."""
        return pd.read_parquet(self.path)

    def read_stops(self) -> pd.DataFrame:
        """Where the rules stopped, on disk."""
        return pd.read_parquet(self._stops)

    @property
    def _stops(self) -> Path:
        return self.path.with_name(f"stops-{self.path.name}")


_PARTS = ("cache", "chunks", "figures", "realizations.parquet", "tables", "tables.md")


def claim_folder(folder: Path) -> None:
    """Make a study's folder, or take the one of an earlier study.

    Raises
    ------
    RunError
        It has files of the study's names that bayessel did not write, or cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"cannot make the folder {folder}: {reason(error)}") from error
    if not (folder / marker.MARKER).exists() and any(
        re.fullmatch(r"\d{7}-\d{7}", file.stem) for file in folder.glob("chunks/*/*.parquet")
    ):
        marker.adopt(folder, _PARTS)  # a study of an earlier version goes on
    marker.claim(folder, _PARTS)


def chunks(folder: Path, data: int, problem: Problem, plan: Plan, spec: Spec) -> list[Chunk]:
    """Chunks of a strategy on a data set, in order.

    A chunk's folder is named by a hash of everything that its numbers depend on: data, recorded
    outcomes, plan, strategy, code and the strategy's own model file. So a study with other settings
    or more realizations uses the chunks that fit, and leaves all others as they are.
    """
    size = _COMPILED if spec.compiled else _ONLY_NAMED if spec.only_named else _OBJECT
    settings = [
        code_hash(),
        problem.task.recorded_hash,
        _data_hash(problem),
        plan.protocol,
        plan.budget,
        plan.seed,
        plan.unit,
        spec.label,
        pinned(spec.settings),
    ]
    key = hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:20]
    starts = range(0, plan.realizations, size)
    stops = (min(start + size, plan.realizations) for start in starts)
    return [
        Chunk(data, spec, start, stop, folder / key / f"{start:07d}-{stop:07d}.parquet")
        for start, stop in zip(starts, stops, strict=True)
    ]


def _data_hash(problem: Problem) -> str:
    """Hash of the names, of the texts where the task has them, and of the k-gram scores."""
    return problem.task.fingerprint + hashlib.sha256(problem.kgram.tobytes()).hexdigest()
