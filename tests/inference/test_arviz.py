"""ArviZ takes the posterior as it is, in memory and from disk."""

from __future__ import annotations

import subprocess
import sys

import arviz as az
import matplotlib as mpl
import numpy as np
import pytest

from bayessel import Selector
from bayessel.inference.results import save_tree

mpl.use("Agg")


@pytest.fixture(scope="module", params=["bayessel", "llm-selector", "random"])
def selector(request, task):
    return Selector(task, request.param, seed=1).run(budget=50)


def test_summary_reads_real_names(selector, task):
    table = az.summary(selector.posterior, var_names=["win_rate"])
    assert [f"win_rate[{m}]" for m in task.candidates] == table.index.tolist()
    expected = selector.posterior["posterior"]["win_rate"].mean(["chain", "draw"]).to_numpy()
    np.testing.assert_allclose(table["mean"].astype(float), expected, atol=0.006)


@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
def test_summary_of_everything(selector):
    table = az.summary(selector.posterior)  # a P(best) of 0 in every draw has no r-hat
    names = {name.split("[")[0] for name in table.index}
    assert {"win_rate", "p_best"} <= names
    learned = selector.strategy.name != "llm-selector"
    assert ("eps_loss" in names) == learned


def test_plot_forest_names_the_candidates(selector, task):
    plots = az.plot_forest(selector.posterior, var_names=["win_rate"])
    figure = plots.viz["figure"].item()
    shown = {text.get_text() for axes in figure.axes for text in axes.texts}
    assert set(task.candidates) <= shown


def test_a_saved_result_is_the_same(selector, tmp_path):
    tree = selector.posterior
    save_tree(tree, tmp_path / "result.nc")
    with az.from_netcdf(tmp_path / "result.nc", engine="h5netcdf") as again:
        again.load()
        assert set(again.children) == {"posterior", "observed_data", "constant_data"}
        assert again.attrs["data_hash"] == selector.task.fingerprint
        assert again.attrs["seed"] == 1
        for group in tree.children:
            assert again[group].to_dataset().equals(tree[group].to_dataset())
    table = az.summary(again, var_names=["win_rate"])
    assert len(table) == selector.task.n_candidates


def test_what_was_judged_and_preset_is_in_the_result(selector):
    tree = selector.posterior
    assert tree["observed_data"]["outcome"].shape == (selector.n_queries, 5)
    assert int(tree["constant_data"]["n_queries"]) == 40
    if selector.strategy.name == "llm-selector":
        assert float(tree["constant_data"]["eps_loss"]) == 0.2
    longer = selector.strategy.name == "bayessel"  # its record is of a longer run than a step's
    np.testing.assert_allclose(
        tree["posterior"]["p_best"].mean(("chain", "draw")),
        selector.standing.p_best,
        atol=0.15 if longer else 1e-6,
    )


def test_a_full_disk_is_an_error_and_not_the_end_of_the_process(tmp_path):
    script = """
import resource, sys
from pathlib import Path
import numpy as np, xarray as xr
from bayessel.inference.results import save_tree
tree = xr.DataTree.from_dict({"posterior": xr.Dataset({"x": (("a", "b"), np.ones((200, 200)))})})
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    save_tree(tree, Path(sys.argv[1]))
except OSError:
    print("refused")
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "result.nc")], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "refused\n", "")
    assert list(tmp_path.iterdir()) == []
