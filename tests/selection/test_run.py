"""A run folder from Python: never stale, whoever told it; the same run again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bayessel import Run, Selector
from bayessel.errors import OutcomeError, RunError, UnknownNameError
from bayessel.outcomes import MISSING


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "run"


def test_an_open_question_is_asked_again_without_computing(folder, task, monkeypatch):
    with Run.create(folder, task, "random") as run:
        query = run.next()
    with Run.open(folder) as run:
        monkeypatch.setattr(Run, "selector", property(lambda self: pytest.fail("computed")))
        assert run.next() == query


def test_a_folder_may_be_a_string(folder, task):
    with Run.create(str(folder), task, "random") as run:
        query = run.next()
    with Run.open(str(folder)) as run:
        assert run.next() == query


def test_two_processes_that_begin_the_same_run_share_it(folder, task, monkeypatch):
    first = Run.create(folder, task, "random")
    first.tell(first.next(), {task.candidates[0]: 1})
    exists = Path.exists
    monkeypatch.setattr(  # the second looked before the first had created its ledger
        Path, "exists", lambda self, **k: self.name != "run.db" and exists(self, **k)
    )
    with first, Run.create(folder, task, "random") as second:
        assert second.ledger.answers == first.ledger.answers != []


@pytest.mark.parametrize("strategy", ["bayessel", "random", "llm-selector"])
def test_told_from_python_it_asks_the_next_query(folder, task, strategy):
    with Run.create(folder, task, strategy, seed=4) as run:
        seen = []
        for _ in range(4):
            query = run.next()
            assert run.next() == query
            run.tell(query, task.recorded[task.query_index(query)])
            seen.append(query)
        assert len(set(seen)) == 4
        assert run.selector.n_annotations == 4
        live = run.history()
    whole = Selector(task, strategy, seed=4).run(budget=4)  # the same loop, in memory
    assert whole.history["query"].tolist() == seen == live["query"].tolist()
    np.testing.assert_array_equal(whole.history["p_best"], live["p_best"])


def test_an_answer_from_elsewhere_is_seen(folder, task):
    with Run.create(folder, task, "random") as run, Run.open(folder) as other:
        query = run.next()
        before = run.selector.n_cells
        other.tell(query, {task.candidates[0]: "win"})
        assert (before, run.selector.n_cells) == (0, 1)
        assert run.next() != query
        other.tell(query, {task.candidates[0]: "loss", task.candidates[1]: 0}, replace=True)
        q = task.query_index(query)
        assert run.selector.bought[q].tolist()[:3] == [-1, 0, MISSING]
        np.testing.assert_array_equal(run.bought, run.selector.bought)
        assert run.history()["cells"].tolist() == [2]


def test_nothing_is_recorded_where_the_answer_is_refused(folder, task):
    with Run.create(folder, task, "random") as run:
        query = run.next()
        for outcomes, error in (
            ({"nobody": 1}, UnknownNameError),
            ({task.candidates[0]: "good"}, OutcomeError),
            ({}, OutcomeError),
        ):
            with pytest.raises(error):
                run.tell(query, outcomes)
        with pytest.raises(UnknownNameError, match="unknown query"):
            run.tell("q99", {task.candidates[0]: 1})
        assert run.ledger.answers == []
        assert run.next() == query


def test_an_answer_is_recorded_without_reading_the_task(folder, task, monkeypatch):
    with Run.create(folder, task, "random") as run:
        query = run.next()
    with Run.open(folder) as run:
        monkeypatch.setattr("bayessel.tasks.task.Task.read", lambda *a, **k: pytest.fail("read"))
        assert run.tell(query, {task.candidates[0]: 1}) == (1, 0)


def test_an_oracle_answers_until_the_budget(folder, task):
    asked = []

    def oracle(query: str) -> list[int]:
        asked.append(query)
        return [1] + [-1] * (task.n_candidates - 1)

    with Run.create(folder, task, "random", seed=2) as run:
        run.judge(3, oracle)
        assert run.judge(5, oracle).best == task.candidates[0]
        assert run.history()["query"].tolist() == asked
        assert len(asked) == 5


def test_it_goes_on_as_if_it_had_never_stopped(folder, task, tmp_path):
    columns = ["query", "best", "p_best", "win_rate"]
    with Run.create(folder, task, seed=3) as run:
        run.judge(2)
    with Run.open(folder) as run:
        run.judge(5)
        resumed = run.history()[columns]
    with Run.create(tmp_path / "whole", task, seed=3) as run:
        run.judge(5)
        pd.testing.assert_frame_equal(run.history()[columns], resumed)


def test_another_task_or_strategy_is_refused(folder, task):
    Run.create(folder, task, "random").close()
    with pytest.raises(RunError, match=r"strategy random \(now bayessel\)"):
        Run.create(folder, task)
    part = task.subset(queries=task.queries[:9])
    with pytest.raises(RunError, match="another task"):
        Run.create(folder, part, "random")
