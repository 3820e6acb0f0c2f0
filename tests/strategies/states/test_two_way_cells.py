"""Two ways to the same moments: closed forms of the two-way model, and its draws."""

from __future__ import annotations

import numpy as np
import pytest

from bayessel import make_strategy, simulate_task
from bayessel.outcomes import MISSING
from bayessel.strategies.states import by_two_way
from bayessel.strategies.states.cell_outlook import SampledCells


@pytest.fixture(scope="module")
def state():
    task = simulate_task(n_queries=300, n_candidates=4, seed=2)
    outcome = task.recorded.copy()
    rng = np.random.default_rng(0)
    outcome[rng.random(outcome.shape) < 0.6] = MISSING
    outcome[25:] = MISSING
    known = {"sd_quality": "0.1", "sd_query": "0.2"}
    strategy = make_strategy("bayessel", draws=16_000, prior=known, weak_judges=())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(by_two_way, "_SAMPLED", 16_000)
        found = strategy.init(np.random.default_rng(1), task, outcome)
        _ = found.points
    return found


def both(state):
    queries = np.array([0, 3, 7, 260, 290])
    available = state.evidence.outcome == MISSING
    closed = state.cells(queries, available)
    sampled = SampledCells.of(state, state.evidence.outcome, queries, available)
    return closed, sampled


def compare(closed, sampled, free):
    """16,000 draws; the closed forms take the variances at their means, the draws are more spread.

    Of a difference to the leading candidate, as it is used: what a new query's effect adds to all
    win rates alike is left out by the draws.
    """
    a, b = closed.moments, sampled.moments
    np.testing.assert_allclose(a.mean, b.mean, atol=0.01)  # one takes the variances' means
    np.testing.assert_allclose(a.covariance, b.covariance, atol=0.12 * a.covariance.max())
    both = free[:, None] & free[:, :, None]
    np.testing.assert_allclose(a.within[both], b.within[both], atol=0.06 * a.within.max())
    if (new := closed.new).sum() > 1:  # draws see what a query has in common with others like it
        np.testing.assert_allclose(a.common[new], b.common[new], atol=0.12 * a.common[new].max())
    top = int(a.mean.argmax())
    apart = [c.cross[:, top : top + 1] - c.cross for c in (a, b)]
    at = np.broadcast_to(free[:, None], apart[0].shape)
    np.testing.assert_allclose(apart[0][at], apart[1][at], atol=0.12 * np.abs(apart[0]).max())


def test_closed_forms_and_draws_agree(state):
    closed, sampled = both(state)
    np.testing.assert_array_equal(closed.judged, sampled.judged)
    np.testing.assert_array_equal(closed.available, sampled.available)
    np.testing.assert_array_equal(closed.new, sampled.new)
    compare(closed, sampled, closed.available)


def test_cells_as_if_judged_agree(state):
    closed, sampled = both(state)
    rng = np.random.default_rng(3)
    for query, candidates in ((260, [0, 2]), (3, [closed.leading[closed.available[1]][0]])):
        closed = closed.with_cells(rng, query, np.array(candidates))
        sampled = sampled.with_cells(rng, query, np.array(candidates))
    assert not closed.new[3]
    np.testing.assert_array_equal(closed.judged, sampled.judged)
    np.testing.assert_array_equal(closed.available, sampled.available)
    compare(closed, sampled, closed.available)
