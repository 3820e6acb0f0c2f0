"""Strategies: how queries are chosen and a candidate recommended.

To add one, write a file that defines ``STRATEGY``, a class with the methods of
:class:`bayessel.strategies.base.Strategy`; its name is the file's name, with ``-`` for ``_``. A
plug-in names such a class as an entry point of the group ``bayessel.strategies``.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from bayessel.errors import BudgetError
from bayessel.support.registry import Registry

if TYPE_CHECKING:
    from bayessel.strategies.base import Strategy

__all__ = ["DEFAULT", "STRATEGIES", "make_strategy"]

STRATEGIES: Registry[type[Strategy]] = Registry(
    "bayessel.strategies",
    "bayessel.strategies.paper",
    "bayessel.strategies.rivals",
    attribute="STRATEGY",
    group="bayessel.strategies",
    what="strategy",
    kind=type,
)
"""Classes of strategies by name; a member is imported when it is first asked for."""

DEFAULT = "bayessel"
"""Name of the strategy that is used where none is given."""


def make_strategy(name: str = DEFAULT, **options: Any) -> Strategy:
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
    strategy = STRATEGIES[name]
    given = {k: v for k, v in options.items() if v is not None}
    taken = inspect.signature(strategy).parameters
    for option in given:
        if option not in taken:
            raise BudgetError(
                f"the strategy {name} takes no {option}; it takes {', '.join(sorted(taken))}"
            )
    return strategy(**given)
