from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from bayessel.acquisition.base import Moments
from bayessel.acquisition.top_two import cells


def outlook(judged, available, p_best):
    count = judged.shape[1]
    mean = np.linspace(0.9, 0.5, count)  # the first leads
    return SimpleNamespace(
        judged=judged,
        available=available,
        new=~judged.any(axis=1),
        p_best=np.array([p_best]),
        moments=Moments(mean, np.eye(count), None, None, None),
    )


def test_a_challenger_catches_up_where_the_leader_was_judged():
    judged = np.array([[True, False, False], [True, False, True], [False, False, False]])
    found = cells(outlook(judged, ~judged, [0.6, 0.3, 0.1]))
    np.testing.assert_allclose(found.single[:2, 1], 0.15)  # two queries share its chance
    assert found.single[0, 2] == pytest.approx(0.1)
    assert found.single.sum() + found.pair.sum() == pytest.approx(0.4)
    assert found.drawn


def test_both_are_judged_on_a_new_query_where_nothing_is_to_catch_up():
    judged = np.array([[True, True, True], [False, False, False]])
    found = cells(outlook(judged, ~judged, [0.6, 0.3, 0.1]))
    assert found.single.sum() == 0
    np.testing.assert_allclose(found.pair[1, [1, 2], 0], [0.3, 0.1])
    assert found.pair.sum() == pytest.approx(0.4)


def test_when_only_the_leader_has_cells_these_are_asked():
    judged = np.ones((2, 2), dtype=bool)
    judged[1, 0] = False
    found = cells(outlook(judged, ~judged, [0.6, 0.4]))
    assert found.single[1, 0] > 0
