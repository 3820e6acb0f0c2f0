"""The paper's parameter search: eps on a grid, the weak judges' ensemble standing in as oracle.

For every (eps_loss, eps_draw) of the grid, ``llm-selector`` selects on the same sub-tasks with the
majority of the weak judges' votes for answers; the truth is the candidate with the highest win rate
by those votes. The pair with the highest identification probability, averaged over the budgets,
is chosen. No annotation is spent.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayessel.outcomes import win_rate
from bayessel.strategies.paper.parts.random_streams import replay_streams
from bayessel.strategies.paper.parts.replay import POSTERIOR, replay
from bayessel.support.ties import highest
from bayessel.tasks.sub_tasks import Protocol, draw, panel

STEPS = tuple(round(0.05 * i, 2) for i in range(1, 10))
"""Values of eps_loss and of eps_draw in the grid."""

GRID = tuple((loss, tie) for loss in STEPS for tie in STEPS if loss + tie < 0.999)
"""[G] pairs (eps_loss, eps_draw) that are tried."""


@dataclass(frozen=True)
class EpsSearch:
    """What a search found.

    Attributes
    ----------
    grid
        [G, 2] pairs (eps_loss, eps_draw).
    identified
        [G, T] share of the realizations in which the recommendation was a best candidate.
    realizations
        R.
    """

    grid: NDArray[np.float64]
    identified: NDArray[np.float64]
    realizations: int

    @property
    def score(self) -> NDArray[np.float64]:
        """[G] identification probability averaged over the budgets 1 .. T."""
        return self.identified.mean(axis=1)

    @property
    def best(self) -> tuple[float, float]:
        """(eps_loss, eps_draw) with the highest score; the first of those that tie."""
        loss, tie = self.grid[int(np.argmax(np.round(self.score, 12)))]
        return float(loss), float(tie)


def search_eps(
    votes: NDArray[np.int8],
    answers: NDArray[np.int8],
    *,
    grid: tuple[tuple[float, float], ...] = GRID,
    protocol: Protocol = panel,
    realizations: int = 20,
    budget: int = 50,
    seed: int = 0,
    threads: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> EpsSearch:
    """Try every pair of a grid.

    Parameters
    ----------
    votes
        [J, N, M] weak judges' votes.
    answers
        [N, M] what the oracle says; the weak judges' majority in the paper's search.
    grid
        Pairs (eps_loss, eps_draw).
    protocol, realizations, seed
        The R sub-tasks.
    budget
        T, cut to the queries that a sub-task has.
    threads
        How many realizations run at once; the result is the same.
    progress
        Called with how many realizations are done, and R.
    """
    table = np.ascontiguousarray(votes.transpose(1, 2, 0))
    n, m = answers.shape
    budget = min(budget, len(draw(protocol, seed, 0, n, m)[0]))

    def correct(r: int) -> NDArray[np.bool_]:
        queries, candidates = draw(protocol, seed, r, n, m)
        part = np.ascontiguousarray(answers[np.ix_(queries, candidates)])
        truth = np.nan_to_num(win_rate(part), nan=-1.0)
        is_best = highest(truth)
        weak = np.ascontiguousarray(table[np.ix_(queries, candidates)])
        ask, recommend = replay_streams(seed, r, budget)
        blank = np.zeros(len(queries))
        found = np.empty((len(grid), budget), dtype=bool)
        for g, (loss, tie) in enumerate(grid):
            eps = np.array([loss, tie, 1 - loss - tie])
            _, best, _ = replay(POSTERIOR, part, weak, blank, eps, budget, ask, recommend)
            found[g] = is_best[best]
        return found

    total = np.zeros((len(grid), budget))
    with ThreadPoolExecutor(threads) as pool:
        for done, found in enumerate(pool.map(correct, range(realizations)), 1):
            total += found
            if progress is not None:
                progress(done, realizations)
    return EpsSearch(np.array(grid), total / realizations, realizations)
