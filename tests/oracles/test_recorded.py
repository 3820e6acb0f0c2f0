from __future__ import annotations

import numpy as np
import pytest

from bayessel import Question, RecordedOracle, Task
from bayessel.errors import UnknownNameError
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


def test_it_says_what_was_recorded_of_those_that_are_asked_for(part):
    oracle, names = make_oracle("recorded", part), part.candidates
    assert oracle(Question("q1", names)) == {"b": part.recorded[1, 1]}
    assert list(oracle(Question("q2", names))) == list(names)
    assert oracle(Question("q2", ("c", "a"))) == {"c": part.recorded[2, 2], "a": 1}
    assert oracle(Question("q0", names)) == oracle(Question("q1", ("a",))) == {}
    for unknown in (Question("q9", names), Question("q2", ("d",))):
        with pytest.raises(UnknownNameError):
            oracle(unknown)


def test_what_it_can_answer(part):
    known = answerable(RecordedOracle(part), part)
    assert known.sum(axis=1).tolist() == [0, 1, 3, 3, 3, 3]
    assert known[1].tolist() == [False, True, False]
    assert answerable(lambda question: {}, part).all()


def test_the_registry_makes_oracles_of_a_task(part):
    for name in ORACLES:
        oracle = ORACLES[name](part)
        query, candidate = np.argwhere(answerable(oracle, part))[-1]
        assert oracle(Question(part.queries[query], (part.candidates[candidate],)))
