from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bayessel import RecordedOracle, Selector, Stop, Task
from bayessel.errors import BayesselError, BudgetError, OutcomeError, UnknownNameError
from bayessel.outcomes import MISSING
from bayessel.reports.selection import SelectionReport


@pytest.fixture
def selector(task):
    return Selector(task, seed=2, acquisition="information-gain")


def test_ask_and_tell(selector, task):
    query = selector.ask()
    assert selector.ask() == query
    selector.tell(query, {task.candidates[0]: "win", task.candidates[1]: -1})
    assert selector.ask() != query
    assert (selector.n_annotations, selector.n_cells) == (1, 2)
    assert selector.bought[task.query_index(query)].tolist()[:3] == [1, -1, MISSING]
    row = selector.history.iloc[0]
    assert (row["query"], row["annotations"], row["cells"]) == (query, 1, 2)
    assert row["score_error"] > 0
    assert row["score"] > -row["score_error"]


def test_a_run_spends_the_budget_and_names_the_best(task):
    selector = Selector(task, seed=0).run(budget=task.n_queries)
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
    one, two, other = (Selector(task, seed=s).run(budget=8).history for s in (1, 1, 2))
    drop = {"columns": "seconds"}
    pd.testing.assert_frame_equal(one.drop(**drop), two.drop(**drop))
    assert one["query"].tolist() != other["query"].tolist()


def test_an_oracle_may_answer_in_part(task):
    known = RecordedOracle(task)

    def contenders(query):
        answer = known(query)
        return {m: answer[m] for m in task.candidates[:2]}

    selector = Selector(task).run(contenders, budget=5)
    assert selector.n_cells == 10
    assert selector.table["judged"].tolist().count(0) == 3


def test_going_on_from_answers_is_the_same_as_never_stopping(task):
    """Of strategies that carry nothing along; a run folder replays the others' answers."""
    whole = Selector(task, "llm-selector", seed=3).run(budget=9)
    half = Selector(task, "llm-selector", seed=3).run(budget=4)
    resumed = Selector(task, "llm-selector", seed=3, bought=half.bought).run(budget=9)
    assert resumed.history["query"].tolist() == whole.history["query"].tolist()[4:]
    np.testing.assert_array_equal(resumed.standing.p_best, whole.standing.p_best)


def test_stopping_rules(task):
    sure = Selector(task).run(budget=40, stop=Stop(0.9))
    assert sure.p_best >= 0.9
    assert sure.n_annotations < 40
    near = Selector(task).run(budget=40, stop=Stop(0.9, within=0.1))
    assert near.n_annotations <= sure.n_annotations
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
    query = selector.ask()
    with pytest.raises(error):
        selector.tell(query, outcomes)
    assert selector.n_cells == 0
    assert selector.ask() == query


def test_a_contradiction_changes_nothing(selector, task):
    selector.tell("q01", {"candidate-1": 1})
    selector.tell("q01", {"candidate-1": 1, "candidate-2": 0})
    with pytest.raises(OutcomeError, match="already judged for 'candidate-1': win, now loss"):
        selector.tell("q01", {"candidate-1": -1})
    assert selector.n_cells == 2


@pytest.mark.parametrize("budget", [0, -3, "7", 2.5])
def test_budgets_out_of_range(task, budget):
    with pytest.raises(BudgetError, match="budget"):
        Selector(task).run(budget=budget)


def test_a_budget_above_the_queries_is_cut_aloud(task):
    few = task.subset(queries=task.queries[:3])
    with pytest.warns(UserWarning, match="budget 60 was cut to 3, all the queries with recorded"):
        assert Selector(few, "random").run(budget=60).n_annotations == 3
    with pytest.warns(UserWarning, match="cut to 3, all the queries of the task"):
        Selector(few, "random").run(lambda query: [0] * task.n_candidates, budget=4)


def test_the_table_goes_by_expected_win_rate(task, monkeypatch):
    selector = Selector(task, "random", seed=1).run(budget=3)
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
    drawn = Selector(task, seed=0).run(lambda query: [0] * task.n_candidates, budget=20)
    assert drawn.standing.p_best.max() < 0.5
    rates = drawn.table["win_rate"]
    assert rates.between(0.4, 0.6).all()


def test_a_probability_of_one_needs_all_queries(task):
    """P(best) from S draws never certifies more than 1 - 1/S while something is unjudged."""
    always = Selector(task, "random").run(
        lambda query: [1] + [-1] * (task.n_candidates - 1), budget=40, stop=Stop(1.0)
    )
    assert always.p_best == 1.0
    assert always.n_annotations == 40


def test_seeds_are_whole_numbers_that_are_not_negative(task):
    with pytest.raises(BudgetError, match="seed -1"):
        Selector(task, seed=-1)


def test_an_oracle_is_named_or_called(task):
    named = Selector(task, "random", seed=1).run("recorded", budget=4)
    called = Selector(task, "random", seed=1).run(RecordedOracle(task), budget=4)
    np.testing.assert_array_equal(named.bought, called.bought)
    with pytest.raises(UnknownNameError, match="unknown oracle 'recorde': did you mean 'recorded'"):
        Selector(task).run("recorde", budget=1)


def test_an_oracle_that_knows_some_queries_is_asked_these_only(task):
    class Half:
        answerable = np.arange(task.n_queries) % 2 == 0

        def __call__(self, query):
            assert task.query_index(query) % 2 == 0
            return [1] * task.n_candidates

    assert Selector(task, "random").run(Half(), budget=5).n_annotations == 5
