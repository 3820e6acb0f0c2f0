"""The desk: who gets which cell, and that nothing is lost between the two ledgers."""

from __future__ import annotations

import random
import threading

import numpy as np
import pytest

from bayessel import Task, simulate_task
from bayessel.errors import BudgetError, OutcomeError, RunError
from bayessel.oracles.people.ahead import Ahead
from bayessel.oracles.people.desk import Desk
from bayessel.oracles.people.export import to_table
from bayessel.oracles.people.shown import Choice, Said
from bayessel.oracles.verdicts.ledger import VerdictLedger
from bayessel.oracles.verdicts.record import Request
from bayessel.outcomes import Outcome
from bayessel.tasks.question import Question


class Cells:
    """Asks cells in order: the side of a run that asks."""

    def __init__(self, task: Task) -> None:
        self.task = task

    def opening(self, calls, available):
        return []

    def warm(self) -> None:
        pass

    def ask(self, calls, available):
        cells = np.argwhere(available)[:calls]
        return [
            Question(self.task.queries[q], (self.task.candidates[j],)) for q, j in cells.tolist()
        ]

    def close(self) -> None:
        pass


class Kept:
    """The side of a run that is told."""

    def __init__(self) -> None:
        self.judged = {}

    def tell(self, cell, outcome):
        assert cell not in self.judged
        self.judged[cell] = outcome

    def take_back(self, cell):
        del self.judged[cell]

    def close(self) -> None:
        pass


@pytest.fixture
def small() -> Task:
    """6 queries, 3 candidates."""
    return simulate_task(n_queries=6, n_candidates=3, seed=0)


def open_desk(tmp_path, task, kept=None, questions=Cells, **options) -> tuple[Desk, Kept, Ahead]:
    kept = kept or Kept()
    ahead = Ahead(lambda: questions(task))
    desk = Desk(VerdictLedger.in_folder(tmp_path), kept, ahead, rng=random.Random(0), **options)
    ahead.start()
    return desk, kept, ahead


def following(desk: Desk, ahead: Ahead, who: str):
    """The next question, once it is there."""
    for _ in range(100):
        if (shown := desk.current(who)) is not None or desk.finished:
            return shown
        ahead.wait(desk._people[who].cells, 1)
    raise AssertionError("nothing came")


def cell(shown) -> tuple[str, str]:
    return shown.request.query, shown.request.candidate


def test_a_choice_is_the_outcome_of_the_candidate(tmp_path, small):
    desk, kept, ahead = open_desk(tmp_path, small)
    sides = set()
    for choice in (Choice.FIRST, Choice.SECOND) * 6:
        shown = following(desk, ahead, "anna")
        desk.answer("anna", shown.request.shown["id"], Said(choice))
        candidate_is_first = not shown.request.baseline_first
        won = (choice is Choice.FIRST) == candidate_is_first
        assert kept.judged[cell(shown)] == (Outcome.WIN if won else Outcome.LOSS)
        sides.add((choice, candidate_is_first))
    assert len(sides) == 4
    for choice in (Choice.DRAW, Choice.BOTH_BAD):
        shown = following(desk, ahead, "anna")
        done = desk.answer("anna", shown.request.shown["id"], Said(choice))
        assert kept.judged[cell(shown)] == Outcome.DRAW
        assert done.verdict.both_bad == (choice is Choice.BOTH_BAD)
    desk.close()


def test_two_people_never_get_the_same_cell(tmp_path, small):
    desk, kept, ahead = open_desk(tmp_path, small)
    seen = []
    while not (desk.finished and desk.current("anna") is None and desk.current("ben") is None):
        for who in ("anna", "ben"):
            if (shown := following(desk, ahead, who)) is not None:
                seen.append(cell(shown))
                other = desk.current("ben" if who == "anna" else "anna")
                assert other is None or cell(other) != cell(shown)
                desk.answer(who, shown.request.shown["id"], Said(Choice.DRAW))
    assert len(seen) == len(set(seen)) == 18 == len(kept.judged)
    desk.close()


def test_a_skipped_cell_goes_to_others_and_not_back(tmp_path, small):
    desk, kept, ahead = open_desk(tmp_path, small)
    shown = following(desk, ahead, "anna")
    desk.answer("anna", shown.request.shown["id"], Said(Choice.SKIP, "I cannot decide"))
    assert cell(following(desk, ahead, "ben")) == cell(shown)
    seen = []
    while (other := following(desk, ahead, "anna")) is not None:
        seen.append(cell(other))
        desk.answer("anna", other.request.shown["id"], Said(Choice.SKIP))
    assert cell(shown) not in seen
    assert len(seen) == 17
    assert kept.judged == {}
    desk.close()


