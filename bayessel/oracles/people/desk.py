"""The desk: hands every person the next cell, and takes verdicts.

What is shown is in the ledger of verdicts before it is shown, and a click is in both ledgers before
the next question is. After a kill at any moment :class:`Desk` goes on from the ledger:
a question that was open is open again, with the same sides.

A cell's outcome is the first verdict of a person that was not taken back. With ``overlap`` some
cells are judged by a second person: that measures how far people agree, and changes no outcome.

With ``together`` the candidates that are asked on one query stand on one screen, beside the
baseline: each is a question of its own, with a request and a verdict of its own.

One thread uses a desk.
"""

from __future__ import annotations

import math
import random
import secrets
from collections import defaultdict
from dataclasses import dataclass, field

from bayessel.errors import BudgetError, OutcomeError, RunError
from bayessel.oracles.people.ahead import Ahead
from bayessel.oracles.people.shown import Said, is_person, new_request, screen_of, verdict_of
from bayessel.oracles.people.source import Cell, Outcomes
from bayessel.oracles.verdicts.ledger import VerdictLedger
from bayessel.oracles.verdicts.record import Recorded, State
from bayessel.outcomes import Outcome


@dataclass
class Person:
    """What the desk knows of one annotator.

    Attributes
    ----------
    open
        Questions without an answer: the last one is in front of this person, the others follow.
    answered
        Requests that were answered and not taken back, oldest first.
    """

    open: list[Recorded] = field(default_factory=list)
    answered: list[Recorded] = field(default_factory=list)

    @property
    def cells(self) -> set[Cell]:
        """Cells that were judged or skipped."""
        return {_cell(one) for one in self.answered}

    @property
    def n_verdicts(self) -> int:
        """Verdicts, without skips."""
        return sum(_is_verdict(one) for one in self.answered)


