"""Questions asked ahead, so that the next one is there at once.

A thread of its own asks the run for calls while people read, and prepares the texts. What waits
here was not handed out. The sooner a question is asked, the less is known when it is chosen: so
few wait.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bayessel.oracles.people.source import Cell, Questions

if TYPE_CHECKING:
    from bayessel.tasks.question import Question
    from bayessel.tasks.task import Task

PER_ANNOTATOR = 3
"""Cells that wait for each annotator."""

OPENING = 20
"""Cells that are asked at once of a new run, for those who judge while its model gets ready."""


class Ahead:
    """Cells that may be handed out, in the order in which they were asked for.

    Parameters
    ----------
    open_questions
        Opens the run in the thread that asks.
    taken
        Cells that are never asked for: open ones and those with a verdict.
    prepare
        Called in that thread with every new cell.
    """

    def __init__(
        self,
        open_questions: Callable[[], Questions],
        *,
        taken: Iterable[Cell] = (),
        prepare: Callable[[Cell], None] = lambda cell: None,
    ) -> None:
        self._open = open_questions
        self._prepare = prepare
        self._taken = set(taken)
        self._waiting: list[Cell] = []
        self._passed: list[Cell] = []  # skipped by somebody
        self._wanted = PER_ANNOTATOR
        self._exhausted = False
        self._failure: BaseException | None = None
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="asking ahead", daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def want(self, annotators: int) -> None:
        """Say for how many people cells must wait."""
        self.want_cells(PER_ANNOTATOR * max(1, annotators))

    def want_cells(self, cells: int) -> None:
        """Say how many cells must wait."""
        with self._changed:
            self._wanted = cells
            self._changed.notify_all()

    def take(
        self, refused: Collection[Cell] = (), *, near: str | None = None, only: bool = False
    ) -> Cell | None:
        """The next cell for a person; None where none is there, or none yet.

        Parameters
        ----------
        refused
            Cells that this person does not get.
        near
            The query that was read last: its other cells come first.
        only
            Take no cell of another query.

        Raises
        ------
        Exception
            What went wrong while asking.
        """
        with self._changed:
            if self._failure is not None:
                raise self._failure
            cell = self._first(refused, near)
            if only and cell is not None and cell[0] != near:
                return None
            if cell is not None:
                (self._passed if cell in self._passed else self._waiting).remove(cell)
                self._taken.add(cell)
                self._changed.notify_all()
            return cell

    def _first(self, refused: Collection[Cell], near: str | None) -> Cell | None:
        free = [cell for cell in self._passed + self._waiting if cell not in refused]
        return next((cell for cell in free if cell[0] == near), free[0] if free else None)

    def wait(self, refused: Collection[Cell] = (), timeout: float = 60.0) -> bool:
        """Wait until there is a cell for a person, or never will be; False where time ran out."""
        with self._changed:
            return self._changed.wait_for(
                lambda: (
                    self._first(refused, None) is not None
                    or self._exhausted
                    or self._failure is not None
                ),
                timeout,
            )

    def pass_on(self, cell: Cell) -> None:
        """A cell that somebody skipped: it is there for others."""
        with self._changed:
            self._taken.add(cell)
            if cell not in self._passed:
                self._passed.append(cell)
            self._changed.notify_all()

    def keep_from_others(self, cell: Cell) -> None:
        """A cell that its person wants back."""
        with self._changed:
            self._passed = [other for other in self._passed if other != cell]

    def reserve(self, cells: Iterable[Cell]) -> None:
        """Cells that are open or judged: they are not asked for."""
        with self._changed:
            self._taken.update(cells)
            self._waiting = [cell for cell in self._waiting if cell not in self._taken]

    @property
    def exhausted(self) -> bool:
        """Whether the run has nothing more to ask."""
        return self._exhausted

    def close(self) -> None:
        """Stop asking."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    # ------------------------------------------------------------------ the thread
    def _short(self) -> int:
        return self._wanted - len(self._waiting)

    def _work(self) -> None:
        questions: Questions | None = None
        try:
            questions = self._open()
            self._begin(questions)
            while True:
                with self._changed:
                    self._changed.wait_for(
                        lambda: self._closed or (self._short() > 0 and not self._exhausted)
                    )
                    if self._closed:
                        return
                    calls, taken = self._short(), self._taken | set(self._waiting)
                self._add(self._asked(questions.task, questions.ask, calls, taken))
        except BaseException as error:  # the next one who asks gets it
            with self._changed:
                self._failure = error
                self._changed.notify_all()
        finally:
            if questions is not None:
                questions.close()

    def _begin(self, questions: Questions) -> None:
        """What needs no model first; of that, what is left once the model is ready is enough."""
        with self._changed:
            calls, taken = max(OPENING, self._short()), set(self._taken)
        if cells := self._asked(questions.task, questions.opening, calls, taken):
            self._add(cells)
        questions.warm()
        with self._changed:
            del self._waiting[self._wanted :]

    @staticmethod
    def _asked(
        task: Task,
        ask: Callable[[int, NDArray[np.bool_]], list[Question]],
        calls: int,
        taken: set[Cell],
    ) -> list[Cell]:
        available = task.answered.copy()
        for query, candidate in taken:
            available[task.query_index(query), task.candidate_index(candidate)] = False
        if not available.any():
            return []
        asked = ask(calls, available)
        return [(one.query, candidate) for one in asked for candidate in one.candidates]

    def _add(self, cells: list[Cell]) -> None:
        for number, cell in enumerate(cells):
            if number < 2:  # others are prepared while these are read
                self._prepare(cell)
        with self._changed:
            self._exhausted = not cells
            new = [cell for cell in cells if cell not in self._taken]
            self._waiting += [cell for cell in new if cell not in self._waiting]
            self._changed.notify_all()
        for cell in cells[2:]:
            self._prepare(cell)
