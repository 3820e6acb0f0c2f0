"""Gibbs steps of the two-way model: calibration, NumPyro's sampler, and means without chance."""

from __future__ import annotations

import arviz as az
import numpy as np
import pytest
import xarray as xr
from scipy.stats import chisquare

from bayessel.inference.engines import gibbs, nuts
from bayessel.inference.evidence import Evidence
from bayessel.inference.load import load_model
from bayessel.inference.two_way.sweeps import own_shares, population, sweep, sweep_win_rates
from bayessel.models.two_way import FLOOR, LEAST, PRIORS, SHAPE, Data, prior_of_each
from bayessel.outcomes import MISSING
from bayessel.priors import Prior
from known_weak_judges import base, cells, given_task, with_scores


def from_the_prior(rng, m: int, p: int) -> dict:
    """Values of every parameter; features: the first is a score, the others are verdicts."""

    def normal(name: str, size: int | None = None):
        prior = prior_of_each(name, PRIORS, size or 1).parameters
        return rng.normal(prior["loc"], prior["scale"], size)

    noise_prior = PRIORS["noise"].parameters
    found = {
        "level": normal("level"),
        "sd_quality": abs(rng.normal(0, PRIORS["sd_quality"].parameters["scale"])),
        "sd_query": abs(rng.normal(0, PRIORS["sd_query"].parameters["scale"])),
        "noise": rng.gamma(noise_prior["concentration"]) / noise_prior["rate"],
        "between": np.concatenate([normal("score_between", 1), normal("verdict_between", p - 1)]),
        "within": np.concatenate([normal("score_within", 1), normal("verdict_within", p - 1)]),
    }
    return {**found, "variance": (SHAPE - 1) * (found["noise"] + FLOOR) / rng.gamma(SHAPE, size=m)}


def by_kind(x: np.ndarray) -> dict[str, np.ndarray]:
    """No text statistic, one score, and what is left are verdicts."""
    return {"text": x[..., :0], "score": x[..., :1], "verdict": x[..., 1:]}


def test_sweeps_are_calibrated():
    """Simulation-based calibration (Talts et al. 2018): outcomes here are normal, as modelled.

    200 simulations, ranks among 19 thinned draws in 20 bins, ten quantities: the smallest of ten
    p-values of chi-squared tests below 1e-6 is a false alarm in 1e5. A prior that is wrong by a
    factor of fifty is caught.
    """
    rng = np.random.default_rng(11)
    n, m, p, opened = 12, 6, 2, 8
    wrong = {**PRIORS, "sd_quality": Prior("Fixed", {"value": 0.003})}
    ranks: dict[str, list[list[int]]] = {"right": [], "wrong": []}
    for _ in range(200):
        truth = from_the_prior(rng, m, p)
        within, between = rng.normal(size=(n, m, p)), rng.normal(size=(m, p))
        expected = truth["level"] + between @ truth["between"]
        ability = expected + truth["sd_quality"] * rng.normal(size=m)
        effect = truth["sd_query"] * rng.normal(size=n)
        y = ability + effect[:, None] + within @ truth["within"]
        y += np.sqrt(truth["variance"]) * rng.normal(size=(n, m))
        judged = rng.random((opened, m)) < 0.6
        judged[:, 0] = True
        outcome = np.where(judged, 2 * y[:opened], MISSING)
        features = (by_kind(within), by_kind(between))
        data = Data(outcome, np.arange(opened), *features, 3, 5)
        unjudged = y.sum(axis=0) - np.where(judged, y[:opened], 0.0).sum(axis=0)
        for name, priors in (("right", PRIORS), ("wrong", wrong)):
            found = sweep(rng, data, priors, 19 * 15)
            ability_draws = found.coefficients[:, :m]
            pairs = [
                (truth["level"], found.expected[:, 0]),
                (truth["sd_quality"], found.scales[:, 0]),
                (truth["sd_query"], found.scales[:, 1]),
                (truth["noise"], found.scales[:, 2]),
                (truth["variance"][0], found.variance[:, 0]),
                (truth["between"][1], found.expected[:, 2]),
                (truth["within"][1], found.coefficients[:, m + 1]),
                (effect[0], found.effects[:, 0]),
                (ability[1] - ability[0], ability_draws[:, 1] - ability_draws[:, 0]),
                (unjudged[2] - unjudged[1], np.diff(found.half_points[:, 1:])[:, 0]),
            ]
            if name == "wrong":
                pairs = pairs[-2:]
            ranks[name].append([int((draws[::15] < value).sum()) for value, draws in pairs])
    counts = {k: [np.bincount(r, minlength=20) for r in np.array(v).T] for k, v in ranks.items()}
    p_values = {k: [chisquare(c).pvalue for c in v] for k, v in counts.items()}
    assert min(p_values["right"]) > 1e-6, p_values
    assert min(p_values["wrong"]) < 1e-6, p_values


