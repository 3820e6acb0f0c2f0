"""From scores of cells to questions."""

from __future__ import annotations

import numpy as np
import pytest

from bayessel import make_strategy, simulate_task
from bayessel.acquisition import ACQUISITIONS, information_gain
from bayessel.acquisition.base import CellScores
from bayessel.errors import BudgetError, DataError
from bayessel.outcomes import MISSING
from bayessel.strategies.states.by_two_way import LEADING
from bayessel.strategies.states.questions import choose_cells
from bayessel.tasks.simulated_fields import simulate_field


@pytest.fixture(scope="module")
def task():
    return simulate_task(n_queries=30, n_candidates=5, seed=3)


def begun(task, rows=3, **options):
    """A strategy and its state after some whole rows."""
    strategy = make_strategy("bayessel", weak_judges=(), **options)
    outcome = task.recorded.copy()
    outcome[rows:] = MISSING
    return strategy, strategy.init(np.random.default_rng(0), task, outcome)


def ask(strategy, state, batch=1, cost=None, available=None, seed=1):
    may = state.evidence.outcome == MISSING if available is None else available
    cost = np.ones(may.shape) if cost is None else cost
    return strategy.ask(np.random.default_rng(seed), state, may, cost, batch)


def test_the_first_query_is_judged_for_all(task):
    strategy = make_strategy("bayessel", weak_judges=())
    state = strategy.init(np.random.default_rng(0), task, np.full((30, 5), MISSING, np.int8))
    (first,) = ask(strategy, state)
    np.testing.assert_array_equal(first.candidates, np.arange(5))
    assert first.info.chance == pytest.approx(1 / 30)


def test_a_new_query_is_opened_for_two(task):
    strategy, state = begun(task)  # all opened queries are judged for all
    (one,) = ask(strategy, state)
    assert one.query >= 3
    assert len(one.candidates) in (1, 2)
    assert one.info.score > 0
    assert one.info.why


def test_a_dear_candidate_is_asked_less(task):
    strategy, state = begun(task)
    leader = int(state.expected.argmax())
    cost = np.ones((30, 5))
    cost[:, leader] = 1000.0
    for choice in ask(strategy, state, batch=8, cost=cost):
        assert leader not in choice.candidates


def test_costs_all_alike_change_nothing(task):
    strategy, state = begun(task)
    once = ask(strategy, state, batch=8)
    again = ask(strategy, state, batch=8, cost=np.full((30, 5), 7.0))
    assert [(c.query, *c.candidates) for c in once] == [(c.query, *c.candidates) for c in again]


def test_each_question_of_a_batch_accounts_for_those_before_it(task):
    """The same pair again tells less: scores fall."""
    strategy, state = begun(task)
    batch = ask(strategy, state, batch=20)
    assert sum(len(c.candidates) for c in batch) >= 20
    scores = [c.info.score for c in batch]
    assert scores[-1] < 0.9 * scores[0]
    assert len({c.query for c in batch}) == len(batch)


def test_information_about_the_best_falls_with_the_questions_before(task):
    """What a pair tells of a third query is less once twelve queries are held as judged for it."""
    _, state = begun(task, rows=4, acquisition="information-gain", draws=400)
    may = state.evidence.outcome == MISSING
    seen = state.cells(np.arange(10, 30), may)
    pair = np.sort(state.leading[np.argsort(-state.p_best.mean(axis=0))[:2]])
    places = np.flatnonzero(np.isin(state.leading, pair))
    start = information_gain.cells(seen).pair[-1, places[1], places[0]]
    p_best = seen.p_best.mean(axis=0)
    for query in range(10, 22):
        seen = seen.with_cells(np.random.default_rng(0), query, pair)
    after = information_gain.cells(seen).pair[-1, places[1], places[0]]
    assert start > 0
    assert after < 0.75 * start
    np.testing.assert_allclose(seen.p_best.sum(axis=1), 1, atol=1e-9)
    assert seen.p_best.mean(axis=0).argmax() == p_best.argmax()  # outcomes were as expected
    assert np.all((seen.loss >= -1e-9) & (seen.win >= -1e-9) & (seen.loss + seen.win <= 1 + 1e-9))


