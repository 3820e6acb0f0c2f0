"""What calls will cost, before any is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bayessel.oracles.llm.judge import LLMJudge
from bayessel.oracles.llm.prices import expected_tokens

if TYPE_CHECKING:
    from bayessel.tasks.task import Task

TOKENS_OUT = 80
"""About what a short reason and a verdict take; a judge that thinks writes more."""
_SAMPLE = 200


@dataclass(frozen=True)
class Forecast:
    """What to expect of a call of one judge.

    Attributes
    ----------
    judge
        Its name.
    tokens_in, tokens_out
        About so many in a call.
    cost
        About what it costs in dollars; None where the price is not known.
    most
        The most that it can cost.
    """

    judge: str
    tokens_in: float
    tokens_out: float
    cost: float | None
    most: float | None


def forecast(task: Task, judges: Sequence[LLMJudge], seed: int = 0) -> list[Forecast]:
    """What to expect of each judge, from the prompts of some random cells.

    Parameters
    ----------
    task, judges
        What is judged, and who judges.
    seed
        Of the cells.
    """
    cells = np.argwhere(task.answered)
    rng = np.random.default_rng([seed, 0xF04E])
    some = cells[rng.permutation(len(cells))[:_SAMPLE]]
    return [_forecast(task, judge, some) for judge in judges]


def _forecast(task: Task, judge: LLMJudge, cells: np.ndarray) -> Forecast:
    requests = [judge.request(task, task.queries[q], task.candidates[j], True) for q, j in cells]
    texts = [[m["content"] for m in request.shown["messages"]] for request in requests]
    tokens = float(np.mean([expected_tokens(some) for some in texts]))
    known = judge.price
    return Forecast(
        judge.name,
        tokens,
        TOKENS_OUT,
        None if known is None else known.of(tokens, TOKENS_OUT),
        None if known is None else max(request.most for request in requests),
    )