def test_undo_shows_the_same_on_the_same_sides_and_nothing_is_counted(tmp_path, small):
    desk, kept, ahead = open_desk(tmp_path, small)
    first = following(desk, ahead, "anna")
    desk.answer("anna", first.request.shown["id"], Said(Choice.FIRST))
    second = following(desk, ahead, "anna")
    again = desk.undo("anna")
    assert kept.judged == {}
    assert cell(again) == cell(first)
    assert again.request.baseline_first == first.request.baseline_first
    assert again.request.shown["id"] != first.request.shown["id"]
    assert desk.current("anna") == again
    with pytest.raises(OutcomeError, match="not open"):
        desk.answer("anna", first.request.shown["id"], Said(Choice.FIRST))
    desk.answer("anna", again.request.shown["id"], Said(Choice.DRAW))
    assert kept.judged == {cell(first): Outcome.DRAW}
    assert desk.current("anna") == second  # what was open before waits, on its sides
    assert desk.undo("nobody") is None
    desk.close()


def test_the_same_answer_may_come_twice_and_another_may_not(tmp_path, small):
    desk, kept, ahead = open_desk(tmp_path, small)
    shown = following(desk, ahead, "anna")
    public = shown.request.shown["id"]
    desk.answer("anna", public, Said(Choice.FIRST))
    desk.answer("anna", public, Said(Choice.FIRST))
    assert len(kept.judged) == 1
    with pytest.raises(OutcomeError, match="another tab"):
        desk.answer("anna", public, Said(Choice.SECOND))
    with pytest.raises(OutcomeError, match="not open"):
        desk.answer("ben", public, Said(Choice.FIRST))
    desk.close()


def test_a_kill_between_the_two_ledgers_loses_nothing(tmp_path, small):
    class Dying(Kept):
        def tell(self, cell, outcome):
            raise KeyboardInterrupt  # the process ends after the first ledger

    desk, _, ahead = open_desk(tmp_path, small, Dying())
    shown = following(desk, ahead, "anna")
    with pytest.raises(KeyboardInterrupt):
        desk.answer("anna", shown.request.shown["id"], Said(Choice.DRAW))
    desk.close()
    again, kept, ahead = open_desk(tmp_path, small)
    assert kept.judged == {cell(shown): Outcome.DRAW}
    assert cell(following(again, ahead, "anna")) != cell(shown)
    again.close()


def test_an_open_question_is_open_again_after_a_restart(tmp_path, small):
    desk, kept, ahead = open_desk(tmp_path, small)
    shown = following(desk, ahead, "anna")
    desk.close()
    again, _, _ = open_desk(tmp_path, small, kept)
    found = again.current("anna")
    assert found.request == shown.request
    assert found.number == shown.number
    assert found.request.shown == shown.request.shown
    again.close()


def test_overlap_is_judged_twice_and_changes_no_outcome(tmp_path, small):
    desk, kept, ahead = open_desk(tmp_path, small, overlap=1.0)
    first = following(desk, ahead, "anna")
    desk.answer("anna", first.request.shown["id"], Said(Choice.DRAW))
    second = following(desk, ahead, "ben")
    assert cell(second) == cell(first)
    assert second.request.shown["overlap"]
    desk.answer("ben", second.request.shown["id"], Said(Choice.FIRST))
    assert kept.judged == {cell(first): Outcome.DRAW}
    assert cell(following(desk, ahead, "ben")) != cell(first)
    shown = following(desk, ahead, "anna")
    assert cell(shown) != cell(first)
    desk.close()
    with pytest.raises(BudgetError, match="share from 0 to 1"):
        open_desk(tmp_path, small, overlap=1.5)


def test_undo_of_the_first_verdict_leaves_the_second(tmp_path, small):
    desk, kept, ahead = open_desk(tmp_path, small, overlap=1.0)
    first = following(desk, ahead, "anna")
    desk.answer("anna", first.request.shown["id"], Said(Choice.DRAW))
    second = following(desk, ahead, "ben")
    desk.answer("ben", second.request.shown["id"], Said(Choice.FIRST))
    desk.undo("anna")
    won = not second.request.baseline_first
    assert kept.judged == {cell(first): Outcome.WIN if won else Outcome.LOSS}
    desk.close()


