"""Rivals that count points: random cells, racing, successive halving and UCB-E, on small cases."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare, t

from bayessel import make_strategy
from bayessel.errors import BudgetError
from bayessel.outcomes import MISSING
from bayessel.strategies.rivals.racing import paired_differences

M = MISSING


def rng(*key: int) -> np.random.Generator:
    return np.random.default_rng(key)


def known(strategy, outcome):
    return strategy.init(rng(0), None, np.array(outcome, dtype=np.int8))


def ask(strategy, state, available=None, batch=1, seed=0):
    free = state.outcome == M if available is None else available
    return strategy.ask(rng(seed), state, free, np.ones(free.shape), batch)


def answered(strategy, truth, calls, seed=0):
    """State and questions after so many calls, all answered by ``truth`` [N, M]."""
    random = rng(seed)
    state = known(strategy, np.full(truth.shape, M))
    asked = []
    while calls > 0 and (state.outcome == M).any():
        free = state.outcome == M
        (choice,) = strategy.ask(random, state, free, np.ones(free.shape))
        row = np.full(truth.shape[1], M, dtype=np.int8)
        row[choice.candidates] = truth[choice.query, choice.candidates]
        state = strategy.tell(random, state, choice.query, row)
        asked.append(choice)
        calls -= len(choice.candidates)
    return state, asked


def test_every_free_cell_is_as_likely():
    strategy = make_strategy("random-cells")
    state = known(strategy, [[1, M, M], [M, 0, M], [M, M, -1]])
    hits = np.zeros((3, 3))
    for seed in range(600):
        (one,) = ask(strategy, state, seed=seed)
        assert one.info.chance == pytest.approx(1 / 6)
        hits[one.query, one.candidates] += 1
    assert (hits.diagonal() == 0).all()
    assert chisquare(hits[hits > 0]).pvalue > 1e-5  # the false-alarm rate
    assert np.count_nonzero(hits) == 6
    assert strategy.named(rng(0), state) == 0


def test_points_are_counted_as_they_come():
    strategy = make_strategy("random-cells")
    truth = rng(3).integers(-1, 2, (6, 4))
    state, _ = answered(strategy, truth, 13)
    again = known(strategy, state.outcome)
    np.testing.assert_array_equal(state.judged, again.judged)
    np.testing.assert_array_equal(state.points, again.points)
    twice = strategy.tell(rng(0), state, 2, state.outcome[2])
    np.testing.assert_array_equal(twice.points, state.points)


def test_ucb_e_takes_the_highest_bound_and_counts_its_batch():
    strategy = make_strategy("ucb-e", a=0.5)
    state = known(strategy, [[1, -1, 0], [1, M, 0], [1, M, M], [0, M, M], [M, M, M], [M, M, M]])
    # means 7/8, 0, 1/2; bounds 7/8 + sqrt(.5/4) = 1.229, sqrt(.5) = .707, 1/2 + sqrt(.25) = 1
    (one,) = ask(strategy, state)
    assert one.candidates.tolist() == [0]
    assert one.query in (4, 5)
    assert one.info.score == pytest.approx(0.875 + np.sqrt(0.125))
    assert one.info.chance == pytest.approx(1 / 2)
    unjudged = known(strategy, [[1, M, 0], [1, M, 0], [M, M, M]])
    assert ask(strategy, unjudged)[0].candidates.tolist() == [1]
    with pytest.raises(BudgetError, match="a=0"):
        make_strategy("ucb-e", a=0.0)


def test_ucb_e_counts_the_cells_of_its_batch():
    strategy = make_strategy("ucb-e")
    outcome = np.full((9, 3), M)
    outcome[:2] = [[1, 1, -1], [1, 0, -1]]
    # bounds 1 + sqrt(1 / n) with n = 2, 3, 4, 5: 1.71, 1.58, 1.5, 1.447; .75 + sqrt(1 / 2) = 1.457
    batch = ask(strategy, known(strategy, outcome), batch=4)
    assert [c.candidates.tolist() for c in batch] == [[0], [0], [0], [1]]
    assert len({c.query for c in batch[:3]}) == 3


def test_paired_differences_against_loops():
    outcome = rng(1).choice([-1, 0, 1, M], size=(12, 4)).astype(np.int8)
    n, mean, squares = paired_differences(outcome)
    for i in range(4):
        for j in range(4):
            both = (outcome[:, i] != M) & (outcome[:, j] != M)
            d = (outcome[both, j].astype(float) - outcome[both, i]) / 2
            assert n[j, i] == both.sum()
            assert mean[j, i] == pytest.approx(d.mean() if len(d) else 0)
            assert squares[j, i] == pytest.approx(((d - d.mean()) ** 2).sum() if len(d) else 0)


def test_racing_drops_by_the_bound_that_it_states():
    strategy = make_strategy("racing", error=0.1)
    outcome = np.full((30, 3), M)
    outcome[:6, 0], outcome[:6, 2] = 1, [1, 0, 1, 1, 0, 1]
    outcome[:6, 1] = [-1, 0, -1, -1, 0, -1]  # differences to 0: -1, -1/2, -1, -1, -1/2, -1
    d = np.array([-1, -0.5, -1, -1, -0.5, -1])
    variance = (((d - d.mean()) ** 2).sum() + 0.25) / 5
    upper = d.mean() + t.ppf(1 - 0.1 / 2, 5) * np.sqrt(variance / 6)
    assert upper < 0
    state = known(strategy, outcome)
    assert strategy.survivors(state).tolist() == [True, False, True]
    (one,) = ask(strategy, state)
    assert one.candidates.tolist() == [0, 2]
    assert one.query >= 6
    few = outcome.copy()
    few[4:] = M  # four queries are too few, whatever they say
    assert strategy.survivors(known(strategy, few)).all()
    bernstein = make_strategy("racing", bound="bernstein", error=0.1)
    assert bernstein.survivors(state).all()  # 6 log(3 * 6 * 7 / .05) / 6 is above 7
    outcome[:, 0], outcome[:, 1] = 1, -1  # all alike: -1 + 6 log(3 * 30 * 31 / .05) / 30 > 0
    assert bernstein.survivors(known(bernstein, outcome)).all()
    assert strategy.survivors(known(strategy, outcome)).tolist() == [True, False, True]
    for wrong in ({"bound": "hoeffding"}, {"error": 1.0}):
        with pytest.raises(BudgetError, match="expected"):
            make_strategy("racing", **wrong)


@pytest.mark.parametrize("bound", ["t", "bernstein"])
def test_the_bounds_by_loops(bound):
    strategy = make_strategy("racing", bound=bound, error=0.4)
    random, dropped = rng(8), 0
    for _ in range(200):
        n = int(random.integers(5, 200 if bound == "t" else 900))
        outcome = np.where(random.random((n, 3)) < random.random(3), 1, -1).astype(np.int8)
        outcome[random.random((n, 3)) < 0.2] = M
        expected = np.ones(3, dtype=bool)
        for j, i in ((0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)):
            both = (outcome[:, i] != M) & (outcome[:, j] != M)
            d = (outcome[both, j].astype(float) - outcome[both, i]) / 2
            if len(d) < 5:
                continue
            if bound == "t":
                variance = (((d - d.mean()) ** 2).sum() + 0.25) / (len(d) - 1)
                width = t.ppf(1 - 0.2, len(d) - 1) * np.sqrt(variance / len(d))
            else:
                log = np.log(3 * len(d) * (len(d) + 1) / 0.2)
                width = np.sqrt(2 * d.var() * log / len(d)) + 6 * log / len(d)
            expected[j] &= d.mean() + width >= 0
        found = strategy.survivors(known(strategy, outcome))
        np.testing.assert_array_equal(found, expected if expected.any() else True)
        dropped += (~expected).sum()
    assert dropped > 50  # of 600


def test_bernstein_drops_what_is_far_behind():
    strategy = make_strategy("racing", bound="bernstein")
    outcome = np.tile(np.array([1, -1], dtype=np.int8), (150, 1))
    # -1 + 6 log(3 n (n + 1) / .05) / n is above 0 at 60 and below it at 150
    assert strategy.survivors(known(strategy, outcome[:60])).all()
    assert strategy.survivors(known(strategy, outcome)).tolist() == [True, False]


@pytest.mark.parametrize("name", ["racing", "successive-halving"])
def test_rows_are_for_survivors_and_whoever_is_out_stays_out(name):
    strategy = make_strategy(name)
    truth = np.where(rng(2).random((60, 5)) < [0.9, 0.7, 0.5, 0.3, 0.1], 1, -1)
    random = rng(5)
    state = known(strategy, np.full(truth.shape, M))
    before = np.ones(5, dtype=bool)
    for _ in range(40):
        inside = strategy.survivors(state)
        assert not (inside & ~before).any()
        before = inside
        free = state.outcome == M
        (choice,) = strategy.ask(random, state, free, np.ones(free.shape))
        assert set(choice.candidates) <= set(np.flatnonzero(inside))
        row = np.where(np.isin(np.arange(5), choice.candidates), truth[choice.query], M)
        state = strategy.tell(random, state, choice.query, row.astype(np.int8))
        assert strategy.survivors(state)[strategy.named(rng(1), state)]
    assert inside.sum() < 5
    assert strategy.named(rng(0), state) == 0
    # the same is known from the cells alone
    np.testing.assert_array_equal(
        strategy.survivors(known(strategy, state.outcome)), strategy.survivors(state)
    )


def test_halving_spends_its_total_in_equal_rounds():
    strategy = make_strategy("successive-halving", total=120)
    assert strategy.rounds(50, 8) == [(8, 5), (4, 15), (2, 35), (1, 50)]  # 40 calls a round
    assert make_strategy("successive-halving").rounds(40, 5)[:3] == [(5, 3), (3, 8), (2, 16)]
    truth = np.tile(np.array([-1, -1, -1, -1, 1, 0, 1, -1]), (50, 1))
    truth[:30, 6] = 0
    truth[40:, 4] = 0
    state, asked = answered(strategy, truth, 120)
    sizes = [len(choice.candidates) for choice in asked]
    assert sizes == [8] * 5 + [4] * 10 + [2] * 20
    assert sorted(state.judged) == [5, 5, 5, 5, 15, 15, 35, 35]
    assert strategy.survivors(state).sum() == 1
    assert strategy.named(rng(0), state) == 4  # .8 against .7, .5 and 0
    with pytest.raises(BudgetError, match="total 0"):
        make_strategy("successive-halving", total=0)


def test_halving_goes_on_where_answers_are_missing():
    strategy = make_strategy("successive-halving", total=40)
    outcome = np.full((10, 4), M)
    outcome[:5] = [1, 0, -1, -1]
    outcome[3:5, 3] = M  # nobody can say what candidate 3 is worth there
    state = known(strategy, outcome)
    free = state.outcome == M
    assert strategy.survivors(state, free).all()  # it can be asked elsewhere
    free[:, 3] = False
    assert strategy.survivors(state, free).tolist() == [True, True, False, False]
