"""Outcomes from scores and from two games with positions swapped."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray


def outcome_of_difference(difference: ArrayLike, tolerance: float) -> NDArray[np.int8]:
    """Sign of a difference, 0 within the tolerance.

    Parameters
    ----------
    difference
        Any shape, the candidate's score less the baseline's.
    tolerance
        Largest difference that is a draw, but for rounding.
    """
    d = np.asarray(difference, dtype=float)
    return np.where(np.abs(d) <= tolerance * (1 + 1e-9), 0, np.sign(d)).astype(np.int8)


def against_baseline(scores: pd.DataFrame, baseline: str, tolerance: float) -> pd.DataFrame:
    """Compare every candidate's score with the baseline's on the same query.

    Parameters
    ----------
    scores
        Columns ``query_id``, ``candidate``, ``score``; one row for each query and candidate.
    baseline
        Name of the baseline.
    tolerance
        Scores this close are a draw.

    Returns
    -------
    DataFrame
        The candidates' rows with ``baseline_score`` (NaN where the baseline has none) and
        ``outcome`` (0 there).
    """
    is_baseline = scores["candidate"] == baseline
    theirs = scores[is_baseline].set_index("query_id")["score"]
    judged = scores[~is_baseline].reset_index(drop=True)
    judged["baseline_score"] = judged["query_id"].map(theirs).astype(float)
    difference = (judged["score"] - judged["baseline_score"]).fillna(0.0)
    judged["outcome"] = outcome_of_difference(difference, tolerance)
    return judged


def add_games(frame: pd.DataFrame) -> pd.DataFrame:
    """Add the outcome of two games with positions swapped.

    Parameters
    ----------
    frame
        Columns ``game1`` and ``game2``, -2..2, positive where the candidate won.

    Returns
    -------
    DataFrame
        Two more columns: ``outcome``, the sign of the sum of the two games' signs (a strong win is
        a win), and ``disagreement``, whether each side won one game, so that the draw is not a true
        one.
    """
    first, second = np.sign(frame["game1"]), np.sign(frame["game2"])
    return frame.assign(
        outcome=np.sign(first + second).astype(np.int8), disagreement=first * second < 0
    )


def disagreement_note(judged: pd.DataFrame) -> list[str]:
    """Note on the draws that come from games that disagree, if there are any."""
    n = int(judged["disagreement"].sum())
    if not n:
        return []
    return [
        f"{n} of {len(judged)} judgments are draws because the two games with positions swapped "
        "disagree; the column 'disagreement' tells them from true draws"
    ]
