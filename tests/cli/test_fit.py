"""``bayessel fit`` as a user runs it."""

from __future__ import annotations

import json
import signal

import arviz as az
import numpy as np
import pandas as pd
import pytest

from bayessel.inference.engines.base import default_engine
from bayessel.inference.load import load_model
from bayessel.outcomes import MISSING

PAPER = ("--model", "dual_parameter:paper", "--engine", "exact", "--draws", "100")


@pytest.fixture
def table(tmp_path):
    """Judged, without texts: no weak judge has to score."""
    rng = np.random.default_rng(0)
    rows = [
        {"query_id": f"q{q}", "model": m, "outcome": int(rng.integers(-1, 2)) if m != "a" else 1}
        for q in range(12)
        for m in "abc"
    ]
    path = tmp_path / "task.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def test_it_writes_a_result_that_arviz_reads(bayessel, table, tmp_path):
    done = bayessel("fit", table, "--baseline", "base", *PAPER, "--out", "f")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Best: a\n" in done.stdout
    assert "Sampled with exact: " in done.stdout
    files = {p.name for p in (tmp_path / "f").iterdir()}
    pictures = {f"{n}.{s}" for n in ("win_rates", "p_best", "eps") for s in ("png", "svg")}
    assert files == {".bayessel", "result.nc", "summary.csv", "fit.json"} | pictures
    tree = az.from_netcdf(tmp_path / "f" / "result.nc")
    assert tree["posterior"].sizes["draw"] == 100
    assert tree["observed_data"].sizes["query"] == 12
    report = json.loads((tmp_path / "f" / "fit.json").read_text())
    p_best = tree["posterior"]["p_best"].mean(("chain", "draw"))
    assert report["p_best"] == pytest.approx(float(p_best.sel(candidate="a")))
    assert report["queries_opened"] == 12
    assert report["standing"][0]["candidate"] == "a"
    summary = pd.read_csv(tmp_path / "f" / "summary.csv", index_col="variable")
    assert {"eps_loss", "p_best[a]", "win_rate[b]"} <= set(summary.index)
    checked = bayessel("check", "f")
    assert checked.returncode in (0, 1)


def test_a_real_sampler_with_priors_and_partial_rows(bayessel, table, tmp_path):
    code = ("--model", "dual_parameter:shared-rate", "--prior", "eps=Dirichlet((1, 2, 4))")
    small = ("--chains", "2", "--draws", "40", "--warmup", "40", "--rows", "5", "--json")
    done = bayessel("fit", table, "--baseline", "base", *code, *small, "--out", "f")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["queries_opened"] == 5
    assert found["priors"]["eps"] == {"family": "Dirichlet", "concentration": [1, 2, 4]}
    assert found["divergences"] is not None
    assert "result.nc" in found["files"]


def test_gibbs_sweeps_of_the_default_model(bayessel, table, tmp_path):
    small = ("--chains", "2", "--draws", "100", "--warmup", "40", "--rows", "5", "--out", "f")
    done = bayessel(
        "fit", table, "--baseline", "base", "--model", "regression", *small, "--engine", "gibbs"
    )
    assert done.returncode == 0, done.stderr
    assert "Sampled with gibbs: " in done.stdout
    tree = az.from_netcdf(tmp_path / "f" / "result.nc")
    covariance = tree["posterior"]["covariance"]
    assert covariance.dims == ("chain", "draw", "candidate", "other_candidate")
    assert set(tree["posterior"]["quality"]["candidate"].to_numpy()) == set(
        covariance["other_candidate"].to_numpy()
    )
    assert {"log_likelihood", "posterior_predictive", "prior"} <= set(tree.children)


@pytest.mark.parametrize(
    ("model", "priors", "engine"),
    [
        ("regression", {}, "gibbs"),
        ("regression", {"var_quality": "0.1"}, "gibbs"),
        ("regression", {"level": "Beta(1, 2)"}, "numpyro"),
        ("dual_parameter", {}, "numpyro"),
        ("dual_parameter:paper", {}, "numpyro"),
    ],
)
def test_the_engine_goes_with_the_model(model, priors, engine):
    assert default_engine(load_model(model, priors)) == engine


def test_the_command_takes_the_models_engine(bayessel, table, tmp_path):
    small = ("--chains", "2", "--draws", "100", "--warmup", "40", "--rows", "5", "--out", "f")
    done = bayessel("fit", table, "--baseline", "base", "--model", "regression", *small)
    assert (done.returncode, done.stderr) == (0, "")
    assert "fitting regression with gibbs" in done.stdout
    assert json.loads((tmp_path / "f" / "fit.json").read_text())["engine"] == "gibbs"


