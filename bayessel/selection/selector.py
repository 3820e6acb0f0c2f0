"""Ask for a query, tell its outcomes, see who is best: the friendly face of a strategy."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bayessel.errors import BudgetError, DataError, OutcomeError
from bayessel.oracles import RecordedOracle
from bayessel.outcomes import MISSING, NAMES
from bayessel.selection.answers import parse_answers
from bayessel.selection.history import Step, history_table, step_after
from bayessel.selection.standing import candidate_table, standing_posterior
from bayessel.selection.stopping import Stop, cut_budget
from bayessel.strategies import DEFAULT, make_strategy
from bayessel.strategies.base import AskInfo, Standing, Strategy
from bayessel.tasks.task import Task
from bayessel.weak_judges.of_task import score_task

_STREAM = 0xBA7E5
"""Keeps a selector's random streams apart from those of a caller that uses the same seed."""

Oracle = Callable[[str], Mapping[str, Any] | Sequence[Any]]
"""From a query's name to its outcomes, as :meth:`Selector.tell` takes them."""


class Selector:
    """Sequential selection on a task.

    Parameters
    ----------
    task
        What to choose from. Its recorded judgments are used only by :meth:`run` without an oracle.
    strategy
        A name of :data:`bayessel.strategies.STRATEGIES`, or a strategy.
    seed
        The same seed and the same answers give the same run.
    outcome
        [N, M] judgments already bought, ``MISSING`` elsewhere; none where omitted.
    cache
        Folder for the weak judges' scores; not cached where None.
    progress
        Called with the name of each family of weak judges as its scoring begins.
    **options
        Parameters of a strategy given by name.

    Raises
    ------
    UnknownNameError, BudgetError
        An unknown strategy or an option out of range.
    DataError
        The strategy needs weak judges and the task has no responses.

    Examples
    --------
    >>> from bayessel import Selector, simulate_task
    >>> selector = Selector(simulate_task(n_candidates=4, n_queries=30, seed=1), seed=0)
    >>> selector.run(budget=10).best in selector.task.candidates
    True
    """

    def __init__(
        self,
        task: Task,
        strategy: str | Strategy = DEFAULT,
        *,
        seed: int = 0,
        outcome: NDArray[np.int8] | None = None,
        cache: Path | None = None,
        progress: Callable[[str], None] | None = None,
        **options: Any,
    ) -> None:
        if isinstance(strategy, str):
            strategy = make_strategy(strategy, **options)
        elif options:
            raise BudgetError("options go with a strategy's name; a strategy object has its own")
        if not isinstance(task, Task):
            raise DataError(f"task is a {type(task).__name__}: read one with Task.read(path)")
        if not 0 <= seed < 2**63:
            raise BudgetError(f"seed {seed}: expected a whole number from 0 to 2^63 - 1")
        self.strategy = strategy
        self.seed = int(seed)
        self.task = score_task(task, strategy.weak_judges, cache=cache, progress=progress)
        shape = (task.n_queries, task.n_candidates)
        blank = np.full(shape, MISSING, dtype=np.int8)
        self._bought = blank if outcome is None else np.array(outcome, dtype=np.int8)
        if self._bought.shape != shape:
            raise OutcomeError(f"outcome has shape {self._bought.shape}, expected {shape}")
        self._started = time.perf_counter()
        self._asked: tuple[int, AskInfo] | None = None
        self._standing: Standing | None = None
        self._steps: list[Step] = []
        self._state = self.strategy.init(self._rng("state"), self.task, self._bought)

    def __repr__(self) -> str:
        return (
            f"Selector({self.strategy.name}, {self.n_annotations} of {self.task.n_queries} queries "
            f"judged, best {self.best!r} with P(best) {self.p_best:.3f})"
        )

    def _rng(self, purpose: str) -> np.random.Generator:
        kind = ("state", "ask", "recommend").index(purpose)
        return np.random.default_rng([_STREAM, kind, self.n_cells, self.seed])

    # ------------------------------------------------------------------ ask and tell
    @property
    def bought(self) -> NDArray[np.int8]:
        """[N, M] judgments bought so far."""
        return self._bought

    @property
    def n_annotations(self) -> int:
        """Queries with at least one judged cell."""
        return int((self._bought != MISSING).any(axis=1).sum())

    @property
    def n_cells(self) -> int:
        """Judged cells."""
        return int((self._bought != MISSING).sum())

    def ask(self, available: NDArray[np.bool_] | None = None) -> str:
        """Name of the query to judge next; the same until something is told.

        Parameters
        ----------
        available
            [N] which queries may be asked; queries judged already never are.

        Raises
        ------
        BudgetError
            Every query was judged.
        """
        if self._asked is None:
            free = (self._bought == MISSING).all(axis=1)
            if available is not None:
                free &= available
            if not free.any():
                raise BudgetError("every query was judged: there is nothing left to ask")
            self._asked = self.strategy.ask(self._rng("ask"), self._state, free)
        return self.task.queries[self._asked[0]]

    def tell(self, query: str, outcomes: Mapping[str, Any] | Sequence[Any]) -> None:
        """Record the outcomes of a query, for all candidates or for some.

        Parameters
        ----------
        query
            Its name.
        outcomes
            Candidate name to outcome (see :func:`bayessel.outcomes.parse_outcome`); candidates
            left out stay unjudged. Or a sequence of M outcomes in the order of ``task.candidates``.

        Raises
        ------
        UnknownNameError
            Unknown query or candidate.
        OutcomeError
            No outcome, an unknown one, or one that contradicts what was told before. Nothing is
            recorded then.
        """
        q = self.task.query_index(query)
        row = np.full(self.task.n_candidates, MISSING, dtype=np.int8)
        for name, value in parse_answers(
            self.task.candidates, self.task.baseline, outcomes
        ).items():
            row[self.task.candidate_index(name)] = value
        known = self._bought[q]
        clash = (row != MISSING) & (known != MISSING) & (row != known)
        if clash.any():
            j = int(np.flatnonzero(clash)[0])
            raise OutcomeError(
                f"query {query!r} was already judged for {self.task.candidates[j]!r}: "
                f"{NAMES[known[j] + 1]}, now {NAMES[row[j] + 1]}"
            )
        info = self._asked[1] if self._asked is not None and self._asked[0] == q else AskInfo()
        self.replay(query, row)
        self._steps.append(self._step(query, info))

    def replay(self, query: str, row: NDArray[np.int8]) -> None:
        """Take in an answer that was recorded before, without a row of the history.

        Parameters
        ----------
        query
            Its name.
        row
            [M] outcomes, ``MISSING`` where not judged.
        """
        q = self.task.query_index(query)
        self._bought = self._bought.copy()
        self._bought[q] = np.where(row != MISSING, row, self._bought[q])
        self._state = self.strategy.tell(self._rng("state"), self._state, q, row)
        self._asked = self._standing = None

    def run(
        self,
        oracle: Oracle | None = None,
        *,
        budget: int,
        stop: Stop | None = None,
        on_step: Callable[[Selector], None] | None = None,
    ) -> Selector:
        """Ask and tell until the budget is spent or ``stop`` says so.

        Parameters
        ----------
        oracle
            Called with a query's name; the task's recorded judgments where None.
        budget
            T, queries judged in all, those judged before included; cut, with a warning, to the
            queries that can be judged.
        stop
            Rule to stop earlier.
        on_step
            Called after every answer.

        Returns
        -------
        Selector
            Itself.

        Raises
        ------
        BudgetError
            A budget below 1.
        """
        recorded = oracle is None
        oracle = RecordedOracle(self.task) if oracle is None else oracle
        available = self.task.judged if recorded else np.ones(self.task.n_queries, dtype=bool)
        budget, note = cut_budget(budget, int(available.sum()), recorded=recorded)
        if note:
            warnings.warn(note, UserWarning, stacklevel=2)
        while self.n_annotations < budget:
            if stop is not None and stop.reached(self.standing):
                break
            query = self.ask(available)
            self.tell(query, oracle(query))
            if on_step is not None:
                on_step(self)
        return self

    # ------------------------------------------------------------------ what is known
    @property
    def standing(self) -> Standing:
        """Who is best, how surely, with posterior draws."""
        if self._standing is None:
            self._standing = self.strategy.recommend(self._rng("recommend"), self._state)
        return self._standing

    @property
    def best(self) -> str:
        """Name of the recommended candidate."""
        return self.task.candidates[self.standing.best]

    @property
    def p_best(self) -> float:
        """Probability that :attr:`best` is the best of the candidates."""
        return float(self.standing.p_best[self.standing.best])

    @property
    def table(self) -> pd.DataFrame:
        """One row a candidate: the recommended one, then by expected win rate.

        Columns ``p_best``, ``win_rate`` (posterior mean), ``lower`` and ``upper`` (90 % interval),
        ``p_within_1pct``, ``judged`` (cells).
        """
        return candidate_table(self.standing, self.task.candidates, self._bought)

    @property
    def posterior(self) -> xr.DataTree:
        """The posterior, for ArviZ; see :func:`bayessel.inference.results.posterior_tree`.

        Where a step's draws are few and correlated, draws of a longer run at the same posterior.
        """
        return standing_posterior(self.standing, self.task, self.strategy, self.seed, self._bought)

    @property
    def steps(self) -> tuple[Step, ...]:
        """One step an answer."""
        return tuple(self._steps)

    @property
    def history(self) -> pd.DataFrame:
        """One row an answer: the columns of :class:`bayessel.selection.history.Step`."""
        return history_table(self._steps)

    def _step(self, query: str, asked: AskInfo) -> Step:
        standing, best = self.standing, self.best
        now = time.perf_counter()
        seconds, self._started = now - self._started, now
        return step_after(
            standing,
            asked,
            annotations=self.n_annotations,
            cells=self.n_cells,
            query=query,
            best=best,
            seconds=seconds,
        )
