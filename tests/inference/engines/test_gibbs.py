"""Gibbs sweeps of the regression against its NumPyro program, and against a closed form."""

from __future__ import annotations

import itertools

import arviz as az
import jax
import numpy as np
import pytest
import xarray as xr
from scipy.special import logsumexp
from scipy.stats import chisquare, invwishart

from bayessel import simulate_task
from bayessel.checks.leave_one_out import leave_one_out
from bayessel.errors import DataError
from bayessel.inference.engines import gibbs, nuts
from bayessel.inference.evidence import Evidence
from bayessel.inference.fit import fit
from bayessel.inference.gibbs.population import expected_points, population
from bayessel.inference.gibbs.sweeps import sweep
from bayessel.inference.load import load_model
from bayessel.models.regression import DEGREES, FLOOR, Data
from bayessel.outcomes import MISSING
from bayessel.priors import Prior
from known_weak_judges import base, cells, noise, rows, with_scores


def evidence(judged, task, *, weak_judges=True):
    scores = {"x": noise(task, 1), "y": task.recorded + noise(task, 2)} if weak_judges else {}
    return Evidence.of(with_scores(task, **scores), judged)


@pytest.mark.slow
@pytest.mark.parametrize("case", ["rows", "partly judged rows", "no weak judges"])
def test_sweeps_agree_with_nuts(case):
    """Means of the sites, six standard errors of an effective size of 200: no false alarms.

    The variances have heavy tails and are compared by their medians on the log scale.
    """
    task = base(n_queries=20, n_candidates=3)
    judged = cells(task, 1) if case == "partly judged rows" else rows(task, 8)
    model = load_model("regression")
    data = model.prepare(evidence(judged, task, weak_judges=case != "no weak judges"))
    ours, _ = gibbs.sample(model, data, seed=0, chains=2, draws=2000)
    theirs, stats = nuts.sample(model, data, seed=0, chains=2, draws=600, warmup=600)
    assert stats["diverging"].mean() < 0.02
    assert set(ours) <= set(theirs)
    for site in ours:
        a, b = (np.asarray(x[site], dtype=float) for x in (ours, theirs))
        a, b = (x.reshape(x.shape[0] * x.shape[1], -1) for x in (a, b))
        if site.startswith("var_") or site in ("contrast", "common", "covariance"):
            a, b = np.log(np.abs(a) + 1e-4), np.log(np.abs(b) + 1e-4)
        difference = np.abs(np.median(a, axis=0) - np.median(b, axis=0))
        error = 1.25 * np.sqrt((a.var(axis=0) + b.var(axis=0)) / 200)
        assert np.all(difference < 6 * error + 1e-9), site


def test_known_variances_and_one_row_have_a_closed_form():
    """Without weak judges and with contrast and common known, the mean of a large sample.

    The mean of y given Σ = S is a ridge estimate; ν is large so that Σ stays near S.
    """
    task = base(n_queries=40, n_candidates=4)
    known = {"var_quality": "0.05", "contrast": "0.1", "common": "0.1", "level": "Normal(0, 0.001)"}
    model = load_model("regression", known)
    judged = rows(task, 40)
    found, _ = gibbs.sample(model, model.prepare(evidence(judged, task, weak_judges=False)), seed=1)
    covariance = found["covariance"].mean(axis=(0, 1))
    y = task.recorded.mean(axis=0) / 2
    expected = np.linalg.solve(
        np.eye(4) / 0.05 + 40 * np.linalg.inv(covariance), 40 * np.linalg.inv(covariance) @ y
    )
    np.testing.assert_allclose(found["quality"].mean(axis=(0, 1)), expected, atol=0.01)


def test_the_population_keeps_what_is_judged():
    task = base(n_queries=12, n_candidates=3)
    model = load_model("regression")
    whole = evidence(task.recorded, task)
    swept = sweep(np.random.default_rng(0), model.prepare(whole), model.priors, 50, copies=2)
    draws = population(task.recorded, swept)
    expected = np.broadcast_to(((task.recorded + 1) / 2).mean(axis=0), (100, 3))
    np.testing.assert_allclose(draws.win_rate, expected, atol=1e-12)
    np.testing.assert_allclose(draws.outcome_rate.sum(axis=-1), 1)


