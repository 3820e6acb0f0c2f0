"""Every realization, strategy and budget in one Parquet file, and the arrays the measures read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bayessel.studies.settings import Setting, setting_of
from bayessel.studies.store import Chunk


@dataclass(frozen=True)
class Runs:
    """All realizations of one strategy on one data set.

    Attributes
    ----------
    setting
        Data set, baseline, oracle's noise, weak judges and eps.
    strategy
        Label of the strategy, without the oracle's noise.
    gap
        [R, T] the recommended candidate's win rate below the best's, in [0, 1].
    correct
        [R, T] whether it is one of the best.
    p_best, p_within
        [R, T] P(best) and P(within 1 %) reported of it; NaN where the strategy reports none.
    cells
        [R, T] judged cells.
    """

    setting: Setting
    strategy: str
    gap: NDArray[np.float64]
    correct: NDArray[np.bool_]
    p_best: NDArray[np.float64]
    p_within: NDArray[np.float64]
    cells: NDArray[np.int32]

    @property
    def data(self) -> str:
        """Name of the data set, baseline and noise included: a study of its own."""
        return self.setting.data


def read_runs(
    source: str,
    chunks: Sequence[Chunk],
    *,
    baseline: str = "",
    found: tuple[float, float] | None = None,
) -> Runs:
    """Gather the chunks of one strategy on one data set.

    Parameters
    ----------
    source
        The data set's own name.
    chunks
        Of one strategy.
    baseline, found
        As in :func:`bayessel.studies.settings.setting_of`.
    """
    rows = pd.concat([chunk.read().drop(columns="best") for chunk in chunks], ignore_index=True)
    steps = int(rows["annotations"].max())

    def grid(column: str) -> NDArray:
        return rows[column].to_numpy().reshape(-1, steps)

    spec = chunks[0].spec
    return Runs(
        setting_of(source, spec, baseline, found),
        replace(spec, noise=0.0).label,
        grid("gap"),
        grid("correct"),
        grid("p_best"),
        grid("p_within_1pct"),
        grid("cells"),
    )


def write_rows(
    names: Sequence[str], table: Sequence[Sequence[Sequence[Chunk]]], path: Path
) -> None:
    """Write one row a data set, strategy, realization and budget, a chunk at a time."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    writer = None
    for rows in _frames(names, table):
        part = pa.Table.from_pandas(rows, preserve_index=False)
        if writer is None:
            writer = pq.ParquetWriter(partial, part.schema, compression="zstd")
        writer.write_table(part)
    if writer is not None:
        writer.close()
        partial.replace(path)


def _frames(
    names: Sequence[str], table: Sequence[Sequence[Sequence[Chunk]]]
) -> Iterator[pd.DataFrame]:
    for name, row in zip(names, table, strict=True):
        for cell in row:
            for chunk in cell:
                rows = chunk.read()
                rows.insert(0, "data", name)
                rows.insert(1, "strategy", chunk.spec.label)
                yield rows
