"""A question that was asked, and how it was chosen. Importing it costs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bayessel.tasks.question import Question

__all__ = ["Asked", "Question", "Reasons"]


@dataclass(frozen=True)
class Asked:
    """A question, and how it was chosen.

    Attributes
    ----------
    question
        What was asked.
    score, error, chance
        See :class:`bayessel.strategies.base.AskInfo`.
    cost
        Of all its calls together.
    """

    question: Question
    score: float = float("nan")
    error: float = float("nan")
    chance: float = float("nan")
    cost: float = float("nan")


Reasons = Mapping[tuple[str, str], Asked]
"""The question asked last for each cell, by the names of its query and candidate."""
