"""Effects of a row: leave-one-out weights integrate them out, so replicates draw them anew."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import bayessel
from bayessel.checks.leave_one_out_calibration import check_leave_one_out_calibration
from bayessel.checks.simulation.calibration import simulate
from bayessel.checks.simulation.design import Design
from bayessel.inference.fit import fit
from bayessel.inference.load import load_model
from bayessel.inference.population import describe
from bayessel.outcomes import MISSING


@pytest.mark.slow
def test_the_model_that_made_the_data_is_calibrated_where_rows_have_effects():
    """A fixed seed; over seeds the check alarms in 1 %. With effects kept, p was 0.0002."""
    n, m, rows = 50, 8, 40
    rng = np.random.default_rng(1)
    model = load_model("item_response:plain")
    truths = simulate(rng, model, Design(n_queries=n, n_candidates=m, rows=rows, simulations=10))
    truth = next(t for t in truths if t.draw["sd_difficulty"] > 0.4)
    task = bayessel.simulate_task(n_queries=n, n_candidates=m, seed=0)
    outcome = np.full((n, m), MISSING, dtype=np.int8)
    outcome[:rows] = truth.outcome[:rows]
    found = check_leave_one_out_calibration(
        fit(task, model, outcomes=outcome, seed=1, chains=4, draws=250, warmup=250)
    )
    assert found.passed is True, found.text
    assert found.table["loo_pit"].std() == pytest.approx(np.sqrt(1 / 12), abs=0.06)


class Data(NamedTuple):
    row: Any  # [R], N where a slot is free


def _predict(key: Any, draw: dict[str, Any], data: Data) -> Any:
    """Every cell of a query wins for sure where its effect is positive, else loses."""
    effect = jax.random.normal(key, (5,)).at[data.row].set(draw["effect"], mode="drop")
    win = jnp.where(effect > 0, 1.0, 0.0)
    return jnp.broadcast_to(jnp.stack([1 - win, 0 * win, win], axis=-1)[:, None], (5, 2, 3))


def test_replicates_draw_the_rows_effects_anew_and_completions_keep_them():
    """200 draws of a fair coin: 100 wins give or take six standard errors of 7."""
    outcome = np.full((5, 2), MISSING, dtype=np.int8)
    rows = np.array([3, 1])
    outcome[rows, 0] = 1  # judged in part: the other cell is completed
    draws = {"effect": np.full((200, 2), 9.0)}
    found = describe(
        _predict, None, None, None, jax.random.key(0), draws, Data(rows), outcome, rows,
        outcome[rows],
    )  # fmt: skip
    wins = (np.asarray(found["outcome"])[:, :, 0] == 1).sum(axis=0)
    assert np.all(np.abs(wins - 100) < 42)
    assert (np.asarray(found["outcome"])[:, :, 1] == MISSING).all()
    np.testing.assert_allclose(found["log_likelihood"], 0.0, atol=1e-6)
    assert np.asarray(found["outcome_rate"])[:, 1, 2].min() >= 2 / 5 - 1e-6
