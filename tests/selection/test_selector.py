from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from bayessel import Random, RecordedOracle, Selector, Stop, Task
from bayessel.errors import BayesselError, BudgetError, DataError, OutcomeError, UnknownNameError
from bayessel.oracles.base import answerable
from bayessel.outcomes import MISSING
from bayessel.reports.selection import SelectionReport
from bayessel.selection.history import COLUMNS
from bayessel.strategies.base import AskInfo, Choice


@pytest.fixture
def selector(task):
    return Selector(task, seed=2, acquisition="information-gain")


def test_ask_and_tell(selector, task):
    question = selector.ask()
    assert selector.ask() == question
    selector.tell(question, {task.candidates[0]: "win", task.candidates[1]: -1})
    assert selector.ask() != question
    assert (selector.n_calls, selector.n_queries) == (2, 1)
    assert selector.bought[task.query_index(question.query)].tolist()[:3] == [1, -1, MISSING]
    rows = selector.history
    assert rows["call"].tolist() == [1, 2]
    assert rows["question"].tolist() == [1, 1]
    assert rows["query"].tolist() == [question.query] * 2
    assert rows["candidate"].tolist() == list(task.candidates[:2])
    assert rows["outcome"].tolist() == ["win", "loss"]
    assert rows["cost"].tolist() == [1.0, 1.0]
    assert (rows["chance"] == 1 / task.n_queries).all()  # the first query is drawn
    assert set(rows["why"]) == {"nothing is judged yet: drawn, for all candidates"}
    assert list(rows) == list(COLUMNS)


def test_a_run_spends_the_budget_and_names_the_best(task):
    selector = Selector(task, seed=0).run(budget=task.recorded.size)
    assert selector.best == task.candidates[int(np.argmax(task.win_rate))]
    assert selector.p_best == 1.0
    table = selector.table
    assert table.index[0] == selector.best
    expected = pd.Series(task.win_rate, index=task.candidates)
    np.testing.assert_allclose(table["win_rate"], expected[table.index])
    np.testing.assert_allclose(table["upper"] - table["lower"], 0, atol=1e-12)
    with pytest.raises(BudgetError, match="nothing left"):
        selector.ask()


def test_the_same_seed_gives_the_same_run(task):
    one, two, other = (Selector(task, seed=s).run(budget=40).history for s in (1, 1, 2))
    drop = {"columns": "seconds"}
    pd.testing.assert_frame_equal(one.drop(**drop), two.drop(**drop))
    assert one["query"].tolist() != other["query"].tolist()


def test_an_oracle_may_answer_in_part(task):
    known = RecordedOracle(task)
    asked = []

    def contenders(question):
        asked.append(question)
        answer = known(question)
        return {m: answer[m] for m in task.candidates[:2] if m in answer}

    selector = Selector(task, "random")
    with pytest.warns(UserWarning, match="4 calls stay unspent: the next whole query takes more"):
        selector.run(contenders, budget=14)
    assert (selector.n_calls, selector.n_queries) == (10, 5)
    assert selector.table["calls"].tolist().count(0) == 3
    with pytest.warns(
        UserWarning, match="20 calls stay unspent: the oracle gave no verdict on 120"
    ):
        selector.run(contenders, budget=100)  # the others are never asked again
    assert selector.n_calls == 80
    assert len(asked) == 40 + 5  # the second run asks once more for what is left of five


NOTHING = (
    lambda question: None,
    lambda question: {},
    lambda question: [],
    lambda question: dict.fromkeys(question.candidates, ""),
    lambda question: [float("nan")] * len(question),
)
"""What an oracle may say where it can judge nothing."""


