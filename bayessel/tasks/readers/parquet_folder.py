"""A folder with ``judgments.parquet``, ``responses.parquet`` and ``queries.parquet``."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bayessel.errors import DataError
from bayessel.tasks.readers.base import Reader, ReadOptions
from bayessel.tasks.readers.parts import values as checks
from bayessel.tasks.readers.parts.files import read_parquet
from bayessel.tasks.tables import Tables

NAME = "parquet-folder"


def detect(path: Path) -> bool:
    """Whether a folder holds at least judgments or responses."""
    return any((path / f"{part}.parquet").is_file() for part in ("judgments", "responses"))


def read(path: Path, options: ReadOptions) -> Tables:
    """Read the folder; judgments or responses (not both) and queries may be absent.

    Columns that the source adds are kept.
    """
    notes: list[str] = []
    judgments, responses = _judgments(path, notes), _responses(path, notes)
    if judgments is None and responses is None:
        raise DataError(
            f"{path} has neither judgments.parquet nor responses.parquet: give a folder with at "
            "least one of them"
        )
    if judgments is None:
        judgments = pd.DataFrame({"query_id": [], "candidate": [], "outcome": []})
    queries = _queries(path, notes)
    return checks.assemble(
        judgments,
        responses,
        queries,
        baseline=checks.agreed_baseline(options.baseline, None, judgments, responses),
        format=NAME,
        notes=dict.fromkeys(notes),
        where=path,
    )


def _judgments(folder: Path, notes: list[str]) -> pd.DataFrame | None:
    path = folder / "judgments.parquet"
    frame = _table(path, ["query_id", "candidate", "outcome"], ["query_id", "candidate"], notes)
    if frame is None:
        return None
    parsed = checks.outcomes(frame["outcome"].tolist(), lambda i: f"{path}, row {i + 1}")
    return frame.assign(outcome=parsed)


def _responses(folder: Path, notes: list[str]) -> pd.DataFrame | None:
    path = folder / "responses.parquet"
    frame = _table(path, ["query_id", "candidate", "text"], ["query_id", "candidate"], notes)
    if frame is not None:
        _all_text(frame, path)
    return frame


def _queries(folder: Path, notes: list[str]) -> pd.DataFrame | None:
    path = folder / "queries.parquet"
    frame = _table(path, ["query_id"], ["query_id"], notes)
    if frame is not None:
        _all_text(frame, path)
        twice = frame["query_id"].duplicated()
        if twice.any():
            raise DataError(
                f"{path}: {int(twice.sum())} duplicate row(s), the first for query "
                f"{frame['query_id'][twice].iloc[0]!r}; keep one row for each query"
            )
    return frame


def _table(
    path: Path, columns: list[str], names: list[str], notes: list[str]
) -> pd.DataFrame | None:
    if not path.exists():
        return None
    table = read_parquet(path)
    frame: pd.DataFrame = checks.with_candidate(table.to_pandas(ignore_metadata=True), path)
    table = table.rename_columns(list(map(str, frame)))
    checks.require(columns, table.column_names, path)
    for column in names:
        values = table[column].to_pylist()
        frame[column] = checks.names(values, column, lambda i: f"{path}, row {i + 1}")
        notes += checks.spaced_note(values, column)
    return frame


def _all_text(frame: pd.DataFrame, path: Path) -> None:
    if "text" in frame and not frame["text"].dropna().map(lambda v: isinstance(v, str)).all():
        raise DataError(f"{path}: column text holds {frame['text'].dtype}; expected text")


READER = Reader(
    name=NAME,
    description="a folder with judgments.parquet, responses.parquet and queries.parquet",
    uses=frozenset(),
    detect=detect,
    read=read,
)
