"""What a task holds, and other tasks made from it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayessel import Task
from bayessel.errors import DataError, UnknownNameError
from bayessel.outcomes import MISSING
from sample import rows


def frame(**kwargs) -> pd.DataFrame:
    return pd.DataFrame(rows(**kwargs))


def test_subsets_keep_the_order_given():
    task = Task.from_frame(frame())
    part = task.subset(["q4", "q1"], ["c", "a"])
    assert part.queries == ("q4", "q1")
    np.testing.assert_array_equal(part.recorded, task.recorded[np.ix_([4, 1], [2, 0])])
    assert part.texts.responses[0, 0] == task.texts.responses[4, 2]
    with pytest.raises(UnknownNameError, match="unknown query 'q44'"):
        task.subset(["q44"])
    with pytest.raises(DataError, match="one candidate"):
        task.subset(candidates=["a"])
    with pytest.raises(DataError, match="no queries"):
        task.subset(queries=[])


def test_the_fingerprint_is_of_the_texts_and_names_not_of_the_judgments():
    task = Task.from_frame(frame())
    assert task.without_recorded().fingerprint == task.fingerprint
    assert task.without_recorded().recorded_hash != task.recorded_hash
    assert (task.without_recorded().recorded == MISSING).all()
    other = frame()
    other.loc[3, "text"] = "something else"
    assert Task.from_frame(other).fingerprint != task.fingerprint
    renamed = frame().replace({"model": {"c": "d"}})
    assert Task.from_frame(renamed).fingerprint != task.fingerprint


def test_scores_of_weak_judges_are_validated():
    task = Task.from_frame(frame())
    scored = task.with_weak_judges(np.ones((2, 6, 3)), ["x", "y"])
    assert scored.data["weak_score"].dims == ("weak_judge", "query", "candidate")
    assert scored.subset(candidates=["a", "c"]).data["weak_score"].shape == (2, 6, 2)
    with pytest.raises(DataError, match=r"expected \(1, 6, 3\)"):
        task.with_weak_judges(np.ones((2, 6, 3)), ["x"])
    with pytest.raises(DataError, match="finite"):
        task.with_weak_judges(np.full((1, 6, 3), np.nan), ["x"])
