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


def test_responses_that_are_empty_or_failed_are_noted_and_kept():
    table = frame()
    of_b = table.index[table["model"] == "b"]
    table.loc[of_b[:3], "text"] = ["$ERROR$", "", "[User]\nGo on.\n\n[Assistant]\n"]
    task = Task.from_frame(table)
    assert task.notes == (
        "3 of 24 responses are empty or failed ($ERROR$), and are kept as they are; most of 'b': "
        "3 of 6",
    )
    assert task.responses_to("q0")["b"] == "$ERROR$"
    assert task.answered.all()


def test_candidates_and_queries_without_responses_are_noted_and_the_task_goes_on():
    table = frame()
    table.loc[table["model"] == "b", "text"] = None
    table.loc[(table["model"] == "base") & (table["query_id"] == "q2"), "text"] = None
    table.loc[table["query_id"] == "q4", "text"] = None
    task = Task.from_frame(table, baseline="base")
    assert (task.recorded != -9).all()
    assert task.answered.sum() == 4 * 2
    assert task.notes[-3:] == (
        "1 candidate has no responses, so that nothing can be asked of it: 'b'",
        "no candidate has a response to 1 of 6 queries, of which nothing can be asked",
        "the baseline 'base' has no response to 2 of 6 queries, of which nothing can be asked",
    )
    again = Task.from_tables(task.to_tables(), "base")
    assert again.fingerprint == task.fingerprint


def test_responses_that_nothing_can_be_compared_with_are_not_used():
    table = frame().assign(baseline="base")
    task = Task.from_frame(table[table["model"] != "base"])
    assert not task.has_texts
    assert task.notes == (
        "the responses are not used: the baseline 'base' has none to compare with",
    )
