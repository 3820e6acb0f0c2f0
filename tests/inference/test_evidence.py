"""What models see: cells counted by candidate, level and outcome, and the given weak judges."""

from __future__ import annotations

from pathlib import Path

import jax
import numpy as np
import pytest

from bayessel import Task
from bayessel.inference.evidence import Evidence
from bayessel.inference.load import load_model
from bayessel.inference.signals import Signals
from bayessel.outcomes import MISSING
from bayessel.strategies.bayessel import Bayessel
from known_weak_judges import base, noise


def test_counts_of_cells_judged_or_not():
    rng = np.random.default_rng(0)
    outcome = np.full((30, 4), MISSING, dtype=np.int8)
    outcome[:9] = rng.integers(-1, 2, size=(9, 4))
    outcome[3, 1] = outcome[5] = MISSING  # a cell and a row that are not judged
    level = rng.integers(0, 5, size=(30, 4))
    names = tuple(map(str, range(30)))
    signals = Signals(np.zeros((0, 30, 4)), ())
    evidence = Evidence(outcome, signals, names, names[:4])
    found = evidence.counts(level, 6)
    assert found.shape == (4, 6, 4)
    np.testing.assert_array_equal(evidence.counts(level, 6, found.sum(axis=-1)), found)
    states = (-1, 0, 1, MISSING)
    for j, v, k in np.ndindex(found.shape):
        assert found[j, v, k] == ((level[:, j] == v) & (outcome[:, j] == states[k])).sum()


def with_given() -> Task:
    """A text statistic, whole verdicts, whole marks from 1 to 5, and scores with a gap."""
    task = base(n_queries=6, n_candidates=3)
    rng = np.random.default_rng(0)
    gap = rng.normal(size=(6, 3))
    gap[2, 1] = np.nan
    return (
        task.with_weak_judges(noise(task, 1)[None], ["t"])
        .with_weak_judge("v", task.recorded, "verdict")
        .with_weak_judge("marks", rng.integers(1, 6, size=(6, 3)), "score")
        .with_weak_judge("gap", gap, "score")
    )


def test_given_weak_judges_stand_apart_with_their_gaps():
    task = with_given()
    evidence = Evidence.of(task, apart=True)
    assert evidence.given.names == ("v", "marks", "gap")
    assert evidence.given.kinds == ("verdict", "score", "score")
    np.testing.assert_array_equal(evidence.given.said[0], task.recorded)
    assert np.isnan(evidence.given.said[2]).sum() == 1
    assert evidence.signals.names == ("t",)
    assert evidence.weak_judges == ("t", "v", "marks", "gap")
    bare = Evidence.of(task.without_weak_judges())
    assert bare.given.said.shape == (0, 6, 3)
    assert bare.given.names == bare.weak_judges == ()


def test_whole_given_weak_judges_are_signals_for_a_model_that_reads_signals():
    task = with_given()
    evidence = Evidence.of(task)
    assert evidence.signals.names == evidence.weak_judges == ("t", "v", "marks")
    np.testing.assert_array_equal(evidence.signals.votes[1], task.recorded)
    marks = evidence.given.said[1]
    np.testing.assert_array_equal(evidence.signals.scores[2], marks - np.median(marks))
    assert evidence.given.names == ("v", "marks", "gap")
    some = Evidence.of(task, weak_judges=["gap", "v"])
    assert (some.signals.names, some.given.names) == (("v",), ("gap", "v"))


@pytest.mark.slow
def test_a_model_that_reads_given_weak_judges_says_so(tmp_path):
    source = (
        "from bayessel.models.regression import PRIORS, numpyro_model, predict, prepare\n"
        "READS_GIVEN = True\n"
    )
    assert not load_model("regression").reads_given
    path: Path = tmp_path / "mine.py"
    path.write_text(source)
    strategy = Bayessel(model=str(path), draws=100)
    state = strategy.init(np.random.default_rng(0), with_given(), with_given().recorded)
    assert state.evidence.signals.names == ("t",)
    assert len(state.evidence.given.said) == 3


@pytest.mark.parametrize(
    "model", ["two_way", "regression", "dual_parameter", "judge_channel", "item_response"]
)
def test_no_model_breaks_on_given_weak_judges(model):
    task = with_given()
    data = load_model(model).prepare(Evidence.of(task))
    for part in jax.tree.leaves(data):
        assert np.isfinite(np.asarray(part, dtype=float)).all()
