"""What is said of a question: its chance, its score, why it was asked."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from bayessel.acquisition import top_two
from bayessel.acquisition.base import CellScores, Moments
from bayessel.outcomes import MISSING
from bayessel.strategies.states.questions import choose_cells

N, M = 40, 4


@dataclass
class Known:
    """A state and its cells: the first candidate leads; the last two are as likely the best."""

    held: np.ndarray  # [N, M] judged, or held as judged
    may: np.ndarray
    queries: np.ndarray
    most: int = M
    p_best = np.array([[0.4, 0.2, 0.2, 0.2]])
    expected = np.array([0.8, 0.7, 0.6, 0.6])

    @property
    def evidence(self):
        return SimpleNamespace(outcome=np.where(self.held, 1, MISSING))

    @property
    def leading(self):
        return np.arange(self.most)

    def seeing(self, most):
        return self

    def cells(self, queries, available):
        return Known(self.held, available, queries, self.most)

    def with_cells(self, rng, query, candidates):
        held, may = self.held.copy(), self.may.copy()
        held[query, candidates], may[query, candidates] = True, False
        return Known(held, may, self.queries, self.most)

    @property
    def judged(self):
        return self.held[self.queries, : self.most]

    @property
    def available(self):
        return self.may[self.queries, : self.most]

    @property
    def new(self):
        return ~self.held[self.queries].any(axis=1)

    @property
    def moments(self):
        return Moments(self.expected[: self.most], np.eye(self.most), None, None, None)


def judged(*cells):
    """A table of which these cells are judged, (query, candidate)."""
    held = np.zeros((N, M), dtype=bool)
    for query, candidate in cells:
        held[query, candidate] = True
    return held


def pick(*wanted, by_query=False):
    """Scores that are highest for two cells of a new query, or for one cell of any."""

    def cells(seen):
        shape = seen.available.shape
        single, pair = np.full(shape, 0.1), np.full((*shape, shape[1]), 0.1)
        at = tuple(sorted(wanted, reverse=True))
        (single if len(at) == 1 else pair)[:, *at] = 9.0
        if by_query:
            single += seen.queries[:, None]
            pair += seen.queries[:, None, None]
        return CellScores(single, pair)

    return cells


def ask(cells, held, *, seed=0, batch=1, cost=None, may=None, most=M):
    may = ~held if may is None else may & ~held
    cost = np.ones((N, M)) if cost is None else cost
    state = Known(held, may, np.arange(0), most)
    return choose_cells(np.random.default_rng(seed), cells, state, may, cost, batch)


# ---------------------------------------------------------------------- chance
FIRST_ROW = judged(*((0, j) for j in range(M)))


def test_the_chance_of_a_new_query_is_one_of_all_that_are_new():
    (one,) = ask(pick(0, 1), FIRST_ROW)
    assert one.info.chance == pytest.approx(1 / 39)
    asked = {ask(pick(0, 1), FIRST_ROW, seed=seed)[0].query for seed in range(100)}
    assert len(asked) > 30  # the chance that one of 39 is asked more than 10 times less is nil


def test_the_chances_of_a_batch_are_given_those_before():
    batch = ask(pick(0, 1), FIRST_ROW, batch=8)
    assert [len(one.candidates) for one in batch] == [2] * 4
    np.testing.assert_allclose([one.info.chance for one in batch], 1 / (39 - np.arange(4)))


def test_a_drawn_question_on_a_new_query_has_its_own_chance():
    (one,) = ask(top_two.cells, FIRST_ROW)
    assert one.info.chance == pytest.approx(1 / 3 / 39)


def test_a_certain_pick_on_an_opened_query_has_the_chance_of_one():
    held = judged((0, 0))
    may = ~judged(*((q, 1) for q in range(1, N)))
    (one,) = ask(pick(1), held, may=may)
    assert (one.query, *one.candidates) == (0, 1)
    assert one.info.chance == 1


def test_the_chance_is_not_known_where_new_queries_are_not_alike():
    dear = np.ones((N, M))
    dear[30] = 5.0
    short = np.ones((N, M), dtype=bool)
    short[30, 1] = False
    for given in ({"cost": dear}, {"may": short}):
        (one,) = ask(pick(0, 1), FIRST_ROW, **given)
        assert np.isnan(one.info.chance)
    (one,) = ask(pick(0, 1, by_query=True), FIRST_ROW)
    assert np.isnan(one.info.chance)
    few = np.zeros((N, M), dtype=bool)
    few[:5] = True  # four are new: a step looks at all of them
    (one,) = ask(pick(0, 1, by_query=True), FIRST_ROW, may=few)
    assert (one.query, one.info.chance) == (4, 1)


def test_first_and_last_questions_are_drawn_given_those_before():
    first = ask(pick(0, 1), judged(), batch=8)
    np.testing.assert_allclose([one.info.chance for one in first], [1 / 40, 1 / 39])
    may = np.zeros((N, M), dtype=bool)
    may[5:8, 3] = True  # of who does not lead
    last = ask(pick(0, 1), FIRST_ROW, batch=3, may=may, most=2)
    np.testing.assert_allclose([one.info.chance for one in last], [1 / 3, 1 / 2, 1])


# ---------------------------------------------------------------------- one question of several
def falling(seen):
    """Single cells only: 8, 4, 2, 1 by candidate."""
    shape = seen.available.shape
    single = np.broadcast_to(2.0 ** (3 - np.arange(shape[1])), shape)
    return CellScores(single, np.zeros((*shape, shape[1])), np.zeros(shape))


def test_choices_on_one_query_are_one_question_with_their_score_and_chance_together():
    may = np.zeros((N, M), dtype=bool)
    may[7:9] = True
    cost = np.ones((N, M))
    cost[:, 1] = 2.0
    one, two = ask(falling, FIRST_ROW, batch=6, may=may, cost=cost)
    assert sorted([len(one.candidates), len(two.candidates)]) == [3, 3]
    # on both: 8, 4 and 2 for the costs 1, 2 and 1. The order is by value per unit of cost: 8 of
    # either query, 8 of the other; then 2 and 2 in four places of which two are on each query
    for question in (one, two):
        np.testing.assert_array_equal(question.candidates, [0, 1, 2])
        assert question.info.score == pytest.approx(14 / 4)
        assert np.isnan(question.info.error)
    assert one.info.chance * two.info.chance == pytest.approx(1 / 2 / (4 * 3 * 2))


# ---------------------------------------------------------------------- why
LEADER_HERE, OTHERS_HERE = judged((0, 0), (1, 1), (1, 2)), judged((0, 1), (1, 0), (1, 2))
ONLY_FIRST = np.arange(N)[:, None] == 0


@pytest.mark.parametrize(
    ("wanted", "held", "only", "why"),
    [
        ((0, 1), FIRST_ROW, None, "the leader and a challenger, on a new query"),
        ((1, 2), FIRST_ROW, None, "2 challengers, on a new query"),
        ((0,), FIRST_ROW, None, "the leader, on a new query"),
        ((2,), FIRST_ROW, None, "a challenger, on a new query"),
        (
            (0, 3),
            LEADER_HERE,
            None,
            "the leader and a challenger (1 not judged yet), on a new query",
        ),
        (
            (1,),
            LEADER_HERE,
            ONLY_FIRST,
            "a challenger catches up on a query that the leader was judged on",
        ),
        (
            (3,),
            LEADER_HERE,
            ONLY_FIRST,
            "a challenger (not judged yet), on a query that the leader was judged on",
        ),
        ((0,), OTHERS_HERE, ONLY_FIRST, "the leader, on a query that others were judged on"),
        ((2,), OTHERS_HERE, ONLY_FIRST, "a challenger, on a query that others were judged on"),
    ],
)
def test_why_says_who_is_asked_and_on_which_kind_of_query(wanted, held, only, why):
    (one,) = ask(pick(*wanted), held, may=np.ones((N, M), bool) if only is None else only & ~held)
    assert one.candidates.tolist() == list(wanted)
    assert one.info.why == why


def test_why_of_a_question_of_several_choices_is_of_all_its_candidates():
    only = np.broadcast_to(np.arange(N)[:, None] == 7, (N, M))
    (one,) = ask(falling, FIRST_ROW, batch=3, may=only)
    assert one.info.why == "the leader and 2 challengers, on a new query"
    here = np.broadcast_to(ONLY_FIRST, (N, M))
    (one,) = ask(falling, judged((0, 0), (1, 1), (1, 2)), batch=2, may=here)
    assert one.info.why == "2 challengers catch up on a query that the leader was judged on"
    (one,) = ask(falling, FIRST_ROW, batch=4, may=only, most=2)
    assert one.info.why == (
        "the leader, a challenger and 2 other candidates, on a new query; "
        "in part drawn, since the leading candidates have no cell left"
    )


def test_why_says_how_a_question_was_drawn():
    def close(seen):
        shape = seen.available.shape
        single, pair = np.ones(shape), np.ones((*shape, shape[1]))
        return CellScores(single, pair, single / 2, pair / 2)

    def flat(seen):
        shape = seen.available.shape
        return CellScores(np.zeros(shape), np.zeros((*shape, shape[1])))

    who = "the leader and a challenger, on a new query"
    (one,) = ask(close, FIRST_ROW)
    assert one.info.why == (
        f"{who}; drawn by P(best), since the best scores differ by less than their Monte Carlo "
        "error"
    )
    (one,) = ask(flat, FIRST_ROW)
    assert one.info.why == f"{who}; drawn by P(best), since no score is above 0"
    (one,) = ask(top_two.cells, FIRST_ROW)
    assert one.info.why == f"{who}; drawn"
    first, _ = ask(flat, judged(), batch=8)
    assert first.info.why == "nothing is judged yet: drawn, for all candidates"


# ---------------------------------------------------------------------- draws and costs
def test_who_costs_more_is_drawn_less():
    """Three challengers are as likely the best; one costs 100 times as much.

    It is drawn with the chance 1 / 201: more than 20 times in 900 with a probability below 1e-6,
    where costs that are left aside give 300 times.
    """
    may = np.broadcast_to(ONLY_FIRST, (N, M))
    cost = np.ones((N, M))
    cost[:, 2] = 100.0
    asked = [ask(top_two.cells, LEADER_HERE, may=may, cost=cost, seed=s)[0] for s in range(900)]
    chance = {int(one.candidates[0]): one.info.chance for one in asked}
    for candidate, weight in ((1, 1), (3, 1), (2, 0.01)):
        assert chance.get(candidate, weight / 2.01) == pytest.approx(weight / 2.01)
    assert sum(2 in one.candidates for one in asked) <= 20


def test_two_calls_that_cost_the_same_are_drawn_as_one():
    """Candidate 3 has no cell to catch up on: it is judged with the leader, for two calls."""
    may = np.ones((N, M), dtype=bool)
    may[0, 3] = False
    for price in (1.0, 7.0):
        cost = np.full((N, M), price)
        asked = [ask(top_two.cells, LEADER_HERE, may=may, cost=cost, seed=s)[0] for s in range(60)]
        total = {len(one.candidates): one.info.chance for one in asked}
        assert total == pytest.approx({1: 1 / 3, 2: 1 / 3 / 38})
