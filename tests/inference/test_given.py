"""What given weak judges say, in parts."""

from __future__ import annotations

import numpy as np
import pytest

from bayessel.inference.given import effects, score_parts, verdict_parts


@pytest.mark.parametrize("parts", [verdict_parts, score_parts])
def test_gaps_do_not_favour_who_is_known_on_easy_queries(parts):
    """All candidates get the same on a query; one is known on easy ones only, one on hard ones."""
    said = np.repeat(np.where(np.arange(40) % 2 == 0, 1.0, -1.0)[:, None], 6, axis=1)
    said[1::2, 0], said[::2, 1] = np.nan, np.nan
    within, between = parts(said)
    np.testing.assert_allclose(between, 0, atol=1e-9)
    np.testing.assert_allclose(within - within[:, 2:3], 0, atol=1e-9)


def test_without_gaps_the_parts_of_verdicts_add_up():
    said = np.random.default_rng(0).integers(-1, 2, (12, 4)).astype(float)
    within, between = verdict_parts(said)
    np.testing.assert_allclose(said / 2, said.mean() / 2 + within + between, atol=1e-9)
    np.testing.assert_allclose(within.mean(axis=0), 0, atol=1e-9)


def test_the_level_of_scores_on_a_query_is_left_out():
    rng = np.random.default_rng(1)
    said = rng.normal(size=(30, 5))
    moved = said + 10 * rng.normal(size=(30, 1))
    for one, other in zip(score_parts(said), score_parts(moved), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-9)
    within, between = score_parts(7 * said + 3)
    np.testing.assert_allclose(within, score_parts(said).within, atol=1e-9)
    assert abs(np.nanstd(within + between) - 1) < 0.01


def test_effects_are_those_of_a_table_that_is_their_sum():
    """Candidates who are known on other queries are compared by those that both share."""
    of_query, of_candidate = np.linspace(-1, 1, 200), np.array([0.3, 0.0, -0.3])
    said = of_query[:, None] + of_candidate
    said[:100, 0], said[100:, 2] = np.nan, np.nan
    found = effects(said)
    np.testing.assert_allclose(np.diff(found.of_candidate), np.diff(of_candidate), atol=0.05)


@pytest.mark.parametrize("parts", [verdict_parts, score_parts])
def test_a_judge_that_says_nothing_or_one_thing_says_nothing(parts):
    for said in (np.full((5, 3), np.nan), np.ones((5, 3))):
        within, between = parts(said)
        np.testing.assert_array_equal(within, 0)
        np.testing.assert_array_equal(between, 0)
