"""Successive halving: rounds of equal cost, after each of which the better half goes on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bayessel.errors import BudgetError
from bayessel.strategies.base import Choice, not_default
from bayessel.strategies.rivals.base import RivalState, RivalStrategy, row_of


@dataclass(frozen=True, kw_only=True)
class SuccessiveHalving(RivalStrategy):
    """Whole rows for the survivors; the better half by mean points survives a round.

    Karnin, Koren and Somekh (ICML 2013); Jamieson and Talwalkar (AISTATS 2016). With R rounds,
    the least number of halvings of M candidates (rounded up) to one, and S_r candidates in round r,
    each of these is judged on ``total / (R S_r)`` queries (rounded down, at least one), a random
    query for all of them at once. Points of earlier rounds count. Of the candidates that tie at a
    round's end, those that stand first go on. Named is the candidate with the highest mean among
    those that are left. The last one stays named, and further calls judge it.

    It has to know its budget beforehand: it decides last what it decides best, and before its
    first round ends it is ``random``.

    Parameters
    ----------
    total
        Calls for all rounds; a quarter of the N x M cells where None.
    draws, priors
        See :class:`bayessel.strategies.rivals.base.RivalStrategy`.

    Raises
    ------
    BudgetError
        A total below 1, or too few draws.
    """

    name: ClassVar[str] = "successive-halving"

    total: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.total is not None and self.total < 1:
            raise BudgetError(f"total {self.total}: expected at least one call")

    @property
    def options(self) -> dict[str, Any]:
        """The calls for all rounds, where they are given; what all rivals say."""
        return {**not_default(self, "total"), **super().options}

    def rounds(self, n: int, m: int) -> list[tuple[int, int]]:
        """Candidates in each round, and on how many queries each is judged by its end; then (1, N).

        Parameters
        ----------
        n, m
            N and M.
        """
        total = n * m // 4 if self.total is None else self.total
        sizes = [m]
        while sizes[-1] > 1:
            sizes.append(-(-sizes[-1] // 2))
        found, judged = [], 0
        for size in sizes[:-1]:
            judged = min(judged + max(total // ((len(sizes) - 1) * size), 1), n)
            found.append((size, judged))
        return [*found, (1, n)]

    def survivors(
        self,
        state: RivalState,
        available: NDArray[np.bool_] | None = None,
        pending: NDArray[np.int64] | int = 0,
    ) -> NDArray[np.bool_]:
        """[M] who is in the present round.

        Parameters
        ----------
        state
            What is known. Those that were judged in a round after it are those that went on.
        available
            [N, M] cells that may be asked; who has none need not be waited for.
        pending
            [M] cells of each candidate that were chosen before in the same batch.
        """
        inside = np.ones(len(state.judged), dtype=bool)
        judged = state.judged + pending
        for (_, end), (size, _) in pairwise(self.rounds(*state.outcome.shape)):
            begun = (inside & (judged > end)).any()
            waiting = inside & (judged < end)
            if available is not None:
                waiting &= available.any(axis=0)
            if waiting.any() and not begun:
                break
            order = np.lexsort((-state.rate, judged <= end, ~inside))
            inside = np.zeros(len(inside), dtype=bool)
            inside[order[:size]] = True
        return inside

    def choose(
        self,
        rng: np.random.Generator,
        state: RivalState,
        available: NDArray[np.bool_],
        pending: NDArray[np.int64],
    ) -> Choice:
        """A random query for all that are in the present round."""
        inside = self.survivors(state, available, pending)
        return row_of(rng, available, inside, f"round of {int(inside.sum())}")

    def candidate_value(self, state: RivalState) -> NDArray[np.float64]:
        """[M] win rates so far; below all others where a candidate is out."""
        return np.where(self.survivors(state), state.rate, -2.0)


STRATEGY = SuccessiveHalving
