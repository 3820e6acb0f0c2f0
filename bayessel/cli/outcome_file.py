"""Outcomes of one query as a CSV file: columns ``candidate`` (or ``model``) and ``outcome``."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from bayessel.errors import OutcomeError
from bayessel.outcomes import Outcome, parse_outcome
from bayessel.support.reading import read_text


def read_outcomes(path: Path, query: str) -> dict[str, Outcome]:
    """Read outcomes of ``query``.

    Parameters
    ----------
    path
        CSV with a header; the columns ``candidate`` (or ``model``) and ``outcome``, and optionally
        ``query_id``, which must then be ``query`` in every row. Rows with an empty outcome are not
        judged.
    query
        The query that was judged.

    Returns
    -------
    dict
        Candidate to outcome.

    Raises
    ------
    DataError
        The file is missing, empty or not UTF-8.
    OutcomeError
        A missing column, an unknown outcome, a candidate twice, or outcomes of another query.
    """
    reader = csv.DictReader(io.StringIO(read_text(path), newline=""))
    columns = [c.strip().lower() for c in reader.fieldnames or []]
    columns = ["candidate" if c == "model" else c for c in columns]
    if not {"candidate", "outcome"} <= set(columns):
        raise OutcomeError(
            f"{path} has the columns {', '.join(columns) or '(none)'}: expected candidate,outcome"
        )
    reader.fieldnames = columns
    outcomes: dict[str, Outcome] = {}
    for row in reader:
        name, value = (row["candidate"] or "").strip(), (row["outcome"] or "").strip()
        where = f"{path}, line {reader.line_num}"
        other = (row.get("query_id") or query).strip()
        if other != query:
            raise OutcomeError(f"{where}: outcomes of query {other!r}, expected {query!r}")
        if not name:
            raise OutcomeError(f"{where}: the candidate is empty")
        if name in outcomes:
            raise OutcomeError(
                f"{where}: {name!r} stands twice: keep one outcome for each candidate"
            )
        if value:
            try:
                outcomes[name] = parse_outcome(value)
            except OutcomeError as error:
                raise OutcomeError(f"{where}: {error}") from None
    if not outcomes:
        raise OutcomeError(f"{path} has no outcomes: give at least one row candidate,outcome")
    return outcomes
