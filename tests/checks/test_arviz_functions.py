"""ArviZ takes a fit as it is: every function that people use, warnings being errors."""

from __future__ import annotations

import arviz as az
import matplotlib as mpl
import numpy as np
import pytest

from bayessel.inference.results import save_tree

mpl.use("Agg")

# A high Pareto k is a word about these few rows, not about the result's layout.
ANY_PARETO_K = pytest.mark.filterwarnings("ignore:Estimated shape parameter of Pareto:UserWarning")

DECISION = ["eps_loss", "eps_draw", "win_rate"]


@pytest.fixture(autouse=True)
def _close():
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


def texts(plots) -> str:
    """All that is written in a figure."""
    figure = plots.viz["figure"].item()
    found = [t.get_text() for axes in figure.axes for t in axes.texts]
    found += [t for axes in figure.axes for t in (axes.get_title(), axes.get_xlabel())]
    found += [t.get_text() for axes in figure.axes for t in axes.get_yticklabels()]
    found += [t.get_text() for legend in figure.legends for t in legend.get_texts()]
    return " ".join(found)


def candidates(tree) -> list[str]:
    return [str(c) for c in tree["posterior"]["candidate"].to_numpy()]


def test_summary_names_every_candidate(fitted):
    table = az.summary(fitted, var_names=DECISION)
    wanted = ["eps_loss", "eps_draw", *(f"win_rate[{c}]" for c in candidates(fitted))]
    assert table.index.tolist() == wanted
    mean = fitted["posterior"]["win_rate"].mean(("chain", "draw"))
    np.testing.assert_allclose(table["mean"].astype(float)[2:], mean, atol=0.006)


@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
def test_summary_of_everything(fitted):
    table = az.summary(fitted)  # a P(best) of 0 in every draw has no r-hat
    assert {"p_best", *DECISION} <= {name.split("[")[0] for name in table.index}


def test_dims_of_the_decision_are_named(fitted):
    for group in ("posterior", "prior"):
        for name in ("p_best", "win_rate"):
            assert fitted[group][name].dims == ("chain", "draw", "candidate")
    assert fitted["log_likelihood"]["outcome"].dims == ("chain", "draw", "query")
    replicated = fitted["posterior_predictive"]["outcome"]
    assert replicated.dims == ("chain", "draw", "query", "candidate")


@pytest.mark.parametrize("plot", [az.plot_trace_dist, az.plot_rank, az.plot_ess])
def test_plots_of_the_sampler_show_real_names(fitted, plot):
    options = {"compact": False} if plot is az.plot_trace_dist else {}
    shown = texts(plot(fitted, var_names=DECISION, **options))
    assert "eps_loss" in shown
    assert all(c in shown for c in candidates(fitted))


def test_plot_forest_names_the_candidates(fitted):
    shown = texts(az.plot_forest(fitted, var_names=["win_rate"], combined=True))
    assert all(c in shown for c in candidates(fitted))


def test_plot_forest_of_everything(fitted):
    az.plot_forest(fitted)


@pytest.mark.parametrize("group", ["posterior_predictive", "prior_predictive"])
def test_plot_ppc_dist(fitted, group):
    plots = az.plot_ppc_dist(fitted, group=group, kind="ecdf")  # outcomes are discrete
    assert "outcome" in texts(plots)


def test_plot_ppc_dist_by_candidate(fitted):
    plots = az.plot_ppc_dist(fitted, kind="ecdf", cols=["candidate"], col_wrap=3)
    shown = texts(plots)
    assert all(c in shown for c in candidates(fitted))


def test_plot_prior_posterior_shows_real_names(fitted):
    shown = texts(az.plot_prior_posterior(fitted, var_names=DECISION))
    assert all(c in shown for c in candidates(fitted))


def test_psense_by_table_and_picture(fitted):
    table = az.psense_summary(fitted, var_names=DECISION)
    assert f"win_rate[{candidates(fitted)[0]}]" in table.index
    assert np.isfinite(table[["prior", "likelihood"]].to_numpy(dtype=float)).all()
    shown = texts(az.plot_psense_dist(fitted, var_names=["eps_loss"]))
    assert "eps_loss" in shown


@ANY_PARETO_K
def test_loo_leaves_out_queries(fitted):
    found = az.loo(fitted, pointwise=True)
    assert found.elpd_i.dims == ("query",)
    assert found.n_data_points == fitted["observed_data"].sizes["query"]
    assert np.isfinite(found.elpd)


@ANY_PARETO_K
def test_compare(fitted):
    table = az.compare({"one": fitted, "again": fitted})
    assert set(table.index) == {"one", "again"}
    assert table["elpd_diff"].astype(float).abs().max() == 0


@ANY_PARETO_K
def test_a_saved_fit_is_the_same(fitted, tmp_path):
    save_tree(fitted, tmp_path / "result.nc")
    with az.from_netcdf(tmp_path / "result.nc", engine="h5netcdf") as again:
        again.load()
    assert set(again.children) == set(fitted.children)
    for group in fitted.children:
        assert again[group].to_dataset().equals(fitted[group].to_dataset())
    assert az.loo(again).elpd == az.loo(fitted).elpd
