"""The noise of a run's judges: what it is, when it is looked at, and what it does to P(best)."""

from __future__ import annotations

import numpy as np
import pytest

from bayessel import simulate_task
from bayessel.oracles.people.shown import BY_PERSON
from bayessel.oracles.verdicts.ledger import VerdictLedger
from bayessel.oracles.verdicts.record import Request, State, Verdict
from bayessel.outcomes import Outcome
from bayessel.selection.judge_noise import FEWEST, NoiseWatch, noise_of
from bayessel.selection.run import Run
from bayessel.tasks.task import Task


@pytest.fixture
def task() -> Task:
    return simulate_task(n_candidates=4, n_queries=30, seed=1)


@pytest.fixture
def ledger(tmp_path):
    with VerdictLedger.in_folder(tmp_path) as ledger:
        yield ledger


def say(ledger, query, outcome, *, first=True, oracle="gpt-x", person=False):
    shown = {"by": BY_PERSON} if person else {"messages": []}
    number = ledger.begin(Request(oracle, query, "a", first, shown=shown))
    ledger.finish(number, Verdict(State.VERDICT, Outcome(outcome)))
    return number


def test_nothing_is_known_of_what_was_judged_once(ledger):
    assert noise_of(ledger.all) is None
    for i in range(30):
        say(ledger, f"q{i}", 1)
        say(ledger, f"q{i}", -1, oracle="another")  # of another opinion, which is no noise
    assert ledger.judged_twice() == 0
    assert noise_of(ledger.all) is None
    again = say(ledger, "q0", 1, first=False)
    assert ledger.judged_twice() == 1
    ledger.withdraw(again)
    assert ledger.judged_twice() == 0


def test_a_judge_that_always_takes_the_first_has_the_order_as_noise(ledger):
    """Half an outcome is 1/2 or -1/2 by the toss of a coin: its variance is 1/4."""
    for i in range(200):
        say(ledger, f"q{i}", -1, first=True)
        say(ledger, f"q{i}", 1, first=False)
        say(ledger, f"q{i}", -1, first=True)  # again: no chance in it
    assert ledger.judged_twice() == 200
    found = noise_of(ledger.all)
    assert found.lower < 0.25 < found.upper + 0.01
    assert found.value == pytest.approx(0.25, abs=0.01)


def test_people_are_compared_with_each_other(ledger):
    """A win and a draw, 1/2 apart, on half of the cells: the variance is (1/2)^2 / 2 there."""
    for i in range(400):
        say(ledger, f"q{i}", 1, oracle="anna", person=True)
        say(ledger, f"q{i}", i % 2, first=False, oracle="ben", person=True)
    assert ledger.judged_twice() == 400
    found = noise_of(ledger.all)
    assert found.cells == 400
    assert found.value == pytest.approx(1 / 16, abs=0.01)
    assert found.lower < 1 / 16 < found.upper


def test_it_is_looked_at_when_the_cells_judged_twice_have_doubled(ledger, task, tmp_path):
    seen = []
    with Run.create(tmp_path / "run", task) as run:
        watch = NoiseWatch(run, ledger, ["gpt-x"])
        for i in range(45):
            say(ledger, f"q{i}", 1)
            say(ledger, f"q{i}", 1 - i % 2, first=False)
            say(ledger, f"q{i}", -1, oracle="cheap")
            say(ledger, f"q{i}", 1, first=False, oracle="cheap")  # another one's noise
            if watch.look() is not None:
                seen.append((i + 1, watch.known["cells"]))
        assert seen == [(n, n) for n in (FEWEST, 10, 20, 40)]
        again = NoiseWatch(run, ledger, ["gpt-x"])  # of the next process
        assert again.look() is None
        assert again.known == watch.known


def test_a_run_knows_it_in_every_process_and_the_users_own_number_counts_more(task, tmp_path):
    outcomes = {
        query: dict(zip(task.candidates, map(int, task.recorded[q]), strict=True))
        for q, query in enumerate(task.queries)
    }
    for folder, options, noise in (("a", {}, 0.06), ("b", {"prior": {"verdict_noise": "0"}}, 0)):
        with Run.create(tmp_path / folder, task, options=options) as run:
            run.tell_all(outcomes, unasked=True)
            assert run.selector.p_best == 1
            run.know_noise({"value": 0.06, "cells": 20})
            live = run.selector.p_best
        with Run.open(tmp_path / folder) as run:
            assert float(run.strategy.priors["verdict_noise"].value) == noise
            assert run.selector.p_best == live
            assert (live < 1) == (noise > 0)
    with Run.create(tmp_path / "c", task, "random") as run:  # nothing that could make use of it
        run.know_noise({"value": 0.06, "cells": 20})
        assert run.strategy.name == "random"
        assert np.isfinite(run.selector.p_best)
