"""Each check fails on a result that is wrong in the way it looks for, and passes on a right one."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr
from scipy.stats import binom

from bayessel.checks import CHECKS, check, compare_results
from bayessel.checks.candidates import check_candidates
from bayessel.checks.convergence import RHAT, rhat_limit
from bayessel.checks.decision import check_decision
from bayessel.checks.differences import check_differences
from bayessel.checks.difficulty import check_difficulty
from bayessel.checks.discrepancy import ALPHA, compare_statistics
from bayessel.checks.divergences import check_divergences
from bayessel.checks.effective_sample_size import check_effective_sample_size
from bayessel.checks.energy import check_energy
from bayessel.checks.leave_one_out import check_leave_one_out
from bayessel.checks.leave_one_out_calibration import check_leave_one_out_calibration
from bayessel.checks.monte_carlo_error import check_monte_carlo_error
from bayessel.checks.prior_predictive import check_prior_predictive
from bayessel.checks.queries import check_queries
from bayessel.checks.r_hat import check_r_hat
from bayessel.errors import DataError
from bayessel.outcomes import MISSING
from bayessel.pictures.checks import picture_of
from checks import synthetic
from checks.synthetic import draw_hard, draw_outcome, draw_rates, replace, tree


def drifting(rng: np.random.Generator, shape: tuple[int, int], memory: float) -> np.ndarray:
    """[C, n] chains that forget slowly: AR(1), standard normal in the long run."""
    noise = rng.standard_normal(shape)
    x = noise.copy()
    for t in range(1, shape[1]):
        x[:, t] = memory * x[:, t - 1] + np.sqrt(1 - memory**2) * noise[:, t]
    return x


# ------------------------------------------------------------------ a right result
def test_a_right_result_passes_every_check(right):
    found = check(right)
    assert [one.passed for one in found] == [True] * len(CHECKS), [
        one.text for one in found if not one.passed
    ]
    assert len({one.slug for one in found}) == len(CHECKS)


def test_every_check_has_text_and_plain_data_and_a_picture(right):
    for one in check(right):
        assert one.text.endswith(".")
        again = json.loads(json.dumps(one.to_dict()))
        assert again["passed"] is True
        assert len(again["table"]) == len(one.table)
        if picture_of(one) is not None:
            drawn = picture_of(one)
            assert all(axes.get_xlabel() for axes in drawn.axes)
    assert sum(picture_of(one) is not None for one in check(right)) >= len(CHECKS) - 1


def test_pictures_carry_real_names(right):
    for one in (check_candidates, check_decision, check_monte_carlo_error):
        axes = picture_of(one(right)).axes[0]
        labels = [t.get_text().split()[0] for t in axes.get_yticklabels()]
        assert set(labels) == set(synthetic.names(6))
    labels = [t.get_text() for t in picture_of(check_queries(right)).axes[0].get_yticklabels()]
    assert "query-001" in labels


def test_false_alarms_on_right_results():
    """Over 40 right results, each check alarms as rarely as it says (1 %).

    More than 4 alarms of one check happen with probability 6e-5 at 1 %, 0.001 at 2 %.
    """
    alarms = dict.fromkeys((one.__name__ for one in CHECKS), 0)
    for r in range(40):
        rng = np.random.default_rng([r, 17])
        found = tree(draw_outcome(rng, draw_rates(rng, 5), 16), seed=r)
        for one in CHECKS:
            alarms[one.__name__] += one(found).passed is False
    most = 4
    assert binom.sf(most, 40, ALPHA) < 1e-4
    assert all(n <= most for n in alarms.values()), alarms


# ------------------------------------------------------------------ the sampler
def test_a_stuck_chain_fails(right):
    rate = right["posterior"]["win_rate"].to_numpy().copy()
    rate[2] = rate[2, :1]
    found = check_r_hat(replace(right, "posterior", win_rate=rate))
    assert found.passed is False
    assert found.table.index[0].startswith("win_rate[candidate-")


def test_a_chain_elsewhere_fails(right):
    loss = right["posterior"]["eps_loss"].to_numpy().copy()
    loss[0] += 3 * loss.std()
    found = check_r_hat(replace(right, "posterior", eps_loss=loss))
    assert found.passed is False
    assert found.table.index[0] == "eps_loss"
    picture_of(found)


def test_copies_of_a_chain_fail(right):
    posterior = right["posterior"].to_dataset()
    values = {str(k): v.to_numpy().copy() for k, v in posterior.data_vars.items()}
    for value in values.values():
        value[2] = value[0]
    caught = check_r_hat(replace(right, "posterior", **values))
    assert caught.passed is False
    assert "4 chains hold the draws of 3" in caught.text


def test_many_short_chains_need_no_more_than_four_long_ones():
    """A selection's 64 chains of 64 draws have 4,096: 100 of each chain cannot be had."""
    rng = np.random.default_rng(0)

    def result(value: np.ndarray) -> xr.DataTree:
        variables = {"win_rate": (("chain", "draw"), value)}
        return xr.DataTree.from_dict({"posterior": xr.Dataset(variables)})

    assert check_effective_sample_size(result(rng.standard_normal((64, 64)))).passed is True
    forgetful = drifting(rng, (64, 64), 0.95)
    assert check_effective_sample_size(result(forgetful)).passed is False
    assert check_effective_sample_size(result(drifting(rng, (4, 500), 0.9))).passed is False


