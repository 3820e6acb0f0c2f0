"""The model of verdicts: two programs of one density, what it reports, and what it recovers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare

from bayessel.errors import BudgetError
from bayessel.inference.engines import nuts
from bayessel.inference.judges.fit import fit_verdicts
from bayessel.inference.judges.measures import MEASURES, measured
from bayessel.inference.judges.table import VerdictTable
from bayessel.inference.load import Model
from bayessel.models.judges import verdicts
from said import Judge, opinions, said, say
from twins import densities

MODEL = Model("judges.verdicts", verdicts, dict(verdicts.PRIORS))
ONE = {"a": Judge()}
PANEL = {"a": Judge(), "b": Judge(r=0.5), "people": Judge()}


@pytest.mark.parametrize(
    ("judges", "gold"), [(ONE, None), (PANEL, "people"), (PANEL, None)], ids=["one", "gold", "none"]
)
def test_both_programs_have_the_same_density(judges, gold):
    table = said(np.random.default_rng(0), judges, 6, gold=gold)
    ours, theirs = densities(MODEL, verdicts.prepare(table))
    assert np.ptp(ours) > 0.1
    np.testing.assert_allclose(ours - ours[0], theirs - theirs[0], rtol=1e-6, atol=1e-6)


def test_measures_are_those_of_many_verdicts():
    """200,000 cells; six standard errors of a share, .5 / √200000: a false alarm in 1e7."""
    rng, size = np.random.default_rng(1), 200_000
    gold, judge = Judge(0.3, 1.5, 0.4, 0.7, 0.3), Judge(0.1, 0.8, -0.2, 1.2, 0.6, r=-0.6)
    draws = {
        name: np.array([getattr(one, name) for one in (gold, judge)]) for name in verdicts.OF_JUDGE
    }
    found = measured({**draws, "correlation": np.array([1.0, -0.6])}, np.ones(2, dtype=bool), 0)
    score, once = rng.standard_normal(size), []
    for k, one in enumerate((gold, judge)):
        opinion, swing = opinions(rng, score, one), rng.standard_normal(size)
        first, second, again = (say(rng, opinion, swing, one, side) for side in (1, -1, 1))
        other = say(rng, opinion, swing, one, -1)
        once.append(np.where(rng.random(size) < 0.5, first, second))
        twice = np.where(rng.random(size) < 0.5, again, other)
        expected = {
            "position_bias": (first - second).mean() / 2,
            "flips": (first != second).mean(),
            "reversals": (first * second == -1).mean(),
            "repeatability": ((first == again).mean() + (second == other).mean()) / 2,
            "noise": ((once[k] - twice) ** 2).mean() / 8,
        }
        if k:
            same, decided = once[0] == once[1], once[0] * once[1] != 0
            expected |= {"agreement": same.mean(), "agreement_decided": same[decided].mean()}
        for name, value in expected.items():
            assert abs(found[name][k] - value) < 6 * 0.5 / np.sqrt(size), (k, name)
    assert np.isnan(found["agreement"][0])  # of the gold judge with itself


def test_measures_that_need_an_order_are_unknown_without_one():
    draws = {name: np.ones((3, 1)) for name in (*verdicts.OF_JUDGE, "correlation")}
    found = measured(draws, np.zeros(1, dtype=bool), None)
    known = {name for name in MEASURES if not np.isnan(found[name]).any()}
    assert known == {"repeatability", "noise"}


@pytest.mark.slow
def test_a_panel_is_recovered_with_the_sign_of_each_reliability():
    """Within five posterior standard deviations: a false alarm in 1e5 over all that is compared.

    ``b`` favours the first place, ``wrong`` says the opposite of gold, ``coin`` knows nothing.
    """
    rng = np.random.default_rng(3)
    judges = {
        "b": Judge(signal=2.5, position=0.8, sway=0.5, r=0.85),
        "wrong": Judge(signal=2.0, r=-0.8),
        "coin": Judge(signal=1.5, r=0.0),
        "people": Judge(signal=3.0),
    }
    share = {"people": 0.5}
    table = said(rng, judges, 80, sides=(1, -1), gold="people", share=share)
    tree = fit_verdicts(table, chains=2, draws=150, warmup=200)
    posterior = tree["posterior"].to_dataset()
    assert list(posterior.judge.values) == list(judges)
    mean, sd = posterior.mean(("chain", "draw")), posterior.std(("chain", "draw"))
    for name, judge in judges.items():
        for what in ("level", "signal", "band", "position"):
            if what == "position" and name == "people":
                continue
            gap = abs(float(mean[what].sel(judge=name)) - getattr(judge, what))
            assert gap < 5 * float(sd[what].sel(judge=name)), (name, what)
        gap = abs(float(mean["correlation"].sel(judge=name)) - judge.r)
        assert gap <= 5 * float(sd["correlation"].sel(judge=name)), name
    sure = (posterior["correlation"] > 0).mean(("chain", "draw"))
    assert float(sure.sel(judge="b")) > 0.99
    assert float(sure.sel(judge="wrong")) < 0.01
    bias = posterior["position_bias"]
    assert float((bias.sel(judge="b") > 0).mean()) > 0.99
    assert np.isnan(bias.sel(judge="people")).all()
    assert float(mean["agreement_decided"].sel(judge="wrong")) < 0.4
    assert {"sample_stats", "observed_data", "constant_data"} <= set(tree.children)


def test_the_posterior_is_calibrated():
    """Simulation-based calibration (Talts et al. 2018) of the judge's parameters and its measures.

    80 simulations of one judge, 12 cells in both orders and once again; ranks among 19 thinned
    draws in 10 bins. The smallest of seven p-values below 1e-6 is a false alarm in 1e5. Half the
    data (each verdict read as a draw) is caught.
    """
    cells, sims = 12, 80
    rng = np.random.default_rng(5)
    blank = VerdictTable.of([("a", (f"q{c}", "x"), s, 0) for s in (1, -1, 1) for c in range(cells)])
    data = verdicts.prepare(blank)
    prior = nuts.prior_samples(MODEL, data, 0, sims)
    ranks, wrong = [], []
    for i in range(sims):
        truth = Judge(*(float(prior[name][i, 0]) for name in verdicts.OF_JUDGE))
        opinion = truth.level + truth.signal * prior["score"][i]
        outcome = np.concatenate(
            [say(rng, opinion, prior["swing"][i], truth, side) for side in (1, -1, 1)]
        )
        for kept, value in ((ranks, outcome), (wrong, np.abs(outcome) * 0)):
            if kept is wrong and i >= 30:
                continue
            found, _ = nuts.sample(MODEL, data._replace(outcome=value), seed=i, chains=1, draws=95,
                                   warmup=120)  # fmt: skip
            pairs = {name: (prior[name][i], found[name][0]) for name in verdicts.OF_JUDGE}
            one = np.ones(1, dtype=bool)
            of_truth, of_draws = (
                measured({**{k: v[at] for k, v in pairs.items()}, "correlation": one}, one, None)
                for at in (0, 1)
            )
            for name in ("position_bias", "noise"):
                pairs[name] = of_truth[name], of_draws[name]
            kept.append([int((d[::5, 0] < t[0]).sum()) for t, d in pairs.values()])
    p_values = [
        [chisquare(np.bincount(r // 2, minlength=10)).pvalue for r in np.array(kept).T]
        for kept in (ranks, wrong)
    ]
    assert min(p_values[0]) > 1e-6, p_values[0]
    assert min(p_values[1]) < 1e-6, p_values[1]


def test_a_prior_of_another_kind_is_refused():
    table = said(np.random.default_rng(0), ONE, 4)
    with pytest.raises(BudgetError, match="band is 0 or more"):
        fit_verdicts(table, priors={"band": "Normal(0, 1)"})
