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
        """The probability that is compared with the level.

        While any win rate is uncertain it is at most 1 - 1/S: S draws cannot say more.
        """
        p = standing.p_best if self.within is None else standing.p_within(self.within)
        win_rate = standing.draws.win_rate
        known = bool(np.ptp(win_rate, axis=0).max() == 0)
        return float(p[standing.best] if known else min(p[standing.best], 1 - 1 / len(win_rate)))

    def reached(self, standing: Standing) -> bool:
        """Whether to stop."""
        return self.probability(standing) >= self.level


def require_budget(budget: int) -> None:
    """Refuse a budget that is not a number of queries.

    Raises
    ------
    BudgetError
        Below 1, or not whole.
    """
    if isinstance(budget, bool) or not isinstance(budget, int | np.integer) or budget < 1:
        raise BudgetError(f"budget {budget}: expected a whole number of at least 1")


def cut_budget(budget: int, most: int, *, recorded: bool) -> tuple[int, str]:
    """Cut a budget to what can be spent.

    Parameters
    ----------
    budget
        T.
    most
        Number of queries that can be judged.
    recorded
        Whether only queries with recorded outcomes can be judged.

    Returns
    -------
    budget, note
        At most ``most``. The note says that the budget was cut; it is empty otherwise.

    Raises
    ------
    BudgetError
        As :func:`require_budget`.
    """
    require_budget(budget)
    if budget <= most:
        return budget, ""
    what = "queries with recorded outcomes" if recorded else "queries"
    return most, f"budget {budget} was cut to {most}, all the {what} of the task"
