"""Sub-tasks that a realization draws."""

from __future__ import annotations

import numpy as np
import pytest

from bayessel.errors import UnknownNameError
from bayessel.tasks.sub_tasks import draw, find_protocol


@pytest.mark.parametrize(
    ("name", "n", "m", "expected"),
    [
        ("panel", 100, 53, (50, 20)),
        ("panel", 101, 20, (50, 10)),
        ("panel", 1, 9, (1, 4)),
        ("panel", 10, 8, (5, 8)),
        ("paper", 100, 53, (80, 53)),
        ("paper", 1, 2, (1, 2)),
        ("whole", 7, 9, (7, 9)),
    ],
)
def test_sizes(name, n, m, expected):
    queries, candidates = draw(find_protocol(name), 0, 0, n, m)
    assert (len(queries), len(candidates)) == expected
    for drawn, whole in ((queries, n), (candidates, m)):
        assert (np.diff(drawn) > 0).all()
        assert set(drawn) <= set(range(whole))


def test_a_realization_is_drawn_from_its_seed_and_number_alone():
    panel = find_protocol("panel")
    first = draw(panel, 3, 7, 100, 30)
    again = draw(panel, 3, 7, 100, 30)
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, two)
    for seed, realization in ((3, 8), (4, 7)):
        assert not np.array_equal(draw(panel, seed, realization, 100, 30)[0], first[0])


def test_a_mistyped_protocol():
    with pytest.raises(UnknownNameError, match="unknown protocol 'panels': did you mean 'panel'"):
        find_protocol("panels")
