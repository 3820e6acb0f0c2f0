"""From votes of annotators on pairs of responses to outcomes against the baseline."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from bayessel.errors import DataError, did_you_mean
from bayessel.support.text import count, listing
from bayessel.tasks.readers.parts.pairs import split

COLUMNS = ("query_id", "first", "second", "points", "annotator")
"""Columns of votes: two LLMs, 1 where the first won, -1 where the second did and 0 for a tie, and
who says so."""


def judged(
    votes: pd.DataFrame, given: str | None, path: Path | str
) -> tuple[pd.DataFrame, pd.DataFrame | None, str, list[str]]:
    """Outcomes of the pairs with the baseline; what most annotators say counts.

    Where as many say one thing as another, the outcome is a draw.

    Parameters
    ----------
    votes
        See :data:`COLUMNS`; one row for each annotator and pair.
    given
        The baseline that the user names.
    path
        Where the votes were found.

    Returns
    -------
    judgments, votes, baseline, notes
        As :class:`bayessel.tasks.tables.Tables` has them.

    Raises
    ------
    UnknownNameError, DataError
        No such baseline; or none is named and none is in every pair; or no vote is about it.
    """
    baseline = _baseline(votes, given, path)
    notes = []
    of_itself = votes["first"] == votes["second"]
    if of_itself.any():
        notes.append(f"left out {count(int(of_itself.sum()), 'vote')} on an LLM against itself")
    told = votes[~of_itself]
    if not ((told["first"] == baseline) | (told["second"] == baseline)).any():
        raise DataError(f"{path}: no vote compares a candidate with the baseline {baseline!r}")
    flipped = told["first"] == baseline  # the candidate is the second
    points = told["points"].astype(np.int8)
    turned = pd.DataFrame(
        {
            "query_id": told["query_id"].astype("category"),
            "candidate": told["second"].where(flipped, told["first"]).astype("category"),
            "against": told["first"].where(flipped, told["second"]),
            "outcome": (-points).where(flipped, points),
            "judge": told["annotator"],
        }
    ).reset_index(drop=True)
    judgments, others = split(turned, baseline, notes)
    return judgments, others, baseline, notes


def _baseline(votes: pd.DataFrame, given: str | None, path: Path | str) -> str:
    llms = sorted(set(votes["first"]) | set(votes["second"]))
    if given is not None:
        if given not in llms:
            raise did_you_mean(given, llms, "baseline")
        return given
    everywhere = [m for m in llms if ((votes["first"] == m) | (votes["second"] == m)).all()]
    if len(everywhere) == 1:
        return everywhere[0]
    raise DataError(
        f"{path}: cannot tell the baseline, since {len(everywhere)} LLMs are in every pair: "
        f"name it with baseline= (--baseline NAME); LLMs: {listing(llms, most=12)}"
    )
