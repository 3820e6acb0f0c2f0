"""A long DataFrame, as :meth:`bayessel.task.Task.from_frame` takes it."""

from __future__ import annotations

import pandas as pd

from bayessel.errors import DataError
from bayessel.outcomes import parse_outcome
from bayessel.readers.checks import spaced_note
from bayessel.readers.tables import Tables


def read_frame(frame: pd.DataFrame) -> Tables:
    """Split a long DataFrame into tables.

    Parameters
    ----------
    frame
        Columns ``query_id`` and ``model``; optional ``outcome``, ``text``, ``query_text``,
        ``category`` and ``baseline``.

    Raises
    ------
    DataError, OutcomeError
        Missing columns or names, duplicate rows, unknown outcomes.
    """
    if not isinstance(frame, pd.DataFrame):
        raise DataError(f"expected a pandas DataFrame, given a {type(frame).__name__}")
    missing = {"query_id", "model"} - set(frame.columns)
    if missing:
        raise DataError(
            f"the frame lacks column(s) {', '.join(sorted(missing))}; it has "
            f"{', '.join(map(str, frame.columns))}; expected query_id, model, outcome"
        )
    if frame[["query_id", "model"]].isna().any().any():
        raise DataError("the frame has rows without a query_id or a model: fill or drop them")
    notes: list[str] = []
    for column in ("query_id", "model"):
        written = frame[column].astype(str)
        frame = frame.assign(**{column: written.str.strip()})
        notes += spaced_note(written, column)
    twice = frame.duplicated(["query_id", "model"])
    if twice.any():
        row = frame[twice].iloc[0]
        raise DataError(
            f"{int(twice.sum())} duplicate row(s), the first for query {row['query_id']!r} and "
            f"model {row['model']!r}: keep one row for each query and model"
        )
    judgments = frame.iloc[:0][["query_id", "model"]].assign(outcome=[])
    if "outcome" in frame:
        empty = frame["outcome"].isna() | (frame["outcome"].astype(str).str.strip() == "")
        judgments = frame[~empty][["query_id", "model", "outcome"]]
        parsed = [int(parse_outcome(v)) for v in judgments["outcome"]]
        judgments = judgments.assign(outcome=parsed)
    said = None
    if "baseline" in frame:
        names = list(dict.fromkeys(frame["baseline"].dropna().astype(str).str.strip()))
        if len(names) > 1:
            raise DataError(f"the column baseline names {', '.join(names[:3])}: expected one name")
        said = names[0] if names else None
    responses = frame.reindex(columns=["query_id", "model", "text"])
    about = {"query_text": "text", "category": "category"}
    known = [c for c in about if c in frame]
    queries = frame[["query_id", *known]].rename(columns=about).drop_duplicates("query_id")
    return Tables(judgments, responses, queries, said, "frame", tuple(notes))
