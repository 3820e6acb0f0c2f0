"""Does the decision depend on the priors: found where it does, and where it does not."""

from __future__ import annotations

import contextlib
import io
import json
import sys

import numpy as np
import pandas as pd
import pytest

import bayessel
from bayessel.checks.advice import _as_good
from bayessel.checks.power_scaling import power_scaling
from bayessel.checks.sensitivity import OWN, sensitivity
from bayessel.checks.variations import variations
from bayessel.cli import main
from bayessel.errors import BudgetError, UnknownNameError
from bayessel.inference.draws import best_shares
from bayessel.inference.engines.exact import mixture_best
from bayessel.inference.fit import fit
from bayessel.inference.load import load_model
from bayessel.outcomes import MISSING, counts
from bayessel.pictures.sensitivity import plot_sensitivity
from bayessel.priors import Prior
from bayessel.priors.elicit import elicit

PAPER = ("dual_parameter:paper", "exact")
LOSES = "Dirichlet(concentration=(8, 2, 1))"  # 'the best mostly loses'
OTHER = Prior("Dirichlet", {"concentration": (1.0, 2.0, 4.0)})


@pytest.fixture(scope="module")
def judged():
    task = bayessel.simulate_task(n_queries=40, n_candidates=5, seed=3)
    outcome = np.full((40, 5), MISSING, dtype=np.int8)
    outcome[:8] = task.recorded[:8]
    return task, outcome


@pytest.fixture(scope="module")
def found(judged):
    task, outcome = judged
    sets = variations({"eps": [LOSES, OTHER, "(0.2, 0.4, 0.4)"]})
    return sensitivity(task, sets, *PAPER, outcomes=outcome, draws=500)


def chance_of_the_highest(outcome: np.ndarray, prior: Prior, draws: int = 40_000) -> np.ndarray:
    """[M] of the highest win rate: F in closed form, its eps Dirichlet, the others 1/3 each."""
    rng, n = np.random.default_rng(0), counts(outcome)
    f = rng.choice(len(n), size=draws, p=mixture_best(n, prior))
    rates = np.full((draws, len(n), 3), 1 / 3)
    gamma = rng.standard_gamma(np.asarray(prior.parameters["concentration"]) + n[f])
    rates[np.arange(draws), f] = gamma / gamma.sum(axis=1, keepdims=True)
    whole = n + rng.multinomial((outcome == MISSING).sum(axis=0), rates)
    return best_shares(whole).mean(axis=0)


def test_the_table_holds_what_follows_from_the_closed_form(found, judged):
    flat = Prior("Dirichlet", {"concentration": (1.0, 1.0, 1.0)})
    for label, prior in (
        (OWN, flat),
        (f"eps={LOSES}", Prior.parse(LOSES)),
        (f"eps={OTHER}", OTHER),
    ):
        exact = chance_of_the_highest(judged[1], prior)
        row = found.table.loc[label]
        # six Monte Carlo standard errors: false alarms are out of the question
        assert abs(row["p_best"] - exact.max()) < 6 * np.hypot(row["p_best_error"], 0.0025)
        assert row["best"] == judged[0].candidates[int(exact.argmax())]


def test_a_prior_that_decides_is_named(judged):
    task, _ = judged
    outcome = np.full_like(task.recorded, MISSING)
    outcome[0] = task.recorded[0]
    other = task.candidates[int(outcome[0].argmin())]
    sure = "Categorical(weights={'" + other + "': 1e6}, other=1.0)"
    model = load_model("dual_parameter:paper", {"eps": "(0.05, 0.15, 0.8)"})
    found = sensitivity(
        task, variations({"F": [sure]}), model, "exact", outcomes=outcome, draws=100
    )
    assert "The priors decide" in found.text
    assert f"{other} under F={sure}" in found.text


def test_the_next_query_is_not_judged_and_known_eps_still_teaches(found, judged):
    task, outcome = judged
    free = {q for q, row in zip(task.queries, outcome, strict=True) if (row == MISSING).all()}
    assert set(found.table["next_query"]) <= free
    # with eps known all draws are alike but for F: the gain must come from F
    assert found.table.loc["eps=(0.2, 0.4, 0.4)", "gain"] > 0.005
    assert (found.table["gain_reference"].dropna() <= 1).all()


def test_priors_that_hardly_differ_do_not_decide(judged):
    task, outcome = judged
    sets = variations({"eps": ["Dirichlet(concentration=(1.001, 1, 1))"]})
    same = sensitivity(task, sets, *PAPER, outcomes=outcome, draws=250)
    assert "is best under all 2 priors" in same.text
    assert "no more than Monte Carlo error apart" in same.text


