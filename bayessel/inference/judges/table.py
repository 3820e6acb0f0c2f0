"""Verdicts of judges as arrays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import DataError, did_you_mean

Row = tuple[str, tuple[str, str], int, int]
"""Who said it, the query and candidate of the cell, the side, the outcome."""


@dataclass(frozen=True)
class VerdictTable:
    """V verdicts of J judges on C cells, raw.

    Attributes
    ----------
    judges, cells
        [J] names, and [C] names of the query and the candidate.
    judge, cell
        [V] positions of who said it, and of what.
    side
        [V] 1 where the candidate was shown first, -1 where second, 0 where that is not known.
    outcome
        [V] -1, 0 or 1: the candidate's, whatever the order was.
    gold
        The judge that the others are measured by; None where there is none.
    """

    judges: tuple[str, ...]
    cells: tuple[tuple[str, str], ...]
    judge: NDArray[np.intp]
    cell: NDArray[np.intp]
    side: NDArray[np.int8]
    outcome: NDArray[np.int8]
    gold: str | None = None

    @classmethod
    def of(cls, rows: Iterable[Row], gold: str | None = None) -> Self:
        """Verdicts one by one, in the order in which they were said.

        Raises
        ------
        DataError
            There is no verdict, or an outcome or a side is none.
        UnknownNameError
            The gold judge said nothing.
        """
        rows = list(rows)
        if not rows:
            raise DataError("there is no verdict yet: nothing can be said of the judges")
        judges, cells = dict.fromkeys(r[0] for r in rows), dict.fromkeys(r[1] for r in rows)
        if gold is not None and gold not in judges:
            raise did_you_mean(gold, list(judges), "judge with a verdict, to be the gold judge,")
        of_judge = {name: k for k, name in enumerate(judges)}
        of_cell = {name: c for c, name in enumerate(cells)}
        side, outcome = (np.array([r[at] for r in rows]) for at in (2, 3))
        for what, values in (("side", side), ("outcome", outcome)):
            wrong = ~np.isin(values, (-1, 0, 1))
            if wrong.any():
                raise DataError(f"{what} {values[wrong][0]} of a verdict: expected -1, 0 or 1")
        return cls(
            tuple(judges),
            tuple(cells),
            np.array([of_judge[r[0]] for r in rows], dtype=np.intp),
            np.array([of_cell[r[1]] for r in rows], dtype=np.intp),
            side.astype(np.int8),
            outcome.astype(np.int8),
            gold,
        )
