"""The simulator."""

from __future__ import annotations

import numpy as np
import pytest

from bayessel import simulate_task
from bayessel.errors import BudgetError


def test_the_simulator_is_what_it_says():
    task = simulate_task(n_queries=2000, n_candidates=5, spread=1.0, draw_band=0.2, seed=1)
    assert repr(task).startswith("Task(2000 queries x 5 candidates against 'baseline'; 10000 of")
    rates = np.sort(task.win_rate)
    assert rates[0] < 0.25
    assert rates[-1] > 0.75
    draws = (task.recorded == 0).mean()
    assert 0.05 < draws < 0.15
    same = simulate_task(n_queries=20, n_candidates=3, seed=7)
    assert same.fingerprint == simulate_task(n_queries=20, n_candidates=3, seed=7).fingerprint
    assert same.fingerprint != simulate_task(n_queries=20, n_candidates=3, seed=8).fingerprint


@pytest.mark.parametrize(
    "options", [{"n_queries": 0}, {"n_candidates": 1}, {"spread": -1.0}, {"draw_band": -0.1}]
)
def test_sizes_and_scales_out_of_range(options):
    with pytest.raises(BudgetError, match=r"at least|negative"):
        simulate_task(**options)