@pytest.mark.parametrize("strategy", ["bayessel", "random", "ucb-e"])
@pytest.mark.parametrize("batch", [1, 12])
def test_a_cell_without_a_verdict_is_set_aside_and_the_run_goes_on(task, strategy, batch):
    known, says, asked, failed = RecordedOracle(task), list(NOTHING), [], []

    def failing(question):
        cells = [(question.query, name) for name in question.candidates]
        asked.extend(cells)
        if not says:
            return known(question)
        failed.extend(cells)
        return says.pop()(question)

    selector = Selector(task, strategy, seed=1)
    with pytest.warns(UserWarning, match="the oracle gave no verdict on") as said:
        selector.run(failing, budget=30, batch=batch)
    assert selector.n_calls == 30
    assert len(set(asked)) == len(asked) == 30 + len(failed)  # no cell is asked twice
    assert [str(one.message) for one in said] == [
        f"the oracle gave no verdict on {len(failed)} cells"
    ]
    bought = [selector.bought[task.query_index(q), task.candidate_index(c)] for q, c in failed]
    assert set(bought) == {MISSING}  # neither a draw nor paid for


@pytest.mark.parametrize("batch", [1, 12])
def test_an_oracle_that_can_judge_nothing_ends_the_run_with_a_sentence(task, batch):
    few, says = task.subset(queries=task.queries[:4]), itertools.cycle(NOTHING)
    selector, cells = Selector(few), few.recorded.size
    said = (
        f"9 calls stay unspent: the oracle gave no verdict on {cells} cells, and no other is left"
    )
    with pytest.warns(UserWarning, match=said):
        selector.run(lambda question: next(says)(question), budget=9, batch=batch)
    assert selector.n_calls == 0


def test_questions_that_an_oracle_of_many_never_answers_are_set_aside(task):
    class Many:
        asked = 0

        def judge_all(self, questions):
            self.asked += 1
            assert self.asked < 99
            return ((one, RecordedOracle(task)(one)) for one in questions[self.asked == 1 :])

    selector = Selector(task)
    with pytest.warns(UserWarning, match="the oracle gave no verdict on"):
        selector.run(Many(), budget=30, batch=6)
    assert selector.n_calls == 30


def test_what_an_oracle_says_of_unknown_names_is_still_refused(task):
    with pytest.raises(UnknownNameError):
        Selector(task).run(lambda question: {"nobody": None}, budget=9)
    with pytest.raises(OutcomeError, match="outcomes for"):
        Selector(task).run(lambda question: [None], budget=9)


def test_going_on_from_answers_is_the_same_as_never_stopping(task):
    """Of strategies that carry nothing along; a run folder replays the others' answers."""
    whole = Selector(task, "llm-selector", seed=3).run(budget=45)
    half = Selector(task, "llm-selector", seed=3).run(budget=20)
    resumed = Selector(task, "llm-selector", seed=3, bought=half.bought).run(budget=45)
    assert resumed.history["query"].tolist() == whole.history["query"].tolist()[20:]
    np.testing.assert_array_equal(resumed.standing.p_best, whole.standing.p_best)


def test_stopping_rules(task):
    sure = Selector(task).run(budget=200, stop=Stop(0.9))
    assert sure.p_best >= 0.9
    assert sure.n_calls < 200
    near = Selector(task).run(budget=200, stop=Stop(0.9, within=0.1))
    assert near.n_calls <= sure.n_calls
    assert near.standing.p_within(0.1)[near.standing.best] >= 0.9


@pytest.mark.parametrize("level", [0.0, 95, -1, float("nan")])
def test_levels_are_probabilities(level):
    with pytest.raises(BudgetError, match="probability"):
        Stop(level)


def test_a_difference_of_win_rates_is_below_one():
    with pytest.raises(BudgetError, match="one point"):
        Stop(0.9, within=1.5)


@pytest.mark.parametrize(
    ("outcomes", "error"),
    [
        ({}, OutcomeError),
        ({"nobody": 1}, UnknownNameError),
        ({"candidate-1": 7}, OutcomeError),
        ({"candidate-1": float("nan")}, OutcomeError),
        ([1, 0], OutcomeError),
        (None, OutcomeError),
        ("win", OutcomeError),
        ({"baseline": 1}, OutcomeError),
    ],
)
def test_outcomes_that_do_not_fit_change_nothing(selector, outcomes, error):
    question = selector.ask()
    for asked in (question, question.query):
        with pytest.raises(error):
            selector.tell(asked, outcomes)
    assert selector.n_calls == 0
    assert selector.ask() == question