def test_the_budget_is_never_passed(tmp_path, small):
    desk, kept, ahead = open_desk(tmp_path, small, budget=4)
    people = ["anna", "ben", "carla"]
    for who in people:
        following(desk, ahead, who)
    while any((shown := following(desk, ahead, who)) and (name := who) for who in people):
        desk.answer(name, shown.request.shown["id"], Said(Choice.DRAW))
    assert len(kept.judged) == 4
    assert desk.finished
    desk.close()


def test_questions_in_a_file_are_nobody_elses(tmp_path, small):
    desk, kept, ahead = open_desk(tmp_path, small)
    asked = desk.set_aside("ben", 10, "file")
    assert len({cell(one) for one in asked}) == 10
    desk.close()
    again, _, ahead = open_desk(tmp_path, small, kept)
    seen = set()
    for who in ("anna", "ben"):
        while (shown := following(again, ahead, who)) is not None:
            seen.add(cell(shown))
            again.answer(who, shown.request.shown["id"], Said(Choice.DRAW))
    assert len(seen) == 8
    assert seen.isdisjoint({cell(one) for one in asked})
    again.answer("ben", asked[0].request.shown["id"], Said(Choice.DRAW))
    assert len(kept.judged) == 9
    again.close()


def test_a_question_that_does_not_say_what_was_shown_is_one_line(tmp_path, small):
    with VerdictLedger.in_folder(tmp_path) as ledger:
        ledger.begin(Request("anna", "q1", "m1", True, shown={"by": "person"}))
    with pytest.raises(RunError, match=r"is damaged \(request 1 "):
        open_desk(tmp_path, small)


def test_people_begin_before_the_model_is_ready(tmp_path, small):
    """What needs no model is there at once; what nobody took of it is asked anew."""
    ready = threading.Event()

    class Slow(Cells):
        opening = Cells.ask

        def warm(self):
            assert ready.wait(20)

    desk, kept, ahead = open_desk(tmp_path, small, questions=Slow)
    for n in range(5):
        shown = following(desk, ahead, "anna")
        desk.answer("anna", shown.request.shown["id"], Said(Choice.DRAW))
        assert len(kept.judged) == n + 1
    ready.set()
    while (shown := following(desk, ahead, "anna")) is not None:
        desk.answer("anna", shown.request.shown["id"], Said(Choice.DRAW))
    assert len(kept.judged) == 18
    desk.close()


def test_candidates_of_one_query_stand_together_and_each_has_a_verdict(tmp_path, small):
    """The same records and undo as of pairs; the baseline is the first of each."""
    desk, kept, ahead = open_desk(tmp_path, small, together=8)
    ahead.wait(timeout=5)
    shown = following(desk, ahead, "anna")
    screen = desk.beside(shown)
    assert len(screen) == 3 == len({cell(one) for one in screen})
    assert len({one.request.query for one in screen}) == 1
    assert screen[0] == shown
    assert all(one.request.baseline_first for one in screen)
    for one, choice in zip(screen, (Choice.FIRST, Choice.SECOND, Choice.BOTH_BAD), strict=True):
        assert desk.current("anna") == one
        desk.answer("anna", one.request.shown["id"], Said(choice))
    said = [kept.judged[cell(one)] for one in screen]
    assert said == [Outcome.LOSS, Outcome.WIN, Outcome.DRAW]
    assert desk.beside(following(desk, ahead, "anna"))[0].request.query != shown.request.query
    again = desk.undo("anna")
    assert desk.current("anna") == again
    beside = desk.beside(again)
    assert [cell(one) for one in beside] == [cell(one) for one in screen]
    assert [one.verdict is None for one in beside] == [False, False, True]
    (kept_screen,) = set(to_table(desk.ledger.all)["screen"])
    assert kept_screen
    assert len(kept.judged) == 2
    desk.close()
    desk, kept, ahead = open_desk(tmp_path, small, kept)  # a restart, one pair at a time from now
    assert desk.current("anna").request == again.request
    assert [cell(one) for one in desk.beside(again)] == [cell(one) for one in screen]
    desk.close()


def test_a_screen_never_passes_the_budget(tmp_path, small):
    desk, _, ahead = open_desk(tmp_path, small, together=8, budget=2)
    ahead.wait(timeout=5)
    assert len(desk.beside(following(desk, ahead, "anna"))) == 2
    assert desk.current("ben") is None
    desk.close()
