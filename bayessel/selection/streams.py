"""The random numbers of a selection: a stream for each purpose and number of judged cells.

A stream depends on nothing else. A selection that is stopped and resumed goes on with the numbers
that it would have drawn.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

Purpose = Literal["state", "ask", "recommend"]
"""What the numbers are for: to learn from an answer, to choose a query, to name a candidate."""

_STREAM = 0xBA7E5
"""Keeps these streams apart from those of a caller who uses the same seed."""


def stream(purpose: Purpose, *, seed: int, cells: int) -> np.random.Generator:
    """Random numbers for one purpose after ``cells`` judged cells.

    Parameters
    ----------
    purpose
        See :data:`Purpose`.
    seed
        Of the selection.
    cells
        How many cells are judged.
    """
    return np.random.default_rng([_STREAM, get_args(Purpose).index(purpose), cells, seed])