class Desk:
    """Who gets which cell, and what came of it.

    Parameters
    ----------
    ledger
        Of verdicts; the desk closes it.
    outcomes
        The run; the desk closes it.
    ahead
        Questions asked ahead; the desk closes it.
    overlap
        Share of the questions that somebody else judged before, from 0 to 1.
    budget
        Calls in all; as many as there are cells where None.
    cost
        Of one verdict, in the run's unit; None where unknown.
    together
        How many candidates of a query may stand on one screen; 1 for one pair at a time.
    rng
        Draws the sides and what overlaps.

    Raises
    ------
    BudgetError
        An overlap outside of 0 to 1.
    """

    def __init__(
        self,
        ledger: VerdictLedger,
        outcomes: Outcomes,
        ahead: Ahead,
        *,
        overlap: float = 0.0,
        budget: int | None = None,
        cost: float | None = None,
        together: int = 1,
        rng: random.Random | None = None,
    ) -> None:
        self._ledger = ledger
        self._outcomes = outcomes
        self._ahead = ahead
        self._overlap = overlap
        self._budget = budget
        self._cost = cost
        self._together = together
        self._rng = rng or random.SystemRandom()
        self._people: defaultdict[str, Person] = defaultdict(Person)
        self._asked: dict[str, Recorded] = {}  # by public id
        self._screens: defaultdict[str, dict[int, Recorded]] = defaultdict(dict)  # by place
        self._judged_by: defaultdict[Cell, list[Recorded]] = defaultdict(list)
        self._elsewhere: set[Cell] = set()  # in files
        try:
            if not 0 <= overlap <= 1:
                raise BudgetError(f"overlap {overlap}: expected a share from 0 to 1, such as 0.1")
            self._load()
        except BaseException:
            self.close()
            raise

    def _load(self) -> None:
        """Take up what the ledger holds, and bring the run up to date with it."""
        for one in self._ledger.all:
            if not is_person(one):
                continue
            if not {"id", "overlap"} <= one.request.shown.keys():
                raise RunError(
                    f"the ledger of verdicts {self._ledger.path} is damaged (request {one.number} "
                    "does not say what the page showed): restore the file from a backup"
                )
            self._keep(one)
            person, cell = self._people[one.request.oracle], _cell(one)
            self._ahead.reserve([cell])
            if one.verdict is not None:
                person.answered.append(one)
                if _is_verdict(one):
                    self._judged_by[cell].append(one)
            elif "offline" in one.request.shown:
                self._elsewhere.add(cell)
            else:
                person.open.append(one)
        judged = self._outcomes.judged
        self._ahead.reserve(judged)
        for cell, verdicts in self._judged_by.items():
            if cell not in judged:  # the process was killed between the two ledgers
                self._outcomes.tell(cell, _outcome(verdicts[0]))
        for person in self._people.values():
            person.answered.sort(key=lambda one: one.answered)
            for one in person.answered:
                if one.verdict is not None and one.verdict.state is State.SKIPPED:
                    self._pass_on(_cell(one))

    # ------------------------------------------------------------------ what a person does
    def current(self, annotator: str) -> Recorded | None:
        """The question in front of a person; None where there is none, or none yet.

        It is in the ledger when this returns. :attr:`finished` tells the two cases apart.
        """
        person = self._people[annotator]
        self._ahead.want(sum(bool(one.open) for one in self._people.values()) + 1)
        if person.open:
            return person.open[-1]
        near = person.answered[-1].request.query if person.answered else None
        if (cell := self._second_look(annotator)) is not None:
            return self._show(annotator, cell, overlap=True)
        if self._left() <= 0:
            return None
        cell = self._ahead.take(person.cells, near=near)
        while cell is not None and cell in self._outcomes.judged:  # told elsewhere meanwhile
            cell = self._ahead.take(person.cells, near=near)
        if cell is None:
            return None
        cells = self._others(person, cell)
        return self._show_together(annotator, cells) if cells else self._show(annotator, cell)

    def beside(self, asked: Recorded) -> list[Recorded]:
        """All that stand on the screen of a question, in order; none where it is a pair."""
        screen = screen_of(asked.request)
        return [] if screen is None else [one for _, one in sorted(self._screens[screen].items())]

    def answer(self, annotator: str, public_id: str, said: Said) -> Recorded:
        """Take a verdict or a skip; it is on disk when this returns.

        The same answer to the same question may come twice.

        Returns
        -------
        Recorded
            The question, with its verdict.

        Raises
        ------
        OutcomeError
            An unknown question, somebody else's, or one that has another answer.
        """
        asked = self._of(annotator, public_id)
        verdict = verdict_of(asked.request, said, cost=self._cost)
        if asked.verdict is not None:
            if asked.verdict.text == verdict.text:
                return asked
            raise OutcomeError("this question was answered before, perhaps in another tab")
        cell = _cell(asked)
        self._ledger.finish(asked.number, verdict)
        done = Recorded(asked.number, asked.request, verdict, asked.session, asked.at)
        self._keep(done)
        person = self._people[annotator]
        person.answered.append(done)
        person.open = [one for one in person.open if one.number != asked.number]
        self._elsewhere.discard(cell)
        if verdict.state is State.SKIPPED:
            self._pass_on(cell)
        else:
            self._judged_by[cell].append(done)
            if cell not in self._outcomes.judged:
                self._outcomes.tell(cell, _outcome(done))
        return done

    def undo(self, annotator: str) -> Recorded | None:
        """Take back the last answer of a person, and ask the same again, on the same sides.

        Returns
        -------
        Recorded
            The question, asked anew; None where there is nothing to take back.
        """
        person = self._people[annotator]
        if not person.answered:
            return None
        last = person.answered[-1]
        cell, request = _cell(last), last.request
        if _is_verdict(last):
            others = [one for one in self._judged_by[cell] if one.number != last.number]
            if self._judged_by[cell][0].number == last.number:
                self._outcomes.take_back(cell)
                if others and cell not in self._outcomes.judged:
                    self._outcomes.tell(cell, _outcome(others[0]))
            self._judged_by[cell] = others
        self._ledger.withdraw(last.number)
        person.answered.pop()
        del self._asked[_id(last)]
        self._ahead.keep_from_others(cell)
        screen = screen_of(request)
        return self._show(
            annotator,
            cell,
            place=None if screen is None else (screen, request.shown["place"]),
            baseline_first=request.baseline_first,
            overlap=bool(request.shown["overlap"]),
            repeat=request.repeat + 1,
        )

    def set_aside(self, annotator: str, calls: int, offline: str) -> list[Recorded]:
        """Questions for a file; they are in the ledger, and nobody else gets them.

        Parameters
        ----------
        annotator
            Who gets the file.
        calls
            How many questions; fewer come where the run has no more.
        offline
            Id of the file.
        """
        asked: list[Recorded] = []
        person, cells = self._people[annotator], list[Cell]()
        self._ahead.want_cells(calls)
        while len(cells) < calls and self._left() - len(cells) > 0:
            self._ahead.wait(person.cells)
            cell = self._ahead.take(person.cells)
            if cell is None:
                break
            if cell not in self._outcomes.judged:
                cells.append(cell)
        requests = [
            new_request(
                annotator,
                *cell,
                baseline_first=bool(self._rng.getrandbits(1)),
                offline=offline,
            )
            for cell in cells
        ]
        for request, number in zip(requests, self._ledger.begin_all(requests), strict=True):
            one = Recorded(number, request, None, self._ledger.session, "")
            self._keep(one)
            self._elsewhere.add(_cell(one))
            asked.append(one)
        return asked

    def question(self, annotator: str, public_id: str) -> Recorded:
        """A question that was put to a person.

        Raises
        ------
        OutcomeError
            There is none of that id.
        """
        return self._of(annotator, public_id)

    # ------------------------------------------------------------------ how far they are
    @property
    def finished(self) -> bool:
        """Whether there will be no further question."""
        return self._ahead.exhausted or self._left() <= 0

    @property
    def n_judged(self) -> int:
        """Calls so far, whoever made them."""
        return len(self._outcomes.judged)

    @property
    def budget(self) -> int | None:
        """Calls in all."""
        return self._budget

    def n_verdicts(self, annotator: str) -> int:
        """Verdicts of a person."""
        return self._people[annotator].n_verdicts

    @property
    def ledger(self) -> VerdictLedger:
        """The ledger of verdicts."""
        return self._ledger

    def close(self) -> None:
        """Stop asking and close the ledgers."""
        self._ahead.close()
        self._outcomes.close()
        self._ledger.close()

    # ------------------------------------------------------------------ parts
    def _of(self, annotator: str, public_id: str) -> Recorded:
        asked = self._asked.get(public_id)
        if asked is None or asked.request.oracle != annotator:
            raise OutcomeError("this question is not open: the page shows the one that is")
        return asked

    def _show(
        self,
        annotator: str,
        cell: Cell,
        *,
        baseline_first: bool | None = None,
        overlap: bool = False,
        repeat: int = 0,
        place: tuple[str, int] | None = None,
    ) -> Recorded:
        first = bool(self._rng.getrandbits(1)) if baseline_first is None else baseline_first
        request = new_request(
            annotator, *cell, baseline_first=first, overlap=overlap, repeat=repeat, place=place
        )
        shown = Recorded(self._ledger.begin(request), request, None, self._ledger.session, "")
        self._keep(shown)
        self._people[annotator].open.append(shown)
        return shown

    def _others(self, person: Person, cell: Cell) -> list[Cell]:
        """The cell with others of its query, in a random order; none where it stays alone."""
        cells = [cell]
        while len(cells) < min(self._together, self._left()):
            other = self._ahead.take(person.cells, near=cell[0], only=True)
            if other is None:
                break
            if other not in self._outcomes.judged:
                cells.append(other)
        self._rng.shuffle(cells)
        return cells if len(cells) > 1 else []

    def _show_together(self, annotator: str, cells: list[Cell]) -> Recorded:
        """Cells of one query on one screen, the baseline first; returns the first of them."""
        screen = secrets.token_urlsafe(9)
        requests = [
            new_request(annotator, *cell, baseline_first=True, place=(screen, place))
            for place, cell in enumerate(cells)
        ][::-1]  # the last that is open is in front
        for request, number in zip(requests, self._ledger.begin_all(requests), strict=True):
            shown = Recorded(number, request, None, self._ledger.session, "")
            self._keep(shown)
            self._people[annotator].open.append(shown)
        return self._people[annotator].open[-1]

    def _keep(self, one: Recorded) -> None:
        """Find a question again by its public id, and on its screen."""
        self._asked[_id(one)] = one
        if (screen := screen_of(one.request)) is not None:
            self._screens[screen][one.request.shown["place"]] = one

    def _pass_on(self, cell: Cell) -> None:
        if cell not in self._outcomes.judged:
            self._ahead.pass_on(cell)

    def _left(self) -> float:
        """Calls that may still be handed out."""
        if self._budget is None:
            return math.inf
        handed_out = {
            _cell(one)
            for person in self._people.values()
            for one in person.open
            if not one.request.shown["overlap"]
        }
        return self._budget - self.n_judged - len(handed_out | self._elsewhere)

    def _second_look(self, annotator: str) -> Cell | None:
        """A cell that one other person judged, as often as ``overlap`` says."""
        if self._rng.random() >= self._overlap:
            return None
        mine = self._people[annotator].cells
        looked_at = self._elsewhere | {
            _cell(one) for person in self._people.values() for one in person.open
        }
        free = [
            cell
            for cell, verdicts in self._judged_by.items()
            if len(verdicts) == 1 and cell not in mine and cell not in looked_at
        ]
        return self._rng.choice(free) if free else None


def _cell(one: Recorded) -> Cell:
    return one.request.query, one.request.candidate


def _id(one: Recorded) -> str:
    return str(one.request.shown["id"])


def _is_verdict(one: Recorded) -> bool:
    return one.verdict is not None and one.verdict.state is State.VERDICT


def _outcome(one: Recorded) -> Outcome:
    if one.verdict is None or one.verdict.outcome is None:
        raise OutcomeError(f"request {one.number} has no verdict")
    return one.verdict.outcome
