"""A study: the same numbers whoever runs it and however often it is interrupted."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bayessel import Selector, make_strategy
from bayessel.errors import BudgetError, DataError, UnknownNameError
from bayessel.models import two_way
from bayessel.outcomes import MISSING
from bayessel.strategies.paper.parts.random_streams import ask_generator, recommend_generator
from bayessel.studies.axis import axis_of
from bayessel.studies.play import only_named, play, sure
from bayessel.studies.problem import Problem, prepare
from bayessel.studies.realize import Plan, realize, sub_task
from bayessel.studies.rows import read_runs, write_rows
from bayessel.studies.runners import Pace, run_chunks, run_workers
from bayessel.studies.specs import CELL_RIVALS, RULES, Spec, parse_specs
from bayessel.studies.store import chunks
from bayessel.studies.trace import Trace
from bayessel.tasks.task import Task
from bayessel.weak_judges import KGRAMS

SPECS = parse_specs("random,llm-selector:eps_loss=.15,eps_draw=.35,random:draws=100")
PLAN = Plan(realizations=9, budget=8, seed=1)


@pytest.fixture(scope="module")
def problem(task, tmp_path_factory):
    """The generated task, ready for SPECS."""
    return prepare("generated", task, SPECS, cache=tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def expected(problem, tmp_path_factory):
    """The rows of the study as bytes, and its chunks."""
    folder = tmp_path_factory.mktemp("study")
    table = run_chunks([problem], SPECS, PLAN, folder / "chunks")
    write_rows(["generated"], table, folder / "rows.parquet")
    return (folder / "rows.parquet").read_bytes(), table[0]


def test_every_row_is_there_and_a_whole_sub_task_is_identified(problem):
    plan = Plan(realizations=4, budget=150, seed=1)
    rows = realize(problem, plan, Spec("random"), 0, 4).rows
    assert len(rows) == 4 * 20 * 4  # each quarter of 20 whole-query equivalents
    last = rows[rows["calls_per_candidate"] == 20]
    assert last["correct"].all()
    assert (last["calls"] == 100).all()
    assert (last["share_of_cells"] == 1).all()
    assert not rows["correct"].all()
    assert ((rows["gap"] < 1e-12) == rows["correct"]).all()
    assert (rows["queries"] == rows["calls"] // 5).all()
    assert (rows["spent"] == 5 * rows["queries"]).all()


@pytest.mark.parametrize("name", ["random", "random:draws=100"])
def test_more_whole_queries_fit_where_cells_are_missing(problem, name):
    recorded = problem.task.recorded.copy()
    recorded[:, 3:] = MISSING  # three calls a query
    data = problem.task.data.assign(recorded=(("query", "candidate"), recorded))
    holed = Problem("holed", Task(data), problem.kgram)
    (spec,) = parse_specs(name)
    rows = realize(holed, Plan(realizations=2, budget=4, seed=1), spec, 0, 2).rows
    assert (rows["queries"] == rows["calls"] // 3).all()
    assert (rows["spent"] == 3 * rows["queries"]).all()
    assert rows["queries"].max() == 6  # 18 of 20 calls


def test_whole_queries_are_counted_where_these_are_the_unit(problem):
    plan = Plan(realizations=3, budget=150, seed=1, unit="queries")
    calls = Plan(realizations=3, budget=150, seed=1)
    whole, quarters = (realize(problem, p, Spec("random"), 0, 3).rows for p in (plan, calls))
    assert len(whole) == 3 * 20
    assert (whole["queries"] == whole["calls_per_candidate"]).all()
    same = quarters[quarters["calls"] % 5 == 0].reset_index(drop=True)
    pd.testing.assert_frame_equal(whole, same)


@pytest.mark.filterwarnings("ignore:1 call stays unspent")  # of whole queries
@pytest.mark.parametrize("name", ["random:draws=100", "contenders", "ucb-e", "racing:draws=100"])
def test_objects_do_what_a_selector_does(problem, name):
    plan = Plan(realizations=1, budget=12, seed=2)
    (spec,) = parse_specs(name)
    sub = sub_task(problem, plan, 0, 0.0)
    data = problem.task.data.isel(query=sub.queries, candidate=sub.candidates)
    answers = sub.answers.copy()
    answers[3] = MISSING  # cannot be asked
    answers[5:9, 1] = MISSING  # nor can all of these
    task = Task(data.assign(recorded=(("query", "candidate"), answers)))
    strategy = make_strategy(spec.name, **dict(spec.options))
    found = play(task, strategy, 53, 7, sure if not spec.only_named else only_named)
    selector = Selector(task, strategy, seed=7)
    said = []

    def keep(run: Selector) -> None:
        standing, j = run.standing, run.standing.best
        said.append((run.n_calls, run.n_queries, j, standing.p_best[j], standing.p_within(0.01)[j]))

    keep(selector)
    selector.run(budget=53, on_step=keep)
    calls, queries, best, p_best, p_within = map(np.array, zip(*said, strict=True))
    assert found.spent.tolist() == calls.tolist()
    assert found.opened.tolist() == queries.tolist()
    assert found.best.tolist() == best.tolist()
    assert calls[-1] == 53 or strategy.unit == "queries"
    if not spec.only_named:
        np.testing.assert_array_equal(found.p_best, p_best)
        np.testing.assert_array_equal(found.p_within, p_within)


def test_the_last_look_is_at_the_last_question_that_fits(problem):
    plan = Plan(realizations=2, budget=3, seed=5)
    rows = realize(problem, plan, Spec("contenders"), 0, 2).rows
    assert (rows["spent"] <= rows["calls"]).all()
    assert (rows.groupby("realization")["spent"].max() == 15).all()
    first = rows[rows["calls"] < 5]
    assert (first["queries"] == 0).all()  # its first question is for all five
    assert (first["spent"] == 0).all()
    assert first["p_best"].between(0.05, 0.4).all()


def test_the_whole_task_is_the_same_for_all_realizations(problem):
    plan = Plan("whole", realizations=2, budget=4, seed=1)
    one, two = (sub_task(problem, plan, r, 0.0) for r in range(2))
    np.testing.assert_array_equal(one.answers, two.answers)
    assert one.answers.shape == problem.task.recorded.shape
    rows = realize(problem, plan, Spec("ucb-e"), 0, 2).rows
    names = rows.pivot_table(index="calls", columns="realization", values="gap")
    assert not np.allclose(names[0], names[1])  # only the random numbers differ


def test_stops_are_after_the_first_question_that_reaches_the_level():
    p = np.array([np.nan, 0.5, 0.96, 0.4, 0.99])
    trace = Trace(np.array([0, 3, 4, 7, 9]), np.array([0, 1, 1, 2, 3]), np.arange(5), p, p)
    gap = np.array([0.5, 0.5, 0.005, 0.5, 0.0])
    stops = trace.stops(gap).set_index(["promise", "level"])
    early = stops.loc[("P(best)", 0.95)]
    assert (early["spent"], early["queries"], early["reported"]) == (4, 1, 0.96)
    assert not early["right"]
    assert stops.loc[("P(within 1 %)", 0.95), "right"]
    late = stops.loc[("P(best)", 0.99)]
    assert (late["spent"], bool(late["right"]), bool(late["stopped"])) == (9, True, True)
    never = Trace(trace.spent, trace.opened, trace.best, p * 0.5, p * 0.5).stops(gap)
    assert not never["stopped"].any()
    assert (never["spent"] == 9).all()
    silent = np.full(5, np.nan)
    assert Trace(trace.spent, trace.opened, trace.best, silent, silent).stops(gap).empty


@pytest.mark.parametrize(("n", "m"), [(9, 5), (4, 20), (3, 2), (6, 53)])
def test_budgets_are_quarters_rounded_up_and_whole_queries_exactly(n, m):
    axis = axis_of("calls", 5, n, m)
    last = min(5, n)
    assert axis.calls[-1] == last * m
    assert set(m * np.arange(1, last + 1)) <= set(axis.calls)
    assert (np.diff(axis.calls) >= 1).all()
    assert axis.calls[0] == -(-m // 4)
    np.testing.assert_allclose(axis.equivalents * m, axis.calls)
    look = axis.look(np.array([0, m, 2 * m]), np.arange(3))
    assert (look == np.minimum(axis.calls // m, 2)).all()


@pytest.mark.parametrize("name", [name for name in RULES if name != "llm-selector-grid"])
def test_compiled_code_names_what_the_object_names_after_every_answer(task, tmp_path, name):
    plan = Plan(realizations=2, budget=20, seed=2)
    (spec,) = parse_specs(name)
    problem = prepare("generated", task, [spec], cache=tmp_path)
    rows = realize(problem, plan, spec, 0, 2).rows.set_index(["realization", "calls"])
    strategy = make_strategy(name, draws=100)
    for r in range(2):
        sub = sub_task(problem, plan, r, 0.0)
        part = task.subset(
            queries=[task.queries[q] for q in sub.queries],
            candidates=[task.candidates[j] for j in sub.candidates],
        )
        if spec.reads_votes:
            scores = problem.kgram[: spec.kgrams, sub.queries][:, :, sub.candidates]
            part = part.with_weak_judges(scores, KGRAMS)
        state = strategy.init(np.random.default_rng(0), part, np.full_like(sub.answers, MISSING))
        free, ask = part.recorded != MISSING, ask_generator(plan.seed, r)
        for t in range(plan.budget):
            q = strategy.ask(ask, state, free, np.ones(free.shape))[0].query
            free[q] = False
            state = strategy.tell(np.random.default_rng(0), state, q, sub.answers[q])
            best = strategy.recommend(recommend_generator(plan.seed, r, t), state).best
            assert rows.loc[(r, 5 * (t + 1)), "candidate"] == part.candidates[best]


def test_an_object_says_how_sure_it_is(problem):
    plan = Plan(realizations=3, budget=20, seed=2)
    found = realize(problem, plan, Spec("random", (("draws", 100),)), 0, 3)
    objects, stops = found.rows, found.stops
    assert objects["p_best"].between(0, 1).all()
    assert objects[objects["calls"] == 100]["correct"].all()
    assert set(stops["promise"]) == {"P(best)", "P(within 1 %)"}
    assert stops.groupby(["realization", "promise"]).size().eq(4).all()
    assert stops[stops["stopped"]]["reported"].ge(stops[stops["stopped"]]["level"]).all()
    quiet = realize(problem, plan, Spec("ucb-e"), 0, 3)
    assert quiet.stops.empty
    assert quiet.rows["p_best"].isna().all()


def test_two_workers_write_the_same_bytes(problem, expected, tmp_path):
    table = run_chunks([problem], SPECS, PLAN, tmp_path / "chunks", runner=run_workers(2))
    write_rows(["generated"], table, tmp_path / "rows.parquet")
    assert (tmp_path / "rows.parquet").read_bytes() == expected[0]


DYING = """
import os, signal, sys
from pathlib import Path
from bayessel import simulate_task
from bayessel.studies.axis import axis_of
from bayessel.studies.play import only_named, play, sure
from bayessel.studies.problem import Problem, prepare
from bayessel.studies.realize import Plan
from bayessel.studies.specs import parse_specs
from bayessel.studies.runners import run_chunks
folder = Path(sys.argv[1])
specs = parse_specs("random,llm-selector:eps_loss=.15,eps_draw=.35,random:draws=100")
task = simulate_task(n_queries=40, n_candidates=5, seed=3)
problem = prepare("generated", task, specs, cache=folder / "cache")
def progress(done, of, left):
    if done == 3:
        os.kill(os.getpid(), signal.SIGKILL)
