"""When a selection ends: its budget, and rules to stop earlier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bayessel.errors import BudgetError
from bayessel.strategies.base import Standing
from bayessel.support.text import count

if TYPE_CHECKING:
    import pandas as pd


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


def stops_at(history: pd.DataFrame, level: float) -> int | None:
    """After how many calls a run would have ended by P(best).

    Parameters
    ----------
    history
        One row a call, as ``Selector.history``.
    level
        Probability that P(best) must reach.

    Returns
    -------
    int or None
        Calls until the first question after which P(best) is at least the level; None where there
        is no such question.
    """
    reached = history.loc[history["p_best"] >= level, "question"]
    if reached.empty:
        return None
    return int(history.loc[history["question"] == reached.iloc[0], "call"].max())


def require_budget(number: int, what: str = "budget") -> None:
    """Refuse what is not a number of calls.

    Parameters
    ----------
    number
        It.
    what
        What it is, for the message.

    Raises
    ------
    BudgetError
        Below 1, or not whole.
    """
    if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < 1:
        raise BudgetError(f"{what} {number}: expected a whole number of calls, at least 1")


def cut_budget(budget: int, most: int, *, recorded: bool) -> tuple[int, str]:
    """Cut a budget to what can be spent.

    Parameters
    ----------
    budget
        T, in calls.
    most
        Number of cells that can be judged, those that are judged included.
    recorded
        Whether only cells with recorded outcomes can be judged.

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
    what = "cells with recorded outcomes" if recorded else "cells that can be judged"
    return most, f"budget {budget} was cut to {count(most, 'call')}, all the {what}"
