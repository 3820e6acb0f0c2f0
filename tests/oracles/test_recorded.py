from __future__ import annotations

import numpy as np
import pytest

from bayessel import RecordedOracle, Task
from bayessel.errors import OutcomeError, UnknownNameError
from bayessel.oracles import ORACLES, make_oracle
from bayessel.oracles.base import answerable
from sample import rows


@pytest.fixture
def part() -> Task:
    """Six queries; the first has no recorded outcome, the second one."""
    import pandas as pd

    table = pd.DataFrame(rows())
    table.loc[table["query_id"] == "q0", "outcome"] = ""
    table.loc[(table["query_id"] == "q1") & (table["model"] != "b"), "outcome"] = ""
    return Task.from_frame(table)


def test_it_says_what_was_recorded(part):
    oracle = make_oracle("recorded", part)
    assert oracle("q1") == {"b": part.recorded[1, 1]}
    assert set(oracle("q2")) == set(part.candidates)
    with pytest.raises(OutcomeError, match="'q0' has no recorded outcome"):
        oracle("q0")
    with pytest.raises(UnknownNameError):
        oracle("q9")


def test_what_it_can_answer(part):
    assert answerable(RecordedOracle(part), part).tolist() == [False] + [True] * 5
    assert answerable(lambda query: {}, part).all()


def test_the_registry_makes_oracles_of_a_task(part):
    for name in ORACLES:
        oracle = ORACLES[name](part)
        known = np.flatnonzero(answerable(oracle, part))
        assert oracle(part.queries[known[-1]])
