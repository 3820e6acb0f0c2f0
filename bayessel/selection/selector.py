"""A selection in memory: ask for a query, tell its outcomes, see who is best."""

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
from bayessel.oracles import DEFAULT as DEFAULT_ORACLE
from bayessel.oracles import make_oracle
from bayessel.oracles.base import Oracle, answerable
from bayessel.outcomes import MISSING
from bayessel.selection.answers import Answer, Names, contradiction, parse_answer
from bayessel.selection.history import Step, history_table, step_after
from bayessel.selection.loop import Loop
from bayessel.selection.standing import candidate_table, standing_posterior
from bayessel.selection.stopping import Stop, cut_budget
from bayessel.selection.streams import Purpose, stream
from bayessel.strategies import DEFAULT as DEFAULT_STRATEGY
from bayessel.strategies import make_strategy
from bayessel.strategies.base import AskInfo, Standing, Strategy, with_row
from bayessel.tasks.task import Task
from bayessel.weak_judges.of_task import score_task


class Selector:
    """Sequential selection on a task.

    Parameters
    ----------
    task
        What to choose from. Its recorded outcomes are used only by the oracle ``recorded``.
    strategy
        A name of :data:`bayessel.strategies.STRATEGIES`, or a strategy.
    seed
        The same seed and the same answers give the same run.
    bought
        [N, M] outcomes bought before, ``MISSING`` elsewhere; none where omitted.
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
        strategy: str | Strategy = DEFAULT_STRATEGY,
        *,
        seed: int = 0,
        bought: NDArray[np.int8] | None = None,
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
        self._bought = blank if bought is None else np.array(bought, dtype=np.int8)
        if self._bought.shape != shape:
            raise OutcomeError(f"bought has shape {self._bought.shape}, expected {shape}")
        self._started = time.perf_counter()
        self._asked: tuple[int, AskInfo] | None = None
        self._standing: Standing | None = None
        self._steps: list[Step] = []
        self._state = self.strategy.init(self._stream("state"), self.task, self._bought)

    def __repr__(self) -> str:
        return (
            f"Selector({self.strategy.name}, {self.n_annotations} of {self.task.n_queries} queries "
            f"judged, best {self.best!r} with P(best) {self.p_best:.3f})"
        )

    def _stream(self, purpose: Purpose) -> np.random.Generator:
        return stream(purpose, seed=self.seed, cells=self.n_cells)

    @property
    def names(self) -> Names:
        """What an answer may speak of."""
        return Names(self.task.queries, self.task.candidates, self.task.baseline)

    # ------------------------------------------------------------------ ask and tell
    @property
    def bought(self) -> NDArray[np.int8]:
        """[N, M] outcomes told so far, ``MISSING`` elsewhere."""
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
        """Name of the query to judge next; the same until an answer comes.

        Parameters
        ----------
        available
            [N] which queries may be asked; a query with a judged cell is never asked again.

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
            cells = np.repeat(free[:, None], self.task.n_candidates, axis=1)
            cost = np.ones(cells.shape)
            (chosen,) = self.strategy.ask(self._stream("ask"), self._state, cells, cost)
            self._asked = chosen.query, chosen.info
        return self.task.queries[self._asked[0]]

    def tell(self, query: str, outcomes: Mapping[str, Any] | Sequence[Any]) -> None:
        """Take in the outcomes of a query, for all candidates or for some.

        Parameters
        ----------
        query
            Its name.
        outcomes
            Candidate name to outcome (see :func:`bayessel.outcomes.parse_outcome`); candidates
            that are left out stay unjudged. Or a sequence of M outcomes in the order of
            ``task.candidates``.

        Raises
        ------
        UnknownNameError
            Unknown query or candidate.
        OutcomeError
            No outcome, an unknown one, or one that contradicts an earlier one. Nothing is taken in
            then.
        """
        answer = parse_answer(self.names, query, outcomes)
        known = self._bought[self.task.query_index(query)]
        for name, outcome in answer.outcomes.items():
            before = known[self.task.candidate_index(name)]
            if before not in (MISSING, outcome):
                raise contradiction(query, name, int(before), outcome)
        self.take(answer)

    def take(self, answer: Answer, *, keep_step: bool = True) -> None:
        """Learn from an answer that was parsed, and checked against earlier ones.

        Parameters
        ----------
        answer
            Of one query.
        keep_step
            Whether it gets a row of :attr:`history`.
        """
        q = self.task.query_index(answer.query)
        row = np.full(self.task.n_candidates, MISSING, dtype=np.int8)
        for name, outcome in answer.outcomes.items():
            row[self.task.candidate_index(name)] = outcome
        asked = AskInfo()
        if self._asked is not None and self._asked[0] == q:
            asked = self._asked[1]
        self._bought = with_row(self._bought, q, row)
        self._state = self.strategy.tell(self._stream("state"), self._state, q, row)
        self._asked = self._standing = None
        if keep_step:
            self._steps.append(self._step(answer.query, asked))

    def run(
        self,
        oracle: str | Oracle = DEFAULT_ORACLE,
        *,
        budget: int,
        stop: Stop | None = None,
        on_step: Callable[[Selector], None] | None = None,
    ) -> Selector:
        """Ask and tell until the budget is spent or ``stop`` says so.

        Parameters
        ----------
        oracle
            A name of :data:`bayessel.oracles.ORACLES`, or a callable from a query's name to its
            outcomes; ``recorded`` answers with the task's recorded outcomes.
        budget
            T, queries judged in all; those that were judged before count. It is cut, with a
            warning, to the queries that can be judged.
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
        UnknownNameError
            No such oracle.
        """
        answering = make_oracle(oracle, self.task)
        available = answerable(answering, self.task)
        budget, note = cut_budget(budget, int(available.sum()), recorded=oracle == DEFAULT_ORACLE)
        if note:
            warnings.warn(note, UserWarning, stacklevel=2)
        loop = Loop(lambda: self, self.ask, self.tell)
        return loop.play(answering, available=available, budget=budget, stop=stop, on_step=on_step)

    # ------------------------------------------------------------------ what is known
    @property
    def standing(self) -> Standing:
        """Who is best, how surely, with posterior draws."""
        if self._standing is None:
            self._standing = self.strategy.recommend(self._stream("recommend"), self._state)
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
        """One row for each candidate: the recommended one, then by expected win rate.

        Columns ``p_best``, ``win_rate`` (posterior mean), ``lower`` and ``upper`` (90 % interval),
        ``p_within_1pct``, ``judged`` (cells).
        """
        return candidate_table(self.standing, self.task.candidates, self._bought)

    @property
    def posterior(self) -> xr.DataTree:
        """The posterior, for ArviZ; see :func:`bayessel.inference.results.posterior_tree`.

        A step has few draws, which may be correlated; then more draws are made for the record.
        """
        return standing_posterior(self.standing, self.task, self.strategy, self.seed, self._bought)

    @property
    def steps(self) -> tuple[Step, ...]:
        """One step for each answer."""
        return tuple(self._steps)

    @property
    def history(self) -> pd.DataFrame:
        """One row for each answer: the columns of :class:`bayessel.selection.history.Step`."""
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
