"""What every reader returns: judgments, responses and queries as three long tables."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Tables:
    """Judgments, responses and queries as a reader found them.

    Attributes
    ----------
    judgments
        Columns ``query_id`` (str), ``candidate`` (str), ``outcome`` (-1, 0, 1). A cell that was not
        judged has no row, and no cell has two. Further columns of the source may follow. May have
        no rows.
    responses
        Columns ``query_id``, ``candidate`` (the baseline is one of them), ``text`` (None where it
        is not known) and, where known, ``cost`` (of judging it, positive, NaN where not known), one
        row for each cell; None where the source has no responses.
    queries
        Columns ``query_id`` and, where known, ``text`` and ``category``; None where the source
        does not describe the queries.
    baseline
        The baseline's name, where the source says it.
    format
        Name of the format; empty where the tables were not read from files.
    notes
        Sentences a user should see: what was left out or read in a way that could surprise.
    """

    judgments: pd.DataFrame
    responses: pd.DataFrame | None
    queries: pd.DataFrame | None
    baseline: str | None
    format: str = ""
    notes: tuple[str, ...] = ()


def has_texts(responses: pd.DataFrame) -> bool:
    """Whether any response is known."""
    return bool(responses["text"].notna().any())
