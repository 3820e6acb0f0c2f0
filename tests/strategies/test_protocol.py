"""One conformance test over every strategy."""

from __future__ import annotations

import numpy as np
import pytest

from bayessel import STRATEGIES, Selector, make_strategy
from bayessel.errors import BudgetError, UnknownNameError
from bayessel.outcomes import MISSING


@pytest.fixture(params=sorted(STRATEGIES))
def strategy(request):
    return make_strategy(request.param)


def rng(*key: int) -> np.random.Generator:
    return np.random.default_rng(key)


def same(strategy, first, other):
    """The same standing; within Monte Carlo error where the strategy carries its draws along.

    64 chains and two draws of each: six standard errors of 64 draws, a false alarm in 5e8.
    """
    if not strategy.carries:
        np.testing.assert_array_equal(first.p_best, other.p_best)
        np.testing.assert_array_equal(first.draws.win_rate, other.draws.win_rate)
        return
    a, b = first.draws.win_rate, other.draws.win_rate
    error = np.sqrt((a.var(axis=0) + b.var(axis=0)) / 64)
    assert np.all(np.abs(a.mean(axis=0) - b.mean(axis=0)) < 6 * error)
    assert np.all(np.abs(first.p_best - other.p_best) < 6 * np.sqrt(0.5 / 64))


@pytest.fixture
def scored(task, strategy):
    return Selector(task, strategy).task


def test_states_are_values_and_do_not_depend_on_the_order(strategy, scored):
    blank = np.full((scored.n_queries, scored.n_candidates), MISSING, dtype=np.int8)
    start = strategy.init(rng(0), scored, blank)
    before = strategy.recommend(rng(1), start)
    forward, backward = start, start
    rows = [3, 7, 11]
    for q in rows:
        forward = strategy.tell(rng(q), forward, q, scored.recorded[q])
    for q in (7, 3, 11):  # the last one with the same generator: it redraws the posterior
        backward = strategy.tell(rng(q), backward, q, scored.recorded[q])
    known = blank.copy()
    known[rows] = scored.recorded[rows]
    at_once = strategy.init(rng(rows[-1]), scored, known)
    first, *others = [strategy.recommend(rng(1), s) for s in (forward, backward, at_once)]
    for other in others:
        same(strategy, first, other)
    assert (blank == MISSING).all()  # told rows did not reach the first state's array
    again = strategy.recommend(rng(1), start)
    np.testing.assert_array_equal(again.draws.win_rate, before.draws.win_rate)
    assert not np.array_equal(again.draws.win_rate, first.draws.win_rate)


def test_probabilities_are_probabilities(strategy, scored):
    blank = np.full((scored.n_queries, scored.n_candidates), MISSING, dtype=np.int8)
    state = strategy.init(rng(0), scored, blank)
    for q in range(5):
        standing = strategy.recommend(rng(1), state)
        assert standing.p_best.shape == (scored.n_candidates,)
        assert standing.p_best.sum() == pytest.approx(1)
        assert standing.p_best.min() >= 0
        low, high = standing.interval().T
        assert np.all((low >= 0) & (low <= high) & (high <= 1))
        assert np.all(standing.p_within(0.0) >= standing.draws.p_best.mean(0) - 1e-6)
        assert np.all(standing.p_within(1.0) == 1)
        state = strategy.tell(rng(q), state, q, scored.recorded[q])


def blank_of(task):
    return np.full((task.n_queries, task.n_candidates), MISSING, dtype=np.int8)


def test_only_available_cells_are_asked(strategy, scored):
    state = strategy.init(rng(0), scored, blank_of(scored))
    available = np.zeros((scored.n_queries, scored.n_candidates), dtype=bool)
    available[[5, 9]] = [True, False, True, True, False]
    cost = np.ones(available.shape)
    for seed in range(10):
        (one,) = strategy.ask(rng(seed), state, available, cost)
        assert available[one.query, one.candidates].all()
        assert (np.diff(one.candidates) > 0).all()
        assert len(one.candidates) == 3 or strategy.unit == "cells"
        assert np.isnan(one.info.chance) or 0 < one.info.chance <= 1
        (again,) = strategy.ask(rng(seed), state, available, cost)
        assert (again.query, *again.candidates) == (one.query, *one.candidates)


