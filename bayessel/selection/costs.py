"""What a call costs: given for each candidate, for each cell, by the task, or one each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayessel.errors import BudgetError, did_you_mean
from bayessel.tasks.task import Task

Given = Mapping[str, float] | ArrayLike | None
"""How costs are given: by candidate, [N, M], or not at all."""


@dataclass(frozen=True)
class Costs:
    """Costs of the N x M cells.

    Attributes
    ----------
    by
        Cost by candidate, or [N, M] costs; None where nobody said what a call costs.
    shape
        N and M.
    candidates
        [M] names.
    """

    by: Mapping[str, float] | NDArray[np.float64] | None
    shape: tuple[int, int]
    candidates: tuple[str, ...]

    @classmethod
    def of(cls, task: Task, given: Given = None) -> Costs:
        """The costs that are given, or else those of the task, or else none.

        Parameters
        ----------
        task
            The task, which may have costs.
        given
            Candidate to cost, where candidates that are left out cost 1; or [N, M] costs.

        Raises
        ------
        UnknownNameError
            A candidate that does not exist.
        BudgetError
            A cost that is not positive and finite, or an array of another shape.
        """
        shape = (task.n_queries, task.n_candidates)
        if given is None:
            return cls(task.cost, shape, task.candidates)
        if not isinstance(given, Mapping):
            return cls(_array(given, shape), shape, task.candidates)
        for name, value in given.items():
            if name not in task.candidates:
                raise did_you_mean(str(name), task.candidates, "candidate")
            if isinstance(value, bool) or not _positive(value):
                raise BudgetError(
                    f"the cost of {name!r} is {value}: expected a number above 0, such as 0.4"
                )
        by = {name: float(given.get(name, 1.0)) for name in task.candidates}
        return cls(by, shape, task.candidates)

    @property
    def known(self) -> bool:
        """Whether anybody said what a call costs."""
        return self.by is not None

    @cached_property
    def cell(self) -> NDArray[np.float64]:
        """[N, M] cost of each cell; 1 where costs are not known."""
        if self.by is None:
            return np.ones(self.shape)
        if isinstance(self.by, Mapping):
            row = np.array([self.by[name] for name in self.candidates])
            return np.repeat(row[None], self.shape[0], axis=0)
        return self.by

    @property
    def plain(self) -> dict[str, float] | list[list[float]] | None:
        """The same as JSON keeps it; :meth:`of` reads it."""
        if self.by is None or isinstance(self.by, Mapping):
            return None if self.by is None else dict(self.by)
        rows: list[list[float]] = self.by.tolist()
        return rows


def _positive(value: Any) -> bool:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return False
    return math.isfinite(number) and number > 0


def _array(given: ArrayLike, shape: tuple[int, int]) -> NDArray[np.float64]:
    """[N, M] costs, checked."""
    try:
        cell = np.array(given, dtype=float)
    except (TypeError, ValueError):
        raise BudgetError(
            f"costs are {type(given).__name__}: give a mapping from candidate to cost, or one "
            f"number for each of {shape[0]} queries x {shape[1]} candidates"
        ) from None
    if cell.shape != shape:
        raise BudgetError(
            f"costs have shape {cell.shape}: expected {shape}, queries x candidates, or a mapping "
            "from candidate to cost"
        )
    if not (np.isfinite(cell).all() and cell.min() > 0):
        raise BudgetError("a cost is not a finite number above 0: give every cell such a cost")
    return cell