def test_draws_that_are_not_finite_fail(right):
    loss = right["posterior"]["eps_loss"].to_numpy().copy()
    loss[0, 3] = np.nan
    broken = replace(right, "posterior", eps_loss=loss)
    for one in (check_r_hat, check_effective_sample_size):
        found = one(broken)
        assert found.passed is False
        assert "eps_loss" in found.text


def test_constant_variables_raise_no_alarm(right):
    p_best = np.zeros(right["posterior"]["p_best"].shape)
    p_best[..., 0] = 1
    rate = np.full(right["posterior"]["win_rate"].shape, 0.5)
    rate[..., 0] = 0.9
    done = replace(right, "posterior", p_best=p_best, win_rate=rate)
    for one in (check_r_hat, check_effective_sample_size, check_monte_carlo_error):
        assert one(done).passed is True
    assert (check_monte_carlo_error(done).table["p_best_error"] == 0).all()
    nothing = xr.DataTree.from_dict(
        {"posterior": done["posterior"].to_dataset()[["p_best", "win_rate"]]}
    )
    for one in (check_r_hat, check_effective_sample_size):
        assert "same in every draw" in one(nothing).text


def test_the_limit_of_rhat_is_the_literatures_unless_draws_are_few():
    assert rhat_limit(4, 1000, 500) == RHAT
    assert 1.015 < rhat_limit(4, 250, 500) < 1.03


def test_draws_that_forget_slowly_fail(right):
    rng = np.random.default_rng(0)
    loss = 0.2 + 0.02 * drifting(rng, right["posterior"]["eps_loss"].shape, 0.98)
    found = check_effective_sample_size(replace(right, "posterior", eps_loss=loss))
    assert found.passed is False
    assert found.table.index[0] == "eps_loss"


def diverged(right, where):
    """The right result, with these draws [C, n] of diverging transitions."""
    return check_divergences(replace(right, "sample_stats", diverging=where))


def test_divergences_that_could_change_the_decision_fail(right):
    best = right["posterior"]["p_best"].to_numpy().argmax(axis=-1)
    elsewhere = best != np.bincount(best.ravel()).argmax()  # where another candidate is the best
    few = np.zeros_like(elsewhere)
    few[tuple(np.argwhere(elsewhere)[:8].T)] = True  # of 1,000: all in a part that is left out
    found = diverged(right, few)
    assert found.passed is False
    assert "too much to decide" in found.text
    assert found.table["divergences"].sum() == 8
    assert picture_of(found) is not None


def test_many_divergences_fail_wherever_they_are(right):
    many = np.zeros(right["sample_stats"]["diverging"].shape, dtype=bool)
    many[:, :3] = True
    assert diverged(right, many).passed is False


def test_a_divergence_that_changes_nothing_is_said_and_passes(right):
    one = np.zeros(right["sample_stats"]["diverging"].shape, dtype=bool)
    one[1, 5] = True
    found = diverged(right, one)
    assert found.passed is True
    assert "1 of 1000 transitions diverged" in found.text
    assert "does not depend on it" in found.text


def test_energy_that_moves_slowly_fails(right):
    rng = np.random.default_rng(0)
    energy = 50 + drifting(rng, right["sample_stats"]["energy"].shape, 0.9)  # BFMI 0.2
    assert check_energy(replace(right, "sample_stats", energy=energy)).passed is False
    still = np.full_like(energy, 3.0)
    assert check_energy(replace(right, "sample_stats", energy=still)).passed is False