def test_a_contradiction_changes_nothing(selector, task):
    selector.tell("q01", {"candidate-1": 1})
    selector.tell("q01", {"candidate-1": 1, "candidate-2": 0})
    with pytest.raises(OutcomeError, match="already judged for 'candidate-1': win, now loss"):
        selector.tell("q01", {"candidate-1": -1})
    assert selector.n_calls == 2


@pytest.mark.parametrize("budget", [0, -3, "7", 2.5])
def test_budgets_out_of_range(task, budget):
    with pytest.raises(BudgetError, match="budget"):
        Selector(task).run(budget=budget)


def test_a_budget_above_the_cells_is_cut_aloud(task):
    few = task.subset(queries=task.queries[:3])
    with pytest.warns(UserWarning, match="60 was cut to 15 calls, all the cells with recorded"):
        assert Selector(few, "random").run(budget=60).n_calls == 15
    with pytest.warns(UserWarning, match="cut to 15 calls, all the cells that can be judged"):
        Selector(few, "random").run(lambda question: [0] * len(question), budget=16)


def test_a_whole_query_that_does_not_fit_is_not_begun(task):
    selector = Selector(task, "random")
    with pytest.warns(UserWarning, match="2 calls stay unspent: the next whole query takes more"):
        selector.run(budget=12)
    assert (selector.n_calls, selector.n_queries) == (10, 2)


def test_the_table_goes_by_expected_win_rate(task, monkeypatch):
    selector = Selector(task, "random", seed=1).run(budget=15)
    standing = selector.standing
    reversed_chances = replace(standing, p_best=standing.p_best.max() - standing.p_best)
    monkeypatch.setattr(Selector, "standing", property(lambda self: reversed_chances))
    table = selector.table
    assert table.index[0] == selector.best
    assert table["win_rate"].iloc[1:].is_monotonic_decreasing
    assert not table["p_best"].iloc[1:].is_monotonic_decreasing
    other = SelectionReport(selector).numbers["highest_p_best"]
    assert other["candidate"] == table["p_best"].idxmax() != selector.best
    assert other["p_best"] == pytest.approx(table["p_best"].max())


def test_how_many_tie_over_all_recorded_judgments(task):
    drawn = Task(task.data.assign(recorded=task.data["recorded"] * 0))
    assert SelectionReport(Selector(drawn, "random")).numbers["recorded_tied"] == task.n_candidates
    assert SelectionReport(Selector(task, "random")).numbers["recorded_tied"] == 1


def test_every_error_is_a_bayessel_error(selector):
    with pytest.raises(BayesselError):
        selector.tell("q99", {"candidate-1": 1})


def test_all_draws_and_equal_candidates_are_uncertain(task):
    drawn = Selector(task, seed=0).run(lambda question: [0] * len(question), budget=100)
    assert drawn.standing.p_best.max() < 0.5
    rates = drawn.table["win_rate"]
    assert rates.between(0.4, 0.6).all()


def test_a_probability_of_one_needs_all_queries(task):
    """P(best) from S draws never certifies more than 1 - 1/S while something is unjudged."""
    always = Selector(task, "random").run(
        lambda question: [1] + [-1] * (len(question) - 1), budget=200, stop=Stop(1.0)
    )
    assert always.p_best == 1.0
    assert always.n_calls == 200


def test_seeds_are_whole_numbers_that_are_not_negative(task):
    with pytest.raises(BudgetError, match="seed -1"):
        Selector(task, seed=-1)


def test_an_oracle_is_named_or_called(task):
    named = Selector(task, "random", seed=1).run("recorded", budget=20)
    called = Selector(task, "random", seed=1).run(RecordedOracle(task), budget=20)
    np.testing.assert_array_equal(named.bought, called.bought)
    with pytest.raises(UnknownNameError, match="unknown oracle 'recorde': did you mean 'recorded'"):
        Selector(task).run("recorde", budget=1)


