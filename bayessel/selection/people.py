"""A run as people at the page need it: questions asked in one thread, outcomes told in another.

Each side opens the run folder for itself, so that a verdict never waits for the next question.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bayessel.oracles.people.ahead import Ahead
from bayessel.oracles.people.desk import Desk
from bayessel.oracles.people.source import SOURCE, Cell
from bayessel.oracles.verdicts.ledger import VerdictLedger
from bayessel.outcomes import MISSING, Outcome
from bayessel.selection.judge_noise import NoiseWatch
from bayessel.selection.question import Question
from bayessel.selection.run import Run
from bayessel.selection.selector import Selector
from bayessel.selection.stopping import Stop
from bayessel.tasks.task import Task

if TYPE_CHECKING:  # rendering needs the extra
    from bayessel.oracles.people.sheet import Sheets


class RunQuestions:
    """The side that asks; see :class:`bayessel.oracles.people.source.Questions`.

    Parameters
    ----------
    folder
        The run folder.
    task
        Its task, where it was read before.
    budget
        Calls in all, those in the ledger included; no limit where None.
    stop
        Rule to stop earlier.
    model
        The model's file, where the run's model is one.
    """

    def __init__(
        self,
        folder: Path,
        *,
        task: Task | None = None,
        model: Path | None = None,
        budget: int | None = None,
        stop: Stop | None = None,
    ) -> None:
        self._run = Run.open(folder, model=model)
        if task is not None:
            self._run.task = task
        self._budget = budget
        self._stop = stop
        self._verdicts = VerdictLedger.in_folder(folder)
        self._noise = NoiseWatch(self._run, self._verdicts)

    @property
    def task(self) -> Task:
        """The task of the run."""
        return self._run.task

    def opening(self, calls: int, available: NDArray[np.bool_]) -> list[Question]:
        """Questions that need no model; none where a call was made."""
        calls = calls if self._budget is None else min(calls, self._budget)
        found = self._run.opening(available, calls)
        self._run.ledger.ask(found, calls)
        return [asked.question for asked in found]

    def warm(self) -> None:
        """Start the model, which can take a minute where nothing is compiled yet.

        In a new run a call is made up and forgotten: what is compiled for it is ready when the
        first verdict comes.
        """
        selector = self._run.selector
        if selector.n_calls or selector.strategy.carries:
            return
        made_up = selector.bought.copy()
        made_up.flat[np.flatnonzero(self.task.answered)[0]] = Outcome.DRAW
        rehearsal = Selector(self.task, selector.strategy, bought=made_up, cache=self._run.folder)
        if (self.task.answered & (made_up == MISSING)).any():
            rehearsal.choose(self.task.answered, 2)

    def ask(self, calls: int, available: NDArray[np.bool_]) -> list[Question]:
        """Questions with about as many calls; none where the run is over."""
        self._noise.look()
        selector = self._run.selector
        if self._stop is not None and selector.n_calls and self._stop.reached(selector.standing):
            return []
        if self._budget is not None:
            calls = min(calls, self._budget - selector.n_calls)
        if calls < 1 or not (available & (selector.bought == MISSING)).any():
            return []
        return self._run.next(calls, available=available)

    def close(self) -> None:
        """Close the run."""
        self._verdicts.close()
        self._run.close()


class RunOutcomes:
    """The side that tells; see :class:`bayessel.oracles.people.source.Outcomes`.

    Parameters
    ----------
    folder
        The run folder. Its task is not read.
    """

    def __init__(self, folder: Path) -> None:
        self._run = Run.open(folder)
        self._known: dict[Cell, Outcome] = {}
        self._revision: tuple[int, int] | None = None

    @property
    def judged(self) -> Mapping[Cell, Outcome]:
        """The outcome of every cell that the run has."""
        revision = self._run.ledger.revision
        if revision != self._revision:
            answers = self._run.ledger.answers
            self._known = {(query, name): Outcome(outcome) for query, name, outcome in answers}
            self._revision = revision
        return self._known

    def tell(self, cell: Cell, outcome: Outcome) -> None:
        """Store the outcome of a cell that has none."""
        query, candidate = cell
        known, before = self._known, self._revision
        self._run.tell(query, {candidate: outcome}, source=SOURCE, unasked=True)
        now = self._run.ledger.revision
        if before is not None and now == (before[0] + 1, before[1]):  # nobody else told anything
            known[cell] = outcome
            self._revision = now

    def take_back(self, cell: Cell) -> None:
        """Remove the outcome of a cell, if it came from people at the page."""
        self._run.ledger.take_back(*cell, source=SOURCE)

    def close(self) -> None:
        """Close the run."""
        self._run.close()


def open_desk(
    folder: Path,
    sheets: Sheets,
    *,
    overlap: float = 0.0,
    budget: int | None = None,
    stop: Stop | None = None,
    cost: float | None = None,
    together: int = 1,
    model: Path | None = None,
) -> Desk:
    """The desk of a run; closing it closes all that is opened here.

    Parameters
    ----------
    folder
        The run folder.
    sheets
        Of the run's task; they are prepared ahead.
    overlap, budget, cost, together
        See :class:`bayessel.oracles.people.desk.Desk`.
    stop
        Rule to stop earlier.
    model
        The model's file, where the run's model is one.
    """
    ahead = Ahead(
        lambda: RunQuestions(folder, task=sheets.task, budget=budget, stop=stop, model=model),
        prepare=sheets.prepare,
    )
    desk = _desk(folder, ahead, overlap=overlap, budget=budget, cost=cost, together=together)
    ahead.start()
    return desk


def open_counter(folder: Path) -> Desk:
    """A desk that takes answers and asks nothing; the task is not read."""

    def never() -> RunQuestions:
        raise RuntimeError("nothing is asked here")

    return _desk(folder, Ahead(never))


def _desk(folder: Path, ahead: Ahead, **options: Any) -> Desk:
    outcomes = RunOutcomes(folder)
    try:
        ledger = VerdictLedger.in_folder(folder)
    except BaseException:
        outcomes.close()
        raise
    return Desk(ledger, outcomes, ahead, **options)
