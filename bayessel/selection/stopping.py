"""When a selection ends: its budget, and rules to stop earlier."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bayessel.errors import BudgetError
from bayessel.strategies.base import Standing


@dataclass(frozen=True)
class Stop:
    """When to stop before the budget is spent.

    Attributes
    ----------
    level
        Probability in (0, 1].
    within
        None: P(best) must reach the level; otherwise P(win rate within this of the best's).
    """

    level: float
    within: float | None = None

    def __post_init__(self) -> None:
        if not 0 < self.level <= 1:
            raise BudgetError(f"stop level {self.level}: expected a probability in (0, 1]")
        if self.within is not None and not 0 <= self.within < 1:
            raise BudgetError(
                f"within {self.within}: expected a difference of win rates in [0, 1), "
                "such as 0.01 for one point"
            )

    def probability(self, standing: Standing) -> float:
        """What is compared with the level: at most 1 - 1/S while anything is uncertain."""
        p = standing.p_best if self.within is None else standing.p_within(self.within)
        win_rate = standing.draws.win_rate
        known = bool(np.ptp(win_rate, axis=0).max() == 0)
        return float(p[standing.best] if known else min(p[standing.best], 1 - 1 / len(win_rate)))

    def reached(self, standing: Standing) -> bool:
        """Whether to stop."""
        return self.probability(standing) >= self.level


def check_budget(budget: int) -> None:
    """Refuse a budget that is no number of queries.

    Raises
    ------
    BudgetError
        Below 1, or not whole.
    """
    if isinstance(budget, bool) or not isinstance(budget, int | np.integer) or budget < 1:
        raise BudgetError(f"budget {budget}: expected a whole number of at least 1")


def cut_budget(budget: int, most: int, *, recorded: bool) -> tuple[int, str]:
    """A budget that can be spent.

    Parameters
    ----------
    budget
        T.
    most
        Queries that can be judged.
    recorded
        Whether these are the queries with recorded judgments.

    Returns
    -------
    budget, note
        At most ``most``; the note says that it was cut, and is empty where it was not.

    Raises
    ------
    BudgetError
        As :func:`check_budget`.
    """
    check_budget(budget)
    if budget <= most:
        return budget, ""
    what = "queries with recorded judgments" if recorded else "queries"
    return most, f"budget {budget} was cut to {most}, all the {what} of the task"
