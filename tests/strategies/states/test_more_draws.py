"""The posterior that a selection records: real chains, long enough by default for usual limits."""

from __future__ import annotations

import arviz as az
import numpy as np
import pytest

from bayessel import Selector
from known_weak_judges import base, noise, with_scores


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "chains"), [("two_way", 4), ("regression", 4), ("item_response", 64)]
)
def test_chains_of_the_record_agree(model, chains):
    """Of one seed each; the same posterior as the step's, within six standard errors."""
    task = base(n_queries=40, n_candidates=4)
    task = with_scores(task, x=task.recorded + noise(task, 1))
    selector = Selector(task, "bayessel", model=model, seed=1)
    selector.run(budget=32)  # calls: eight queries
    posterior = selector.posterior["posterior"].to_dataset()
    assert posterior.sizes["chain"] == chains
    win_rate = posterior[["win_rate"]]
    assert float(az.rhat(win_rate)["win_rate"].max()) < 1.01
    size = az.ess(win_rate)["win_rate"].to_numpy()
    assert size.min() > 400
    step = selector.standing.draws.win_rate
    error = np.sqrt(step.var(axis=0) * (1 / size + 1 / 32))  # of a step a quarter of its 128 states
    recorded = win_rate["win_rate"].mean(["chain", "draw"]).to_numpy()
    assert np.all(np.abs(recorded - step.mean(axis=0)) < 6 * error)


def test_the_record_is_the_same_each_time():
    task = base(n_queries=20, n_candidates=3)
    selector = Selector(task, "bayessel", weak_judges=(), seed=1)
    first, second = (selector.posterior["posterior"]["win_rate"].to_numpy() for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_independent_draws_are_laid_out_as_four_chains():
    task = base(n_queries=20, n_candidates=3)
    posterior = Selector(task, "random", seed=1).posterior["posterior"]
    assert posterior.sizes["chain"] == 4