def test_an_oracle_that_knows_some_queries_is_asked_these_only(task):
    class Half:
        answerable = np.arange(task.n_queries) % 2 == 0

        def __call__(self, question):
            assert task.query_index(question.query) % 2 == 0
            return [1] * len(question)

    assert Selector(task, "random").run(Half(), budget=25).n_queries == 5


def test_an_oracle_that_knows_some_cells_is_asked_these_only(task):
    class Three:
        answerable = np.zeros((task.n_queries, task.n_candidates), dtype=bool)

        def __call__(self, question):
            assert question.candidates == task.candidates[1:4]
            return [1, 0, -1]

    Three.answerable[:9, 1:4] = True
    selector = Selector(task, "random").run(Three(), budget=27)
    assert (selector.n_calls, selector.n_queries) == (27, 9)


@dataclass(frozen=True, kw_only=True)
class Pairs(Random):
    """Pairs of neighbours on the first queries, two on each query at a time."""

    name: ClassVar[str] = "pairs"
    unit: ClassVar[str] = "cells"

    def ask(self, rng, state, available, cost, batch=1):
        chosen, calls, left = [], 0, available.copy()
        while left.any() and (not chosen or calls < batch):
            q = int(np.flatnonzero(left.any(axis=1))[0])
            pair = np.flatnonzero(left[q])[:2]
            again = (state.outcome[q] != MISSING).any()
            info = AskInfo(1.5, 0.1, 0.25, "two candidates caught up" if again else "a new query")
            chosen.append(Choice(q, pair, info))
            left[q, pair] = False
            calls += len(pair)
        return chosen


def test_a_query_comes_back_for_other_candidates_and_says_why(task):
    selector = Selector(task, Pairs())
    first = selector.ask()
    assert (first.query, first.candidates, first.why) == (
        task.queries[0], task.candidates[:2], "a new query",
    )  # fmt: skip
    selector.tell(first, ["win", "loss"])
    second = selector.ask()
    assert (second.query, second.candidates) == (task.queries[0], task.candidates[2:4])
    assert second.why == "two candidates caught up"
    selector.tell(second, [0, 0])
    history = selector.history
    assert history["question"].tolist() == [1, 1, 2, 2]
    assert history["chance"].tolist() == [0.25] * 4
    assert history["why"].tolist() == ["a new query"] * 2 + ["two candidates caught up"] * 2
    assert (selector.n_calls, selector.n_queries) == (4, 1)


def test_the_last_question_of_cells_is_cut_to_the_batch_and_to_the_budget(task):
    selector = Selector(task, Pairs())
    batch = selector.ask(4)
    assert [question.candidates for question in batch] == [
        task.candidates[:2], task.candidates[2:4],
    ]  # fmt: skip
    assert selector.ask(batch=4) == batch
    assert [len(question) for question in selector.ask(3)] == [2, 1]
    assert len(selector.ask()) == 2
    assert selector.run(budget=7).n_calls == 7
    whole = Selector(task, "random").ask(7)
    assert [len(question) for question in whole] == [5, 5]  # whole queries are not cut


def test_a_batch_is_told_in_any_order_and_in_parts(task):
    selector = Selector(task, Pairs())
    first, second = selector.ask(4)
    selector.tell(second, {second.candidates[1]: "draw"})
    selector.tell(first.query, {first.candidates[1]: 1, first.candidates[0]: 0})
    selector.tell(second, [1, "draw"])
    history = selector.history
    assert history["question"].tolist() == [1, 2, 2, 3]
    assert history["why"].tolist() == ["a new query"] * 4  # as it was when they were asked
    assert history["candidate"].tolist() == [task.candidates[j] for j in (3, 1, 0, 2)]
    with pytest.raises(BudgetError, match="batch 0: expected a whole number of calls"):
        selector.ask(0)


def test_batches_answer_the_whole_budget(task):
    one = Selector(task, Pairs()).run(budget=30)
    many = Selector(task, Pairs()).run(budget=30, batch=8)
    np.testing.assert_array_equal(one.bought, many.bought)
    assert many.history["question"].iloc[-1] == one.history["question"].iloc[-1]


