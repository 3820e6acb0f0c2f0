"""What the default learns of weak judges that are given: right, inverted, useless, drifting."""

from __future__ import annotations

import numpy as np
import pytest

from bayessel import Selector, simulate_task
from bayessel.inference.evidence import Evidence
from bayessel.inference.load import load_model
from bayessel.inference.two_way.known import Known
from bayessel.inference.two_way.moments import win_rates
from bayessel.inference.two_way.rows import laid_out, prior_table
from bayessel.inference.two_way.sweeps import sweep
from bayessel.outcomes import MISSING


@pytest.fixture(scope="module")
def task():
    return simulate_task(n_queries=120, n_candidates=8, seed=5).without_weak_judges()


def noisy(task, seed, right=0.85):
    """[N, M] verdicts that are the recorded ones with this probability, else any."""
    rng = np.random.default_rng(seed)
    keep = rng.random(task.recorded.shape) < right
    return np.where(keep, task.recorded, rng.integers(-1, 2, task.recorded.shape))


def slopes(task, said, calls, seed=0):
    """Draws of the two slopes of a judge after so many calls."""
    selector = Selector(
        task.with_weak_judge("cheap", said, "verdict"), seed=seed, weak_judges=()
    ).run(budget=calls)
    state = selector.strategy.init(np.random.default_rng(0), selector.task, selector.bought)
    found = sweep(np.random.default_rng(1), state.data, state.model.priors, 400)
    return found.expected[:, 1], found.coefficients[:, task.n_candidates], selector


def test_a_judge_that_is_right_is_trusted_more_and_names_the_best_at_once(task):
    between, within, selector = slopes(task, noisy(task, 1), 40)
    assert within.mean() > 0.4
    assert between.mean() > 0.7
    assert selector.best == task.candidates[int(task.win_rate.argmax())]


def test_an_inverted_judge_is_found_out_by_twenty_calls():
    """On three tasks: within queries for sure; between candidates, who are eight, by half."""
    found = []
    for seed in (5, 6, 7):
        task = simulate_task(n_queries=120, n_candidates=8, seed=seed).without_weak_judges()
        between, within, _ = slopes(task, -noisy(task, 1), 20)
        found.append(((within < 0).mean(), between.mean()))
    negative, mean = np.mean(found, axis=0)
    assert negative > 0.85
    assert mean < 0.35  # from .7


def test_a_useless_judge_is_not_followed(task):
    said = np.random.default_rng(3).integers(-1, 2, task.recorded.shape)
    _, within, _ = slopes(task, said, 60)
    assert abs(within.mean()) < 0.12


def test_a_drifting_judge_is_trusted_as_far_as_it_is_right(task):
    """Right on the first half of the queries, inverted on the others."""
    said = noisy(task, 1)
    said[60:] *= -1
    _, within, _ = slopes(task, said, 80)
    assert abs(within.mean()) < 0.22  # from .3; a judge that is right has .4 and more


@pytest.mark.parametrize("calls", [0, 20])
@pytest.mark.parametrize("kind", ["verdict", "score"])
def test_a_judge_that_is_given_five_times_counts_once(task, kind, calls):
    """By closed forms, the variances and scales known."""
    said = noisy(task, 1).astype(float)
    outcome = np.full_like(task.recorded, MISSING)
    some = np.random.default_rng(0).choice(outcome.size, calls, replace=False)
    outcome.flat[some] = task.recorded.flat[some]
    found = []
    for copies in (1, 5):
        given = task
        for copy in range(copies):
            given = given.with_weak_judge(f"cheap {copy}", said, kind)
        model = load_model("two_way")
        data = model.prepare(Evidence.of(given, outcome, apart=True))
        rows, prior = laid_out(data), prior_table(data, model.priors)
        known = Known(rows, prior, np.full(8, 0.15), np.array([0.1, 0.25, 0.13]))
        found.append((known.win_rate, win_rates(rows, known.law, np.arange(8))[1]))
    np.testing.assert_allclose(found[0][0], found[1][0], atol=1e-8)
    np.testing.assert_allclose(found[0][1], found[1][1], atol=1e-8)
    if calls or kind == "verdict":  # it says something
        assert np.ptp(found[0][0]) > 0.02


def test_a_judge_of_few_cells_does_no_harm(task):
    said = noisy(task, 1).astype(float)
    said[np.random.default_rng(0).random(said.shape) < 0.9] = np.nan
    _, _, selector = slopes(task, said, 40)
    assert np.isfinite(selector.standing.p_best).all()
    assert (selector.bought != MISSING).sum() == 40
