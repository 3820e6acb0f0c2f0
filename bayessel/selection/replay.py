"""What a strategy knows after the answers in a ledger, whoever recorded them, and its history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayessel.outcomes import MISSING
from bayessel.selection.answers import Answer
from bayessel.selection.ledger import Ledger

if TYPE_CHECKING:  # recording an answer must not wait for what only choosing a question needs
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from bayessel.selection.race import Race
    from bayessel.selection.selector import Selector
    from bayessel.strategies.base import Strategy
    from bayessel.tasks.task import Task


class Replay:
    """The selector of a run, kept up with its ledger.

    Parameters
    ----------
    ledger, folder
        Of the run.
    task, strategy
        Called for the run's task and for its strategy when they are first needed.
    progress
        Called with the name of each family of weak judges as its scoring begins.
    """

    def __init__(
        self,
        ledger: Ledger,
        folder: Path,
        task: Callable[[], Task],
        strategy: Callable[[], Strategy],
        progress: Callable[[str], None] | None,
    ) -> None:
        self._ledger = ledger
        self._folder = folder
        self._task = task
        self._strategy = strategy
        self._progress = progress
        self._revision = (0, 0)  # of the ledger, that the selector knows
        self.known: Selector | None = None
        """The selector as it was when it was last asked for; None before."""

    @property
    def selector(self) -> Selector:
        """The selector after every answer in the ledger."""
        revision = self._ledger.revision
        if self.known is None or revision[1] != self._revision[1]:  # a correction: start anew
            tells = self._ledger.tells()
            self.known = self._after(tells)
            kept = self._ledger.step(self.known.n_calls)
            self.known.resume(questions=len(tells), race=_race(kept))
        elif revision != self._revision:
            for answer in self._ledger.tells(skip=self._revision[0]):
                self._take(self.known, answer)
        self._revision = revision
        return self.known

    def settled(
        self, progress: Callable[[int, int], None] | None = None
    ) -> tuple[Selector, pd.DataFrame]:
        """The selector and the history of the same answers, those told meanwhile taken in.

        ``progress`` is as :meth:`history` takes it.
        """
        while True:
            before = self._ledger.revision
            selector, history = self.selector, self.history(progress)
            if self._ledger.revision == before:
                return selector, history

    def history(self, progress: Callable[[int, int], None] | None = None) -> pd.DataFrame:
        """One row for each call; rows that were not kept are computed by replaying the answers.

        ``progress`` is called with how many of how many answers were replayed.
        """
        from bayessel.selection.history import history_table
        from bayessel.selection.race import Race

        kept = {row["call"] for row in self._ledger.steps}
        tells, calls = self._ledger.tells(), 0
        for done, answer in enumerate(tells):
            last = calls + len(answer.outcomes)
            if not kept.issuperset(range(calls + 1, last + 1)):
                again = self._after(tells[:done])
                race = _race(self._ledger.step(calls))
                if not done:
                    race = Race((0,) * self._task().n_candidates)
                again.resume(questions=done, race=race)
                for number, missed in enumerate(tells[done:], start=done + 1):
                    self._take(again, missed)
                    if progress is not None:
                        progress(number, len(tells))
                break
            calls = last
        rows = self._ledger.steps
        if self.known is not None and rows and self.known.n_calls == len(rows):
            self.known.resume(questions=len(tells), race=_race(rows[-1]))
        return history_table(rows)

    def _take(self, selector: Selector, answer: Answer) -> None:
        """Let a selector learn from an answer, and keep its rows of the history."""
        before = len(selector.steps)
        selector.take(answer, reasons=self._ledger.reasons(answer.query))
        self._ledger.keep_steps(step.row for step in selector.steps[before:])

    def _after(self, tells: Sequence[Answer]) -> Selector:
        """The selector after some answers.

        Where a strategy carries its state along, every answer is taken in anew, in order: a run
        that is interrupted goes on as it would have.
        """
        from bayessel.selection.selector import Selector

        meta, strategy, task = self._ledger.meta, self._strategy(), self._task()
        cells = [(t.query, name, int(o)) for t in tells for name, o in t.outcomes.items()]
        selector = Selector(
            task,
            strategy,
            seed=meta["seed"],
            bought=None if strategy.carries else laid_out(task, cells),
            cache=self._folder,
            cost=meta.get("cost"),
            progress=self._progress,
        )
        if strategy.carries:
            for answer in tells:
                selector.take(answer, keep_step=False)
        return selector


def laid_out(task: Task, answers: Iterable[tuple[str, str, int]]) -> NDArray[np.int8]:
    """[N, M] outcomes of some cells, ``MISSING`` elsewhere.

    Parameters
    ----------
    task
        What they are of.
    answers
        Query, candidate and outcome of each cell.
    """
    import numpy as np

    found = np.full((task.n_queries, task.n_candidates), MISSING, dtype=np.int8)
    for query, candidate, outcome in answers:
        found[task.query_index(query), task.candidate_index(candidate)] = outcome
    return found


def _race(row: Mapping[str, Any] | None) -> Race | None:
    """Who was in the race, from a row of the history that was kept."""
    from bayessel.selection.race import Race

    if row is None:
        return None
    return Race(tuple(row["race"]["out_since"]), row["race"]["watched_from"])