run_chunks([problem], specs, Plan(realizations=9, budget=8, seed=1), folder / "chunks",
          progress=progress)
"""


def test_the_time_left_waits_for_every_strategy(problem, tmp_path):
    now = 0.0
    plan = Plan(realizations=120, budget=8, seed=1)
    quick, slow = (chunks(tmp_path, 0, problem, plan, spec) for spec in SPECS[:3:2])
    assert (len(quick), len(slow)) == (3, 30)
    pace = Pace([*quick, *slow], lambda: now)
    now = 1.0
    pace.finished(quick[0], 1.0)
    assert np.isnan(pace.seconds_left())
    now = 6.0  # two at once: 11 s of work
    pace.finished(slow[0], 10.0)
    assert pace.seconds_left() == pytest.approx((2 * 1 + 29 * 10) * 6 / 11)
    for chunk in quick[1:]:
        pace.finished(chunk, 1.0)
    for chunk in slow[1:]:
        pace.finished(chunk, 10.0)
    assert pace.seconds_left() == 0


def test_kill_9_and_go_on(problem, expected, tmp_path):
    dead = subprocess.run([sys.executable, "-c", DYING, str(tmp_path)], timeout=300, check=False)
    assert dead.returncode == -signal.SIGKILL
    files = sorted((tmp_path / "chunks").rglob("*.parquet"))
    assert len(files) == 3 * 2  # rows, and where rules stopped
    (files[0].parent / f".{files[0].name}.123").write_bytes(b"half a file")
    before = {file: file.stat().st_mtime_ns for file in files}
    seen = []
    table = run_chunks(
        [problem], SPECS, PLAN, tmp_path / "chunks", progress=lambda done, of, left: seen.append(of)
    )
    assert {file: file.stat().st_mtime_ns for file in files} == before
    write_rows(["generated"], table, tmp_path / "rows.parquet")
    assert (tmp_path / "rows.parquet").read_bytes() == expected[0]
    assert set(seen) == {5}


@pytest.mark.parametrize("spoil", ["cut", "flipped", "absent"])
def test_a_damaged_chunk_is_computed_again(problem, expected, tmp_path, spoil):
    table = run_chunks([problem], SPECS[:1], PLAN, tmp_path / "chunks")
    rows = table[0][0][0].path
    whole = rows.read_bytes()
    stops = rows.with_name(f"stops-{rows.name}")
    if spoil == "cut":
        rows.write_bytes(whole[:-20])
    elif spoil == "flipped":  # in the data, which the file's end does not cover
        rows.write_bytes(whole[:200] + bytes([whole[200] ^ 255]) + whole[201:])
    else:
        stops.unlink()
    again = run_chunks([problem], SPECS[:1], PLAN, tmp_path / "chunks")
    assert rows.read_bytes() == whole
    assert stops.exists()
    pd.testing.assert_frame_equal(again[0][0][0].read(), expected[1][0][0].read())


def test_more_realizations_keep_those_there_are(problem, expected, tmp_path):
    rows = pd.concat([chunk.read() for chunk in expected[1][2]], ignore_index=True)
    more = Plan(realizations=10, budget=8, seed=1)
    table = run_chunks([problem], SPECS[2:], more, tmp_path)
    grown = pd.concat([chunk.read() for chunk in table[0][0]], ignore_index=True)
    pd.testing.assert_frame_equal(rows, grown[: len(rows)])
    runs = read_runs("generated", table[0][0])
    assert runs.gap.shape == (10, 8 * 4)
    assert runs.candidates == 5
    assert runs.budgets[-1] == 8
    assert len(runs.stops) == 10 * 2 * 4
    assert (runs.gap[3] == grown[grown["realization"] == 3]["gap"]).all()


def test_an_oracle_that_errs_leaves_the_truth_alone(problem):
    plan = Plan(realizations=1)
    clean, noisy = (sub_task(problem, plan, 0, noise) for noise in (0.0, 0.3))
    np.testing.assert_array_equal(clean.truth, noisy.truth)
    wrong = (clean.answers != noisy.answers).mean()
    assert abs(wrong - 0.3) < 4 * np.sqrt(0.21 / clean.answers.size)  # false alarm below 1e-4
    assert set(np.unique(noisy.answers)) <= {-1, 0, 1}


def test_strategies_as_they_are_written():
    assert [spec.name for spec in parse_specs("all")][: len(RULES)] == list(RULES)
    assert {"contenders", "racing"} <= {spec.name for spec in parse_specs("all")}
    whole = {spec.name for spec in parse_specs("all", unit="queries")}
    assert "random" in whole
    assert not whole & {"contenders", *CELL_RIVALS}
    quiet, loud = parse_specs("racing:bound=bernstein,racing:draws=100")
    assert (quiet.only_named, loud.only_named) == (True, False)
    one, two = parse_specs("llm-selector:eps_loss=.1,eps_draw=.3,bayessel:draws=200")
    assert one.compiled
    assert one.eps == (0.1, 0.3)
    assert not two.compiled
    assert two.options == (("draws", 200),)
    (prior,) = parse_specs(
        "bayessel:prior=noise=Gamma(2, 16),prior=sd_quality=HalfNormal(0.1),draws=200"
    )
    assert prior.settings == {
        "prior": {"noise": "Gamma(2, 16)", "sd_quality": "HalfNormal(0.1)"},
        "draws": 200,
    }
    whole_query, cells = parse_specs("bayessel:whole_queries=True,acquisition=spread,bayessel")
    assert (whole_query.unit, cells.unit) == ("queries", "cells")
    many = parse_specs("random,uncertainty", noise=(0, 0.1), kgrams=(5, 10))
    assert [spec.label for spec in many] == [
        "random",
        "random noise=0.1",
        "uncertainty z=5",
        "uncertainty",
        "uncertainty z=5 noise=0.1",
        "uncertainty noise=0.1",
    ]


@pytest.mark.parametrize(
    ("text", "error", "match"),
    [
        ("randon", UnknownNameError, "did you mean 'random'"),
        ("bayessel:drawz=5", BudgetError, "takes no drawz"),
        ("bayessel:draws=many", BudgetError, "expected int"),
        ("bayessel:draws=", BudgetError, "expected option=value"),
        ("bayessel:prior=flat", BudgetError, "expected prior=NAME=PRIOR"),
        ("bayessel:prior=x=HalfNormal(1)", UnknownNameError, "unknown prior 'x'"),
        ("bayessel:whole_queries=5", BudgetError, "expected True or False"),
        ("racing:priors=x", BudgetError, "set in Python"),
        ("bayessel:draws=3", BudgetError, "at least 100"),
        (",", BudgetError, "no strategy was named"),
    ],
)
def test_bad_strategies(text, error, match):
    with pytest.raises(error, match=match):
        parse_specs(text)


def test_bad_numbers(task, tmp_path):
    with pytest.raises(UnknownNameError, match="did you mean 'panel'"):
        Plan("pannel")
    with pytest.raises(BudgetError, match="realizations 0: expected at least 1"):
        Plan(realizations=0)
    with pytest.raises(BudgetError, match="unit 'cells': expected calls or queries"):
        Plan(unit="cells")
    with pytest.raises(BudgetError, match="ucb-e chooses cells, and the unit is queries"):
        parse_specs("random,ucb-e", unit="queries")
    with pytest.raises(BudgetError, match="workers 0"):
        run_workers(0)
    with pytest.raises(BudgetError, match=r"oracle noise 1: expected a rate"):
        parse_specs("random", noise=(1.0,))
    with pytest.raises(BudgetError, match="kgrams 21: expected a number from 1 to 20"):
        parse_specs("random", kgrams=(21,))
    with pytest.raises(DataError, match="there are no judgments"):
        prepare("x", task.without_recorded(), SPECS, cache=Path(tmp_path))


def test_a_model_file_that_changed_is_computed_again(problem, tmp_path):
    model = tmp_path / "model.py"
    source = Path(two_way.__file__).read_text()
    model.write_text(source)
    (spec,) = parse_specs(f"bayessel:model={model}")
    (first, *_) = chunks(tmp_path, 0, problem, PLAN, spec)
    assert chunks(tmp_path, 0, problem, PLAN, spec)[0].path == first.path
    model.write_text(source + "# another\n")
    assert chunks(tmp_path, 0, problem, PLAN, spec)[0].path != first.path
