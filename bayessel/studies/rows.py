"""All realizations of a study: as one Parquet file, and as the arrays that are measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bayessel.studies.settings import Setting, setting_of
from bayessel.studies.store import Chunk
from bayessel.support.files import written_whole


@dataclass(frozen=True)
class Runs:
    """All realizations of one strategy on one data set.

    Attributes
    ----------
    setting
        Data set, baseline, the oracle's noise, number of weak judges, and eps.
    strategy
        Label of the strategy, without the oracle's noise.
    budgets
        [G] budgets in whole-query equivalents (calls / M), the same for all strategies.
    candidates
        M of a sub-task: so many calls are one whole-query equivalent.
    gap
        [R, G] how far the named candidate's win rate is below the best's, in [0, 1].
    correct
        [R, G] whether the named candidate is one of the best.
    p_best, p_within
        [R, G] the reported P(best) and P(within 1 %) of the named candidate; NaN where the
        strategy reports none.
    queries
        [R, G] number of queries that were opened within the budget.
    stops
        Where stopping rules stopped; see :meth:`bayessel.studies.trace.Trace.stops`.
    """

    setting: Setting
    strategy: str
    budgets: NDArray[np.float64]
    candidates: int
    gap: NDArray[np.float64]
    correct: NDArray[np.bool_]
    p_best: NDArray[np.float64]
    p_within: NDArray[np.float64]
    queries: NDArray[np.int32]
    stops: pd.DataFrame

    @property
    def data(self) -> str:
        """Name of the data set in tables and pictures, with its baseline and noise."""
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
        All chunks of one strategy on it.
    baseline, found
        As in :func:`bayessel.studies.settings.setting_of`.
    """
    rows = pd.concat(
        [chunk.read().drop(columns="candidate") for chunk in chunks], ignore_index=True
    )
    first = rows[rows["realization"] == rows["realization"].iloc[0]]

    def grid(column: str) -> NDArray:
        return rows[column].to_numpy().reshape(-1, len(first))

    spec = chunks[0].spec
    last = first.iloc[-1]
    return Runs(
        setting_of(source, spec, baseline, found),
        replace(spec, noise=0.0).label,
        first["calls_per_candidate"].to_numpy(),
        round(last["calls"] / last["calls_per_candidate"]),
        grid("gap"),
        grid("correct"),
        grid("p_best"),
        grid("p_within_1pct"),
        grid("queries"),
        pd.concat([chunk.read_stops() for chunk in chunks], ignore_index=True),
    )


def write_rows(
    names: Sequence[str], table: Sequence[Sequence[Sequence[Chunk]]], path: Path
) -> Path:
    """Write one row a data set, strategy, realization and budget; one chunk is read at a time.

    Parameters
    ----------
    names
        Names of the data sets.
    table
        [data set][strategy] lists of chunks; at least one chunk.
    path
        The Parquet file.
    """
    parts = (pa.Table.from_pandas(rows, preserve_index=False) for rows in _frames(names, table))
    first = next(parts)
    with (
        written_whole(path) as partial,
        pq.ParquetWriter(partial, first.schema, compression="zstd") as writer,
    ):
        for part in chain([first], parts):
            writer.write_table(part)
    return path


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
