"""What every reader returns: judgments, responses and queries as three long tables."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

VOTES = ("query_id", "candidate", "against", "outcome", "judge")
"""Columns of verdicts that are kept apart from the outcomes."""


@dataclass(frozen=True)
class Tables:
    """Judgments, responses and queries as a reader found them.

    Attributes
    ----------
    judgments
        Columns ``query_id``, ``candidate`` (both str, or categories that are str), ``outcome``
        (-1, 0, 1). A cell that was not judged has no row, and no cell has two. Further columns of
        the source may follow. May have no rows.
    responses
        Columns ``query_id``, ``candidate`` (the baseline is one of them), ``text`` (None where it
        is not known) and, where known, ``cost`` (of judging it, positive, NaN where not known), one
        row for each cell; where neither is known, one row for each candidate is enough. None where
        the source has no responses.
    queries
        Columns ``query_id`` and, where known, ``text``, ``category`` and, where queries have
        different baselines, ``baseline``; None where the source
        does not describe the queries.
    baseline
        The baseline's name, where the source says it.
    format
        Name of the format; empty where the tables were not read from files.
    notes
        Sentences a user should see: what was left out or read in a way that could surprise.
    weak_judges
        Columns ``query_id``, ``candidate``, ``weak_judge``, ``kind`` (``verdict`` or ``score``) and
        ``score`` (-1, 0, 1 for a verdict): what weak judges say of cells, one row for each cell of
        which one says something. The baseline may have scores, which are taken off. None where
        the source has no weak judges.
    votes
        Columns :data:`VOTES`: single verdicts, for a model that can use them. ``against`` is the
        LLM that ``candidate`` was compared with, empty for a baseline that is not named yet. Those
        against the baseline are behind the outcomes already, where a cell has several; those
        between two others are not. None where the source has neither.
    """

    judgments: pd.DataFrame
    responses: pd.DataFrame | None
    queries: pd.DataFrame | None
    baseline: str | None
    format: str = ""
    notes: tuple[str, ...] = ()
    weak_judges: pd.DataFrame | None = None
    votes: pd.DataFrame | None = None


def has_texts(responses: pd.DataFrame) -> bool:
    """Whether any response is known."""
    return bool(responses["text"].notna().any())
