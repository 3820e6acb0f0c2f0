"""What an oracle is: it is asked for a query and says the outcomes of its candidates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from bayessel.tasks.task import Task

Oracle = Callable[[str], Mapping[str, Any] | Sequence[Any]]
"""From a query's name to its outcomes, as :func:`bayessel.selection.answers.parse_answer` reads
them: by candidate, or one for each candidate in order."""

OracleMaker = Callable[["Task"], Oracle]
"""What a file of this folder, or a plug-in, defines as ``ORACLE``: from a task to its oracle."""


def answerable(oracle: Oracle, task: Task) -> NDArray[np.bool_]:
    """[N] which queries an oracle can answer: all, unless its attribute ``answerable`` says less.

    Parameters
    ----------
    oracle
        Any callable; one that knows some queries only has ``answerable``, [N] booleans.
    task
        What it answers for.
    """
    known = getattr(oracle, "answerable", None)
    return np.ones(task.n_queries, dtype=bool) if known is None else np.asarray(known, dtype=bool)