def test_independent_draws_have_no_sampler():
    rng = np.random.default_rng(1)
    found = tree(draw_outcome(rng, draw_rates(rng, 4), 10), nuts=False)
    for one in (check_divergences, check_energy):
        assert one(found).passed is None
        assert "independent" in one(found).text


def test_a_decision_from_few_draws_fails():
    rng = np.random.default_rng(2)
    outcome = draw_outcome(rng, np.full((2, 3), 1 / 3), 20)
    found = check_monte_carlo_error(tree(outcome, draws=20))
    assert found.passed is False
    assert "Draw more" in found.text


def test_a_tie_within_the_error_is_said():
    rng = np.random.default_rng(2)
    outcome = np.repeat(draw_outcome(rng, np.full((1, 3), 1 / 3), 20), 2, axis=1)
    found = check_monte_carlo_error(tree(outcome, draws=1000))
    assert found.passed is True
    assert "either could be named" in found.text


# ------------------------------------------------------------------ the prior
@pytest.mark.parametrize(
    ("prior", "fault"),
    [
        (lambda r: r.dirichlet([200, 200, 200], size=(1000, 6)), "narrower than"),
        (lambda r: r.dirichlet([0.02, 0.02, 0.02], size=(1000, 6)), "nearly always one outcome"),
        (lambda r: np.repeat(r.dirichlet([2, 2, 2], size=(1000, 1)), 6, axis=1), "within"),
    ],
    ids=["too narrow", "too extreme", "all alike"],
)
def test_a_prior_of_what_cannot_happen_fails_before_anything_is_bought(prior, fault):
    outcome = np.zeros((0, 6), dtype=np.int8)
    rng = np.random.default_rng(3)
    found = check_prior_predictive(tree(outcome, prior_rates=prior(rng), n_queries=1000))
    assert found.passed is False
    assert fault in found.text
    assert check_prior_predictive(tree(outcome, n_queries=1000)).passed is True


def test_a_prior_that_does_not_expect_what_was_observed_fails():
    found = check_prior_predictive(tree(np.full((20, 6), -1, dtype=np.int8)))
    assert found.passed is False
    assert "does not expect what was observed" in found.text
    picture_of(found)


# ------------------------------------------------------------------ the model
def test_a_predictive_that_cannot_fit_the_candidates_fails():
    rng = np.random.default_rng(4)
    outcome = draw_outcome(rng, draw_rates(rng, 6), 40)
    assert check_candidates(tree(outcome)).passed is True
    alike = rng.dirichlet([100, 100, 100], size=(1000, 6))  # too narrow, and the same for all
    found = check_candidates(tree(outcome, rates=alike))
    assert found.passed is False
    assert found.table["p_adjusted"].min() <= ALPHA
    picture_of(found)


def test_one_row_unlike_the_others_fails():
    rng = np.random.default_rng(5)
    outcome = draw_outcome(rng, np.tile([0.75, 0.2, 0.05], (12, 1)), 40)
    outcome[7] = 1
    found = check_queries(tree(outcome))
    assert found.passed is False
    assert "query-008" in found.text
    outcome[7] = outcome[8]
    assert check_queries(tree(outcome)).passed is True


def test_shared_difficulty_that_the_model_ignores_fails():
    caught = dict.fromkeys((check_difficulty, check_leave_one_out_calibration), 0)
    for seed in range(5):
        hard = tree(draw_hard(np.random.default_rng(seed), 8, 40), seed=seed)
        for one in caught:
            caught[one] += one(hard).passed is False
    assert caught == {check_difficulty: 5, check_leave_one_out_calibration: 5}
    assert "differ more" in check_difficulty(hard).text
    assert "too sure" in check_leave_one_out_calibration(hard).text


def test_rows_more_alike_than_the_model_expects_fail():
    rng = np.random.default_rng(6)
    outcome = np.stack([rng.permutation(np.repeat([-1, 0, 1], 4)) for _ in range(40)])
    found = check_difficulty(tree(outcome.astype(np.int8)))  # every row has 4 of each
    assert found.passed is False
    assert "differ less" in found.text
    assert "too modest" in check_leave_one_out_calibration(tree(outcome.astype(np.int8))).text


