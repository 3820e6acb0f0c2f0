"""The outcome of a panel: most of the judges, or judges by how often they are right."""

from __future__ import annotations

import math

import pytest

from bayessel.oracles.llm.gold import weights
from bayessel.oracles.verdicts.rule import of_judges
from bayessel.outcomes import Outcome

WIN, DRAW, LOSS = Outcome.WIN, Outcome.DRAW, Outcome.LOSS


@pytest.mark.parametrize(
    ("said", "counts", "outcome"),
    [
        ([WIN, WIN, LOSS], None, WIN),
        ([WIN, LOSS], None, DRAW),
        ([None, LOSS], None, LOSS),
        ([None, None], None, None),
        ([WIN, DRAW, LOSS], None, DRAW),
        ([WIN, LOSS, LOSS], [3.0, 1.0, 1.0], WIN),
        ([WIN, LOSS, LOSS], [2.0, 1.0, 1.0], DRAW),
        ([WIN], [-0.5], LOSS),
        ([DRAW], [-0.5], DRAW),
        ([WIN, LOSS], [1.0, -1.0], WIN),
        ([None, LOSS], [5.0, -1.0], WIN),
    ],
)
def test_the_rule(said, counts, outcome):
    assert of_judges(said, counts) == outcome


def test_judges_count_by_the_log_odds_of_being_right():
    found = [
        {"judge": "good", "same_sign": 30, "decided": 30},
        {"judge": "wrong", "same_sign": 0, "decided": 20},
        {"judge": "useless", "same_sign": 7, "decided": 17},
    ]
    counts = weights(found, ["good", "wrong", "useless", "unheard"])
    assert counts["good"] == pytest.approx(math.log(36 / 3))
    assert counts["wrong"] == pytest.approx(math.log(6 / 23))
    assert counts["useless"] == 0.01  # 13 to 13
    assert counts["unheard"] == pytest.approx(math.log(2))


@pytest.mark.parametrize(("wrong", "sign"), [(1, 1), (3, 1), (4, -1), (10, -1)])
def test_some_calls_turn_a_judge_round(wrong, sign):
    (weight,) = weights([{"judge": "a", "same_sign": 0, "decided": wrong}], ["a"]).values()
    assert math.copysign(1, weight) == sign