def judged(bayessel, folder, *options):
    done = bayessel("fit", "task.csv", "--baseline", "base", *PAPER, *options, "--out", folder)
    assert done.returncode == 0, done.stderr
    tree = az.from_netcdf(f"{folder}/result.nc")
    return tree, list(tree["observed_data"]["query"].to_numpy())


def test_rows_are_random_by_seed(bayessel, table):
    first = judged(bayessel, "a", "--rows", "4")[1]
    assert len(first) == 4
    assert first == judged(bayessel, "b", "--rows", "4")[1]
    assert first != judged(bayessel, "c", "--rows", "4", "--seed", "1")[1]


def test_without_rows_p_f_is_the_prior(bayessel, table):
    tree, rows = judged(bayessel, "d", "--rows", "0")
    assert rows == []
    np.testing.assert_allclose(tree["posterior"]["p_f"], 1 / 3, atol=1e-6)


def test_an_interrupted_fit_says_so_and_writes_nothing(bayessel, table, tmp_path, monkeypatch):
    def interrupted(*args, **kwargs):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("bayessel.inference.engines.exact.sample", interrupted)
    done = bayessel("fit", table, "--baseline", "base", *PAPER, "--out", "f")
    assert done.returncode == 130
    assert "no result was written into f" in done.stderr
    assert done.stderr.count("\n") == 1
    assert list((tmp_path / "f").iterdir()) == []


def test_a_sampler_that_swallows_the_interrupt_is_not_believed(
    bayessel, table, tmp_path, monkeypatch
):
    from bayessel.inference.engines import exact

    real = exact.sample

    def early(*args, **kwargs):
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            return real(*args, **kwargs)

    monkeypatch.setattr("bayessel.inference.engines.exact.sample", early)
    done = bayessel("fit", table, "--baseline", "base", *PAPER, "--out", "f")
    assert done.returncode == 130
    assert list((tmp_path / "f").iterdir()) == []


def test_what_cannot_be_written_leaves_the_old_result(bayessel, table, tmp_path, monkeypatch):
    options = ("fit", table, "--baseline", "base", *PAPER, "--out", "f")
    assert bayessel(*options).returncode == 0
    before = (tmp_path / "f" / "result.nc").read_bytes()

    def full(*args, **kwargs):
        raise OSError("no space left")

    monkeypatch.setattr("bayessel.pictures.style.save_figure", full)
    done = bayessel(*options, "--seed", "5")
    assert done.returncode == 2
    assert "cannot write the results into f" in done.stderr
    assert (tmp_path / "f" / "result.nc").read_bytes() == before
    assert not list((tmp_path / "f").glob(".*.partial"))


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (("--model", "dual_paramter"), "dual_parameter"),
        (("--model", "dual_parameter:papre"), "paper"),
        (("--model", "mine.py"), "there is no model file"),
        (("--engine", "exakt"), "exact"),
        (("--sampler", "nutpi"), "nutpie"),
        (("--prior", "eps"), "NAME=TEXT"),
        (("--prior", "levle=0.1"), "level"),
        (("--prior", "eps=Dirichlet(1"), "expected a family"),
        (("--prior", "reliability=0", "--prior", "reliability=1"), "twice"),
        (("--rows", "13"), "12 queries"),
        (("--rows", "-1"), "--rows"),
        (("--draws", "1"), "--draws"),
        (("--engine", "exact"), "no closed form"),
        (("--out", "task.csv"), "cannot create the folder"),
    ],
)
def test_errors_are_one_line(bayessel, table, options, what):
    done = bayessel("fit", table, "--baseline", "base", *options)
    assert done.returncode == 2
    assert what in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_run_folder_is_left_alone(bayessel, table):
    selected = ("--baseline", "base", "--budget", "2", "--strategy", "random", "--out", "run")
    assert bayessel("select", table, *selected).returncode == 0
    done = bayessel("fit", table, "--baseline", "base", *PAPER, "--out", "run")
    assert done.returncode == 2
    assert "run folder of a selection" in done.stderr


def test_judged_in_part(bayessel, tmp_path):
    rows = [
        {"query_id": f"q{q}", "model": m, "outcome": 1 if m == "a" else -1 if q % 2 else None}
        for q in range(6)
        for m in "abc"
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "part.csv", index=False)
    done = bayessel("fit", "part.csv", "--baseline", "base", *PAPER, "--json", "--out", "f")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["cells"] == 12
    observed = az.from_netcdf(tmp_path / "f" / "result.nc")["observed_data"]["outcome"]
    assert int((observed == MISSING).sum()) == 6
