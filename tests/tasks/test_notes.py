"""Notes on what is missing from a task."""

from __future__ import annotations

import pandas as pd

from bayessel import Task
from sample import rows


def frame(**kwargs) -> pd.DataFrame:
    return pd.DataFrame(rows(**kwargs))


def test_what_is_missing_is_noted():
    assert Task.from_frame(frame()).notes == ()
    assert Task.from_frame(frame()).without_recorded().notes == ()
    table = frame(n_queries=20)
    of_b = table["model"] == "b"
    lacking = table[~(of_b & (table["query_id"] == "q3"))]
    assert Task.from_frame(lacking).notes == (
        "1 of 60 outcomes are missing on queries that were judged for others, and are never read "
        "as draws; most of 'b': 1 of 20",
        "1 of 60 responses are missing; most of 'b': 1 of 20",
    )
    table.loc[of_b & (table["query_id"] != "q0"), "outcome"] = ""
    few = Task.from_frame(table)
    assert few.notes[1:] == ("hardly judged, or spelled in two ways: 'b' (1 of 20)",)
    assert Task.from_tables(few.to_tables(), "base").notes == few.notes
    table.loc[table["query_id"].isin(["q1", "q2"]), "outcome"] = ""
    assert Task.from_frame(table).notes[0] == "2 of 20 queries have no outcome"
    table.loc[of_b, "outcome"] = ""  # a candidate that nobody judged is left out, not counted
    task = Task.from_frame(table, baseline="base")
    assert task.notes == ("2 of 20 queries have no outcome",)
