"""From a strategy's choices, by position, to questions by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bayessel.selection.question import Asked, Question

if TYPE_CHECKING:
    from bayessel.selection.costs import Costs
    from bayessel.strategies.base import Choice
    from bayessel.tasks.task import Task


def named(choice: Choice, task: Task, costs: Costs) -> Asked:
    """The question, and how it was chosen.

    Parameters
    ----------
    choice
        Of a strategy.
    task, costs
        Give names and what the calls cost.
    """
    names = tuple(task.candidates[j] for j in choice.candidates)
    info = choice.info
    cost = float(costs.cell[choice.query, choice.candidates].sum())
    question = Question(task.queries[choice.query], names, info.why)
    return Asked(question, info.score, info.error, info.chance, cost)


def fitting(choices: Sequence[Choice], limit: int | None, *, cut: bool) -> list[Choice]:
    """The first choices with at most ``limit`` calls together; the last one is cut if it may be."""
    if limit is None:
        return list(choices)
    kept: list[Choice] = []
    for choice in choices:
        size = len(choice.candidates)
        if size > limit:
            if cut and limit:
                kept.append(replace(choice, candidates=choice.candidates[:limit]))
            break
        kept.append(choice)
        limit -= size
    return kept