def test_when_all_is_judged_there_is_no_next_query(judged):
    task, _ = judged
    sets = variations({"eps": [OTHER]})
    done = sensitivity(task, sets, *PAPER, outcomes=task.recorded, draws=100)
    assert done.table["next_query"].isna().all()
    json.dumps(done.to_dict())


def test_queries_are_as_good_by_the_error_of_the_difference():
    """Errors that both share cancel; an error of the other query alone counts."""
    shared = np.linspace(-0.1, 0.1, 8)[:, None]
    gain = np.array([1.0, 0.9, 0.9, np.nan])
    own = np.array([0.0, 0.0, 1.0, np.nan])
    assert _as_good(gain, gain + shared * np.array([1.0, 1.0, 1.0, np.nan]), 0) == 0
    assert _as_good(gain, gain + shared * own, 0) == 1
    assert _as_good(np.array([1.0, 1.0]), np.ones((8, 2)), 0) == 1


def test_a_grid_and_a_list():
    alternatives = {"a": ["0", "1"], "b": ["2"]}
    assert list(variations(alternatives)) == ["a=0", "a=1", "b=2"]
    assert list(variations(alternatives, grid=True)) == [
        "b=2",
        "a=0",
        "a=0, b=2",
        "a=1",
        "a=1, b=2",
    ]


def test_power_scaling_sees_a_strong_prior_and_not_a_weak_one(judged):
    task, outcome = judged

    def at(concentration):
        prior = {"eps": Prior("Dirichlet", {"concentration": concentration})}
        return power_scaling(fit(task, *PAPER, outcomes=outcome, priors=prior, draws=500))[0]

    weak, strong = at((1.0, 1.0, 1.05)), at((80.0, 10.0, 10.0))
    assert weak["prior"].max() < 0.05
    assert strong["prior"].max() > 0.05


@pytest.mark.parametrize("power", [0.8, 1.25])
def test_the_scaled_posterior_of_the_best_is_the_closed_form(judged, power):
    """F is summed out, and is scaled with the parameters: within six standard errors."""
    task, outcome = judged
    tree = fit(task, *PAPER, outcomes=outcome, priors={"eps": OTHER}, draws=2000)
    log_likelihood = tree["joint"]["log_likelihood"].to_numpy().ravel()
    best = tree["joint"]["best"].to_numpy().reshape(len(log_likelihood), -1)
    weight = np.exp((power - 1) * (log_likelihood - log_likelihood.max()))
    weight /= weight.sum()
    scaled = mixture_best(power * counts(outcome), OTHER)
    error = np.sqrt((weight[:, None] ** 2 * (best - scaled) ** 2).sum(axis=0))
    assert np.all(np.abs(weight @ best - scaled) < 6 * error)
    # what would be had by scaling the terms of leave-one-out is another distribution
    assert np.abs(mixture_best(counts(outcome), OTHER) - scaled).max() > 6 * error.max()


def test_power_scaling_scales_the_joint_likelihood(judged):
    task, outcome = judged
    tree = fit(task, *PAPER, outcomes=outcome, priors={"eps": OTHER}, draws=250)
    own = power_scaling(tree)[0]
    tree["joint"]["log_likelihood"] = 2 * tree["joint"]["log_likelihood"]
    assert power_scaling(tree)[0]["likelihood"].max() > 1.2 * own["likelihood"].max()
    without = tree.drop_nodes("joint")
    table, note = power_scaling(without)
    assert len(table) == 0
    assert "no likelihood of judged rows" in note


def test_power_scaling_says_why_it_cannot(judged):
    task, outcome = judged
    table, note = power_scaling(fit(task, *PAPER, outcomes=outcome, draws=100))
    assert len(table) == 0
    assert "flat" in note


def test_the_picture_has_a_row_a_prior(found):
    figure = plot_sensitivity(found)
    labels = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    assert labels[0] == OWN
    assert len(labels) == len(found.table)


def test_bad_sets():
    task = bayessel.simulate_task(n_queries=5, n_candidates=3)
    with pytest.raises(BudgetError, match="at least one"):
        sensitivity(task, {}, *PAPER)
    with pytest.raises(UnknownNameError, match="did you mean 'eps'"):
        sensitivity(task, {"x": {"ep": "0.1"}}, *PAPER)
    with pytest.raises(BudgetError, match="worse_spread is 0 or more"):
        sensitivity(task, {"x": {"worse_spread": "Normal(0, 1)"}}, "dual_parameter")


# ------------------------------------------------------------------ elicitation
@pytest.mark.parametrize("mass", [0.5, 0.9])
def test_an_elicited_prior_has_the_mass_asked_for(mass):
    prior = elicit("eps", loss=(0.05, 0.40), mass=mass)
    rng = np.random.default_rng(0)
    loss = rng.dirichlet(prior.parameters["concentration"], 20_000)[:, 0]
    inside = ((loss > 0.05) & (loss < 0.40)).mean()
    assert inside == pytest.approx(mass, abs=6 * np.sqrt(0.25 / 20_000))
    assert Prior.parse(str(prior)) == prior


