"""What an oracle is: it is asked a question and says the outcomes of its candidates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import DataError

if TYPE_CHECKING:
    from bayessel.tasks.question import Question
    from bayessel.tasks.task import Task

Oracle = Callable[["Question"], Mapping[str, Any] | Sequence[Any] | None]
"""From a question to outcomes, as :func:`bayessel.selection.answers.parse_answer` reads them: by
candidate, or one for each candidate of the question in order. A candidate that is left out, or
whose outcome is empty (None, NaN or ""), was not judged: it costs nothing and is not asked again.
None: nothing was judged."""

Answered = tuple["Question", Mapping[str, Any] | Sequence[Any] | None]
"""A question, and what an oracle said to it."""

OracleMaker = Callable[["Task"], Oracle]
"""What a file of this folder, or a plug-in, defines as ``ORACLE``: from a task to its oracle."""


def answers(oracle: Oracle, questions: Sequence[Question]) -> Iterator[Answered]:
    """What an oracle says to questions that were chosen together, one after the other.

    Parameters
    ----------
    oracle
        Any callable. One that works on many questions at once has a method ``judge_all``: from
        questions to the same pairs, in any order, as they are known. One that may come to an end,
        as its money is spent, has an attribute ``ended``: why, and empty until then.
    questions
        Them.
    """
    many = getattr(oracle, "judge_all", None)
    if many is not None:
        yield from many(questions)
        return
    for question in questions:
        yield question, oracle(question)


def answerable(oracle: Oracle | None, task: Task) -> NDArray[np.bool_]:
    """[N, M] which cells an oracle can judge.

    Parameters
    ----------
    oracle
        Any callable. One that cannot judge every cell has an attribute ``answerable``: [N, M]
        booleans, or [N] where it judges whole queries. All others, and people (None), judge the
        cells that have a response; where the task has no texts, all cells.
    task
        What it answers for.

    Raises
    ------
    DataError
        The attribute has another shape.
    """
    known = getattr(oracle, "answerable", None)
    shape = (task.n_queries, task.n_candidates)
    if known is None:
        return task.answered
    cells = np.asarray(known, dtype=bool)
    if cells.shape not in (shape, shape[:1]):
        raise DataError(
            f"the oracle's answerable has shape {cells.shape}: expected {shape}, queries x "
            f"candidates, or ({shape[0]},) for whole queries"
        )
    return np.array(np.broadcast_to(cells[:, None] if cells.ndim == 1 else cells, shape))
