"""Who is in the race, and since when the others are not."""

from __future__ import annotations

import numpy as np
import pytest

from bayessel.selection.race import Race, in_race, race_level


def test_a_candidate_may_come_back():
    race = Race((0, 0, 0))
    race = race.after(np.array([0.5, 0.495, 0.005]), 3)
    race = race.after(np.array([0.99, 0.004, 0.006]), 7)
    assert race.out_since == (0, 7, 3)
    race = race.after(np.array([0.9, 0.009, 0.091]), 12)
    assert race.out_since == (0, 7, 0)
    assert race.words == ["", "P(best) below 0.01 since call 7", ""]
    race = race.after(np.array([0.99, 0.01, 0.0]), 15)
    assert race.out_since == (0, 0, 15)


def test_what_was_before_watching_began_is_not_claimed():
    race = Race.begin(np.array([0.999, 0.001]), 40)
    assert race.words == ["", "P(best) below 0.01 since call 40 or earlier"]
    later = Race.begin(np.array([0.5, 0.5]), 40).after(np.array([0.999, 0.001]), 41)
    assert later.words[1].endswith("since call 41")


@pytest.mark.parametrize("candidates", [2, 53, 200])
def test_nobody_is_out_while_all_are_alike(candidates):
    assert in_race(np.full(candidates, 1 / candidates)).all()
    assert race_level(candidates) <= 0.01
