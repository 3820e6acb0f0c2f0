"""A long DataFrame, as :meth:`bayessel.tasks.task.Task.from_frame` takes it."""

from __future__ import annotations

import pandas as pd

from bayessel.errors import DataError
from bayessel.outcomes import parse_outcome
from bayessel.tasks.readers.parts.values import spaced_note, with_candidate
from bayessel.tasks.tables import Tables


def read_frame(frame: pd.DataFrame) -> Tables:
    """Split a long DataFrame into tables.

    Parameters
    ----------
    frame
        Columns ``query_id`` and ``candidate`` (or ``model``); optional ``outcome``, ``text``,
        ``query_text``, ``category`` and ``baseline``.

    Raises
    ------
    DataError, OutcomeError
        Missing columns or names, duplicate rows, unknown outcomes.
    """
    if not isinstance(frame, pd.DataFrame):
        raise DataError(f"expected a pandas DataFrame, given a {type(frame).__name__}")
    frame = with_candidate(frame, "the frame")
    missing = {"query_id", "candidate"} - set(frame.columns)
    if missing:
        raise DataError(
            f"the frame lacks column(s) {', '.join(sorted(missing))}; it has "
            f"{', '.join(map(str, frame.columns))}; expected query_id, candidate, outcome"
        )
    if frame[["query_id", "candidate"]].isna().any().any():
        raise DataError("the frame has rows without a query_id or a candidate: fill or drop them")
    notes: list[str] = []
    for column in ("query_id", "candidate"):
        written = frame[column].astype(str)
        frame = frame.assign(**{column: written.str.strip()})
        notes += spaced_note(written, column)
    twice = frame.duplicated(["query_id", "candidate"])
    if twice.any():
        row = frame[twice].iloc[0]
        raise DataError(
            f"{int(twice.sum())} duplicate row(s), the first for query {row['query_id']!r} and "
            f"candidate {row['candidate']!r}: keep one row for each query and candidate"
        )
    judgments = frame.iloc[:0][["query_id", "candidate"]].assign(outcome=[])
    if "outcome" in frame:
        empty = frame["outcome"].isna() | (frame["outcome"].astype(str).str.strip() == "")
        judgments = frame[~empty][["query_id", "candidate", "outcome"]]
        parsed = [int(parse_outcome(v)) for v in judgments["outcome"]]
        judgments = judgments.assign(outcome=parsed)
    said = None
    if "baseline" in frame:
        names = list(dict.fromkeys(frame["baseline"].dropna().astype(str).str.strip()))
        if len(names) > 1:
            raise DataError(f"the column baseline names {', '.join(names[:3])}: expected one name")
        said = names[0] if names else None
    responses = frame.reindex(columns=["query_id", "candidate", "text"])
    about = {"query_text": "text", "category": "category"}
    known = [c for c in about if c in frame]
    queries = frame[["query_id", *known]].rename(columns=about).drop_duplicates("query_id")
    return Tables(judgments, responses, queries, said, "frame", tuple(notes))
