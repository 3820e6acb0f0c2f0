"""Studies that vary the kgrams, the oracle's noise, the baseline or eps: tables and pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from bayessel.pictures.stopping import plot_stopping
from bayessel.pictures.strategy_colours import palette_of
from bayessel.pictures.study import plot_curves, write_figures
from bayessel.pictures.varied import plot_factor, plot_varied
from bayessel.reports.study import markdown
from bayessel.studies.rows import Runs
from bayessel.studies.settings import setting_of
from bayessel.studies.specs import parse_specs
from bayessel.studies.tables import Tables, measure, together
from bayessel.studies.trace import Trace
from bayessel.studies.varied import drawn, drawn_budgets, in_grid, listed_budgets, usual

STEPS, REALIZATIONS = 40, 12
GRID = ",".join(f"llm-selector:eps_loss={a},eps_draw={b}" for a in (0.1, 0.2) for b in (0.3, 0.4))


def study(
    strategies: str, *, noise=(0.0,), kgrams=(10,), baselines=("",), at=lambda spec, baseline: 10
) -> Tables:
    """Tables of runs that are all right from ``at`` whole queries on, two points off before."""
    specs = parse_specs(strategies, noise, kgrams)
    parts = []
    for baseline in baselines:
        for rate in noise:
            data = []
            for spec in (s for s in specs if s.noise == rate):
                right = np.arange(1, STEPS + 1) >= at(spec, baseline)
                gap = np.tile(np.where(right, 0.0, 0.02), (REALIZATIONS, 1))
                p = np.where(right, 0.97, 0.4) * np.ones((REALIZATIONS, 1))
                p = p if spec.name.startswith("llm") else np.full(gap.shape, np.nan)
                queries = np.tile(np.arange(1, STEPS + 1, dtype=np.int32), (REALIZATIONS, 1))
                setting = setting_of("set", spec, baseline, (0.15, 0.35))
                label = replace(spec, noise=0.0).label
                budgets = np.arange(1, STEPS + 1.0)
                stops = pd.concat([_stops(sure) for sure in p], ignore_index=True)
                found = (gap, gap < 1e-12, p, p, queries, stops)
                data.append(Runs(setting, label, budgets, 4, *found))
            parts.append(measure(data))
    return together(parts)


def _stops(p):
    """Where rules stop a run of which only P(best) is known; it names candidate 1 all the time."""
    steps = np.arange(STEPS + 1)
    said = np.array([np.nan, *p])
    named = np.ones(STEPS + 1, dtype=int)
    return Trace(4 * steps, steps, named, said, said).stops(np.array([1.0, 0.0]))


def cell(tables: Tables, measured: str, at: float, **keys) -> float:
    frame = tables.varied
    frame = frame[(frame["measure"] == measured) & np.isclose(frame["at"], at)]
    for column, value in keys.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1
    return float(frame["estimate"].iloc[0])


def test_budgets_that_are_listed_and_drawn():
    quarters = np.arange(1, 321) / 4
    assert listed_budgets(quarters) == (1, 2, 3, 5, 7.5, 10, 15, 20, 30, 40, 60, 80)
    assert drawn_budgets(quarters) == (5, 20, 60)
    assert listed_budgets(range(1, 41)) == (1, 2, 3, 5, 10, 15, 20, 30, 40)
    assert drawn_budgets(range(1, 41)) == (3, 15, 30)
    assert listed_budgets([0.25, 0.5, 0.75, 1, 1.25]) == (1, 1.25)
    assert drawn_budgets([1, 2, 3, 4, 5]) == (2, 3, 5)
    assert drawn_budgets([1, 2, 3]) == (1, 2, 3)


def test_nothing_varies():
    tables = study("random,uncertainty,llm-selector:eps_loss=.1,eps_draw=.3")
    assert tables.varied.empty
    assert len(usual(tables.settings)) == 3
    assert "k-gram weak judges" not in markdown(tables)


def test_number_of_kgrams():
    tables = study(
        "random,uncertainty",
        kgrams=(1, 5, 20),
        at=lambda spec, _: 15 if spec.name == "random" else 10 + spec.kgrams,
    )
    assert set(tables.varied["factor"]) == {"kgrams"}
    keys = {"data": "set", "strategy": "uncertainty"}
    for z, price in ((1, 11), (5, 15), (20, 30)):
        assert cell(tables, "needed: identified", 0.5, value=f"{z}", **keys) == price
    assert cell(tables, "identified", 20, value="5", **keys) == 1
    assert cell(tables, "identified", 20, value="20", **keys) == 0
    assert cell(tables, "gap", 20, value="20", **keys) == pytest.approx(2)
    text = markdown(tables)
    assert "## set: by number z of k-gram weak judges" in text
    # random reads no weak judge: the same in every column
    assert "| random | 15.0 ± 0.0 | 15.0 ± 0.0" in text
    assert list(usual(tables.settings)["strategy"]) == ["random", "uncertainty z=20"]


def test_noise_and_baseline_are_apart():
    tables = study(
        "random,llm-selector",
        noise=(0.0, 0.2),
        baselines=("one", "two"),
        at=lambda spec, baseline: (5 if baseline == "one" else 20) + 50 * spec.noise,
    )
    keys = {"factor": "noise", "strategy": "random", "data": "set, baseline two"}
    assert cell(tables, "needed: identified", 0.5, value="0", **keys) == 20
    assert cell(tables, "needed: identified", 0.5, value="0.2", **keys) == 30
    keys = {"factor": "baseline", "strategy": "random", "data": "set, oracle noise 0.2"}
    assert cell(tables, "needed: identified", 0.5, value="one", **keys) == 15
    assert cell(tables, "needed: identified", 0.5, value="two", **keys) == 30
    text = markdown(tables)
    assert "## set, oracle noise 0.2: by baseline LLM" in text
    assert "## set, baseline one: by the oracle's error rate" in text
    assert "| strategy | one | two |" in text


def test_a_grid_over_eps_is_a_heat_map_and_no_curves(tmp_path):
    tables = study(
        f"random,llm-selector,llm-selector-grid,{GRID},llm-selector:eps_loss=.3,eps_draw=.4",
        at=lambda spec, _: 100 * spec.eps[0] if spec.name == "llm-selector" else 12,
    )
    assert in_grid(tables.settings).sum() == 6  # the default pair under two names
    keys = {"factor": "eps", "data": "set", "strategy": "llm-selector"}
    assert cell(tables, "identified", 10, value="0.1/0.3", **keys) == 1
    assert cell(tables, "identified", 10, value="0.3/0.4", **keys) == 0
    shown = usual(tables.settings)
    assert "random" in set(shown["strategy"])
    assert not shown["strategy"].str.contains("0.1").any()
    searched = tables.settings.set_index("strategy").loc["llm-selector-grid"]
    assert (searched["eps_loss"], searched["eps_draw"]) == (0.15, 0.35)
    group = tables.varied
    figure = plot_varied("eps", group, {})["eps"]
    numbers = [text.get_text() for text in figure.axes[1].texts]  # after 15
    assert sorted(set(numbers)) == [".00", "1.00"]
    assert [t.get_text() for t in figure.axes[1].get_xticklabels()] == ["0.1", "0.2", "0.3"]
    files = {file.name for file in write_figures(tables, tmp_path)}
    assert "set_eps.svg" in files
    assert not any("kgrams" in name or "baselines" in name for name in files)


def test_one_strategy_has_one_colour_everywhere():
    tables = study("random,random:draws=100,uncertainty,bayessel", kgrams=(1, 5), noise=(0.0, 0.1))
    shown = usual(tables.settings)
    palette = palette_of(tables.settings, shown)
    assert palette["uncertainty z=1"] == palette["uncertainty z=5"] == palette["uncertainty"]
    assert len({palette[name] for name in ("random", "random:draws=100", "bayessel")}) == 3
    group = tables.varied
    noise = drawn(group, shown)
    noise = noise[noise["factor"] == "noise"]
    assert set(noise["strategy"]) == set(shown["strategy"]) != set(group["strategy"])
    group = group[(group["factor"] == "kgrams") & (group["data"] == "set")]
    figure = plot_factor("kgrams", group, palette)
    dashed = [line for line in figure.axes[0].lines if line.get_linestyle() == "--"]
    assert to_hex(palette["random"]) in {to_hex(line.get_color()) for line in dashed}
    curves = tables.by_budget[
        (tables.by_budget["data"] == "set") & tables.by_budget["strategy"].isin(shown["strategy"])
    ]
    lines = {to_hex(line.get_color()) for line in plot_curves(curves, "gap", palette).axes[0].lines}
    assert to_hex(palette["uncertainty"]) in lines


def test_levels_that_are_not_reached_are_marked_at_the_budget():
    tables = study("random", noise=(0.0, 0.3), at=lambda spec, _: 10 + 200 * spec.noise)
    group = tables.varied
    figure = plot_factor("noise", group, {"random": "#000000"})
    last = figure.axes[-1]
    hollow = [line for line in last.lines if line.get_marker() == "^"]
    assert [float(v) for line in hollow for v in line.get_xdata()] == [0.3]
    assert "| random | 10.0 ± 0.0 | > 40 |" in markdown(tables)
    for axes in figure.axes:
        assert axes.get_xlabel() == "the oracle's error rate"
    assert figure.axes[0].get_ylabel() == "probability that the best candidate is named"
    assert last.get_ylabel() == "calls / M needed"


def test_the_stopping_picture_shows_error_cost_and_what_is_allowed():
    tables = study("random,llm-selector,llm-selector-grid")
    stops = tables.stopping
    silent = (stops["strategy"] == "llm-selector-grid") & (stops["promise"] != "P(best)")
    figure = plot_stopping(stops[~silent], STEPS)  # it reports P(best) only
    assert len(figure.axes) == 2 * 4  # two rules
    error, cost, opened, share = figure.axes[4:]
    assert error.get_xlabel() == "stop at P(within 1 %) ≥"
    np.testing.assert_allclose(share.lines[0].get_ydata(orig=False), [1, 1, 1, 0])
    np.testing.assert_allclose(cost.lines[0].get_ydata(orig=False), [10, 10, 10, 40])
    np.testing.assert_allclose(opened.lines[0].get_ydata(orig=False), [10, 10, 10, 40])
    assert cost.get_ylabel() == "calls / M spent (mean)"
    assert "wrong" in error.get_ylabel()
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["allowed", "llm-selector", "llm-selector-grid"]


def test_names_that_differ_in_signs_only_do_not_share_a_file(tmp_path):
    tables = study("random", baselines=("a/b", "a.b"))
    names = {file.name for file in write_figures(tables, tmp_path)}
    assert {"set-baseline-a-b_gap.png", "set-baseline-a-b-2_gap.png", "set_baselines.png"} <= names
