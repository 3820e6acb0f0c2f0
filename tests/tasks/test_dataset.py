"""Tables laid out over queries and candidates, and back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayessel import Task
from bayessel.errors import DataError
from bayessel.outcomes import MISSING
from bayessel.tasks.tables import Tables


@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(2, 5), st.booleans())
def test_tables_and_back(seed, n_queries, n_candidates, texts):
    rng = np.random.default_rng(seed)
    outcome = rng.choice([-1, 0, 1, MISSING], size=(n_queries, n_candidates))
    table = []
    for q in range(n_queries):
        for j in range(n_candidates + 1):
            judged = j < n_candidates and outcome[q, j] != MISSING
            row = {
                "query_id": f"q{q}",
                "model": f"m{j}",
                "outcome": outcome[q, j] if judged else "",
            }
            if texts:
                row["text"] = "" if rng.random() < 0.1 else f"{q} {j} \u4e2d\u6587 \U0001f600"
            table.append(row)
    whole = pd.DataFrame(table)
    task = Task.from_frame(whole, baseline=f"m{n_candidates}")
    assert (task.n_queries, task.n_candidates) == (n_queries, n_candidates)
    again = Task.from_tables(task.to_tables(), task.baseline)
    assert again.fingerprint == task.fingerprint
    np.testing.assert_array_equal(again.recorded, task.recorded)


def test_absurd_sizes_are_refused_before_memory_is_taken():
    ids = pd.Series(range(8000)).astype(str)
    judged = pd.DataFrame({"query_id": "q" + ids, "candidate": "m" + ids, "outcome": 1})
    with pytest.raises(DataError, match="sample of the queries"):
        Task.from_tables(Tables(judged, None, None, None, "test"))
