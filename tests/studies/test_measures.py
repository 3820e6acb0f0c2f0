"""Numbers of the benchmark, on runs small enough to check by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta

from bayessel.pictures.study import plot_curves, write_figures
from bayessel.reports.study import markdown, write_tables
from bayessel.studies.measures.calibration import calibration
from bayessel.studies.measures.differences import differences
from bayessel.studies.measures.estimates import mean_and_error, needed, quantile_and_error
from bayessel.studies.measures.needed import annotations_needed, overall
from bayessel.studies.measures.stopping import stopping
from bayessel.studies.rows import Runs
from bayessel.studies.settings import Setting
from bayessel.studies.tables import measure, together
from bayessel.support.text import shorten


def runs(strategy="random", gap=None, p=None, data="d") -> Runs:
    gap = np.array(gap, dtype=float)
    p = np.full(gap.shape, np.nan) if p is None else np.array(p, dtype=float)
    cells = np.tile(3 * np.arange(1, gap.shape[1] + 1, dtype=np.int32), (len(gap), 1))
    return Runs(Setting(data, strategy), strategy, gap, gap < 1e-12, p, p, cells)


def reaching(strategy: str, at: int, realizations: int = 20, steps: int = 60, **more) -> Runs:
    """All right from ``at`` annotations on, two points off before."""
    gap = np.where(np.arange(1, steps + 1) < at, 0.02, 0.0)
    return runs(strategy, np.tile(gap, (realizations, 1)), **more)


def test_needed_is_sustained_and_linear_between_budgets():
    curve = np.array([0.2, 0.6, 0.4, 0.8, 0.9])
    assert needed(curve, 0.5) == pytest.approx(3.25)  # the first visit at 2 does not last
    assert needed(curve, 0.9) == pytest.approx(5)
    assert needed(curve, 0.1) == 1
    assert np.isnan(needed(curve, 0.95))
    both = needed(np.stack([curve, curve[::-1]]), 0.5)
    assert both[0] == pytest.approx(3.25)
    assert np.isnan(both[1])


def test_means_and_errors():
    mean, error = mean_and_error(np.array([[0.0], [1.0], [1.0], [0.0]]))
    assert mean[0] == 0.5
    assert error[0] == pytest.approx(np.sqrt(1 / 3) / 2)
    assert np.isnan(mean_and_error(np.ones((1, 2)))[1]).all()
    drawn = np.random.default_rng(0).random((4000, 1))
    value, error = quantile_and_error(drawn)
    assert error[0] == pytest.approx(np.sqrt(0.95 * 0.05 / 4000), rel=0.3)
    assert abs(value[0] - 0.95) < 5 * error[0]  # false alarm below 1e-5


def test_reductions():
    data = [reaching("random", 40), reaching("llm-selector-grid", 20), reaching("new", 10)]
    table = annotations_needed(data)
    row = table[(table["criterion"] == "identified") & (table["level"] == 0.5)]
    by = row.set_index("strategy")
    assert by.at["random", "needed"] == pytest.approx(39.5)
    assert by.at["new", "less than random"] == pytest.approx(1 - 9.5 / 39.5)
    assert by.at["new", "less than best rival"] == by.at["new", "less than random"]
    assert by.at["new", "less than llm-selector-grid"] == pytest.approx(1 - 9.5 / 19.5)
    assert by.at["new", "needed se"] == 0  # every realization is the same
    easy = table[table["criterion"] == "within 2.5 %"]
    assert (easy["needed"] == 1).all()
    means = overall(table).set_index(["strategy", "criterion", "level"])
    assert means.loc[("new", "identified", 0.5), "share of random's"] == pytest.approx(9.5 / 39.5)
    assert means.loc[("new", "within 2.5 %", 0.5), "data sets"] == 0


def test_a_strategy_that_does_not_reach_a_level_counts_with_the_whole_budget():
    data = [reaching("random", 40), reaching("late", 70)]
    means = overall(annotations_needed(data))
    row = means.set_index(["strategy", "criterion", "level"]).loc[("late", "identified", 0.5)]
    assert row["not reached"] == 1
    assert row["share of random's"] == pytest.approx(60 / 39.5)
    assert np.isnan(row["share of llm-selector-grid's"])


def test_worse_is_counted_only_beyond_two_errors():
    table = differences([reaching("random", 10), reaching("slow", 30)])
    own = table[(table["strategy"] == "slow") & (table["against"] == "random")]
    identified = own[own["measure"] == "identified"].set_index("annotations")["worse"]
    assert identified.loc[10:29].all()
    assert not identified.loc[5:9].any()
    assert not identified.loc[30:].any()


def test_calibration_and_stopping():
    gap = [[0.0, 0.0], [0.02, 0.0], [0.02, 0.02], [0.0, 0.005]]
    p = [[0.35, 0.96], [0.31, 0.99], [0.38, 0.5], [0.33, 0.97]]
    data = [runs("new", gap, p), runs("silent", gap)]
    table = calibration(data, (1,))
    assert set(table["strategy"]) == {"new"}
    tenth = table[(table["annotations"] == 0) & (table["from"] == 0.3)].iloc[0]
    assert tenth["cases"] == 4
    assert tenth["right"] == 0.5
    assert tenth["reported"] == pytest.approx(0.3425)
    last = table[(table["annotations"] == 0) & (table["from"] == 0.9)].iloc[0]
    assert last["right"] == pytest.approx(2 / 3)
    np.testing.assert_allclose(
        last[["lower", "upper"]].astype(float), last["right"] + np.array([-1, 1]) * last["error"]
    )
    one = table[(table["annotations"] == 0) & (table["from"] == 0.5)].iloc[0]  # one wrong case
    assert (one["right"], one["error"], one["lower"]) == (0, 0, 0)
    assert beta(0.5, 1.5).cdf(one["upper"]) == pytest.approx((1 + 0.683) / 2)
    every = stopping(data)
    assert list(every["level"].unique()) == [0.8, 0.9, 0.95, 0.99]
    stops = every[every["level"] == 0.95].set_index("rule")
    assert list(stops["stopped"]) == [0.75, 0.75]
    assert stops.loc["P(within 1 %) >= 0.95", "right"] == 1
    assert stops.loc["P(best) >= 0.95", "right"] == pytest.approx(2 / 3)
    assert list(stops["annotations"]) == [2, 2]
    assert list(stops["cells"]) == [6, 6]
    lower, upper = stops.loc["P(best) >= 0.95", ["right lower", "right upper"]]
    np.testing.assert_allclose(beta(2.5, 1.5).cdf([lower, upper]), [0.025, 0.975])
    assert stops.loc["P(within 1 %) >= 0.95", "right upper"] == 1
    last = every[every["level"] == 0.99].set_index("rule").loc["P(best) >= 0.99"]
    assert last["stopped"] == 0.25
    assert last["right"] == 1


def test_a_rule_that_never_stops_costs_the_whole_budget():
    p = np.full((6, 5), 0.5)
    found = stopping([runs("shy", np.zeros((6, 5)), p)])
    assert (found["stopped"] == 0).all()
    assert found["right"].isna().all()
    assert found["right lower"].isna().all()
    assert (found["annotations"] == 5).all()
    assert (found["cells"] == 15).all()


def test_tables_are_written_and_read_well(tmp_path):
    p = np.tile(np.linspace(0.1, 1, 60), (20, 1))
    one = measure([reaching("random", 40), reaching("new", 10, p=p)])
    two = measure([reaching("random", 30, data="e"), reaching("new", 70, data="e")])
    files = write_tables(together([one, two]), tmp_path)
    assert {file.name for file in files} == {
        "by_budget.csv",
        "needed.csv",
        "differences.csv",
        "calibration.csv",
        "stopping.csv",
        "settings.csv",
        "varied.csv",
        "overall.csv",
        "tables.md",
    }
    text = markdown(together([one, two]))
    assert "| random | 0.00 ± 0.00 |" in text
    assert "| new | > 60 |" in text
    assert "P(best) >= 0.9 |" not in text  # the other levels are in the CSV
    assert "new, P(best) >= 0.95 | 1.00 | 1.00 ± 0.00 | 57.0 ± 0.0 | 171 |" in text


def test_every_figure_is_drawn_with_the_names_that_the_tables_use(tmp_path):
    p = np.tile(np.linspace(0.1, 1, 60), (20, 1))
    names = ["random", "uncertainty", "llm-selector:eps_loss=0.15,eps_draw=0.35", "a $new$ one"]
    data = [
        reaching(name, 10 + 20 * i, p=p if i else None, data="a set, oracle noise 0.1")
        for i, name in enumerate(names)
    ]
    files = write_figures(measure(data), tmp_path)
    assert {file.name for file in files if file.suffix == ".svg"} == {
        f"a-set-oracle-noise-0-1_{what}.svg"
        for what in (
            "identified",
            "within-1pct",
            "gap",
            "gap-p95",
            "needed",
            "calibration",
            "stopping",
        )
    }
    assert all(file.stat().st_size > 5000 for file in files)
    figure = plot_curves(measure(data).by_budget, "identified")
    written = [text.get_text() for text in figure.axes[0].texts]
    assert written[0] == "a $new$ one"  # never reached: the lowest
    assert set(written) == {shorten(name, 36) for name in names}
    again = write_figures(measure(data), tmp_path / "again")
    assert all(
        (tmp_path / "figures" / file.name).read_bytes() == file.read_bytes() for file in again
    )