@pytest.mark.parametrize("judged_rows", [0, 5])
def test_engines_agree_on_the_population(judged_rows):
    """Win rates by the sweeps and by NumPyro's completion, six errors of a size of 200."""
    task = base(n_queries=20, n_candidates=3)
    task = with_scores(task, x=noise(task, 1), y=task.recorded + noise(task, 2))
    judged = rows(task, judged_rows)
    if judged_rows:
        judged[0, 1] = MISSING
    model = load_model("regression")
    data = model.prepare(Evidence.of(task, judged))
    swept = sweep(np.random.default_rng(3), data, model.priors, 4000)
    ours = population(judged, swept).win_rate
    tree = fit(task, "regression", "gibbs", outcomes=judged, chains=2, draws=1000, seed=2)
    theirs = tree["posterior"]["win_rate"].to_numpy().reshape(2000, 3)
    error = np.sqrt((ours.var(axis=0) + theirs.var(axis=0)) / 200)
    assert np.all(np.abs(ours.mean(axis=0) - theirs.mean(axis=0)) < 6 * error)
    ratio = ours.std(axis=0) / theirs.std(axis=0)
    assert np.all(np.abs(np.log(ratio)) < 6 / np.sqrt(400))


def test_every_fifth_state_is_kept():
    task = base(n_queries=12, n_candidates=3)
    model = load_model("regression")
    data = model.prepare(evidence(rows(task, 5), task))
    spaced = sweep(np.random.default_rng(1), data, model.priors, 1, burn_in=7, every=5)
    last = sweep(np.random.default_rng(1), data, model.priors, 1, burn_in=11)
    np.testing.assert_array_equal(spaced.coefficients, last.coefficients)
    np.testing.assert_array_equal(spaced.covariance, last.covariance)
    np.testing.assert_array_equal(spaced.half_points, last.half_points)


def test_draws_of_the_defaults_are_nearly_independent():
    """With every state kept the least effective size is 1,570 here, and 245 on judged data."""
    task = base(n_queries=40, n_candidates=20)
    model = load_model("regression")
    data = model.prepare(Evidence.of(with_scores(task, x=noise(task, 1)), rows(task, 10)))
    found, _ = gibbs.sample(model, data, seed=0)
    for site, values in found.items():
        draws = values.reshape(4, 1000, -1)[:, :, :50]
        scalars = xr.Dataset({site: (("chain", "draw", "scalar"), draws)})
        assert float(az.ess(scalars)[site].min()) > 2500, site
        assert float(az.rhat(scalars)[site].max()) < 1.01, site


def test_other_models_and_priors_are_refused():
    task = base(n_queries=10, n_candidates=3)
    for model, priors, said in (
        ("item_response", None, "fits two_way and regression"),
        ("regression", {"var_quality": "HalfNormal(0.1)"}, "takes InverseGamma"),
    ):
        with pytest.raises(DataError, match=said):
            fit(task, model, "gibbs", priors=priors)


def from_the_prior(rng, n_candidates, n_features):
    """One draw of the program's sites, forward."""
    mean = np.full((n_candidates, n_candidates), 1 / n_candidates)
    contrast, common = rng.gamma(2.0, 1 / 25, 2)
    scale = contrast * (np.eye(n_candidates) - mean) + common * (n_candidates + 1) * mean
    scale = (DEGREES - 1) * (scale + FLOOR * np.eye(n_candidates))
    covariance = invwishart.rvs(n_candidates + DEGREES, scale, random_state=rng)
    rates = {"quality": 0.01, "between": 0.0003, "within": 0.001, "query": 0.001}
    sizes = {"quality": n_candidates, "between": n_features, "within": n_features}
    found = {"level": rng.normal(0, 0.5), "contrast": contrast, "common": common}
    for name, rate in rates.items():
        variance = rate / rng.gamma(1.0)
        found[name] = rng.normal(0, np.sqrt(variance), sizes.get(name, 2 * n_features))
        found[f"var_{name}"] = variance
    return {**found, "covariance": covariance}


