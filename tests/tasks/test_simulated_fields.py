"""Generated fields are hard in the way that they are said to be."""

from __future__ import annotations

import numpy as np
import pytest

from bayessel.errors import BudgetError, UnknownNameError
from bayessel.tasks.simulated_fields import FIELDS, field_of, simulate_field


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_is_generated_from_its_seed(name):
    task = simulate_field(name, seed=2)
    assert (task.n_queries, task.n_candidates) == (400, 40)
    assert not task.has_texts
    assert set(np.unique(task.recorded)) == {-1, 0, 1}
    np.testing.assert_array_equal(field_of(f"simulated:{name}:2").recorded, task.recorded)
    assert not np.array_equal(field_of(f"simulated:{name}").recorded, task.recorded)


def test_each_is_hard_in_its_own_way():
    rate = {name: np.sort(simulate_field(name, 4000).win_rate) for name in FIELDS}
    recorded = {name: simulate_field(name, 4000).recorded for name in FIELDS}
    range_of = {name: values[-1] - values[0] for name, values in rate.items()}
    assert 0.05 < range_of["close"] < 0.15
    assert range_of["spread"] > 0.7
    assert rate["spread"][-1] - rate["spread"][-5] > 0.03  # few can win
    assert 0.65 < (recorded["draws"] == 0).mean() < 0.8
    assert max((recorded[n] == 0).mean() for n in FIELDS if n != "draws") < 0.25
    # queries where the better half of the candidates does better: three in four say nothing
    theta = np.argsort(simulate_field("hard", 4000).win_rate)
    better = recorded["hard"][:, theta[20:]].mean(1) - recorded["hard"][:, theta[:20]].mean(1)
    assert 0.05 < better.mean() < 0.25
    rows = {name: recorded[name].mean(axis=1).std() for name in FIELDS}
    assert max(rows, key=rows.get) == "hard"
    families = rate["twins"].reshape(10, 4)
    assert np.ptp(families, axis=1).mean() < 0.25 * np.diff(families.mean(axis=1)).mean() + 0.02
    assert np.diff(families.mean(axis=1)).min() > 0.03


def test_what_is_refused():
    with pytest.raises(UnknownNameError, match="did you mean 'twins'"):
        simulate_field("twin")
    with pytest.raises(BudgetError, match="n_queries 0"):
        simulate_field("close", 0)
    with pytest.raises(BudgetError, match="expected simulated:NAME or simulated:NAME:SEED"):
        field_of("simulated:close:-1")
