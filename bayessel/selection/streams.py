"""The random numbers of a selection: a stream for each purpose and number of judged cells.

A stream depends on nothing else. A selection that is stopped and resumed goes on with the numbers
that it would have drawn.
"""

from __future__ import annotations

import operator
from typing import Literal, get_args

import numpy as np

from bayessel.errors import BudgetError

Purpose = Literal["state", "ask", "recommend"]
"""What the numbers are for: to learn from an answer, to choose a query, to name a candidate."""

_STREAM = 0xBA7E5
"""Keeps these streams apart from those of a caller who uses the same seed."""


def require_seed(seed: int) -> int:
    """The seed, if it is one.

    Raises
    ------
    BudgetError
        It is none.
    """
    try:
        found = operator.index(seed)
    except TypeError:
        found = -1
    if not 0 <= found < 2**63:
        raise BudgetError(f"seed {seed!r}: expected a whole number from 0 to 2^63 - 1")
    return found


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