def test_what_was_told_before_is_no_call(selector, task):
    selector.tell("q01", {"candidate-1": 1})
    asked = selector.ask()
    selector.tell("q01", {"candidate-1": 1})
    assert selector.n_calls == len(selector.history) == 1
    assert selector.ask() == asked


def test_what_a_strategy_may_not_choose_is_refused(task, monkeypatch):
    twice = [Choice(0, np.array([0, 1])), Choice(0, np.array([1]))]
    for wrong in (twice, [], [Choice(0, np.array([], dtype=int))]):
        monkeypatch.setattr(Pairs, "ask", lambda *a, wrong=wrong, **k: wrong)
        with pytest.raises(DataError, match="the strategy pairs chose"):
            Selector(task, Pairs()).ask(3)


def test_costs_are_kept_with_every_call(task):
    plain = Selector(task, "random", seed=1).run(budget=10)
    assert plain.spent is None
    assert "cost" not in plain.table
    by_name = Selector(task, "random", seed=1, cost={task.candidates[1]: 0.25}).run(budget=10)
    assert by_name.spent == pytest.approx(2 * 4.25)
    assert by_name.table.loc[task.candidates[1], "cost"] == 0.5
    assert by_name.history["cost"].tolist() == [1, 0.25, 1, 1, 1] * 2
    each = np.arange(1.0, 1 + task.recorded.size).reshape(task.recorded.shape)
    by_cell = Selector(task, "random", seed=1, cost=each).run(budget=10)
    assert by_cell.spent == each[by_cell.bought != MISSING].sum()
    of_task = Task(task.data.assign(cost=(("query", "candidate"), each)))
    assert Selector(of_task, "random", seed=1).run(budget=10).spent == by_cell.spent
    assert Selector(of_task, "random", cost={}).costs.cell.max() == 1


@pytest.mark.parametrize(
    ("cost", "error", "said"),
    [
        ({"candidate-9": 1}, UnknownNameError, "unknown candidate 'candidate-9'"),
        ({"candidate-1": 0}, BudgetError, "cost of 'candidate-1' is 0: expected a number above 0"),
        ({"candidate-1": "x"}, BudgetError, "is x"),
        ({"candidate-1": True}, BudgetError, "is True"),
        ([1.0, 2.0], BudgetError, r"shape \(2,\): expected \(40, 5\)"),
        (np.full((40, 5), np.nan), BudgetError, "not a finite number above 0"),
        ("cheap", BudgetError, "costs are str"),
    ],
)
def test_costs_that_do_not_fit(task, cost, error, said):
    with pytest.raises(error, match=said):
        Selector(task, cost=cost)


def test_who_is_out_of_the_race_and_since_when(task):
    selector = Selector(task, "random", seed=1)
    assert set(selector.table["last"]) == {""}  # nothing is judged: all may be the best
    seen = []
    selector.run(
        budget=60, on_step=lambda s: seen.append((s.n_calls, s.standing.p_best, s.in_race))
    )
    table = selector.table
    for j, name in enumerate(task.candidates):
        since = None
        for calls, p_best, _ in seen:
            since = None if p_best[j] >= 0.01 else since or calls
        said = "" if since is None else f"P(best) below 0.01 since call {since}"
        assert table.loc[name, "last"] == said
        assert (name in selector.in_race) == (since is None)
    assert 0 < len(selector.in_race) < task.n_candidates
    resumed = Selector(task, "random", seed=1, bought=selector.bought).table["last"]
    assert resumed.str.endswith("since call 60 or earlier").sum() == 5 - len(selector.in_race)


def test_responses_that_are_missing_are_not_asked_for(task):
    response = task.data["response"].copy()
    response[3:, 1:] = None
    response[0, 0] = None
    part = Task(task.data.assign(response=response))
    questions = Selector(part, "random").ask(10**4)
    assert sum(len(question) for question in questions) == 39 + 12
    with pytest.raises(DataError, match=r"answerable has shape \(3,\)"):
        answerable(type("Odd", (), {"answerable": [True] * 3})(), part)
