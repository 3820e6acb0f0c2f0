"""Simulation-based calibration: right inference passes, wrong inference is caught.

``passed(ALPHA)`` has a false-alarm rate of at most ALPHA over all quantities of a calibration
(Bonferroni over p-values of simultaneous bands).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bayessel.checks.simulation.calibration import (
    GENERATIVE,
    QUANTITIES,
    calibrate,
    choose,
    simulate,
)
from bayessel.checks.simulation.many_fits import Design, Fitted, data_of, evidence_of
from bayessel.checks.simulation.uniformity import bands, p_value, points, ranks
from bayessel.errors import BudgetError, DataError, UnknownNameError
from bayessel.inference.load import load_model
from bayessel.outcomes import MISSING, counts
from bayessel.pictures.calibration import plot_calibration

ALPHA = 0.005
SMALL = Design(n_queries=20, rows=6, simulations=120, draws=60)


@pytest.mark.parametrize("adaptive", [False, True])
def test_exact_inference_of_the_papers_model_is_calibrated(adaptive):
    design = Design(n_queries=20, rows=6, simulations=120, draws=60, adaptive=adaptive)
    found = calibrate("dual_parameter:paper", "exact", design, seed=2)
    assert list(found.ranks) == list(QUANTITIES)
    assert found.passed(ALPHA), found.table


@pytest.mark.parametrize(
    ("assumed", "where"),
    [
        ({"eps": "Dirichlet((6, 2, 2))"}, "eps_loss"),
        ({"rho_shared": "(0.6, 0.2, 0.2)"}, "win_rate"),
    ],
)
def test_a_wrong_prior_is_caught(assumed, where):
    found = calibrate("dual_parameter:paper", "exact", SMALL, assumed=assumed, seed=2)
    assert not found.passed(ALPHA)
    assert found.table.loc[where, "p_value"] < ALPHA / len(QUANTITIES)


CARRIED = Design(n_queries=12, n_candidates=3, rows=4, simulations=120, draws=32, transitions=60)


@pytest.mark.slow
@pytest.mark.parametrize(
    "assumed",
    [None, {"sd_difficulty": "0.01"}],
    ids=["right", "queries alike"],
)
def test_the_carried_chains_of_item_response_are_calibrated(assumed):
    """Few simulations, enough to see scales that are wrong; the study is in benchmarks.

    The right prior also with rows chosen adaptively, whose effects are not those laid out first.
    """
    design = replace(CARRIED, adaptive=assumed is None)
    found = calibrate("item_response:plain", "carried", design, assumed=assumed, seed=1)
    assert found.passed(ALPHA) == (assumed is None), found.table


@pytest.mark.slow
@pytest.mark.parametrize(
    "assumed", [None, {"eps": "Dirichlet((6, 2, 2))"}], ids=["right", "losses expected"]
)
def test_pymcs_nuts_is_calibrated(assumed):
    """The smallest model, whose chains take milliseconds; others are in the study."""
    design = replace(SMALL, simulations=64, draws=32, transitions=60)
    found = calibrate("dual_parameter:paper", "pymc", design, assumed=assumed, seed=1)
    assert found.passed(ALPHA) == (assumed is None), found.table


@pytest.mark.parametrize(
    ("weak_judges", "adaptive", "assumed"),
    [
        (1, False, None),
        (0, True, None),
        (1, False, {"contrast": "Gamma(8, 25)"}),
        (1, False, {"var_within": "InverseGamma(40, 0.001)"}),
    ],
    ids=["scores", "chosen rows", "noisier", "no coefficients"],
)
def test_the_sweeps_of_the_regression_are_calibrated(weak_judges, adaptive, assumed):
    design = Design(
        n_queries=20, n_candidates=3, rows=8, weak_judges=weak_judges, adaptive=adaptive,
        simulations=100, draws=60, transitions=200,
    )  # fmt: skip
    found = calibrate("regression", "gibbs", design, assumed=assumed, seed=1)
    assert found.passed(ALPHA) == (assumed is None), found.table


@pytest.mark.parametrize(
    ("weak_judges", "adaptive", "assumed"),
    [
        (0, False, None),
        (1, True, None),
        (0, False, {"noise": "Gamma(40, 80)"}),
        (0, False, {"sd_query": "0.9"}),
    ],
    ids=["cells", "scores, chosen rows", "noisier", "queries differ more"],
)
def test_the_steps_of_the_two_way_model_are_calibrated(weak_judges, adaptive, assumed):
    design = Design(
        n_queries=20, n_candidates=3, rows=8, weak_judges=weak_judges, adaptive=adaptive,
        simulations=100, draws=60, transitions=100,
    )  # fmt: skip
    found = calibrate("two_way", "gibbs", design, assumed=assumed, seed=1)
    assert found.passed(ALPHA) == (assumed is None), found.table


def test_sweeps_are_of_two_models():
    with pytest.raises(DataError, match="regression"):
        calibrate("item_response", "gibbs", SMALL)


def test_judges_scores_are_exogenous_and_make_outcomes():
    """item_response: where a coefficient is large, outcomes go with the score."""
    design = Design(n_queries=40, n_candidates=5, rows=6, weak_judges=1, simulations=40)
    model = load_model("item_response", {"sd_within": "1.0"})
    with_score, coefficient = [], []
    for truth in simulate(np.random.default_rng(0), model, design):
        x = truth.score[0] - truth.score[0].mean(axis=1, keepdims=True)
        with_score.append((x * truth.outcome).mean())
        coefficient.append(float(truth.draw["within"][0]))
        assert truth.vote is None
    assert np.corrcoef(with_score, coefficient)[0, 1] > 0.6


def test_a_channels_votes_follow_its_confusion():
    """Shares of votes given the outcome, leaning 0; six standard errors."""
    design = Design(n_queries=200, rows=6, weak_judges=2, simulations=10)
    model = load_model("judge_channel", GENERATIVE | {"sd_leaning": "0.0"})
    for truth in simulate(np.random.default_rng(0), model, design):
        for z in range(2):
            for k in (-1, 0, 1):
                votes = truth.vote[z][truth.outcome == k]
                share = np.array([(votes == v).sum() for v in (-1, 0, 1)]) / max(len(votes), 1)
                off = np.abs(share - truth.draw["confusion"][z, k + 1])
                assert np.all(off < 6 * np.sqrt(0.25 / max(len(votes), 1)))


def test_a_channel_reads_the_votes_that_were_made():
    """The layout by every possible pattern says of each cell what the model's own says."""
    design = Design(n_queries=20, rows=6, weak_judges=2, simulations=10)
    model = load_model("judge_channel", GENERATIVE)
    truth = simulate(np.random.default_rng(0), model, design)[0]
    seen = np.full_like(truth.outcome, MISSING)
    seen[:6] = truth.outcome[:6]
    ours = data_of(model, evidence_of(seen), truth.vote)
    own = model.prepare(evidence_of(seen, scores=truth.vote.astype(float)))
    column = np.arange(design.n_candidates)
    for read in (ours, own):
        hot = read.pattern[:, read.place[column, read.level]].reshape(2, 3, *seen.shape)
        np.testing.assert_array_equal(hot.argmax(1) - 1, truth.vote)
        np.testing.assert_array_equal(read.outcomes, counts(seen))
        assert read.ratio == pytest.approx(6 / 14)
    for same in ("agreed", "judged_votes", "open_votes", "open", "cast"):
        np.testing.assert_array_equal(getattr(ours, same), getattr(own, same))


