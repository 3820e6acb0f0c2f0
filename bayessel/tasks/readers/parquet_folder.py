"""A folder with ``judgments.parquet``, ``responses.parquet`` and ``queries.parquet``.

What weak judges say of cells may stand in ``weak_judges.parquet`` beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from bayessel.errors import DataError
from bayessel.tasks.readers.base import Reader, ReadOptions, reading_of
from bayessel.tasks.readers.parts import values, weak
from bayessel.tasks.readers.parts.marks import source_of
from bayessel.tasks.readers.parts.repeats import SAMPLES, samples, with_repeats, without_repeats
from bayessel.tasks.readers.parts.rows import parquet_rows
from bayessel.tasks.tables import VOTES, Tables

RULES = {"samples": SAMPLES}


def detect(path: Path) -> bool:
    """Whether a folder holds at least judgments or responses."""
    return any((path / f"{part}.parquet").is_file() for part in ("judgments", "responses"))


def read(path: Path, options: ReadOptions) -> Tables:
    """Read a folder; see :func:`read_many`."""
    return read_many([path], options)


def read_many(paths: Sequence[Path], options: ReadOptions) -> Tables:
    """Read folders as one task; judgments or responses (not both) and queries may be absent.

    Columns that the source adds are kept. Several responses of a candidate to a query are samples.
    """
    notes: list[str] = []
    where = source_of(paths)
    judgments = _joined([_judgments(path, notes) for path in paths])
    responses = _joined([_responses(path) for path in paths])
    queries = _joined([_queries(path, notes) for path in paths])
    if judgments is None and responses is None:
        raise DataError(
            f"{where} has neither judgments.parquet nor responses.parquet: give a folder with at "
            "least one of them"
        )
    if judgments is None:
        judgments = values.no_judgments()
    if len(paths) > 1:
        judgments, on_judgments = without_repeats(judgments, "judgments", where, "outcome")
        notes += on_judgments
        if queries is not None:
            queries, _ = without_repeats(queries, "queries", where, "text", ["query_id"])
    if responses is not None:
        sampling = reading_of(RULES, "samples", options)
        responses, on_samples = samples(responses, sampling, options.baseline)
        queries = with_repeats(queries, responses)
        notes += on_samples
    said = _joined([_weak_judges(path, notes) for path in paths])
    votes = _joined([_votes(path) for path in paths])
    if said is not None and len(paths) > 1:
        about = [*values.CELL, "weak_judge"]
        said, _ = without_repeats(said, "weak judges", where, "score", about)
        said = said[list(weak.COLUMNS)]
    found = tuple(dict.fromkeys(notes))
    return Tables(judgments, responses, queries, None, notes=found, weak_judges=said, votes=votes)


def _joined(tables: Sequence[pd.DataFrame | None]) -> pd.DataFrame | None:
    """The rows of all tables that there are; None without any."""
    there = [table for table in tables if table is not None]
    if len(there) < 2:
        return there[0] if there else None
    names = dict.fromkeys([*values.CELL, "weak_judge", "against"], object)
    plain = [t.astype({c: k for c, k in names.items() if c in t}) for t in there]
    return pd.concat(plain, ignore_index=True)


def _judgments(folder: Path, notes: list[str]) -> pd.DataFrame | None:
    path = folder / "judgments.parquet"
    frame = _table(path, ["outcome"], values.CELL)
    if frame is None:
        return None
    told = frame["outcome"].notna()
    if not told.all():
        notes.append(f"{int((~told).sum())} of {len(frame)} outcomes are null: not judged")
    frame = frame[told]
    places = frame.index
    parsed = values.outcomes(frame["outcome"], lambda i: f"{path}, row {places[i] + 1}")
    judged, on_repeats = without_repeats(frame.assign(outcome=parsed), "judgments", path, "outcome")
    notes += on_repeats
    return judged


def _responses(folder: Path) -> pd.DataFrame | None:
    path = folder / "responses.parquet"
    frame = _table(path, ["text"], values.CELL)
    if frame is None:
        return None
    return frame.astype(dict.fromkeys(values.CELL, object))


def _queries(folder: Path, notes: list[str]) -> pd.DataFrame | None:
    path = folder / "queries.parquet"
    frame = _table(path, [], ["query_id"])
    if frame is None:
        return None
    if "text" not in frame:
        frame["text"] = None
    queries, on_repeats = without_repeats(frame, "queries", path, "text", ["query_id"])
    notes += on_repeats
    return queries


def _weak_judges(folder: Path, notes: list[str]) -> pd.DataFrame | None:
    path = folder / "weak_judges.parquet"
    frame = _table(path, ["kind", "score"], [*values.CELL, "weak_judge"])
    if frame is None:
        return None
    then = "write a finite number, or leave the row out"
    frame["score"] = [
        values.number(v, "score", f"{path}, row {i + 1}", then)
        for i, v in enumerate(frame["score"].tolist())
    ]
    for judge in weak.rows_of(frame[list(weak.COLUMNS)], path):
        notes += judge.notes
    return frame[list(weak.COLUMNS)]


def _votes(folder: Path) -> pd.DataFrame | None:
    path = folder / "votes.parquet"
    frame = _table(path, ["outcome", "judge"], ["query_id", "candidate", "against"])
    if frame is None:
        return None
    parsed = values.outcomes(frame["outcome"], lambda i: f"{path}, row {i + 1}")
    return frame.assign(outcome=parsed)[list(VOTES)]


def _table(path: Path, columns: Sequence[str], names: Sequence[str]) -> pd.DataFrame | None:
    """A file of the folder with its names read; None where there is no such file."""
    if not path.exists():
        return None
    rows = parquet_rows(path)
    headers = values.with_candidate(pd.DataFrame(columns=list(rows.columns)), path)
    written = dict(zip(map(str, headers), rows.columns.values(), strict=True))
    values.require([*names, *columns], written, path)
    frame: dict[str, pd.Series] = {}
    for header, column in written.items():
        if header in names:
            frame[header] = pd.Series(values.read_names(column, header, rows.at).categorical())
        elif header == "text":
            texts = values.read_texts(column, header, rows.at)
            frame[header] = pd.Series(texts.array(object, None), dtype=object)
        else:
            frame[header] = pd.Series(column.series())
    return pd.DataFrame(frame)


READER = Reader(
    description="a folder with judgments.parquet, responses.parquet and queries.parquet",
    uses=frozenset(),
    detect=detect,
    read=read,
    read_many=read_many,
    rules=RULES,
)
