"""Numbers of the benchmark, on runs small enough to check by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta

from bayessel.pictures.study import plot_curves, plot_identified, write_figures
from bayessel.reports.study import markdown, write_tables
from bayessel.studies.measures.by_budget import by_budget
from bayessel.studies.measures.calibration import calibration
from bayessel.studies.measures.differences import differences
from bayessel.studies.measures.estimates import (
    mean_and_error,
    needed,
    quantile_and_error,
    reached,
    resamples,
)
from bayessel.studies.measures.needed import calls_needed, overall
from bayessel.studies.measures.stopping import stopping
from bayessel.studies.rows import Runs
from bayessel.studies.settings import Setting
from bayessel.studies.tables import measure, together
from bayessel.studies.trace import Trace
from bayessel.support.text import shorten

M = 3
"""Candidates of the sub-tasks here: so many calls are one whole-query equivalent."""


def runs(strategy="random", gap=None, p=None, data="d") -> Runs:
    """Runs that ask whole queries and are looked at after each."""
    gap = np.array(gap, dtype=float)
    p = np.full(gap.shape, np.nan) if p is None else np.array(p, dtype=float)
    steps = np.arange(gap.shape[1] + 1)
    stops = []
    for own, sure in zip(gap, p, strict=True):
        said = np.array([np.nan, *sure])
        # position j of the named candidate after step j: so its gap is that step's
        trace = Trace(M * steps, steps, steps, said, said)
        stops.append(trace.stops(np.array([1.0, *own])))
    return Runs(
        Setting(data, strategy),
        strategy,
        steps[1:].astype(float),
        M,
        gap,
        gap < 1e-12,
        p,
        p,
        np.tile(steps[1:], (len(gap), 1)),
        pd.concat(stops, ignore_index=True),
    )


def reaching(strategy: str, at: int, realizations: int = 20, steps: int = 60, **more) -> Runs:
    """All right from ``at`` whole queries on, two points off before."""
    gap = np.where(np.arange(1, steps + 1) < at, 0.02, 0.0)
    return runs(strategy, np.tile(gap, (realizations, 1)), **more)


def test_needed_is_sustained_for_three_whole_query_equivalents():
    quarters = np.arange(1, 41) / 4
    curve = np.full(40, 0.2)
    curve[3:8] = 0.6  # from 1 to 2: too short a visit
    curve[15:] = 0.6  # from 4 on
    curve[20] = 0.1  # one of twelve may be below
    assert needed(curve, 0.5, quarters) == 4
    curve[21] = 0.1  # two may not
    assert needed(curve, 0.5, quarters) == quarters[21]
    assert needed(curve, 0.1, quarters) == 0.25
    assert np.isnan(needed(curve, 0.7, quarters))
    late = np.where(quarters > 9.8, 1.0, 0.0)
    assert needed(late, 0.9, quarters) == 10  # as far as there are budgets
    whole = np.arange(1, 6.0)
    steps = np.array([0.6, 0.4, 0.8, 0.8, 0.8])  # of three whole queries all must be there
    assert needed(steps, 0.5, whole) == 3
    both = reached(np.stack([steps, steps[::-1]]), 0.7, whole)
    assert both.tolist() == [2, 0]
    assert reached(steps, 0.9, whole) == -1


def test_needed_is_what_a_plain_loop_finds():
    rng = np.random.default_rng(4)
    budgets = np.arange(1, 121) / 4
    curves = np.clip(np.linspace(0, 1, 120) + rng.normal(0, 0.15, (200, 120)), 0, 1)
    found = needed(curves, 0.6, budgets)
    for curve, one in zip(curves, found, strict=True):
        first = np.nan
        for i in range(120):
            if (curve[i : i + 12] >= 0.6).mean() > 0.9:
                first = budgets[i]
                break
        np.testing.assert_equal(one, first)


def test_means_and_errors():
    mean, error = mean_and_error(np.array([[0.0], [1.0], [1.0], [0.0]]))
    assert mean[0] == 0.5
    assert error[0] == pytest.approx(np.sqrt(1 / 3) / 2)
    assert np.isnan(mean_and_error(np.ones((1, 2)))[1]).all()
    drawn = np.random.default_rng(0).random((4000, 1))
    value, error = quantile_and_error(drawn)
    assert error[0] == pytest.approx(np.sqrt(0.95 * 0.05 / 4000), rel=0.3)
    assert abs(value[0] - 0.95) < 5 * error[0]  # false alarm below 1e-5


def test_shares():
    data = [
        reaching("random", 40),
        reaching("ucb-e", 30),
        reaching("llm-selector-grid", 20),
        reaching("contenders", 16),
        reaching("new", 8),
    ]
    table = calls_needed(data)
    row = table[(table["criterion"] == "identified") & (table["level"] == 0.5)]
    by = row.set_index("strategy")
    assert by.at["random", "needed"] == 40
    assert by.at["new", "needed"] == 8
    assert by.at["new", "calls"] == 8 * M
    assert by.at["new", "queries"] == 8
    assert by.at["new", "share of random"] == pytest.approx(8 / 40)
    assert by.at["new", "share of best rival"] == pytest.approx(8 / 30)
    assert by.at["new", "share of contenders"] == pytest.approx(8 / 16)
    assert by.at["new", "share of llm-selector-grid"] == pytest.approx(8 / 20)
    assert by.at["new", "needed se"] == 0  # every realization is the same
    assert by.at["new", "share of random se"] == 0
    easy = table[table["criterion"] == "within 2.5 %"]
    assert (easy["needed"] == 1).all()
    means = overall(table).set_index(["strategy", "criterion", "level", "against"])
    assert means.loc[("new", "identified", 0.5, "random"), "share"] == pytest.approx(0.2)
    assert means.loc[("new", "identified", 0.0, "random"), "cases"] == 4  # all levels
    assert means.loc[("new", "within 2.5 %", 0.5, "random"), "cases"] == 0  # too easy
    assert means.loc[("new", "identified", 0.5, "best rival"), "share"] == pytest.approx(8 / 30)


def test_errors_of_shares_are_over_realizations_that_are_shared():
    rng = np.random.default_rng(2)
    at = rng.integers(5, 50, 80)
    gap = np.where(np.arange(1, 61) < at[:, None], 0.02, 0.0)
    half = np.where(np.arange(1, 61) < at[:, None] // 2, 0.02, 0.0)
    by = calls_needed([runs("random", gap), runs("new", half)], seed=3)
    by = by[(by["criterion"] == "identified") & (by["level"] == 0.7)].set_index("strategy")
    weights = resamples(80, 3)
    budgets = np.arange(1, 61.0)
    one, two = (needed(weights @ (g < 1e-12), 0.7, budgets) for g in (gap, half))
    assert by.at["new", "share of random se"] == pytest.approx((two / one).std(ddof=1))
    independent = np.hypot(one.std() / one.mean(), two.std() / two.mean()) * 0.5
    assert by.at["new", "share of random se"] < 0.5 * independent  # the pairs move together


def test_who_does_not_reach_a_level_counts_with_the_whole_budget():
    data = [reaching("random", 40), reaching("late", 70), reaching("contenders", 70)]
    means = overall(calls_needed(data)).set_index(["strategy", "criterion", "level", "against"])
    row = means.loc[("late", "identified", 0.5, "random")]
    assert (row["share"], row["lower bounds"], row["upper bounds"]) == (60 / 40, 1, 0)
    row = means.loc[("random", "identified", 0.5, "contenders")]
    assert (row["share"], row["lower bounds"], row["upper bounds"]) == (40 / 60, 0, 1)
    assert means.loc[("late", "identified", 0.5, "contenders"), "cases"] == 0  # neither does


def test_worse_is_counted_only_beyond_two_errors():
    table = differences([reaching("random", 10), reaching("slow", 30), reaching("contenders", 6)])
    own = table[(table["strategy"] == "slow") & (table["against"] == "random")]
    identified = own[own["measure"] == "identified"].set_index("calls / M")["worse"]
    assert identified.index.min() == 1
    assert identified.loc[10:29].all()
    assert not identified.loc[1:9].any()
    assert not identified.loc[30:].any()
    own = table[(table["strategy"] == "slow") & (table["against"] == "contenders")]
    worse = own[own["measure"] == "identified"].set_index("calls / M")["worse"]
    assert worse.sum() == 24
    assert set(table["against"]) == {"random", "best rival", "contenders"}


def test_a_difference_within_two_errors_is_not_worse():
    # the first four realizations are lost, of 40: -.1 with an error of .048, more than two; of
    # 40 three: -.075 with .042, fewer than two
    right = np.zeros((40, 5))
    for lost, worse in ((4, True), (3, False)):
        gap = right.copy()
        gap[:lost] = 0.02
        table = differences([runs("random", right), runs("new", gap)])
        own = table[(table["strategy"] == "new") & (table["measure"] == "identified")]
        own = own[own["against"] == "random"]
        np.testing.assert_allclose(own["difference"], -lost / 40)
        error = np.sqrt(lost / 40 * (1 - lost / 40) / 39)
        np.testing.assert_allclose(own["se"], error)
        assert (own["worse"] == worse).all()


def test_the_best_rival_is_picked_at_each_budget():
    early = runs("random", np.tile([0, 0, 0, 0.02, 0.02, 0.02], (9, 1)))
    late = runs("ucb-e", np.tile([0.02, 0.02, 0.02, 0, 0, 0], (9, 1)))
    new = runs("new", np.tile([0, 0, 0.02, 0, 0, 0.02], (9, 1)))
    table = differences([early, late, new])
    own = table[(table["strategy"] == "new") & (table["against"] == "best rival")]
    assert own[own["measure"] == "identified"]["worse"].tolist() == [0, 0, 1, 0, 0, 1]


def test_both_denominators_are_in_the_table_of_budgets():
    found = by_budget([reaching("new", 3, steps=5)])
    assert found["calls / M"].tolist() == [1, 2, 3, 4, 5]
    assert found["calls"].tolist() == [3, 6, 9, 12, 15]
    assert found["queries"].tolist() == [1, 2, 3, 4, 5]
    assert found["identified"].tolist() == [0, 0, 1, 1, 1]


def test_calibration_and_stopping():
    gap = [[0.0, 0.0], [0.02, 0.0], [0.02, 0.02], [0.0, 0.005]]
    p = [[0.35, 0.96], [0.31, 0.99], [0.38, 0.5], [0.33, 0.97]]
    data = [runs("new", gap, p), runs("silent", gap)]
    table = calibration(data, (1,))
    assert set(table["strategy"]) == {"new"}
    alone = table[(table["calls / M"] == 1) & (table["from"] == 0.3)].iloc[0]
    assert (alone["queries"], alone["cases"]) == (1, 4)
    tenth = table[(table["calls / M"] == 0) & (table["from"] == 0.3)].iloc[0]
    assert tenth["cases"] == 4
    assert tenth["right"] == 0.5
    assert tenth["reported"] == pytest.approx(0.3425)
    last = table[(table["calls / M"] == 0) & (table["from"] == 0.9)].iloc[0]
    assert last["right"] == pytest.approx(2 / 3)
    np.testing.assert_allclose(
        last[["lower", "upper"]].astype(float), last["right"] + np.array([-1, 1]) * last["error"]
    )
    one = table[(table["calls / M"] == 0) & (table["from"] == 0.5)].iloc[0]  # one wrong case
    assert (one["right"], one["error"], one["lower"]) == (0, 0, 0)
    assert beta(0.5, 1.5).cdf(one["upper"]) == pytest.approx((1 + 0.683) / 2)
    every = stopping(data)
    assert list(every["level"].unique()) == [0.8, 0.9, 0.95, 0.99]
    stops = every[every["level"] == 0.95].set_index("rule")
    assert list(stops["stopped"]) == [0.75, 0.75]
    assert stops.loc["P(within 1 %) >= 0.95", "right"] == 1
    assert stops.loc["P(best) >= 0.95", "right"] == pytest.approx(2 / 3)
    assert list(stops["calls / M"]) == [2, 2]
    assert list(stops["calls"]) == [6, 6]
    assert list(stops["queries"]) == [2, 2]
    assert stops.loc["P(best) >= 0.95", "reported"] == pytest.approx((0.96 + 0.99 + 0.97) / 3)
    lower, upper = stops.loc["P(best) >= 0.95", ["right lower", "right upper"]]
    np.testing.assert_allclose(beta(2.5, 1.5).cdf([lower, upper]), [0.025, 0.975])
    assert stops.loc["P(within 1 %) >= 0.95", "right upper"] == 1
    last = every[every["level"] == 0.99].set_index("rule").loc["P(best) >= 0.99"]
    assert last["stopped"] == 0.25
    assert last["right"] == 1


def test_a_tenth_is_off_beyond_a_twentieth_and_two_errors():
    # 100 realizations say .75 at one budget, and errors are some .04
    for right, off in ((75, False), (67, False), (65, True), (84, True), (82, False)):
        gap = np.where(np.arange(100)[:, None] < right, 0.0, 0.02)
        (row,) = calibration([runs("new", gap, np.full((100, 1), 0.75))], (1,))[1:].itertuples()
        assert row.off == off, right
    few = calibration([runs("new", gap[:49] + 0.02, np.full((49, 1), 0.75))])
    assert not few["off"].any()
    every = np.zeros((100, 1))  # Jeffreys' interval of 100 right of 100 ends at .995
    assert calibration([runs("new", every, np.full((100, 1), 0.92))])["off"].all()
    assert not calibration([runs("new", every, np.full((100, 1), 0.96))])["off"].any()
    wrong = measure([runs("new", gap, np.full((100, 1), 0.55))])
    assert "| new | 1 of 1 | 0 | 1: 0.55, 0.82 |" in markdown(wrong)


def test_a_rule_that_never_stops_costs_the_whole_budget():
    p = np.full((6, 5), 0.5)
    found = stopping([runs("shy", np.zeros((6, 5)), p)])
    assert (found["stopped"] == 0).all()
    assert found["right"].isna().all()
    assert found["right lower"].isna().all()
    assert (found["calls / M"] == 5).all()
    assert (found["calls"] == 15).all()


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
    assert "new, P(best) >= 0.95 | 1.00 | 0.954 | 1.000 ± 0.000 | 57.0 ± 0.0 | 57 |" in text
    assert "3 calls are one whole-query equivalent." in text
    assert "| random | 40.0 ± 0.0 (40) |" in text
    assert "| new against random | 0 of 60 | 0 of 60 | 0 of 60 |" in text
    assert "| new against random | 31 of 60; -1.00 ± 0.00 at 30 |" in text  # on e
    assert "| new | 0.10 / 0.00 |" in text  # reported and right after one whole query
    assert "| new, identified at 0.5 | ≥ 1.12 (2) |" in text  # 10 / 40 and 60 / 30


def test_every_figure_is_drawn_with_the_names_that_the_tables_use(tmp_path):
    p = np.tile(np.linspace(0.1, 1, 60), (20, 1))
    names = ["random", "uncertainty", "llm-selector:eps_loss=0.15,eps_draw=0.35", "a $new$ one"]
    data = [
        reaching(name, 10 + 20 * i, p=p if i else None, data="a set, oracle noise 0.1")
        for i, name in enumerate(names)
    ]
    files = write_figures(measure(data), tmp_path)
    assert {file.name for file in files if file.suffix == ".svg"} == {
        "identified-against-calls.svg",
        "identified-by-the-main-strategies.svg",
    } | {
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
    written = [text.get_text() for text in figure.axes[-1].texts]
    assert [axes.get_xlabel() for axes in figure.axes] == [
        "queries opened (mean)",
        "calls / M (whole-query equivalents)",
    ]
    assert written[0] == "a $new$ one"  # never reached: the lowest
    assert set(written) == {shorten(name, 36) for name in names}
    two = together([measure(data), measure([reaching("racing", 5, data="e")])]).by_budget
    overview = plot_identified(two)
    assert [axes.get_title(loc="left") for axes in overview.axes] == [
        "a set, oracle noise 0.1",
        "e",
    ]
    keys = [text.get_text() for text in overview.legends[0].get_texts()]
    assert keys == [shorten(name, 40) for name in [*names, "racing"]]
    again = write_figures(measure(data), tmp_path / "again")
    assert all(
        (tmp_path / "figures" / file.name).read_bytes() == file.read_bytes() for file in again
    )