def test_the_direction_is_that_of_the_statistic_that_fails():
    """Draws differ more than expected, between rows or candidates; win rates, all 1/2, less."""
    decided = np.resize([-1, 1], (20, 10))
    rows = np.concatenate([np.zeros_like(decided), decided]).astype(np.int8)
    found = check_difficulty(tree(rows))
    assert found.passed is False
    observed, median = found.table["observed"], found.table["median"]
    assert observed["draws"] > 2 * median["draws"]
    assert observed["win rate"] < median["win rate"]
    assert "differ more" in found.text
    # the posterior: candidates alike; observed: each draws always or never
    outcome = np.tile(np.repeat([[-1, 0], [1, 0]], [5, 5], axis=1), (10, 1)).astype(np.int8)
    alike = np.random.default_rng(2).dirichlet([3, 6, 3], size=(1000, 10))
    found = check_differences(tree(outcome, rates=alike))
    assert found.passed is False
    observed, median = found.table["observed"], found.table["median"]
    assert observed["draws"] > 2 * median["draws"]
    assert observed["win rate"] < median["win rate"]
    assert "differ more" in found.text


def test_cells_that_were_not_judged_are_not_outcomes():
    rng = np.random.default_rng(7)
    outcome = draw_outcome(rng, draw_rates(rng, 6), 40)
    outcome[rng.random(outcome.shape) < 0.5] = MISSING
    outcome[:, 3] = MISSING  # a candidate that nobody judged
    found = tree(outcome)
    for one in CHECKS:
        assert one(found).passed is not False
    assert "candidate-04" not in check_candidates(found).table.index.get_level_values(0)
    judged = check_candidates(found).table["judged"].groupby(level=0).first()
    assert judged["candidate-01"] == (outcome[:, 0] != MISSING).sum()


def test_floats_with_nan_are_read_as_missing(right):
    floats = {}
    for group in ("observed_data", "posterior_predictive"):
        raw = right[group]["outcome"].to_numpy().astype(float)
        floats[group] = np.where(raw == MISSING, np.nan, raw)
    other = replace(right, "observed_data", outcome=floats["observed_data"])
    other = replace(other, "posterior_predictive", outcome=floats["posterior_predictive"])
    assert check_queries(other).table.equals(check_queries(right).table)


# ------------------------------------------------------------------ leaving one query out
def test_an_influential_query_fails():
    rng = np.random.default_rng(8)
    outcome = draw_outcome(rng, np.tile([0.98, 0.01, 0.01], (8, 1)), 60)
    outcome[11] = 1
    found = check_leave_one_out(tree(outcome, concentration=0.5, draws=1000))
    assert found.passed is False
    assert found.table.index[0] == "query-012"
    assert found.table["pareto_k"].iloc[0] > 0.7
    picture_of(found)


def test_rows_that_tell_much_are_not_a_fault_of_the_model():
    rng = np.random.default_rng(9)
    found = tree(draw_outcome(rng, draw_rates(rng, 60), 10))
    assert check_leave_one_out(found).passed is None
    assert "none stands out" in check_leave_one_out(found).text
    assert check_leave_one_out_calibration(found).passed is None


def test_comparison_names_the_model_that_made_the_data():
    rng = np.random.default_rng(10)
    outcome = draw_outcome(rng, draw_rates(rng, 6), 40)
    alike = rng.dirichlet([40, 40, 40], size=(1000, 6))
    found = compare_results({"alike": tree(outcome, rates=alike), "own": tree(outcome)})
    assert found.passed is True
    assert found.table.index[0] == "own"
    assert found.text.startswith("own predicts")
    labels = [t.get_text() for t in picture_of(found).axes[0].get_yticklabels()]
    assert labels == ["own", "alike"]


def test_comparison_refuses_other_rows(right):
    rng = np.random.default_rng(11)
    other = tree(draw_outcome(rng, draw_rates(rng, 6), 24))
    found = compare_results({"one": right, "two": other})
    assert found.passed is None
    assert "different judged rows" in found.text
    bare = xr.DataTree.from_dict({"posterior": right["posterior"].to_dataset()})
    assert compare_results({"one": right, "bare": bare}).passed is None
    with pytest.raises(DataError, match="at least two"):
        compare_results({"one": right})