def test_sweeps_are_calibrated():
    """Simulation-based calibration (Talts et al. 2018): outcomes here are normal, as modelled.

    200 simulations, ranks among 19 thinned draws in 20 bins, ten quantities: the smallest of ten
    p-values of chi-squared tests below 1e-6 is a false alarm in 1e5. A prior that is wrong
    by a factor of five is caught.
    """
    rng = np.random.default_rng(11)
    n, m, features, rows_judged = 10, 3, 2, 5
    right, wrong = load_model("regression").priors, load_model("regression").priors
    wrong = {**wrong, "contrast": Prior("Fixed", {"value": 0.4})}
    ranks: dict[str, list[list[int]]] = {"right": [], "wrong": []}
    for _ in range(200):
        truth = from_the_prior(rng, m, features)
        within = rng.normal(size=(n, m, features))
        between, z = rng.normal(size=(m, features)), rng.normal(size=(n, 2 * features))
        mean = truth["level"] + truth["quality"] + between @ truth["between"]
        mean = mean + within @ truth["within"] + (z @ truth["query"])[:, None]
        y = mean + rng.multivariate_normal(np.zeros(m), truth["covariance"], n)
        judged = rng.random((rows_judged, m)) < 0.8
        judged[:, 0] = True
        outcome = np.where(judged, 2 * y[:rows_judged], MISSING)
        data = Data(outcome, np.arange(rows_judged), within, between, z, np.zeros(0, int), 3, 5)
        unjudged = y.sum(axis=0) - np.where(judged, y[:rows_judged], 0.0).sum(axis=0)
        for name, priors in (("right", right), ("wrong", wrong)):
            found = sweep(rng, data, priors, 19 * 15)
            pairs = [
                (truth["level"], found.coefficients[:, m]),
                (
                    truth["quality"][0] - truth["quality"][1],
                    -np.diff(found.coefficients[:, :2])[:, 0],
                ),
                (truth["within"][0], found.coefficients[:, m + 1 + features]),
                (truth["var_quality"], found.variances[:, 0]),
                (truth["var_between"], found.variances[:, 1]),
                (truth["between"][0], found.coefficients[:, m + 1]),
                (truth["contrast"], found.scales[:, 0]),
                (truth["common"], found.scales[:, 1]),
                (truth["covariance"][0, 1], found.covariance[:, 0, 1]),
                (np.diff(unjudged)[0], np.diff(found.half_points[:, :2])[:, 0]),
            ]
            if name == "wrong":
                pairs = pairs[-2:]
            ranks[name].append([int((draws[::15] < value).sum()) for value, draws in pairs])
    counts = {k: [np.bincount(r, minlength=20) for r in np.array(v).T] for k, v in ranks.items()}
    p_values = {k: [chisquare(c).pvalue for c in v] for k, v in counts.items()}
    assert min(p_values["right"]) > 1e-6, p_values
    assert min(p_values["wrong"]) < 1e-6, p_values


