"""Strategies: how queries are chosen and a candidate recommended."""

from __future__ import annotations

import inspect
from typing import Any

from bayessel.errors import BudgetError, did_you_mean
from bayessel.strategies.base import AskInfo, Standing, Strategy
from bayessel.strategies.bayessel import Bayessel
from bayessel.strategies.paper.bradley_terry import BradleyTerry
from bayessel.strategies.paper.confidence import Confidence
from bayessel.strategies.paper.llm_selector import LLMSelector
from bayessel.strategies.paper.llm_selector_grid import LLMSelectorGrid
from bayessel.strategies.paper.most_draws import MostDraws
from bayessel.strategies.paper.random import Random
from bayessel.strategies.paper.uncertainty import Uncertainty

STRATEGIES: dict[str, type[Strategy]] = {
    "bayessel": Bayessel,
    "bradley-terry": BradleyTerry,
    "confidence": Confidence,
    "llm-selector": LLMSelector,
    "llm-selector-grid": LLMSelectorGrid,
    "most-draws": MostDraws,
    "random": Random,
    "uncertainty": Uncertainty,
}
"""Strategies by name."""

__all__ = [
    "STRATEGIES",
    "AskInfo",
    "Bayessel",
    "BradleyTerry",
    "Confidence",
    "LLMSelector",
    "LLMSelectorGrid",
    "MostDraws",
    "Random",
    "Standing",
    "Strategy",
    "Uncertainty",
]


def make_strategy(name: str, **options: Any) -> Strategy:
    """Build a strategy from its name.

    Parameters
    ----------
    name
        A key of :data:`STRATEGIES`.
    **options
        Its parameters; those that are None are left at their defaults.

    Raises
    ------
    UnknownNameError
        No such strategy.
    BudgetError
        An option that the strategy does not take, or a value out of range.
    """
    if name not in STRATEGIES:
        raise did_you_mean(name, STRATEGIES, "strategy")
    given = {k: v for k, v in options.items() if v is not None}
    taken = set(inspect.signature(STRATEGIES[name]).parameters)
    for option in given:
        if option not in taken:
            raise BudgetError(
                f"the strategy {name} takes no {option}; it takes {', '.join(sorted(taken))}"
            )
    return STRATEGIES[name](**given)
