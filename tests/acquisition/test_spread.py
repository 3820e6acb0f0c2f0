from __future__ import annotations

import numpy as np
import pytest

from bayessel import Bayessel, Selector
from bayessel.acquisition.spread import spread_weights
from bayessel.inference.signals import Signals
from bayessel.outcomes import MISSING


def test_weights_are_powers_of_the_rank():
    weight = spread_weights(np.array([0.3, -1.0, 7.0, 0.1]))
    np.testing.assert_allclose(weight, (np.array([2.5, 0.5, 3.5, 1.5]) / 4) ** 4)


def test_rows_that_tie_weigh_the_same():
    np.testing.assert_allclose(spread_weights(np.zeros(5)), 0.5**4)
    weight = spread_weights(np.array([1.0, 1.0, 0.0, 2.0]))
    np.testing.assert_allclose(weight, (np.array([2, 2, 0.5, 3.5]) / 4) ** 4)


def test_varied_rows_are_asked_more_often_and_no_row_is_left_out(task):
    """Rank correlation of chance and choice: 300 draws, a false alarm in 1e6."""
    strategy = Bayessel(acquisition="spread", whole_queries=True)
    scored = Selector(task, strategy).task
    blank = np.full_like(task.recorded, MISSING)
    state = strategy.init(np.random.default_rng(0), scored, blank)
    spread = state.evidence.signals.spread
    free, cost = np.ones(blank.shape, dtype=bool), np.ones(blank.shape)
    asked = [strategy.ask(np.random.default_rng(r), state, free, cost)[0].query for r in range(300)]
    upper = spread[asked] > np.median(spread)
    assert upper.mean() > 31 / 32 - 5 * np.sqrt(31) / 32 / np.sqrt(300)
    assert len(set(asked)) > task.n_queries // 4


def test_one_odd_response_does_not_make_a_query_stand_out():
    rng = np.random.default_rng(0)
    score = rng.normal(size=(1, 50, 9))
    score[0, 0] = 0.0
    score[0, 0, 4] = 4.0  # all alike but one
    spread = Signals(score, ("a weak judge",)).spread
    assert spread[0] < np.quantile(spread, 0.1)  # by the standard deviation: above the median
    assert score[0, 0].std() > np.median(score[0].std(axis=1))


@pytest.mark.parametrize("acquisition", ["expected-regret", "information-gain", "random"])
def test_other_acquisitions_run(task, acquisition):
    selector = Selector(task, Bayessel(acquisition=acquisition, draws=200, whole_queries=True)).run(
        budget=20
    )
    history = selector.history.drop_duplicates("question")
    assert len(history) == 4
    if acquisition == "random":
        np.testing.assert_allclose(history["chance"], 1 / (task.n_queries - np.arange(4)))
        assert history["score"].isna().all()
    else:
        assert np.isfinite(history["score"]).all()