def test_two_beliefs_keep_their_means_and_the_weaker_certainty():
    prior = elicit("eps", loss=(0.05, 0.40), draw=(0.28, 0.32))
    one = elicit("eps", loss=(0.05, 0.40)).parameters["concentration"]
    both = prior.parameters["concentration"]
    assert both[0] == pytest.approx(one[0], rel=0.02)
    assert both[1] / sum(both) == pytest.approx(0.30, abs=0.01)
    assert sum(both) == pytest.approx(sum(one), rel=0.02)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"loss": (0.4, 0.1)}, "lower end first"),
        ({"loss": (0.0, 1.0)}, "lower end first"),
        ({"loss": (0.1, 0.4), "mass": 1.0}, "mass"),
        ({"loss": (0.5, 0.7), "draw": (0.5, 0.7)}, "leaves no wins"),
    ],
)
def test_beliefs_that_cannot_be(options, what):
    with pytest.raises(BudgetError, match=what):
        elicit("eps", **options)


def test_only_rates_can_be_elicited():
    with pytest.raises(UnknownNameError, match="eps"):
        elicit("reliability", loss=(0.1, 0.4))


# ------------------------------------------------------------------ the command
@pytest.fixture
def call(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    rows = [
        {"query_id": f"q{q}", "model": m, "outcome": int(rng.integers(-1, 2)) if m != "a" else 1}
        for q in range(12)
        for m in "abc"
    ]
    pd.DataFrame(rows).to_csv("task.csv", index=False)

    def run(*options: str) -> tuple[int, str, str]:
        argv = ["bayessel", "sensitivity", "task.csv", "--baseline", "base", "--out", "s", *options]
        monkeypatch.setattr(sys, "argv", argv)
        out, err = io.StringIO(), io.StringIO()
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            pytest.raises(SystemExit) as stop,
        ):
            main()
        return int(stop.value.code or 0), out.getvalue(), err.getvalue()

    return run


SMALL = ("--model", PAPER[0], "--engine", PAPER[1], "--draws", "50", "--rows", "6")


def test_the_command_writes_table_and_picture(call, tmp_path):
    code, out, err = call(*SMALL, "--vary", f"eps={LOSES}", "--prior", f"eps={OTHER}")
    assert (code, err) == (0, "")
    assert "Power-scaling" in out
    assert out.splitlines()[-1] == (
        "Files in s: sensitivity.csv, sensitivity.json, sensitivity.png"
    )
    table = pd.read_csv(tmp_path / "s" / "sensitivity.csv", index_col="priors")
    assert list(table.index) == [OWN, f"eps={LOSES}"]
    report = json.loads((tmp_path / "s" / "sensitivity.json").read_text())
    assert report["table"][0]["best"] == table["best"].iloc[0]
    assert len(report["power_scaling"]) == 4


def test_priors_from_a_file(call, tmp_path):
    both = [{"eps": OTHER.__str__(), "rho_shared": "(0.4, 0.3, 0.3)"}]
    (tmp_path / "priors.json").write_text(json.dumps(both))
    code, out, err = call(*SMALL, "--vary-file", "priors.json", "--json")
    assert (code, err) == (0, "")
    labels = [row["priors"] for row in json.loads(out)["table"]]
    assert labels == [OWN, f"eps={OTHER}, rho_shared=Fixed(value=(0.4, 0.3, 0.3))"]


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ((), "no prior to try"),
        (("--vary", "eps"), "NAME=TEXT"),
        (("--vary", "ep=0.2"), "did you mean 'eps'"),
        (("--vary-file", "none.json"), "cannot read the priors"),
        (("--vary-file", "task.csv"), "cannot read the priors"),
    ],
)
def test_errors_are_one_line(call, options, what):
    code, _, err = call(*SMALL, *options)
    assert code == 2
    assert what in err
    assert err.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "prior"),
    [
        ("regression", "var_quality=InverseGamma(1, 0.003)"),
        ("item_response", "sd_quality=HalfNormal(0.2)"),
    ],
)
def test_a_task_that_is_judged_in_full_has_nothing_to_scale(call, tmp_path, model, prior):
    small = ("--draws", "20", "--warmup", "20", "--chains", "2")
    code, out, err = call("--model", model, *small, "--vary", prior)
    assert code == 0, err
    assert "note: power-scaling: every quantity of the decision is known" in out
    assert out.count("no query is left") == 2
    assert (tmp_path / "s" / "sensitivity.csv").is_file()
