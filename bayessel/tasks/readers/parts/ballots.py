"""From votes of annotators on pairs of responses to outcomes against the baseline."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from bayessel.errors import DataError, did_you_mean
from bayessel.support.text import listing
from bayessel.tasks.readers.parts import values

COLUMNS = ("query_id", "first", "second", "points")
"""Columns of votes: two LLMs, and 1 where the first won, -1 where the second did, 0 for a tie."""


def judged(
    votes: pd.DataFrame, given: str | None, path: Path
) -> tuple[pd.DataFrame, str, list[str]]:
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
    judgments, baseline, notes
        The judgments have a column ``disagreement``: whether annotators said different things.

    Raises
    ------
    UnknownNameError, DataError
        No such baseline; or none is named and none is in every pair; or no vote is about it.
    """
    baseline = _baseline(votes, given, path)
    notes = []
    of_itself = votes["first"] == votes["second"]
    if of_itself.any():
        notes.append(f"left out {int(of_itself.sum())} votes on an LLM against itself")
    pairs = votes[~of_itself]
    is_first, is_second = pairs["second"] == baseline, pairs["first"] == baseline
    involved = pairs[is_first | is_second]
    if len(involved) < len(pairs):
        notes.append(
            f"left out {len(pairs) - len(involved)} of {len(pairs)} votes that do not compare "
            f"with the baseline {baseline!r}"
        )
    if involved.empty:
        raise DataError(f"{path}: no vote compares a candidate with the baseline {baseline!r}")
    mine = is_first[involved.index]
    points = involved["points"].astype(int)
    turned = pd.DataFrame(
        {
            "query_id": involved["query_id"],
            "candidate": involved["first"].where(mine, involved["second"]),
            "points": points.where(mine, -points),
        }
    )
    outcomes = turned.groupby(list(values.CELL), sort=False)["points"].agg(
        [_majority, "size", "nunique"]
    )
    outcomes = outcomes.set_axis(["outcome", "votes", "said"], axis=1).reset_index()
    several = int((outcomes["votes"] > 1).sum())
    if several:
        notes.append(
            f"{several} of {len(outcomes)} cells have several votes: what most say counts, and as "
            f"many for one as for another is a draw; they differ in {(outcomes['said'] > 1).sum()}"
        )
    judgments = outcomes[[*values.CELL, "outcome"]].assign(disagreement=outcomes["said"] > 1)
    return judgments, baseline, notes


def _majority(points: pd.Series) -> int:
    said, counts = np.unique(points, return_counts=True)
    most = said[counts == counts.max()]
    return int(most[0]) if len(most) == 1 else 0


def _baseline(votes: pd.DataFrame, given: str | None, path: Path) -> str:
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
