"""The first question of a run, before its model has started.

While nothing is judged, a strategy of cells asks all candidates on a query that is drawn (see
:func:`bayessel.strategies.states.questions.first_queries`). That needs no posterior, and no
compiled program: whoever judges can begin while the model gets ready. It is the question that the
strategy would have asked.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayessel.selection.chosen import fitting, named
from bayessel.selection.costs import Costs
from bayessel.selection.question import Asked
from bayessel.selection.streams import stream
from bayessel.strategies.base import Strategy
from bayessel.strategies.bayessel import Bayessel
from bayessel.strategies.states.questions import first_queries
from bayessel.tasks.task import Task


def opening(
    strategy: Strategy,
    task: Task,
    costs: Costs,
    seed: int,
    available: NDArray[np.bool_],
    batch: int = 1,
) -> list[Asked]:
    """What is asked first; nothing where the strategy must look at the task before.

    Parameters
    ----------
    strategy
        Of the run.
    task, costs, seed
        Of the run; nothing of the task is judged.
    available
        [N, M] which cells may be asked.
    batch
        As in :meth:`bayessel.selection.selector.Selector.choose`.
    """
    if not (isinstance(strategy, Bayessel) and strategy.unit == "cells" and available.any()):
        return []
    rng = stream("ask", seed=seed, cells=0)
    choices = list(first_queries(rng, available, batch))
    limit = batch if batch > 1 else None
    return [named(choice, task, costs) for choice in fitting(choices, limit, cut=True)]
