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


def long(costs: dict[tuple[str, str], object]) -> pd.DataFrame:
    """Three queries, candidates a and b, costs of some cells."""
    cells = [(f"q{q}", name) for q in range(3) for name in ("a", "b", "base")]
    return pd.DataFrame(
        {
            "query_id": [q for q, _ in cells],
            "candidate": [name for _, name in cells],
            "outcome": ["" if name == "base" else 1 for _, name in cells],
            "cost": [costs.get(cell, "") for cell in cells],
        }
    )


def test_costs_come_with_the_cells_and_go_back():
    costs = {(f"q{q}", name): 1.5 * q + j for q in range(3) for j, name in enumerate("ab", start=1)}
    task = Task.from_frame(long({**costs, ("q0", "base"): 99}), "base")
    np.testing.assert_allclose(task.cost, [[1, 2], [2.5, 3.5], [4, 5]])
    assert not any("cost" in note for note in task.notes)
    again = Task.from_tables(task.to_tables(), task.baseline)
    np.testing.assert_array_equal(again.cost, task.cost)
    assert again.fingerprint == task.fingerprint
    without = Task.from_frame(long(costs).drop(columns="cost"), "base")
    assert without.cost is None
    assert without.fingerprint != task.fingerprint
    np.testing.assert_allclose(task.subset(queries=["q2", "q0"]).cost, [[4, 5], [1, 2]])


def test_a_cost_that_is_missing_is_its_candidates_mean_with_a_note():
    costs = {("q0", "a"): 1, ("q1", "a"): 2, ("q2", "b"): "5"}
    task = Task.from_frame(long(costs), "base")
    np.testing.assert_allclose(task.cost, [[1, 5], [2, 5], [1.5, 5]])
    assert "3 of 6 cells have no cost: each takes its candidate's mean" in task.notes


@pytest.mark.parametrize(
    ("costs", "said"),
    [
        ({("q0", "a"): "cheap", ("q0", "b"): 1}, "row 1: cost is 'cheap'; write a finite number"),
        ({("q0", "a"): 1, ("q1", "b"): -1}, "row 5: cost is -1; write a number above 0"),
        ({("q0", "a"): 1}, "no cost is given of 'b'"),
    ],
)
def test_costs_at_fault(costs, said):
    with pytest.raises(DataError, match=said):
        Task.from_frame(long(costs), "base")


def test_costs_of_a_folder_of_tables():
    task = Task.from_frame(long({("q0", "a"): 1, ("q0", "b"): 2}), "base")
    tables = task.to_tables()
    for wrong, said in (("dear", "holds no numbers"), (-1.0, "not a finite number above 0")):
        responses = tables.responses.assign(cost=wrong)
        with pytest.raises(DataError, match=said):
            Task.from_tables(Tables(tables.judgments, responses, tables.queries, "base"))