def test_a_batch_has_as_many_calls_and_no_cell_twice(strategy, scored):
    state = strategy.init(rng(0), scored, blank_of(scored))
    available = np.ones((scored.n_queries, scored.n_candidates), dtype=bool)
    available[3:] = False
    cost = np.ones(available.shape)
    for batch, calls in ((2, 2), (7, 7), (99, 15)):
        seen = np.zeros(available.shape, dtype=int)
        for choice in strategy.ask(rng(1), state, available, cost, batch):
            assert seen.sum() < batch  # none is chosen once there are enough
            seen[choice.query, choice.candidates] += 1
        assert seen.max() == 1
        assert seen[3:].sum() == 0
        assert seen.sum() >= calls


def test_what_it_says_it_does_not_read_changes_nothing(strategy, scored):
    state, free = strategy.init(rng(0), scored, blank_of(scored)), np.ones(scored.recorded.shape)
    if not strategy.reads_costs:
        cost = rng(1).uniform(0.1, 9.0, free.shape)
        (one,) = strategy.ask(rng(2), state, free > 0, free)
        (other,) = strategy.ask(rng(2), state, free > 0, cost)
        assert (one.query, *one.candidates) == (other.query, *other.candidates)
    if not strategy.reads_given:
        told = scored.with_weak_judge("cheap", scored.recorded.astype(float), "verdict")
        with_given = strategy.init(rng(0), told, blank_of(scored))
        same(strategy, strategy.recommend(rng(3), state), strategy.recommend(rng(3), with_given))


def test_whole_queries_without_judgments_come_before_the_rest_of_others(strategy, scored):
    if strategy.unit != "queries":
        pytest.skip("chooses cells")
    part = np.full(scored.n_candidates, MISSING, dtype=np.int8)
    part[:2] = 1
    state = strategy.tell(rng(1), strategy.init(rng(0), scored, blank_of(scored)), 4, part)
    available = np.zeros((scored.n_queries, scored.n_candidates), dtype=bool)
    available[4, 2:] = available[7] = True
    first, rest = strategy.ask(rng(2), state, available, np.ones(available.shape), 6)
    assert (first.query, len(first.candidates)) == (7, 5)
    assert (rest.query, rest.candidates.tolist()) == (4, [2, 3, 4])


def test_a_row_judged_in_part_counts_where_it_was_judged(strategy, scored):
    blank = np.full((scored.n_queries, scored.n_candidates), MISSING, dtype=np.int8)
    part = np.full(scored.n_candidates, MISSING, dtype=np.int8)
    part[2] = 1
    state = strategy.init(rng(0), scored, blank)
    for q in range(8):
        state = strategy.tell(rng(q), state, q, part)
    standing = strategy.recommend(rng(0), state)
    assert standing.best == 2
    rate = standing.draws.win_rate.mean(0)
    assert rate[2] > 0.7
    assert np.all(np.delete(rate, 2) < rate[2])
    if strategy.name not in ("bayessel", "contenders"):  # whose models take them to be alike
        assert np.all(np.abs(np.delete(rate, 2) - 0.5) < 0.1)


def test_unknown_names_and_options():
    with pytest.raises(UnknownNameError, match="did you mean 'llm-selector'"):
        make_strategy("llm-selecter")
    with pytest.raises(BudgetError, match="takes no eps_loss"):
        make_strategy("random", eps_loss=0.1)
    with pytest.raises(BudgetError, match="sum below 1"):
        make_strategy("llm-selector", eps_loss=0.5, eps_draw=0.5)


def test_too_few_draws_are_refused():
    for name in STRATEGIES:
        with pytest.raises(BudgetError, match="at least 100"):
            make_strategy(name, draws=10)


def test_a_row_told_in_parts_is_the_row(strategy, scored):
    blank = np.full((scored.n_queries, scored.n_candidates), MISSING, dtype=np.int8)
    start = strategy.init(rng(0), scored, blank)
    row = scored.recorded[4]
    part = np.where(np.arange(scored.n_candidates) < 2, row, MISSING).astype(np.int8)
    twice = strategy.tell(rng(2), strategy.tell(rng(1), start, 4, part), 4, row)
    once = strategy.tell(rng(2), start, 4, row)
    same(strategy, *(strategy.recommend(rng(3), s) for s in (twice, once)))