@pytest.mark.parametrize("acquisition", ["expected-regret", "information-gain", "top-two"])
def test_each_acquisition_chooses_cells_until_nothing_is_left(acquisition, task):
    few = simulate_task(n_queries=4, n_candidates=3, seed=1)
    strategy = make_strategy("bayessel", weak_judges=(), acquisition=acquisition, draws=100)
    outcome = np.full((4, 3), MISSING, np.int8)
    state = strategy.init(np.random.default_rng(0), few, outcome)
    asked = 0
    while (outcome == MISSING).any():
        for choice in ask(strategy, state, seed=asked):
            assert (outcome[choice.query, choice.candidates] == MISSING).all()
            outcome = outcome.copy()
            outcome[choice.query, choice.candidates] = few.recorded[choice.query, choice.candidates]
            row = np.full(3, MISSING, np.int8)
            row[choice.candidates] = few.recorded[choice.query, choice.candidates]
            state = strategy.tell(np.random.default_rng(asked), state, choice.query, row)
            asked += len(choice.candidates)
    assert asked == 12
    np.testing.assert_allclose(state.expected, (few.recorded.mean(axis=0) + 1) / 2, atol=1e-9)


@pytest.mark.parametrize("model", ["regression", "dual_parameter"])
def test_other_models_choose_cells_from_their_draws(model, task):
    strategy, state = begun(task, model=model, draws=128)
    batch = ask(strategy, state, batch=6)
    cells = {(c.query, int(j)) for c in batch for j in c.candidates}
    assert len(cells) == sum(len(c.candidates) for c in batch) >= 6


def test_where_errors_exceed_the_differences_it_draws_and_says_so(task):
    _, state = begun(task)

    def cells(outlook):
        single = np.full(outlook.available.shape, 1.0)
        pair = np.ones((*single.shape, single.shape[1]))
        return CellScores(single, pair, np.full_like(single, 0.5), np.full_like(pair, 0.5))

    may = state.evidence.outcome == MISSING
    (one,) = choose_cells(np.random.default_rng(0), cells, state, may, np.ones(may.shape), 1)
    assert "; drawn by P(best), since the best scores differ by less than" in one.info.why
    assert 0 < one.info.chance < 1


@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
def test_values_that_cannot_be_ranked_are_refused(task, value):
    _, state = begun(task)

    def cells(outlook):
        single = np.full(outlook.available.shape, value)
        return CellScores(single, np.ones((*single.shape, single.shape[1])))

    may = state.evidence.outcome == MISSING
    with pytest.raises(DataError, match="finite values of 0 or more"):
        choose_cells(
            np.random.default_rng(0),
            cells,
            state,
            may,
            np.ones(may.shape),
            1,
        )


def test_an_acquisition_of_the_other_kind_is_refused():
    with pytest.raises(BudgetError, match="spread does not choose single cells: ask whole quer"):
        make_strategy("bayessel", acquisition="spread")
    with pytest.raises(BudgetError, match="top-two does not choose whole queries: leave"):
        make_strategy("bayessel", acquisition="top-two", whole_queries=True)
    assert make_strategy("bayessel").acquisition == "expected-regret"
    assert make_strategy("bayessel", whole_queries=True).acquisition == "random"


def test_cells_of_others_are_asked_when_the_leading_have_none_left(task):
    strategy, state = begun(task)
    available = np.zeros((30, 5), dtype=bool)
    last = int(state.expected.argmin())
    available[10, last] = True
    (one,) = ask(strategy, state, available=available)
    assert (one.query, *one.candidates) == (10, last)


def test_a_batch_goes_on_with_others_when_the_leading_have_no_cell_left():
    many = simulate_task(n_queries=6, n_candidates=12, seed=4)
    strategy, state = begun(many, rows=2)
    available = np.zeros((6, 12), dtype=bool)
    available[3] = True  # eight lead
    batch = ask(strategy, state, batch=12, available=available, cost=np.ones((6, 12)))
    asked = np.concatenate([c.candidates for c in batch])
    assert sorted(asked) == list(range(12))
    assert len(batch) == 1  # one query, shown once


def test_every_acquisition_chooses_something():
    for name in ACQUISITIONS:
        found = ACQUISITIONS[name]
        assert found.score is not None or found.cells is not None, name


def test_a_large_batch_is_spread_over_more_candidates():
    """Nobody takes the place of a candidate that falls behind until the batch is told."""
    task = simulate_field("close", 60)
    strategy = make_strategy("bayessel", weak_judges=())
    outcome = np.full_like(task.recorded, MISSING)
    outcome[0] = task.recorded[0]
    state = strategy.init(np.random.default_rng(0), task, outcome)
    asked = {int(j) for choice in ask(strategy, state, batch=40) for j in choice.candidates}
    assert len(asked) > LEADING
