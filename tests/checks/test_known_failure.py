"""The known failure, fitted by NUTS: a learned rate shared by all others calls the worst best."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import bayessel
from bayessel import Task
from bayessel.checks import check
from bayessel.checks.decision import check_decision
from bayessel.checks.lead import check_lead
from bayessel.inference.fit import fit
from bayessel.outcomes import MISSING
from bayessel.pictures.checks import picture_of
from checks import synthetic
from checks.synthetic import draw_outcome, draw_rates, replace, tree
from known_weak_judges import base

WORST = "candidate-1"


@pytest.fixture(scope="module")
def judged() -> tuple[Task, np.ndarray]:
    """The task of tests/models/test_limits.py."""
    rng = np.random.default_rng(0)
    win = np.array([0.05, 0.55, 0.60, 0.60, 0.65, 0.62])
    u = rng.random((60, len(win)))
    outcome = np.where(u < win, 1, np.where(u < win + 0.1, 0, -1)).astype(np.int8)
    task = base(60, len(win))
    return Task(task.data.assign(recorded=(("query", "candidate"), outcome))), outcome


@pytest.mark.slow
def test_a_real_fit_of_the_shared_rate_fails_its_checks(judged) -> None:
    task, outcome = judged
    found = fit(task, "dual_parameter:shared-rate", outcomes=outcome, draws=250, warmup=250)
    chance = found["posterior"]["p_f"].mean(("chain", "draw"))
    assert float(chance.sel(candidate=WORST)) > 0.99
    failed = {one.name: one.text for one in check(found) if one.passed is False}
    assert {"posterior predictive: lead", "decision"} <= set(failed)
    assert failed["posterior predictive: lead"].startswith(f"{WORST} has P(F) 1.000, but")
    assert "against P(F) 1.00" in failed["decision"]


def test_replicates_alone_contradict_it() -> None:
    """Observed and replicated lead agree, and neither allows the P(best)."""
    rng = np.random.default_rng(12)
    rates = np.array([[0.95, 0.03, 0.02], *np.tile([0.2, 0.2, 0.6], (6, 1))])
    outcome = draw_outcome(rng, rates, 30)
    found = check_lead(synthetic.shared_rate(rng, outcome))
    assert found.passed is False
    assert "not like the replicated" not in found.text
    assert found.table["p_ahead"].max() == 0
    picture_of(found)
    assert check_lead(tree(outcome)).passed is True


def test_a_lead_that_is_not_replicated_fails() -> None:
    """The leader wins all, and the posterior thinks that it wins as often as the others."""
    rng = np.random.default_rng(3)
    outcome = draw_outcome(rng, np.full((4, 3), 1 / 3), 40)
    outcome[:, 1] = 1
    alike = rng.dirichlet([100, 100, 100], size=(1000, 4))
    found = tree(outcome, rates=alike)
    p_best = np.zeros(found["posterior"]["p_best"].shape)
    p_best[..., 1] = 1
    caught = check_lead(replace(found, "posterior", p_best=p_best))
    assert caught.passed is False
    assert "is not like the replicated ones" in caught.text
    assert "level with" not in caught.text


def test_only_rows_judged_for_both_are_compared() -> None:
    rng = np.random.default_rng(4)
    outcome = draw_outcome(rng, draw_rates(rng, 3), 30)
    outcome[:15, 0] = MISSING
    outcome[15:, 1] = MISSING  # never judged together with candidate 1
    found = check_lead(tree(outcome))
    assert found.passed is True
    assert len(found.table) in (1, 2)
    alone = np.full_like(outcome, MISSING)
    alone[:, 2] = outcome[:, 2]
    assert check_lead(tree(alone)).passed is None


# ------------------------------------------------------------------ the decision
@pytest.mark.parametrize(("m", "rows"), [(150, 0), (60, 3)])
def test_many_candidates_of_whom_little_is_known_are_no_contradiction(m: int, rows: int) -> None:
    task = bayessel.simulate_task(n_queries=100, n_candidates=m, seed=0)
    outcome = np.full((100, m), MISSING, dtype=np.int8)
    outcome[:rows] = task.recorded[:rows]
    found = fit(task, "dual_parameter:paper", "exact", outcomes=outcome, draws=250)
    assert float(found["posterior"]["p_f"].mean(("chain", "draw")).max()) < 0.1
    assert check_decision(found).passed is True


def test_a_few_draws_cannot_contradict_a_small_probability() -> None:
    """The leader has P(best) 0.3, never the highest win rate: 0 of 40 draws is not below 0.006."""
    p_best = np.tile([0.3, 0.25, 0.25, 0.2], (4, 250, 1))
    rate = np.tile([0.5, 0.6, 0.4, 0.4], (4, 250, 1))
    many = _result(p_best, rate)
    assert check_decision(many).passed is False
    assert check_decision(many.isel(draw=slice(0, 10))).passed is True


def test_the_text_says_where_the_win_rate_names_another() -> None:
    rng = np.random.default_rng(0)
    p_best = np.tile([0.5, 0.3, 0.2], (4, 250, 1))
    rate = np.array([0.50, 0.52, 0.30]) + 0.1 * rng.standard_normal((4, 250, 3))
    found = check_decision(_result(p_best, rate))
    assert found.passed is True
    assert (
        "candidate-01 has the highest P(best) and candidate-02 the highest mean win" in found.text
    )
    same = check_decision(_result(p_best, rate[..., [1, 0, 2]]))
    assert "candidate-01 has the highest P(best) and the highest mean win rate;" in same.text


def _result(p_best: np.ndarray, rate: np.ndarray) -> xr.DataTree:
    variables = {
        k: (("chain", "draw", "candidate"), v) for k, v in (("p_best", p_best), ("win_rate", rate))
    }
    coords = {"candidate": synthetic.names(p_best.shape[-1])}
    return xr.DataTree.from_dict({"posterior": xr.Dataset(variables, coords)})
