"""Loss, draw and win: their coding, and the win rate.

An outcome is the candidate's: ``WIN`` means that its response beats the baseline's. Arrays hold the
integers -1, 0 and 1 as int8, and ``MISSING`` where nothing was judged. An axis of length K = 3 has
the order loss, draw, win: an outcome's position is ``outcome + 1``.
"""

from __future__ import annotations

import enum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayessel.errors import OutcomeError

K = 3
"""Number of outcomes."""

MISSING = -9
"""Marks a cell that was not judged; it is never read as a draw."""


class Outcome(enum.IntEnum):
    """How a candidate's response does against the baseline's, as the oracle judges it."""

    LOSS = -1
    DRAW = 0
    WIN = 1


NAMES = tuple(o.name.lower() for o in Outcome)
"""Coordinates of an outcome axis: ``("loss", "draw", "win")``."""

_WORDS = {
    **{o.name.lower(): o for o in Outcome},
    **{str(int(o)): o for o in Outcome},
    "+1": Outcome.WIN,
    "tie": Outcome.DRAW,
    "lose": Outcome.LOSS,
}


def parse_outcome(value: Any) -> Outcome:
    """Read one outcome in any of the ways in which people write it.

    Parameters
    ----------
    value
        -1, 0, 1 (also as floats or text) or ``loss``, ``draw``, ``win`` in any case (``tie`` and
        ``lose`` are read too).

    Raises
    ------
    OutcomeError
        Anything else, NaN and booleans included.
    """
    if isinstance(value, str):
        word = value.strip().lower()
        if word.endswith(".0"):
            word = word[:-2]
        if word in _WORDS:
            return _WORDS[word]
    elif not isinstance(value, bool | np.bool_):
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = np.nan
        if number in (-1.0, 0.0, 1.0):
            return Outcome(int(number))
    raise OutcomeError(
        f"unknown outcome {value!r}: write -1, 0 or 1, or loss, draw or win "
        "(of the candidate against the baseline)"
    )


def points(outcome: ArrayLike) -> NDArray[np.float64]:
    """Points of each outcome; a win rate is the mean of its points.

    Parameters
    ----------
    outcome
        Any shape, coded -1, 0, 1 or ``MISSING``.

    Returns
    -------
    ndarray
        The same shape: 0 for a loss, 1/2 for a draw, 1 for a win, NaN where missing.
    """
    y = np.asarray(outcome)
    return np.where(y == MISSING, np.nan, (y + 1) / 2)


def win_rate(outcome: ArrayLike, axis: int = 0) -> NDArray[np.float64]:
    """Win rate of each candidate: the mean of its :func:`points` over the judged queries.

    Parameters
    ----------
    outcome
        [N, M], coded -1, 0, 1 or ``MISSING``; other axes may stand before or after.
    axis
        The axis of the queries.

    Returns
    -------
    ndarray
        [M], in [0, 1]; NaN for a candidate without any judgment.
    """
    point = points(outcome)
    n = (~np.isnan(point)).sum(axis=axis)
    total = np.nansum(point, axis=axis)
    return np.divide(total, n, out=np.full(np.shape(n), np.nan), where=n > 0)


def counts(outcome: ArrayLike, axis: int = 0) -> NDArray[np.int64]:
    """How many losses, draws and wins each candidate has.

    Parameters
    ----------
    outcome
        [N, M], coded -1, 0, 1 or ``MISSING``.
    axis
        The axis of the queries.

    Returns
    -------
    ndarray
        [M, K], in the order loss, draw, win; cells that were not judged are not counted.
    """
    y = np.asarray(outcome)
    return np.stack([(y == o).sum(axis=axis) for o in Outcome], axis=-1)