def test_win_rates_of_a_noisy_judge_are_calibrated_and_without_its_noise_too_sure():
    """Simulation-based calibration of what the judge is expected to say, most cells judged once.

    150 simulations, ranks of two win rates and their difference among 19 draws in 10 bins: the
    smallest of three p-values below 1e-6 is a false alarm in 3e5. Verdicts that are taken as known
    are caught, as P(best) that is too sure.
    """
    rng = np.random.default_rng(12)
    n, m, noise = 12, 4, 0.05
    ranks: dict[float, list[list[int]]] = {noise: [], 0.0: []}
    for _ in range(150):
        truth = from_the_prior(rng, m, 1)
        share = 1 - min(noise / truth["variance"].mean(), 1)
        ability = truth["level"] + truth["sd_quality"] * rng.normal(size=m)
        expected = ability + truth["sd_query"] * rng.normal(size=n)[:, None]
        expected += np.sqrt(share * truth["variance"]) * rng.normal(size=(n, m))
        y = expected + np.sqrt((1 - share) * truth["variance"]) * rng.normal(size=(n, m))
        judged = rng.random((n, m)) < 0.9
        judged[:, 0] = True
        features = (by_kind(np.zeros((n, m, 0))), by_kind(np.zeros((m, 0))))
        data = Data(np.where(judged, 2 * y, MISSING), np.arange(n), *features, 3, 5)
        rates = 0.5 + expected.mean(axis=0)
        for known, kept in ranks.items():
            given = data._replace(verdict_noise=known)
            drawn = sweep_win_rates(rng, given, PRIORS, 19 * 15).drawn[::15]
            pairs = [(rates[0], drawn[:, 0]), (rates[1], drawn[:, 1])]
            pairs.append((rates[1] - rates[0], drawn[:, 1] - drawn[:, 0]))
            kept.append([int((draws < value).sum()) for value, draws in pairs])
    p_values = {
        known: [chisquare(np.bincount(r // 2, minlength=10)).pvalue for r in np.array(kept).T]
        for known, kept in ranks.items()
    }
    assert min(p_values[noise]) > 1e-6, p_values
    assert max(p_values[0.0]) < 1e-6, p_values


@pytest.mark.slow
def test_the_steps_agree_with_hamiltonian_chains():
    """Six standard errors, by the effective sizes: a false alarm in 5e8 comparisons."""
    task = given_task()
    model = load_model("two_way")
    data = model.prepare(Evidence.of(task, cells(task, 1, 0.5), apart=True))
    ours, _ = gibbs.sample(model, data, seed=0, chains=2, draws=1500, warmup=50)
    theirs, _ = nuts.sample(model, data, seed=1, chains=2, draws=500, warmup=500)
    for site in ("ability", "variance", "effect", "text_within", "score_within", "score_between",
                 "verdict_within", "verdict_between", "text_between", "level", "sd_query",
                 "sd_quality", "noise"):  # fmt: skip
        a, b = (x[site].reshape(*x[site].shape[:2], -1) for x in (ours, theirs))
        assert a.shape[2] == b.shape[2], site
        error = np.sqrt(squared_error(a) + squared_error(b)) + 1e-9
        assert np.all(np.abs(a.mean(axis=(0, 1)) - b.mean(axis=(0, 1))) < 6 * error), site


def squared_error(draws: np.ndarray) -> np.ndarray:
    """Of the mean of each of the [chain, draw, scalar] draws, by its effective size."""
    of = xr.Dataset({"x": (("chain", "draw", "scalar"), draws)})
    return draws.var(axis=(0, 1)) / az.ess(of, method="mean")["x"].to_numpy()


@pytest.mark.parametrize("noise", ["0", "0.03"])
def test_win_rates_in_closed_form_are_those_of_the_completions(noise):
    """Means within six standard errors, standard deviations within 8 %, of two ways to draw."""
    task = given_task()
    model, judged = load_model("two_way", {"verdict_noise": noise}), cells(task, 2, 0.5)
    data = model.prepare(Evidence.of(task, judged, apart=True))
    found = sweep_win_rates(np.random.default_rng(0), data, model.priors, 1000, copies=8)
    other = sweep(np.random.default_rng(1), data, model.priors, 8000)
    known = np.where(judged != MISSING, judged, 0).sum(axis=0) / 2
    share = own_shares(data, other.variance)
    assert share.max() == 1 if noise == "0" else share.max() < 0.95
    drawn = 0.5 + (share[:, None] * known + other.half_points) / len(judged)
    error = drawn.std(axis=0) * np.sqrt(1 / 500 + 1 / 2000)
    assert np.all(np.abs(found.drawn.mean(axis=0) - drawn.mean(axis=0)) < 6 * error)
    assert np.all(np.abs(found.mean.mean(axis=0) - drawn.mean(axis=0)) < 6 * error)
    np.testing.assert_allclose(found.drawn.std(axis=0), drawn.std(axis=0), rtol=0.08)
    for both in (np.corrcoef(found.drawn.T) - np.corrcoef(drawn.T),):
        assert np.abs(both).max() < 0.08
    draws = population(judged, other.half_points, other.drawing, share)
    assert draws.win_rate.shape == (8000, 3)
    assert np.all((draws.win_rate >= 0) & (draws.win_rate <= 1))


def test_without_judgments_the_steps_draw_from_the_stated_prior():
    """Quantiles, five binomial standard errors of 1,000 draws: a false alarm in 1e5."""
    task = given_task()
    model, nothing = load_model("two_way"), np.full_like(task.recorded, MISSING)
    data = model.prepare(Evidence.of(task, nothing, apart=True))
    ours, _ = gibbs.sample(model, data, seed=0, chains=1, draws=6000, warmup=50)
    theirs = nuts.prior_samples(model, data, seed=1, draws=1000)
    for site in ("level", "sd_quality", "sd_query", "noise", "ability", "variance", "score_within"):
        a, b = ours[site].reshape(6000, -1)[::3, 0], theirs[site].reshape(1000, -1)[:, 0]
        for q in (0.1, 0.5, 0.9):
            error = np.sqrt(q * (1 - q) * 2 / 1000)
            assert abs((a < np.quantile(b, q)).mean() - q) < 5 * error, (site, q)


def test_a_known_scale_stays_as_it_is():
    task = given_task()
    known = {"sd_quality": "0.07", "sd_query": "0.2", "noise": "0.1"}
    model = load_model("two_way", known)
    data = model.prepare(Evidence.of(task, cells(task, 1), apart=True))
    found = sweep(np.random.default_rng(0), data, model.priors, 20)
    np.testing.assert_allclose(found.scales, np.tile([0.07, 0.2, 0.1], (20, 1)))


@pytest.mark.parametrize("name", ["sd_query", "sd_quality"])
@pytest.mark.parametrize("prior", ["0", "HalfNormal(scale=0.0002)"])
def test_a_scale_at_the_edge_is_sampled(name, prior):
    """Known to be 0, or with a prior below the least that the sampler visits."""
    model = load_model("two_way", {name: prior})
    data = model.prepare(Evidence.of(given_task(), cells(given_task(), 1), apart=True))
    found = sweep(np.random.default_rng(0), data, model.priors, 20)
    at = found.scales[:, ("sd_quality", "sd_query").index(name)]
    if prior == "0":
        np.testing.assert_array_equal(at, 0)
    else:
        assert (at >= LEAST).all()
        assert at.max() < 0.01


def test_outcomes_that_are_all_alike_leave_some_variance():
    """Nothing but draws on the first query: a normal model alone would be sure of everything."""
    task = base(n_queries=20, n_candidates=8)
    outcome = np.full_like(task.recorded, MISSING)
    outcome[0] = 0
    model = load_model("two_way")
    data = model.prepare(Evidence.of(with_scores(task), outcome, apart=True))
    found = sweep_win_rates(np.random.default_rng(0), data, model.priors, 200, copies=4)
    assert found.variance.min() > 0.005
    assert found.drawn.std(axis=0).min() > 0.01
