"""What every reader returns: three long tables, before any validation as a task."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class Tables:
    """Judgments, responses and queries as a reader found them.

    Attributes
    ----------
    judgments
        Columns ``query_id`` (str), ``candidate`` (str), ``outcome`` (-1, 0, 1). A cell that was not
        judged has no row. Further columns of the source may follow. May have no rows.
    responses
        Columns ``query_id``, ``candidate`` (the baseline is one of them), ``text`` (None where it
        is not known); None where the source says nothing of responses.
    queries
        Columns ``query_id`` and, where known, ``text`` and ``category``; None where the source
        says nothing of them.
    baseline
        The baseline's name where the source says it.
    format
        Name of the reader.
    notes
        Sentences a user should see: what was left out or read in a way that could surprise.
    """

    judgments: pd.DataFrame
    responses: pd.DataFrame | None
    queries: pd.DataFrame | None
    baseline: str | None
    format: str
    notes: tuple[str, ...] = field(default=())
