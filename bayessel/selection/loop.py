"""The one loop of a selection: ask, let the oracle answer, tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from bayessel.oracles.base import Oracle
    from bayessel.selection.selector import Selector
    from bayessel.selection.stopping import Stop


@dataclass(frozen=True)
class Loop:
    """Who asks and who learns: a selector in memory, or a run on disk.

    Attributes
    ----------
    known
        The selector after every answer so far.
    ask
        From the queries that may be asked, [N] booleans, to the name of the one to judge next.
    tell
        Takes in the outcomes of a query.
    """

    known: Callable[[], Selector]
    ask: Callable[[NDArray[np.bool_]], str]
    tell: Callable[[str, Mapping[str, Any] | Sequence[Any]], Any]

    def play(
        self,
        oracle: Oracle,
        *,
        available: NDArray[np.bool_],
        budget: int,
        stop: Stop | None = None,
        on_step: Callable[[Selector], None] | None = None,
    ) -> Selector:
        """Ask and tell until the budget is spent or ``stop`` says so.

        Parameters
        ----------
        oracle
            What answers.
        available
            [N] which queries the oracle can answer.
        budget
            T, queries judged in all; those that were judged before count.
        stop
            Rule to stop earlier.
        on_step
            Called after every answer.

        Returns
        -------
        Selector
            After the last answer.
        """
        selector = self.known()
        while selector.n_annotations < budget:
            if stop is not None and stop.reached(selector.standing):
                break
            query = self.ask(available)
            self.tell(query, oracle(query))
            selector = self.known()
            if on_step is not None:
                on_step(selector)
        return selector
