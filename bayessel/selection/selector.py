"""A selection in memory: ask a question, tell outcomes, see who is best."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bayessel.errors import BudgetError, DataError, OutcomeError
from bayessel.oracles import DEFAULT as DEFAULT_ORACLE
from bayessel.oracles import make_oracle
from bayessel.oracles.base import Oracle, answerable
from bayessel.outcomes import MISSING, NAMES
from bayessel.selection.answers import Answer, Names, contradiction, parse_answer
from bayessel.selection.chosen import fitting, named
from bayessel.selection.costs import Costs, Given
from bayessel.selection.history import Call, Step, history_table, steps_after
from bayessel.selection.loop import Loop
from bayessel.selection.question import Asked, Question, Reasons
from bayessel.selection.race import Race, in_race
from bayessel.selection.standing import candidate_table, standing_posterior
from bayessel.selection.stopping import Stop, cut_budget, require_budget
from bayessel.selection.streams import Purpose, require_seed, stream
from bayessel.selection.told_noise import told_noise
from bayessel.strategies import DEFAULT as DEFAULT_STRATEGY
from bayessel.strategies import make_strategy
from bayessel.strategies.base import Choice, Standing, Strategy, with_row
from bayessel.support.notebook import notebook_table
from bayessel.support.text import count
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
    cost
        Cost of a call by candidate (candidates that are left out cost 1), or [N, M] costs; the
        task's own where None, and 1 each where it has none. Choices are made per cost.
    progress
        Called with the name of each family of weak judges as its scoring begins.
    **options
        Parameters of a strategy given by name.

    Raises
    ------
    UnknownNameError, BudgetError
        An unknown strategy, or an option or a cost out of range.
    DataError
        The strategy needs weak judges and the task has no responses.

    Examples
    --------
    >>> from bayessel import Selector, simulate_task
    >>> selector = Selector(simulate_task(n_candidates=4, n_queries=30, seed=1), seed=0)
    >>> selector.run(budget=40).best in selector.task.candidates
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
        cost: Given = None,
        progress: Callable[[str], None] | None = None,
        **options: Any,
    ) -> None:
        if isinstance(strategy, str):
            strategy = make_strategy(strategy, **options)
        elif options:
            raise BudgetError("options go with a strategy's name; a strategy object has its own")
        if not isinstance(task, Task):
            raise DataError(f"task is a {type(task).__name__}: read one with Task.read(path)")
        self.strategy = strategy
        self.seed = require_seed(seed)
        self.costs = Costs.of(task, cost)
        self.task = score_task(task, strategy.weak_judges, cache=cache, progress=progress)
        shape = (task.n_queries, task.n_candidates)
        blank = np.full(shape, MISSING, dtype=np.int8)
        self._bought = blank if bought is None else np.array(bought, dtype=np.int8)
        if self._bought.shape != shape:
            raise OutcomeError(f"bought has shape {self._bought.shape}, expected {shape}")
        self._started = time.perf_counter()
        self._chosen: tuple[tuple[bytes, int, int | None], list[Asked]] | None = None
        self._reasons: dict[tuple[str, str], Asked] = {}
        self._questions = 0  # that were answered
        self._standing: Standing | None = None
        self._steps: list[Step] = []
        self._race = None if self.n_calls else Race((0,) * task.n_candidates)
        self._state = self.strategy.init(self._stream("state"), self.task, self._bought)

    def __repr__(self) -> str:
        return (
            f"Selector({self.strategy.name}, {count(self.n_calls, 'call')} on {self.n_queries} of "
            f"{count(self.task.n_queries, 'query', 'queries')}, best {self.best!r} with P(best) "
            f"{self.p_best:.3f})"
        )

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        rows = [
            [
                name,
                f"{row['p_best']:.3f}",
                f"{100 * row['win_rate']:.1f} %",
                f"{100 * row['lower']:.1f} to {100 * row['upper']:.1f}",
                int(row["calls"]),
            ]
            for name, row in self.table.iterrows()
        ]
        head = ["candidate", "P(best)", "win rate", "90 % interval", "calls"]
        return notebook_table(repr(self), head, rows)

    def _stream(self, purpose: Purpose) -> np.random.Generator:
        return stream(purpose, seed=self.seed, cells=self.n_calls)

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
    def n_calls(self) -> int:
        """Calls so far: judged cells."""
        return int((self._bought != MISSING).sum())

    @property
    def n_queries(self) -> int:
        """Opened queries: those with at least one judged cell."""
        return int((self._bought != MISSING).any(axis=1).sum())

    @property
    def spent(self) -> float | None:
        """What the calls so far cost; None where costs are not known."""
        judged = self._bought != MISSING
        return float(self.costs.cell[judged].sum()) if self.costs.known else None

    @overload
    def ask(
        self, batch: None = None, *, available: NDArray[np.bool_] | None = None
    ) -> Question: ...

    @overload
    def ask(self, batch: int, *, available: NDArray[np.bool_] | None = None) -> list[Question]: ...

    def ask(
        self, batch: int | None = None, *, available: NDArray[np.bool_] | None = None
    ) -> Question | list[Question]:
        """What to judge next; the same until an answer comes.

        Parameters
        ----------
        batch
            Calls to be made at once, by judges who work in parallel: then a list of questions is
            returned that have as many calls together. The last one is cut to fit, unless the
            strategy chooses whole queries; then the list may have more calls.
        available
            [N, M] which cells may be asked; those with a response where omitted. A judged cell is
            never asked again.

        Returns
        -------
        Question, or a list of questions
            The query and the candidates to judge on it, and why.

        Raises
        ------
        BudgetError
            Every cell was judged, or a batch below 1.
        """
        if batch is not None:
            require_budget(batch, "batch")
        free = answerable(None, self.task) if available is None else available
        questions = [asked.question for asked in self.choose(free, batch or 1)]
        return questions[0] if batch is None else questions

    def choose(
        self, available: NDArray[np.bool_], batch: int = 1, most: int | None = None
    ) -> list[Asked]:
        """Questions to ask next, and how they were chosen.

        Parameters
        ----------
        available
            [N, M] which cells may be asked; judged ones are left out.
        batch
            1 for one question; more for questions with as many calls together.
        most
            Calls that are left to spend, if that is limited. The last question is cut to fit; one
            of a strategy of whole queries is left out instead.

        Raises
        ------
        BudgetError
            There is nothing to ask.
        """
        free = available & (self._bought == MISSING)
        if not free.any():
            raise BudgetError("every cell was judged: there is nothing left to ask")
        key = (free.tobytes(), batch, most)
        if self._chosen is None or self._chosen[0] != key:
            choices = self.strategy.ask(
                self._stream("ask"), self._state, free, self.costs.cell, batch
            )
            self._require_free(choices, free)
            cut = self.strategy.unit == "cells"
            limit = batch if cut and batch > 1 else None
            if most is not None:
                limit = most if limit is None else min(limit, most)
            kept = fitting(choices, limit, cut=cut)
            chosen = [named(choice, self.task, self.costs) for choice in kept]
            for asked in chosen:
                for candidate in asked.question.candidates:
                    self._reasons[asked.question.query, candidate] = asked
            self._chosen = key, chosen
        return self._chosen[1]

    def _require_free(self, choices: Sequence[Choice], free: NDArray[np.bool_]) -> None:
        """Refuse a choice that would be paid for twice, or cannot be answered.

        Raises
        ------
        DataError
            A strategy of a plug-in is at fault.
        """
        left = free.copy()
        for choice in choices:
            if not (len(choice.candidates) and left[choice.query, choice.candidates].all()):
                raise DataError(
                    f"the strategy {self.strategy.name} chose candidates {choice.candidates} of "
                    f"query {choice.query}: expected one cell or more, available and not chosen "
                    "before"
                )
            left[choice.query, choice.candidates] = False
        if not choices:
            raise DataError(f"the strategy {self.strategy.name} chose nothing: expected a question")

    def positions(self, question: Question) -> tuple[int, NDArray[np.intp]]:
        """Positions of a question's query and of its candidates, [L]."""
        columns = [self.task.candidate_index(name) for name in question.candidates]
        return self.task.query_index(question.query), np.array(columns, dtype=np.intp)

    def tell(self, asked: Question | str, outcomes: Mapping[str, Any] | Sequence[Any]) -> None:
        """Take in outcomes on one query: of all candidates that were asked for, of some or others.

        Parameters
        ----------
        asked
            The question, or the name of the query.
        outcomes
            Candidate name to outcome (see :func:`bayessel.outcomes.parse_outcome`); candidates
            that are left out stay unjudged. Or a sequence: one outcome for each candidate of the
            question, in order (for a query's name, in the order of ``task.candidates``).

        Raises
        ------
        UnknownNameError
            Unknown query or candidate.
        OutcomeError
            No outcome, an unknown one, or one that contradicts an earlier one. Nothing is taken in
            then.
        """
        answer = parse_answer(self.names, asked, outcomes)
        known = self._bought[self.task.query_index(answer.query)]
        for name, outcome in answer.outcomes.items():
            before = known[self.task.candidate_index(name)]
            if before not in (MISSING, outcome):
                raise contradiction(answer.query, name, int(before), outcome)
        self.take(answer)

    def take(
        self, answer: Answer, *, reasons: Reasons | None = None, keep_step: bool = True
    ) -> None:
        """Learn from an answer that was parsed, and checked against earlier ones.

        Parameters
        ----------
        answer
            On one query. If every cell of it is known, nothing changes.
        reasons
            How its cells were chosen; as they were asked here where omitted.
        keep_step
            Whether its calls get rows of :attr:`history`.
        """
        q = self.task.query_index(answer.query)
        row = np.full(self.task.n_candidates, MISSING, dtype=np.int8)
        new = []
        for name, outcome in answer.outcomes.items():
            j = self.task.candidate_index(name)
            row[j] = outcome
            if self._bought[q, j] == MISSING:
                new.append(j)
        if not new:
            return
        before = self.n_calls
        self._bought = with_row(self._bought, q, row)
        self._state = self.strategy.tell(self._stream("state"), self._state, q, row)
        self._chosen = self._standing = None
        self._questions += 1
        if not keep_step:
            self._race = None
            return
        reasons = self._reasons if reasons is None else reasons
        calls = [self._call(before + n, q, j, reasons) for n, j in enumerate(new, start=1)]
        self._steps += self._rows(calls)

    def _call(self, number: int, q: int, j: int, reasons: Reasons) -> Call:
        query, candidate = self.task.queries[q], self.task.candidates[j]
        asked = reasons.get((query, candidate), Asked(Question(query, (candidate,))))
        return Call(
            call=number,
            question=self._questions,
            query=query,
            candidate=candidate,
            outcome=NAMES[int(self._bought[q, j]) + 1],
            chance=asked.chance,
            score=asked.score,
            score_error=asked.error,
            cost=float(self.costs.cell[q, j]),
            why=asked.question.why,
        )

    def _rows(self, calls: list[Call]) -> list[Step]:
        standing, recommended = self.standing, self.best
        now = time.perf_counter()
        seconds, self._started = now - self._started, now
        if self._race is None:
            self._race = Race.begin(standing.p_best, self.n_calls)
        else:
            self._race = self._race.after(standing.p_best, self.n_calls)
        return steps_after(
            standing, calls, recommended=recommended, seconds=seconds, race=self._race
        )

    def know_noise(self, verdict_noise: float) -> bool:
        """Take the judge's noise as known from now on; nothing is asked or forgotten.

        Parameters
        ----------
        verdict_noise
            As in :func:`bayessel.selection.told_noise.told_noise`.

        Returns
        -------
        bool
            Whether the strategy makes use of it. Where not, nothing changes.
        """
        told = told_noise(self.strategy, verdict_noise)
        if told is self.strategy:
            return False
        self.strategy = told
        self._state = self.strategy.init(self._stream("state"), self.task, self._bought)
        self._chosen = self._standing = None
        if self._race is not None:
            self._race = self._race.after(self.standing.p_best, self.n_calls)
        return True

    def resume(self, *, questions: int, race: Race | None) -> None:
        """Go on counting where a run on disk is.

        Parameters
        ----------
        questions
            How many were answered.
        race
            Who is in the race; watched from now on where None.
        """
        self._questions = questions
        if race is not None:
            self._race = race

    def run(
        self,
        oracle: str | Oracle = DEFAULT_ORACLE,
        *,
        budget: int,
        batch: int = 1,
        stop: Stop | None = None,
        on_step: Callable[[Selector], None] | None = None,
    ) -> Selector:
        """Ask and tell until the budget is spent or ``stop`` says so.

        Parameters
        ----------
        oracle
            A name of :data:`bayessel.oracles.ORACLES`, or a callable from a
            :class:`~bayessel.selection.question.Question` to outcomes; ``recorded`` answers with
            the task's recorded outcomes.
        budget
            T, calls in all; those that were made before count. It is cut, with a warning, to the
            cells that can be judged. A strategy of whole queries stops, with a warning, where the
            next query does not fit.
            A cell that the oracle cannot judge costs nothing and is not asked again in this run; a
            warning says how many there are.
        batch
            Calls that are chosen before the first of them is answered; 1 for one question.
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
            A budget or a batch below 1.
        UnknownNameError
            No such oracle.
        """
        answering = make_oracle(oracle, self.task)
        available = answerable(answering, self.task)
        most = int((available | (self._bought != MISSING)).sum())
        budget, note = cut_budget(budget, most, recorded=oracle == DEFAULT_ORACLE)
        require_budget(batch, "batch")
        if note:
            warnings.warn(note, UserWarning, stacklevel=2)

        def choose(free: NDArray[np.bool_], batch: int, left: int) -> list[Question]:
            return [asked.question for asked in self.choose(free, batch, left)]

        loop = Loop(lambda: self, choose, self.tell)
        note = loop.play(
            answering, available=available, budget=budget, batch=batch, stop=stop, on_step=on_step
        )
        if note:
            warnings.warn(note, UserWarning, stacklevel=2)
        return self

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
    def in_race(self) -> tuple[str, ...]:
        """Names of those who may still be the best, the likeliest first.

        See :mod:`bayessel.selection.race`.
        """
        p_best = self.standing.p_best
        likeliest = np.argsort(-p_best, kind="stable")
        return tuple(self.task.candidates[j] for j in likeliest if in_race(p_best)[j])

    @property
    def race(self) -> Race:
        """Since when the other candidates have been out of the race."""
        return self._race or Race.begin(self.standing.p_best, self.n_calls)

    @property
    def table(self) -> pd.DataFrame:
        """One row for each candidate: the recommended one, then by expected win rate.

        Columns ``p_best``, ``win_rate`` (posterior mean), ``lower`` and ``upper`` (90 % interval),
        ``p_within_1pct``, ``p_f`` (the posterior of F, where the model has it), ``calls`` (spent
        on it), ``cost`` (of them, where costs are known),
        ``last`` (what dropped it; empty while it is in the race).
        """
        return candidate_table(
            self.standing, self.task.candidates, self._bought, self.race, self.costs
        )

    @property
    def posterior(self) -> xr.DataTree:
        """The posterior, for ArviZ; see :func:`bayessel.inference.results.posterior_tree`.

        A step has few draws, which may be correlated; then more draws are made for the record.
        """
        return standing_posterior(self.standing, self.task, self.strategy, self.seed, self._bought)

    @property
    def steps(self) -> tuple[Step, ...]:
        """One step for each call."""
        return tuple(self._steps)

    @property
    def history(self) -> pd.DataFrame:
        """One row for each call: the columns :data:`bayessel.selection.history.COLUMNS`."""
        return history_table(self._steps)