def test_the_same_seed_gives_the_same_ranks():
    design = Design(n_queries=20, rows=6, simulations=10, draws=60)
    first, again, other = (calibrate(design=design, seed=s).ranks for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any(axis=None)


def test_what_is_simulated_follows_the_model():
    truths = simulate(np.random.default_rng(0), load_model("dual_parameter:paper"), SMALL)
    loss = np.array([t.outcome[:, t.best] == -1 for t in truths]).mean(axis=1)
    eps = np.array([t.draw["eps_loss"] for t in truths])
    # 120 binomials of 20: six standard errors
    assert abs((loss - eps).mean()) < 6 * np.sqrt((eps * (1 - eps) / 20).mean() / len(eps))
    others = np.concatenate([np.delete(t.outcome, t.best, axis=1).ravel() for t in truths])
    assert abs((others == -1).mean() - 1 / 3) < 6 * np.sqrt(2 / 9 / len(others))
    assert {t.vote is None for t in truths} == {True}


def test_votes_are_made_of_outcomes():
    design = Design(n_queries=20, rows=6, simulations=10, draws=60)
    truths = simulate(np.random.default_rng(0), load_model("dual_parameter"), design)
    right = {}
    for truth in truths:
        decided = truth.outcome != 0
        right[float(truth.draw["reliability"])] = (truth.vote[0] * truth.outcome)[decided].mean()
    order = sorted(right)
    assert right[order[0]] < right[order[-1]]
    assert set(np.unique(truths[0].vote)) <= {-1, 0, 1}


def test_the_rule_judges_what_tells_the_leaders_apart():
    rng = np.random.default_rng(0)
    points_of = np.full((50, 6, 4), 0.5)
    points_of[:, 2, 1] += rng.uniform(-0.4, 0.4, 50)  # only query 2 is in doubt for a leader
    points_of[:, 0, 1] += rng.uniform(-0.5, 0.5, 50)  # query 0 too, and it is judged
    chance = np.array([0.1, 0.5, 0.3, 0.1])
    nothing = np.zeros((50, 4, 3)), chance, np.zeros(50, int), np.zeros((50, 2))
    fitted = Fitted(*nothing, points_of, np.zeros(50), 0.0)
    seen = np.full((6, 4), MISSING, dtype=np.int8)
    seen[0] = 0
    cells = choose(rng, fitted, seen, 1)
    assert np.argwhere(cells).tolist() == [[2, 1], [2, 2]]


# ------------------------------------------------------------------ uniformity
def test_the_false_alarm_rate_is_the_stated_one():
    """300 uniform samples at level 0.05: six standard errors are 0.075."""
    rng = np.random.default_rng(0)
    alarms = np.mean([p_value(rng.random(60)) <= 0.05 for _ in range(300)])
    assert abs(alarms - 0.05) < 6 * np.sqrt(0.05 * 0.95 / 300)
    assert alarms > 0


@pytest.mark.parametrize("power", [0.5, 2.0])
def test_values_that_are_not_uniform_are_caught(power):
    rng = np.random.default_rng(0)
    assert p_value(rng.random(100) ** power) < 0.001


def test_the_bands_agree_with_the_p_value():
    rng = np.random.default_rng(1)
    low, high = bands(80, 0.1)
    agree = 0
    for _ in range(100):
        x = rng.random(80)
        ecdf = np.searchsorted(np.sort(x), points(80), "right") / 80
        inside = ((ecdf >= low) & (ecdf <= high)).all()
        agree += inside == (p_value(x) > 0.1)
    assert agree >= 95


def test_ranks_break_ties_at_random():
    rng = np.random.default_rng(0)
    tied = np.array([float(ranks(rng, np.array(1.0), np.ones(9))) for _ in range(2000)])
    assert p_value(tied[:200]) > 0.001
    assert abs(tied.mean() - 0.5) < 6 * np.sqrt(1 / 12 / 2000)
    lowest = float(ranks(rng, np.array(0.0), np.ones(9)))
    assert lowest < 0.1


def test_the_picture_marks_what_fails():
    found = calibrate(design=SMALL, assumed={"eps": "Dirichlet((6, 2, 2))"}, seed=2)
    figure = plot_calibration(found, "wrong prior")
    labels = {line.get_label() for axes in figure.axes for line in axes.get_lines()}
    assert "ranks, not uniform" in labels
    assert len(figure.axes) == len(QUANTITIES)


def test_bad_designs():
    with pytest.raises(BudgetError, match="no more rows"):
        Design(n_queries=5, rows=6)
    with pytest.raises(BudgetError, match="at least 10"):
        Design(simulations=2)
    with pytest.raises(UnknownNameError, match="exact"):
        calibrate(engine="exakt")
