"""A run folder from Python: never stale, whoever told it; the same run again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bayessel import Question, Run, Selector, Task
from bayessel.errors import BudgetError, OutcomeError, RunError, UnknownNameError
from bayessel.outcomes import MISSING
from bayessel.weak_judges.of_task import score_task


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "run"


def test_an_open_question_is_asked_again_without_computing(folder, task, monkeypatch):
    with Run.create(folder, task, "random") as run:
        question, batch = run.next(), run.next(12)
    with Run.open(folder) as run:
        monkeypatch.setattr(Run, "selector", property(lambda self: pytest.fail("computed")))
        assert run.next() == question
        assert run.next(12) == batch


def test_a_folder_may_be_a_string(folder, task):
    with Run.create(str(folder), task, "random") as run:
        question = run.next()
    with Run.open(str(folder)) as run:
        assert run.next() == question


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
            question = run.next()
            assert run.next() == question
            at = [task.candidate_index(name) for name in question.candidates]
            run.tell(question, task.recorded[task.query_index(question.query), at])
            seen.append(question)
        assert len(set(seen)) == 4
        calls = sum(len(question.candidates) for question in seen)
        assert run.selector.n_calls == calls == (20 if strategy != "bayessel" else calls)
        live = run.history()
    whole = Selector(task, strategy, seed=4).run(budget=calls)  # the same loop, in memory
    asked = whole.history.drop_duplicates("question")["query"].tolist()
    assert asked == [question.query for question in seen]
    pd.testing.assert_frame_equal(
        whole.history.drop(columns="seconds"), live.drop(columns="seconds")
    )


def test_an_answer_from_elsewhere_is_seen(folder, task):
    with Run.create(folder, task, "random") as run, Run.open(folder) as other:
        question = run.next()
        before = run.selector.n_calls
        other.tell(question, {task.candidates[0]: "win"})
        assert (before, run.selector.n_calls) == (0, 1)
        assert run.next() != question
        other.tell(question, {task.candidates[0]: "loss", task.candidates[1]: 0}, replace=True)
        q = task.query_index(question.query)
        assert run.selector.bought[q].tolist()[:3] == [-1, 0, MISSING]
        np.testing.assert_array_equal(run.bought, run.selector.bought)
        history = run.history()
        assert history["outcome"].tolist() == ["loss", "draw"]
        assert history["question"].tolist() == [1, 2]
        assert (history["chance"] == 1 / 40).all()


def test_cells_in_any_order_any_number_of_times(folder, task):
    """The history counts every call once, in the order of telling, and survives the process."""
    with Run.create(folder, task, "random") as run:
        first, second = run.next(10)
        names = task.candidates
        run.tell(second, {names[3]: 1})
        run.tell_all({second.query: {names[0]: 0, names[3]: 1}, first.query: {names[4]: "loss"}})
        assert [one.query for one in run.ledger.waiting] == [first.query, second.query]
        assert run.ledger.waiting[1].candidates == (names[1], names[2], names[4])
        run.tell(second.query, {names[2]: 1, names[1]: 1})
        live = run.history()
    assert live["call"].tolist() == [1, 2, 3, 4, 5]
    assert live["question"].tolist() == [1, 2, 3, 4, 4]
    assert live["candidate"].tolist() == [names[j] for j in (3, 0, 4, 2, 1)]
    with Run.open(folder) as run:
        pd.testing.assert_frame_equal(run.history(), live)
        with run.ledger._file.transaction():
            run.ledger._db.execute("DELETE FROM steps WHERE call > 2")
    with Run.open(folder) as run:  # a lost row is computed again
        again = run.history()
        pd.testing.assert_frame_equal(again.drop(columns="seconds"), live.drop(columns="seconds"))
        assert run.selector.table["calls"].sum() == 5


def test_what_dropped_the_others_is_the_same_after_reopening(folder, task):
    with Run.create(folder, task, "random", seed=1) as run:
        run.judge(60)
        live = run.selector.table
    assert live["last"].str.startswith("P(best) below 0.01 since call").any()
    assert not live["last"].str.contains("earlier").any()
    with Run.open(folder) as run:
        assert run.selector.table["last"].tolist() == live["last"].tolist()
        with run.ledger._file.transaction():
            run.ledger._db.execute("DELETE FROM steps")
    with Run.open(folder) as run:
        assert run.selector.table["last"].str.contains("earlier").any()  # not known yet
        run.history()
        assert run.selector.table["last"].tolist() == live["last"].tolist()


def test_costs_are_those_the_run_was_begun_with(folder, task):
    cost = {task.candidates[0]: 0.5}
    with Run.create(folder, task, "random", cost=cost) as run:
        assert run.spent == 0
        run.judge(10)
        assert run.spent == run.selector.spent == 9
    with Run.create(folder, task, "random", cost=cost) as run:
        assert run.history()["cost"].tolist() == [0.5, 1, 1, 1, 1] * 2
    for other in (None, {task.candidates[0]: 0.4}):
        with pytest.raises(RunError, match="other costs"):
            Run.create(folder, task, "random", cost=other)


def test_costs_of_the_task_are_kept(folder, task):
    each = np.arange(1.0, 1 + task.recorded.size).reshape(task.recorded.shape)
    of_task = Task(task.data.assign(cost=(("query", "candidate"), each)))
    with Run.create(folder, of_task, "random") as run:
        run.judge(10)
        spent = each[run.bought != MISSING].sum()
        assert run.spent == run.selector.spent == spent
    with Run.open(folder) as run:
        assert run.spent == run.selector.spent == spent
        np.testing.assert_array_equal(run.task.cost, each)


def test_nothing_is_recorded_where_the_answer_is_refused(folder, task):
    with Run.create(folder, task, "random") as run:
        question = run.next()
        for outcomes, error in (
            ({"nobody": 1}, UnknownNameError),
            ({task.candidates[0]: "good"}, OutcomeError),
            ({}, OutcomeError),
        ):
            with pytest.raises(error):
                run.tell(question, outcomes)
            with pytest.raises(error):
                run.tell_all({question.query: outcomes})
        with pytest.raises(UnknownNameError, match="unknown query"):
            run.tell("q99", {task.candidates[0]: 1})
        assert run.ledger.answers == []
        assert run.next() == question


def test_an_answer_is_recorded_without_reading_the_task(folder, task, monkeypatch):
    with Run.create(folder, task, "random") as run:
        query = run.next()
    with Run.open(folder) as run:
        monkeypatch.setattr("bayessel.tasks.task.Task.read", lambda *a, **k: pytest.fail("read"))
        assert run.tell(query, {task.candidates[0]: 1}) == (1, 0)


def test_an_oracle_answers_until_the_budget(folder, task):
    asked = []

    def oracle(question: Question) -> list[int]:
        asked.append(question.query)
        return [1] + [-1] * (len(question) - 1)

    with Run.create(folder, task, "random", seed=2) as run:
        run.judge(15, oracle)
        assert run.judge(25, oracle).best == task.candidates[0]
        assert run.history()["query"].unique().tolist() == asked
        assert len(asked) == 5
        assert run.ledger.waiting == []


def test_calls_that_stay_unspent_are_said_and_nothing_is_left_open(folder, task):
    notes = []
    with Run.create(folder, task, "random") as run:
        run.judge(12, on_note=notes.append)
        assert notes == ["2 calls stay unspent: the next whole query takes more"]
        assert run.ledger.waiting == []
        with pytest.warns(UserWarning, match="1 call stays unspent"):
            run.judge(16)
        run.judge(45, batch=30)
        assert run.selector.n_calls == 45


def test_a_budget_that_is_cut_is_said(folder, task):
    few = task.subset(queries=task.queries[:2])
    notes = []
    with Run.create(folder, few, "random-cells") as run:
        run.judge(1000, on_note=notes.append)
        assert run.selector.n_calls == 10
    assert notes == ["budget 1000 was cut to 10 calls, all the cells with recorded outcomes"]


def test_an_oracle_may_judge_more_or_less_than_it_is_asked_for(folder, task):
    def oracle(question: Question) -> dict[str, int]:
        return {task.candidates[1]: 1} if question.query < task.queries[20] else {}

    with Run.create(folder, task, "random") as run:
        run.judge(40, oracle, on_note=lambda note: None)
        assert run.selector.n_calls == 20
        assert set(run.history()["candidate"]) == {task.candidates[1]}


@pytest.mark.parametrize("batch", [1, 8])
def test_cells_without_a_verdict_are_set_aside_in_one_run_of_the_loop(folder, task, batch):
    asked, notes = [], []

    def failing(question: Question) -> dict[str, int | None]:
        asked.extend((question.query, name) for name in question.candidates)
        return dict.fromkeys(question.candidates, None if len(asked) <= 6 else 1)

    task = task.subset(queries=task.queries[:10])
    with Run.create(folder, task, seed=2) as run:
        run.judge(20, failing, batch=batch, on_note=notes.append)
        aside = len(asked) - 20
        assert run.selector.n_calls == 20
        assert len(set(asked)) == len(asked)
        assert notes == [f"the oracle gave no verdict on {aside} cells"]
        # they may be asked again later
        run.judge(task.recorded.size, failing, batch=batch, on_note=notes.append)
        assert run.selector.n_calls == task.recorded.size
        assert len(notes) == 1


def test_it_goes_on_as_if_it_had_never_stopped(folder, task, tmp_path):
    columns = ["call", "query", "candidate", "chance", "recommended", "p_best", "win_rate"]
    with Run.create(folder, task, seed=3) as run:
        run.judge(11)  # where a question ends: one that is cut is another one
    with Run.open(folder) as run:
        run.judge(25)
        resumed = run.history()[columns]
    with Run.create(tmp_path / "whole", task, seed=3) as run:
        run.judge(25)
        pd.testing.assert_frame_equal(run.history()[columns], resumed)


def test_another_task_or_strategy_is_refused(folder, task):
    Run.create(folder, task, "random").close()
    with pytest.raises(RunError, match=r"strategy random \(now bayessel\)"):
        Run.create(folder, task)
    part = task.subset(queries=task.queries[:9])
    with pytest.raises(RunError, match="another task"):
        Run.create(folder, part, "random")


def test_what_a_notebook_shows_of_a_run_needs_no_model(tmp_path, task):
    with Run.create(tmp_path / "run", task, seed=5) as run:
        asked = run.next()
        run.tell(asked, [1, *[0] * (len(asked.candidates) - 1)])
        shown = run._repr_html_()
        assert run._replay.known is None
        assert "bayessel, 5 calls on 1 query" in shown
        first = shown.index(asked.candidates[0])
        assert all(first < shown.index(name) for name in asked.candidates[1:])


def test_the_first_question_needs_no_model(tmp_path, task):
    """It is the one that the strategy would ask, and the selector is not made for it."""
    with Run.create(tmp_path / "run", task, seed=5) as run:
        assert run.next() == Selector(task, seed=5).ask()
        assert run._replay.known is None
        run.tell(question := run.next(), [0] * len(question.candidates))
        assert not run.opening(task.answered)
    with Run.create(tmp_path / "other", task, "random-cells", seed=5) as run:
        assert not run.opening(task.answered)
        assert run.next() == Selector(task, "random-cells", seed=5).ask()


@pytest.mark.parametrize(
    ("strategy", "options"),
    [
        ("bayessel", {"draws": 2000}),
        ("random", {"draws": 300}),
        ("racing", {"draws": 300, "priors": {"rates": "Dirichlet(concentration=(2.0, 1.0, 1.0))"}}),
        ("contenders", {"draws": 300}),
        ("successive-halving", {"draws": 300, "total": 40}),
    ],
)
def test_options_are_kept(folder, task, strategy, options):
    with Run.create(folder, task, strategy, options=options) as run:
        first = run.strategy
    with Run.open(folder) as run:
        assert run.strategy == first
        for name in set(options) - {"priors"}:
            assert getattr(run.strategy, name) == options[name]
        if "priors" in options:
            assert str(run.strategy.priors["rates"]) == options["priors"]["rates"]
    with pytest.raises(RunError, match="another"):
        Run.create(folder, task, strategy, options={**options, "draws": 400})


@pytest.mark.parametrize("seed", [-1, 2**63, 0.5, "3", None])
def test_a_seed_that_is_none_is_refused_before_anything_is_written(folder, task, seed):
    with pytest.raises(BudgetError, match="expected a whole number from 0"):
        Run.create(folder, task, "random", seed=seed)
    assert not folder.exists()


def test_a_seed_of_numpy_is_one(folder, task):
    with Run.create(folder, task, "random", seed=np.int64(3)) as run:
        assert run.ledger.meta["seed"] == 3


def test_the_first_batch_is_as_large_as_asked_where_queries_have_fewer_cells(folder, task):
    free = np.ones((10, 5), dtype=bool)
    free[1:, 2] = False
    with Run.create(folder, task.subset(queries=task.queries[:10]), seed=1) as run:
        asked = run.next(20, available=free)
    assert sum(map(len, asked)) == 20
    assert len(asked[0]) == 5  # the query with the most comes first


def test_two_processes_read_the_same_weak_judges(folder, task):
    """Statistics of texts that nobody named are not read: the folder does not keep them."""
    scored = score_task(task, ("length",))
    with Run.create(folder, scored) as run:
        run.tell(question := run.next(), [1] * len(question.candidates))
        first, asked = run.selector.table, run.next()
    with Run.open(folder) as run:
        pd.testing.assert_frame_equal(run.selector.table, first)
        assert run.next() == asked
        assert (
            run.selector.strategy.init(
                np.random.default_rng(0), scored, np.full(task.recorded.shape, MISSING, np.int8)
            ).evidence.signals.names
            == ()
        )
