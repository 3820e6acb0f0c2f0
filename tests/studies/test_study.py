"""A study: the same numbers whoever runs it and however often it is interrupted."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bayessel import make_strategy
from bayessel.errors import BudgetError, DataError, UnknownNameError
from bayessel.outcomes import MISSING
from bayessel.strategies.paper.parts.random_streams import ask_generator, recommend_generator
from bayessel.studies.problem import prepare
from bayessel.studies.realize import Plan, realize, sub_task
from bayessel.studies.rows import read_runs, write_rows
from bayessel.studies.runners import Pace, run_chunks, run_workers
from bayessel.studies.specs import RULES, Spec, parse_specs
from bayessel.studies.store import chunks
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
    rows = realize(problem, plan, Spec("random"), 0, 4)
    assert len(rows) == 4 * 20
    assert rows[rows["annotations"] == 20]["correct"].all()
    assert not rows["correct"].all()
    assert ((rows["gap"] < 1e-12) == rows["correct"]).all()
    assert (rows["cells"] == 5 * rows["annotations"]).all()


@pytest.mark.parametrize("name", [name for name in RULES if name != "llm-selector-grid"])
def test_compiled_code_names_what_the_object_names_after_every_answer(task, tmp_path, name):
    plan = Plan(realizations=2, budget=20, seed=2)
    (spec,) = parse_specs(name)
    problem = prepare("generated", task, [spec], cache=tmp_path)
    rows = realize(problem, plan, spec, 0, 2).set_index(["realization", "annotations"])
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
            assert rows.loc[(r, t + 1), "candidate"] == part.candidates[best]


def test_an_object_says_how_sure_it_is(problem):
    plan = Plan(realizations=3, budget=20, seed=2)
    objects = realize(problem, plan, Spec("random", (("draws", 100),)), 0, 3)
    assert objects["p_best"].between(0, 1).all()
    assert objects[objects["annotations"] == 20]["correct"].all()


def test_two_workers_write_the_same_bytes(problem, expected, tmp_path):
    table = run_chunks([problem], SPECS, PLAN, tmp_path / "chunks", runner=run_workers(2))
    write_rows(["generated"], table, tmp_path / "rows.parquet")
    assert (tmp_path / "rows.parquet").read_bytes() == expected[0]


DYING = """
import os, signal, sys
from pathlib import Path
from bayessel import simulate_task
from bayessel.studies.problem import prepare
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
    assert len(files) == 3
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


def test_more_realizations_keep_those_there_are(problem, expected, tmp_path):
    rows = pd.concat([chunk.read() for chunk in expected[1][2]], ignore_index=True)
    more = Plan(realizations=10, budget=8, seed=1)
    table = run_chunks([problem], SPECS[2:], more, tmp_path)
    grown = pd.concat([chunk.read() for chunk in table[0][0]], ignore_index=True)
    pd.testing.assert_frame_equal(rows, grown[: len(rows)])
    runs = read_runs("generated", table[0][0])
    assert runs.gap.shape == (10, 8)
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
    one, two = parse_specs("llm-selector:eps_loss=.1,eps_draw=.3,bayessel:draws=200")
    assert one.compiled
    assert one.eps == (0.1, 0.3)
    assert not two.compiled
    assert two.options == (("draws", 200),)
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
    with pytest.raises(BudgetError, match="workers 0"):
        run_workers(0)
    with pytest.raises(BudgetError, match=r"oracle noise 1: expected a rate"):
        parse_specs("random", noise=(1.0,))
    with pytest.raises(BudgetError, match="kgrams 21: expected a number from 1 to 20"):
        parse_specs("random", kgrams=(21,))
    with pytest.raises(DataError, match="there are no judgments"):
        prepare("x", task.without_recorded(), SPECS, cache=Path(tmp_path))