# ------------------------------------------------------------------ the decision
def test_the_known_failure_is_caught():
    """One learned rate shared by all other candidates names the worst candidate best."""
    rng = np.random.default_rng(12)
    rates = np.array([[0.95, 0.03, 0.02], *np.tile([0.2, 0.2, 0.6], (6, 1))])
    outcome = draw_outcome(rng, rates, 30)
    found = synthetic.shared_rate(rng, outcome)
    chance = found["posterior"]["p_best"].mean(("chain", "draw"))
    assert float(chance[0]) > 0.99  # the worst
    caught = check_decision(found)
    assert caught.passed is False
    assert "candidate-01 has the highest P(best), but" in caught.text
    assert "ahead of it on the judged rows" in caught.text
    assert "its own win rate" in caught.text
    picture_of(caught)
    assert check_decision(tree(outcome)).passed is True


def test_the_known_failure_is_caught_by_outcomes_alone():
    rng = np.random.default_rng(12)
    rates = np.array([[0.95, 0.03, 0.02], *np.tile([0.2, 0.2, 0.6], (6, 1))])
    found = synthetic.shared_rate(rng, draw_outcome(rng, rates, 30))
    rate = found["posterior"]["win_rate"].to_numpy()[..., ::-1].copy()
    rate[..., 0] = 1.0  # a posterior whose win rates agree with its P(best)
    caught = check_decision(replace(found, "posterior", win_rate=rate))
    assert caught.passed is False
    assert "its own win rate (" not in caught.text


def test_the_known_failure_is_caught_by_replicated_differences():
    """What the others share, they do not share in the data."""
    rng = np.random.default_rng(12)
    others = [[0.75 - 0.1 * j, 0.15, 0.1 + 0.1 * j] for j in range(7)]
    outcome = draw_outcome(rng, np.array([[0.97, 0.02, 0.01], *others]), 40)
    found = synthetic.shared_rate(rng, outcome)
    caught = check_differences(found)
    assert caught.passed is False
    assert "differ more" in caught.text
    picture_of(caught)
    assert check_decision(found).passed is False
    assert check_differences(tree(outcome)).passed is True


def test_few_rows_cannot_contradict():
    rng = np.random.default_rng(13)
    found = check_decision(tree(draw_outcome(rng, draw_rates(rng, 4), 3)))
    assert found.passed is True
    assert "cannot contradict yet" in found.text


# ------------------------------------------------------------------ results that lack groups
def test_a_result_without_rows_or_groups_says_why():
    nothing = check(tree(np.zeros((0, 5), dtype=np.int8)))
    verdicts = {one.name: one.verdict for one in nothing}
    assert verdicts["prior predictive"] == "pass"
    assert verdicts["posterior predictive: queries"] == "not run"
    whole = tree(np.ones((3, 2), dtype=np.int8))
    bare = xr.DataTree.from_dict({"posterior": whole["posterior"].to_dataset()})
    for one in check(bare):
        assert one.passed is not False
        assert one.text
    with pytest.raises(DataError, match="no posterior draws"):
        check(xr.DataTree())


def test_one_chain_of_few_draws(right):
    short = xr.DataTree.from_dict(
        {
            g: right[g].to_dataset().isel(chain=slice(0, 1), draw=slice(0, 5))
            for g in ("posterior", "sample_stats")
        }
    )
    assert check_r_hat(short).passed is None
    assert check_effective_sample_size(short).passed is None
    assert check_energy(short).passed is None


# ------------------------------------------------------------------ the test behind the verdicts
@pytest.mark.parametrize("ties", [False, True])
def test_the_verdict_is_exact_for_one_more_draw(ties):
    """p is uniform when the observed statistics are one more draw, however dependent they are.

    500 repetitions: more than 14 below 0.01 happen with probability 2e-4. Ties make p larger.
    """
    rng = np.random.default_rng(14)
    p = []
    for _ in range(500):
        common = rng.standard_normal((400, 1))
        pool = np.exp(common + rng.standard_normal((400, 12)))  # skewed
        pool = np.round(pool) if ties else pool
        p.append(compare_statistics(pool[0], pool[1:]).p)
    assert (np.array(p) <= ALPHA).sum() <= 14
    middle = np.quantile(p, 0.5)
    assert middle > 0.4
    assert ties or middle < 0.6


def test_a_statistic_outside_constant_replicates_is_found():
    observed = np.array([3.0, 0.0])
    found = compare_statistics(observed, np.zeros((500, 2)))
    assert found.p <= ALPHA
    assert found.adjusted[1] == 1
