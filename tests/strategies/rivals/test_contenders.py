"""The contenders' posterior is the normal model's, and only contenders are asked."""

from __future__ import annotations

import numpy as np
import pytest

from bayessel import make_strategy
from bayessel.outcomes import MISSING, win_rate
from bayessel.strategies.rivals.contenders import (
    contenders,
    posterior,
    qualities,
    variances,
)


def rng(*key: int) -> np.random.Generator:
    return np.random.default_rng(key)


def partly(n=9, m=4, share=0.4, seed=0):
    random = rng(seed)
    outcome = random.integers(-1, 2, (n, m)).astype(np.int8)
    outcome[random.random((n, m)) > share] = MISSING
    outcome[-2:] = MISSING
    outcome[0] = [1, 0, -1, 1]
    return outcome


def dense(outcome, v):
    """Mean and covariance of the win rates by conditioning the normal vector of all cells."""
    noise, query, quality = v
    n, m = outcome.shape
    q, j = np.divmod(np.arange(n * m), m)
    prior = 1 + quality * (j[:, None] == j) + query * (q[:, None] == q) + noise * np.eye(n * m)
    seen = outcome.ravel() != MISSING
    y = outcome.ravel()[seen] / 2
    gain = prior[:, seen] @ np.linalg.inv(prior[np.ix_(seen, seen)])
    mean, covariance = gain @ y, prior - gain @ prior[seen]
    total = (j == np.arange(m)[:, None]) / n
    return 0.5 + total @ mean, total @ covariance @ total.T


@pytest.mark.parametrize("seed", range(4))
def test_the_posterior_is_the_normal_models(seed):
    outcome = partly(seed=seed)
    mean, root, v = posterior(outcome)
    expected, covariance = dense(outcome, v)
    np.testing.assert_allclose(mean, expected, atol=1e-10)
    np.testing.assert_allclose(root @ root.T, covariance, atol=1e-10)
    assert (np.triu(root, 1) == 0).all()


def test_draws_have_the_posteriors_mean_and_covariance():
    strategy = make_strategy("contenders")
    state = strategy.init(rng(0), None, partly())
    unit = rng(6).standard_normal((7, 4))
    expected = state.mean + unit @ state.root.T
    np.testing.assert_allclose(state.draw(rng(6), 7), expected, atol=1e-12)


def test_what_is_judged_is_known():
    outcome = rng(1).integers(-1, 2, (30, 5)).astype(np.int8)
    mean, root, _ = posterior(outcome)
    np.testing.assert_allclose(mean, win_rate(outcome), atol=1e-12)
    assert (root == 0).all()
    strategy = make_strategy("contenders")
    standing = strategy.recommend(rng(0), strategy.init(rng(0), None, outcome))
    best = win_rate(outcome) >= win_rate(outcome).max() - 1e-12
    np.testing.assert_allclose(standing.p_best, best / best.sum())


def test_the_variances_are_found():
    random = rng(7)
    n, m = 4000, 6
    quality, query, noise = random.normal(0, 0.2, m), 0.05, 0.15
    u = (
        quality
        + random.normal(0, np.sqrt(query), (n, 1))
        + random.normal(0, np.sqrt(noise), (n, m))
    )
    cells = np.where(random.random((n, m)) < 0.5, np.rint(2 * np.clip(u, -0.5, 0.5)), MISSING)
    outcome = cells.astype(np.int8)
    seen = np.where(outcome != MISSING, outcome / 2, np.nan)
    found = variances(outcome, *qualities(outcome, np.array([0.1, 0.05, 0.03])))
    # two-way analysis of variance on complete rows, which estimates the same two numbers
    full = seen[~np.isnan(seen).any(axis=1)] - np.nanmean(seen, axis=0)
    within = full - full.mean(axis=1, keepdims=True)
    expected_noise = (within**2).sum() / (len(full) * (m - 1))
    expected_query = (full.mean(axis=1) ** 2).mean() - expected_noise / m
    assert found[0] == pytest.approx(expected_noise, rel=0.15)
    assert found[1] == pytest.approx(expected_query, rel=0.4, abs=0.01)
    blank = np.full((3, 4), MISSING, dtype=np.int8)
    _, _, prior = posterior(blank)
    np.testing.assert_allclose(prior[:2], [0.12, 0.05])  # nothing was seen


def test_the_first_query_is_for_all_and_then_only_contenders_are_asked():
    strategy = make_strategy("contenders")
    state = strategy.init(rng(0), None, np.full((200, 6), MISSING, dtype=np.int8))
    truth = np.where(rng(1).random((200, 6)) < [0.9, 0.8, 0.2, 0.1, 0.1, 0.1], 1, -1).astype(
        np.int8
    )
    random, spent = rng(2), np.zeros(6)
    for step in range(60):
        free = state.outcome == MISSING
        (choice,) = strategy.ask(random, state, free, np.ones(free.shape))
        if step == 0:
            assert len(choice.candidates) == 6
        elif "catches up" in choice.info.why:
            leader = int(state.mean.argmax())
            assert len(choice.candidates) == 1
            assert choice.candidates[0] != leader
            assert state.outcome[choice.query, leader] != MISSING
        else:
            assert (state.outcome[choice.query] == MISSING).all()
            assert int(state.mean.argmax()) in choice.candidates
            assert 2 <= len(choice.candidates) <= 3
        row = np.full(6, MISSING, dtype=np.int8)
        row[choice.candidates] = truth[choice.query, choice.candidates]
        spent[choice.candidates] += 1
        state = strategy.tell(random, state, choice.query, row)
    assert spent[:2].sum() > 2 * spent[2:].sum()
    assert int(state.mean.argmax()) == 0


def test_there_are_always_two_contenders():
    strategy = make_strategy("contenders")
    outcome = np.full((60, 3), MISSING, dtype=np.int8)
    outcome[:30] = [1, -1, -1]
    state = strategy.init(rng(0), None, outcome)
    for seed in range(20):
        who = contenders(rng(seed), state, 0)
        assert who[0] == 0
        assert len(who) >= 2
        assert (np.diff(who) > 0).all()


def test_the_cells_of_a_batch_count_as_judged():
    strategy = make_strategy("contenders")
    outcome = np.full((12, 3), MISSING, dtype=np.int8)
    outcome[0] = [1, 0, -1]
    outcome[1:3, 0] = 1
    state = strategy.init(rng(0), None, outcome)
    free = outcome == MISSING
    choices = strategy.ask(rng(3), state, free, np.ones(free.shape), batch=12)
    cells = [(c.query, int(j)) for c in choices for j in c.candidates]
    assert len(set(cells)) == len(cells) >= 12
    late = [cell for c, cell in zip(choices, cells, strict=False) if "catches up" in c.info.why]
    assert late  # behind on queries 1 and 2, or on those that the batch opens
