"""The budgets at which a study looks at a selection, in calls and in whole-query equivalents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import BudgetError

UNITS = ("calls", "queries")
"""What a budget is counted in; see :func:`axis_of`."""

PARTS = 4
"""Looks at a selection for each whole-query equivalent, where calls are counted."""


@dataclass(frozen=True)
class Axis:
    """Budgets of a study on one data set.

    Attributes
    ----------
    equivalents
        [G] budgets in whole-query equivalents: calls / M, ascending.
    calls
        [G] the same budgets in calls.
    unit
        ``calls`` or ``queries``.
    """

    equivalents: NDArray[np.float64]
    calls: NDArray[np.int64]
    unit: str = "calls"

    def look(self, spent: NDArray[np.int64], opened: NDArray[np.int64]) -> NDArray[np.intp]:
        """[G] what a selection last said within each budget.

        Parameters
        ----------
        spent, opened
            [E] calls made, and queries opened, after 0, 1, 2, ... answered questions.
        """
        if self.unit == "queries":
            return np.searchsorted(opened, self.equivalents, side="right") - 1
        return np.searchsorted(spent, self.calls, side="right") - 1


def axis_of(unit: str, budget: int, n: int, m: int) -> Axis:
    """Budgets on a sub-task.

    ``calls``: every quarter of a whole-query equivalent, k M / 4 calls rounded up for k = 1, 2 and
    so on; every M-th call is among them, so a strategy of whole queries is seen at each of them.
    ``queries``: 1, 2, ... whole queries, as in arXiv 2510.09418.

    Parameters
    ----------
    unit
        One of :data:`UNITS`.
    budget
        Whole-query equivalents at most.
    n, m
        N and M of the sub-task; the budget is cut to N.
    """
    require_unit(unit)
    last = min(budget, n)
    if unit == "queries":
        whole = np.arange(1, last + 1)
        return Axis(whole.astype(float), whole * m, unit)
    calls = np.unique(-(-np.arange(1, PARTS * last + 1) * m // PARTS))
    return Axis(calls / m, calls, unit)


def require_unit(unit: str) -> None:
    """Refuse a unit that there is not.

    Raises
    ------
    BudgetError
        It is none of :data:`UNITS`.
    """
    if unit not in UNITS:
        raise BudgetError(f"unit {unit!r}: expected {' or '.join(UNITS)}")