def test_without_judgments_the_sweeps_draw_from_the_stated_prior():
    """At M = 15, quantiles of each quantity, five binomial standard errors of 1,500 draws each.

    Two false alarms in 1e5. NumPyro's draws have nothing of the sampler's: a κ that one of the two
    leaves out, or a scale that depends on M, shows.
    """
    task = base(n_queries=20, n_candidates=15)
    task = with_scores(task, x=noise(task, 1))
    model, nothing = load_model("regression"), np.full_like(task.recorded, MISSING)
    data = model.prepare(Evidence.of(task, nothing))
    swept = sweep(np.random.default_rng(3), data, model.priors, 7500)
    theirs = nuts.prior_samples(model, data, seed=1, draws=1500)
    theirs = {k: np.asarray(v).reshape(1500, *np.shape(v)[1:]) for k, v in theirs.items()}
    size = np.diagonal(swept.covariance, axis1=1, axis2=2).mean(axis=1)
    difference = swept.covariance[:, 0, 0] - swept.covariance[:, 0, 1]
    of_prior = theirs["covariance"]
    pairs = {
        "contrast": (swept.scales[:, 0], theirs["contrast"]),
        "common": (swept.scales[:, 1], theirs["common"]),
        "variance": (size, np.diagonal(of_prior, axis1=1, axis2=2).mean(axis=1)),
        "difference": (difference, of_prior[:, 0, 0] - of_prior[:, 0, 1]),
        "quality": (swept.coefficients[:, 0], theirs["quality"][:, 0]),
        "within": (swept.coefficients[:, 17], theirs["within"][:, 0]),
    }
    for name, (ours, their) in pairs.items():
        for q in (0.1, 0.5, 0.9):
            error = np.sqrt(q * (1 - q) * 2 / 1500)
            assert abs((ours[::5] < np.quantile(their, q)).mean() - q) < 5 * error, (name, q)


@pytest.mark.slow
def test_leave_one_out_agrees_with_refits():
    """Importance weights of the row's density against refits without the row, both summed."""
    task = simulate_task(n_queries=60, n_candidates=5, query_spread=2.0, seed=1)
    model, judged = load_model("regression"), rows(task, 12)
    tree = fit(task, model, "gibbs", outcomes=judged, draws=1000, seed=0)
    found = leave_one_out(tree)
    weighted = found.elpd_i.to_numpy()
    log_p = tree["log_likelihood"]["outcome"].to_numpy().reshape(4000, 12)
    by_probability = np.log(4000) - logsumexp(-log_p, axis=0)  # not what was fitted
    data = model.prepare(Evidence.of(task, judged))
    refitted = []
    for place, query in enumerate(Evidence.of(task, judged).judged):
        without = judged.copy()
        without[query] = MISSING
        other = fit(task, model, "gibbs", outcomes=without, draws=300, seed=1)["posterior"]
        draws = {
            k: other[k].to_numpy().reshape(1200, *other[k].shape[2:])
            for k in ("level", "quality", "covariance")
        }
        by_row = np.asarray(jax.vmap(lambda draw: model.log_likelihood(draw, data))(draws))
        refitted.append(logsumexp(by_row[:, place]) - np.log(1200))
    np.testing.assert_allclose(weighted, refitted, atol=0.15)
    assert abs(weighted.sum() - np.sum(refitted)) < 0.35
    assert by_probability.sum() - np.sum(refitted) < -0.5


def test_probabilities_of_a_row_sum_to_one():
    task = base(n_queries=3, n_candidates=2)
    model, total = load_model("regression"), 0.0
    draw = {
        "level": 0.1,
        "quality": np.array([0.2, -0.1]),
        "covariance": np.array([[0.1, 0.05], [0.05, 0.2]]),
    }
    for outcomes in itertools.product((-1, 0, 1), repeat=2):
        judged = np.full_like(task.recorded, MISSING)
        judged[1] = outcomes
        found = model.log_likelihood(draw, model.prepare(Evidence.of(task, judged)))
        total += float(np.exp(np.asarray(found)[0]))
    assert total == pytest.approx(1.0, abs=1e-5)


def test_expected_points_without_judges():
    task = base(n_queries=6, n_candidates=3)
    model, nothing = load_model("regression"), np.full_like(task.recorded, MISSING)
    data = model.prepare(Evidence.of(task, nothing))
    swept = sweep(np.random.default_rng(0), data, model.priors, 5)
    found = expected_points(data, swept, np.array([0, 2]))
    ability = 0.5 + swept.coefficients[:, [0, 2]] + swept.coefficients[:, [3]]
    np.testing.assert_allclose(found, np.repeat(ability[:, None], 6, axis=1))
