"""DataFrames are read as the files of a table are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayessel import Task
from bayessel.errors import DataError
from bayessel.outcomes import MISSING
from bayessel.tasks.frame import read_frame
from bayessel.tasks.readers import read_tables
from sample import rows


def frame(**kwargs) -> pd.DataFrame:
    return pd.DataFrame(rows(**kwargs))


def test_a_frame_becomes_a_task_and_the_baseline_is_inferred():
    task = Task.from_frame(frame())
    assert (task.n_queries, task.n_candidates, task.baseline) == (6, 3, "base")
    assert task.candidates == ("a", "b", "c")
    assert task.recorded.dtype == np.int8
    assert task.win_rate[0] == 1.0
    assert task.texts.responses[0, 1].startswith("answer 0 of b")
    assert task.texts.baseline[2].startswith("answer 2 of base")
    assert task.texts.queries.tolist() == [""] * 6


def test_missing_judgments_are_missing_and_not_draws():
    table = frame()
    table.loc[(table["query_id"] == "q1") & (table["model"] == "b"), "outcome"] = None
    task = Task.from_frame(table)
    assert task.recorded[1, 1] == MISSING
    assert (task.recorded != MISSING).sum() == 17


def test_words_are_outcomes_too():
    table = frame().replace({"outcome": {1: "Win", 0: "tie", -1: "loss"}})
    np.testing.assert_array_equal(
        Task.from_frame(table).recorded, Task.from_frame(frame()).recorded
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="model"), "lacks candidate"),
        (lambda t: pd.concat([t, t.iloc[:2].assign(outcome=-1)]), "2 duplicate row"),
        (
            lambda t: t.assign(model=t["model"].where(t["model"] != "c")),
            "row 3: candidate is empty",
        ),
        (lambda t: t[t["model"].isin(["a", "base"])], "one candidate"),
        (lambda t: t.replace({"model": {"c": " "}}), "row 3: candidate is empty"),
        (lambda t: t.iloc[:0], "no queries"),
    ],
)
def test_bad_frames_are_refused_with_a_reason(change, message):
    with pytest.raises(DataError, match=message):
        Task.from_frame(change(frame()))


def test_spaces_around_names_are_left_out_and_noted():
    table = frame()
    table.loc[0, "model"] = " a"
    task = Task.from_frame(table)
    assert task.candidates == ("a", "b", "c")
    assert task.notes == ("left out the spaces around 1 name in the column candidate: ' a'",)


def test_something_that_is_no_frame():
    with pytest.raises(DataError, match="given a list"):
        Task.from_frame([1, 2])


def test_the_baseline_column_names_it():
    table = frame().assign(baseline="base")
    assert Task.from_frame(table).baseline == "base"
    table.loc[0, "baseline"] = "other"
    with pytest.raises(DataError, match="more than one baseline"):
        Task.from_frame(table)


def test_broken_emoji_do_not_break_the_run_folder(tmp_path):
    table = frame().astype(object)
    table.loc[0, "text"] = "half a pair \ud83d"
    assert Task.from_frame(table).texts.responses[0, 0] == "half a pair ?"


def test_a_frame_and_its_file_give_the_same_tables(tmp_path):
    table = frame().assign(query_text="why?", category="chat", baseline=" base ", language="en")
    table.loc[1, ["query_id", "outcome"]] = [" q0", ""]
    table.to_json(tmp_path / "t.jsonl", orient="records", lines=True)
    of_file, of_frame = read_tables(tmp_path / "t.jsonl"), read_frame(table)
    for name in ("judgments", "responses", "queries"):
        pd.testing.assert_frame_equal(getattr(of_file, name), getattr(of_frame, name))
    assert of_file.notes == of_frame.notes
    assert "columns that were not used: language" in of_frame.notes
    assert of_file.baseline == of_frame.baseline == "base"


def test_scores_in_a_frame_are_compared_with_the_baselines():
    table = pd.DataFrame(
        {"query_id": [1, 1, 1], "model": ["a", "b", "z"], "score": [3.0, 2.9, 2.8]}
    )
    assert Task.from_frame(table, "z").recorded.tolist() == [[1, 1]]
    assert Task.from_frame(table, "z", tolerance=0.1).recorded.tolist() == [[1, 0]]
    with pytest.raises(DataError, match="name the baseline with baseline="):
        Task.from_frame(table)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("outcome", 2, "the frame, row 2: unknown outcome 2"),
        ("query_id", 1.5, "the frame, row 2: query_id is 1.5"),
        ("text", 7, "the frame, row 2: text is 7"),
    ],
)
def test_a_value_without_meaning_is_named_by_its_row(column, value, message):
    table = frame().astype(object)
    table.loc[1, column] = value
    with pytest.raises(DataError, match=message):
        Task.from_frame(table)


def test_a_column_twice():
    table = frame()
    table.insert(0, "text", "x", allow_duplicates=True)
    with pytest.raises(DataError, match="more than one column 'text'"):
        Task.from_frame(table)


def test_whole_numbers_and_missing_values_of_any_kind_are_read():
    table = frame().assign(query_id=lambda t: t["query_id"].str[1:].astype(int))
    table["outcome"] = table["outcome"].replace("", None).astype("Int64")
    task = Task.from_frame(table.convert_dtypes())
    assert task.queries == ("0", "1", "2", "3", "4", "5")
    np.testing.assert_array_equal(task.recorded, Task.from_frame(frame()).recorded)
