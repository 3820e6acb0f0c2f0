"""Expected win rates: those of the draws, with less Monte Carlo error.

Five standard errors of 4 candidates and 2 cases: a false alarm in 2e5 runs.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from bayessel import Selector, Task
from bayessel.inference.evidence import Evidence
from bayessel.inference.gibbs.population import expected_win_rates, population
from bayessel.inference.gibbs.sweeps import sweep
from bayessel.inference.load import load_model
from bayessel.outcomes import MISSING, win_rate
from bayessel.strategies.bayessel import Bayessel
from known_weak_judges import base, cells, noise, rows, with_scores


def scored() -> Task:
    task = base(n_queries=60)
    return with_scores(task, x=noise(task, 1), y=task.recorded + noise(task, 2))


@pytest.mark.parametrize("part", [False, True])
def test_of_the_regression_they_are_the_means_of_the_draws(part: bool) -> None:
    task = scored()
    outcome = cells(task, 3, share=0.15) if part else rows(task, 5)
    model = load_model("regression")
    data = model.prepare(Evidence.of(task, outcome))
    swept = sweep(np.random.default_rng(0), data, model.priors, 4000, every=5)
    drawn = population(outcome, swept).win_rate
    expected = expected_win_rates(outcome, swept)
    error = drawn.std(axis=0) / np.sqrt(len(drawn) / 4)  # states are alike
    np.testing.assert_array_less(np.abs(drawn.mean(axis=0) - expected), 5 * error)


@pytest.mark.parametrize(("model", "share"), [("regression", 0.75), ("dual_parameter:paper", 0.8)])
def test_they_vary_less_with_the_seed(model: str, share: float) -> None:
    task, strategy = scored(), Bayessel(model=model, draws=128)
    outcome = rows(task, 5)
    states = [strategy.init(np.random.default_rng(s), task, outcome) for s in range(12)]
    drawn = np.stack([state.draws.win_rate.mean(axis=0) for state in states])
    expected = np.stack([state.expected for state in states])
    assert expected.std(axis=0).mean() < share * drawn.std(axis=0).mean()
    np.testing.assert_allclose(expected.mean(axis=0), drawn.mean(axis=0), atol=0.03)
    standing = strategy.recommend(np.random.default_rng(0), states[0])
    assert standing.best == standing.win_rate.argmax() == expected[0].argmax()


@pytest.mark.parametrize("model", ["regression", "dual_parameter:paper"])
def test_where_all_is_judged_they_are_the_win_rates(model: str) -> None:
    task, strategy = scored(), Bayessel(model=model, draws=100)
    assert (task.recorded != MISSING).all()
    state = strategy.init(np.random.default_rng(0), task, task.recorded)
    np.testing.assert_allclose(state.expected, win_rate(task.recorded), atol=1e-6)


def test_the_recommendation_is_by_them_and_not_by_the_draws() -> None:
    task, strategy = scored(), Bayessel(draws=100)
    state = strategy.init(np.random.default_rng(0), task, rows(task, 5))
    turned = SimpleNamespace(
        draws=state.draws, expected=1 - state.expected, more_draws=state.more_draws, p_f=None
    )
    standing = strategy.recommend(np.random.default_rng(0), turned)
    assert standing.best == state.expected.argmin()
    np.testing.assert_array_equal(standing.win_rate, turned.expected)


def test_p_f_stands_beside_p_best_where_f_is_a_parameter() -> None:
    selector = Selector(scored(), "bayessel", model="dual_parameter:paper", draws=100, seed=0)
    query = selector.task.queries[0]
    selector.tell(query, dict(zip(selector.task.candidates, (1, -1, -1, 0), strict=True)))
    table, posterior = selector.table, selector.posterior["posterior"]
    assert table["p_f"].sum() == pytest.approx(1)
    np.testing.assert_allclose(
        posterior["p_f"].mean(("chain", "draw")).sel(candidate=table.index), table["p_f"]
    )
    assert "p_f" not in Selector(scored(), "bayessel", draws=100, seed=0).table
