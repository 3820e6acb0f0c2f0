"""Outcomes from scores and from two games with positions swapped."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

GAMES = {
    "net": "the sign of the sum of both games; a strong win is a win",
    "weighted": "as net, but a strong win counts three times",
    "agree": "a win or a loss in both games; else a draw",
}
"""Readings of the rule ``games``, how two games with positions swapped make an outcome."""

FAILED_GAME = {
    "other": "where one game of two has no verdict, the other counts alone",
    "missing": "where one game of two has no verdict, the judgment is missing",
}
"""Readings of the rule ``failed-game``."""


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


def add_games(frame: pd.DataFrame, games: str, failed_game: str) -> pd.DataFrame:
    """Add the outcomes of two games with positions swapped, and leave out what has none.

    Parameters
    ----------
    frame
        Columns ``game1`` and ``game2``, -2..2, positive where the candidate won; null where there
        is no verdict. ``played``, how many games there should be: 2, or 1 (then ``game2`` is null).
    games
        One of :data:`GAMES`.
    failed_game
        One of :data:`FAILED_GAME`.

    Returns
    -------
    DataFrame
        Without ``played``. ``game1`` and ``game2`` are integers that may be null. Two more columns:
        ``outcome``, and ``disagreement``, whether the two games' verdicts differ so that the draw
        is not a true one.
    """
    both = frame[["game1", "game2"]].astype("Float64").to_numpy(float, na_value=np.nan)
    signs = np.sign(both)
    told = (~np.isnan(signs)).sum(axis=1)
    one, two = signs.T
    if games == "agree":
        outcome = np.where(one == two, one, 0.0)
        differ = one != two
    else:
        worth = np.where(np.abs(both) > 1, 3.0, np.abs(both)) * signs
        outcome = np.sign(np.sum(worth if games == "weighted" else signs, axis=1))
        differ = (one != two) & (outcome == 0)
    alone = np.where(np.isnan(one), two, one)
    outcome = np.where(told == 2, outcome, alone)
    kept = (told == 2) | ((told == 1) & ((frame["played"] == 1) | (failed_game == "other")))
    added = frame.drop(columns="played").assign(
        game1=both[:, 0], game2=both[:, 1], outcome=outcome, disagreement=(told == 2) & differ
    )
    return added[kept].astype({"game1": "Int8", "game2": "Int8", "outcome": "int8"})


def games_notes(frame: pd.DataFrame, judged: pd.DataFrame, failed_game: str) -> list[str]:
    """Notes on games that failed, that were not played, and that disagree.

    Parameters
    ----------
    frame, judged
        What :func:`add_games` was given and returned.
    failed_game
        One of :data:`FAILED_GAME`.
    """
    failed = frame[["game1", "game2"]].isna()
    failed["game2"] &= frame["played"] == 2
    number = failed.sum(axis=1)
    none, half = number == frame["played"], (number == 1) & (frame["played"] == 2)
    notes = []
    if none.any():
        notes.append(
            f"{int(none.sum())} of {len(frame)} judgments are missing: no game has a verdict"
        )
    if half.any() and failed_game == "other":
        notes.append(
            f"{int(half.sum())} of {len(frame)} judgments have a verdict in one game of two: it "
            "counts alone (the rule failed-game=missing leaves them out)"
        )
    elif half.any():
        notes.append(
            f"{int(half.sum())} of {len(frame)} judgments are missing: one game of two failed (the "
            "rule failed-game=other counts the other game alone)"
        )
    single = int((frame["played"] == 1).sum())
    if single:
        notes.append(
            f"{single} of {len(frame)} judgments are of one game, so that a judge's liking for a "
            "position is not evened out"
        )
    n = int(judged["disagreement"].sum())
    if n:
        notes.append(
            f"{n} of {len(judged)} judgments are draws because the two games with positions "
            "swapped disagree; the column 'disagreement' tells them from true draws"
        )
    return notes
