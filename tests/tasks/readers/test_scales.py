"""How outcomes are written, and names and baselines that are written in two ways."""

from __future__ import annotations

import unicodedata

import pandas as pd
import pytest

from bayessel import Task
from bayessel.errors import DataError, UnknownNameError
from bayessel.tasks.readers import ReadOptions, read_tables

BINARY = pd.DataFrame(
    [
        ("q1", "a", 1),
        ("q1", "b", 0),
        ("q2", "a", 0),
        ("q2", "b", 0),
        ("q1", "z", 0),
        ("q2", "z", 1),
    ],
    columns=["query_id", "candidate", "outcome"],
)


def test_outcomes_of_only_0_and_1_are_noted_and_read_as_the_user_says(tmp_path):
    frame = BINARY[BINARY["candidate"] != "z"]
    task = Task.from_frame(frame)
    assert task.recorded.tolist() == [[1, 0], [0, 0]]
    (note,) = task.notes
    assert note.startswith("every outcome is 0 or 1, which was read as a draw or a win")
    for scale in ("pass-fail", "0-1", "-1-0-1"):
        assert scale in note
    agreed = Task.from_frame(frame, outcomes="-1-0-1")
    assert agreed.recorded.tolist() == [[1, 0], [0, 0]]
    assert agreed.notes == ()
    shares = Task.from_frame(frame, outcomes="0-1")
    assert shares.recorded.tolist() == [[1, -1], [-1, -1]]
    assert shares.notes == ()
    alone = Task.from_frame(BINARY, "z", outcomes="pass-fail")
    assert alone.recorded.tolist() == [[1, 0], [-1, -1]]
    BINARY.replace({"outcome": {1: "Pass", 0: "FAIL"}}).to_csv(tmp_path / "t.csv", index=False)
    of_file = Task.read(tmp_path / "t.csv", baseline="z", outcomes="pass-fail")
    assert of_file.recorded.tolist() == alone.recorded.tolist()


@pytest.mark.parametrize("outcomes", [[1, -1, 0, 0], ["win", 0, 1, 0], [1, 1, 1, 1], ["draw"] * 4])
def test_other_outcomes_are_not_noted(outcomes):
    frame = BINARY[BINARY["candidate"] != "z"].assign(outcome=outcomes)
    assert Task.from_frame(frame).notes == ()


@pytest.mark.parametrize(
    ("value", "scale", "why"),
    [
        (0.25, "0-1", "row 1: outcome is 0.25; with 0-1 it is 0 .loss., 0.5 .draw. or 1 .win."),
        (-1, "0-1", "row 1: outcome is -1; with 0-1"),
        (0.5, "pass-fail", "row 1: outcome is 0.5; with pass-fail write pass or fail"),
        ("pass", None, "row 1: unknown outcome 'pass'.*--outcomes pass-fail"),
        (True, None, "row 1: unknown outcome True.*--outcomes pass-fail"),
    ],
)
def test_what_does_not_fit_the_scale_is_refused(value, scale, why):
    frame = BINARY.astype(object)
    frame.loc[0, "outcome"] = value
    with pytest.raises(DataError, match=why):
        Task.from_frame(frame, "z", outcomes=scale)


def test_scales_that_cannot_be_used():
    with pytest.raises(UnknownNameError, match="unknown reading of outcomes 'pas-fail'"):
        ReadOptions(outcomes="pas-fail")
    scores = BINARY.rename(columns={"outcome": "score"})
    with pytest.raises(DataError, match="outcomes was given, but the frame has no outcomes"):
        Task.from_frame(scores, "z", outcomes="0-1")
    with pytest.raises(DataError, match="name the baseline with"):
        Task.from_frame(BINARY, outcomes="pass-fail")
    with pytest.raises(DataError, match="'z' has no score for 1 of 2"):
        Task.from_frame(BINARY.iloc[:5], "z", outcomes="pass-fail")
    half = BINARY.iloc[:4].astype({"outcome": object})
    half.loc[0, "outcome"] = 0.5
    assert Task.from_frame(half, outcomes="0-1").recorded.tolist() == [[0, -1], [-1, -1]]


COMPOSED, DECOMPOSED = "caf\u00e9", unicodedata.normalize("NFD", "caf\u00e9")
PAIRS = {"query_id": "q", "outcome": 1}


@pytest.mark.parametrize(
    "spelled", [DECOMPOSED, "caf\u00e9 ", "\ufeffcaf\u00e9", "ca\u200bf\u00e9"]
)
def test_one_name_however_it_is_spelled(tmp_path, spelled):
    rows = [("q1", COMPOSED, 1), ("q2", spelled, -1), ("q1", "b", 0), ("q2", "b", 0)]
    frame = pd.DataFrame(rows, columns=["query_id", "candidate", "outcome"])
    task = Task.from_frame(frame, f"x{spelled}")
    assert task.candidates == ("b", COMPOSED)
    assert task.recorded.tolist() == [[0, 1], [0, -1]]
    assert task.baseline == "xcaf\u00e9"
    (note,) = [n for n in task.notes if "in the column candidate" in n]
    assert note.isascii() or "spaces around" in note
    for name in ("t.csv", "t.jsonl", "t.parquet"):
        path = tmp_path / name
        if name.endswith("csv"):
            frame.to_csv(path, index=False)
        elif name.endswith("jsonl"):
            frame.to_json(path, orient="records", lines=True)
        else:
            frame.to_parquet(path)
        assert note in read_tables(path).notes
    folder = tmp_path / "folder"
    folder.mkdir()
    frame.to_parquet(folder / "judgments.parquet")
    assert note in read_tables(folder).notes
    twice = pd.concat([frame, frame.assign(candidate=COMPOSED, outcome=0).iloc[1:2]])
    with pytest.raises(DataError, match="1 duplicate row"):
        Task.from_frame(twice)


def test_a_misspelled_baseline_without_texts_is_noted(tmp_path):
    frame = BINARY.iloc[:4].replace({"outcome": {0: -1}}).replace({"b": "llama-3-70b"})
    (note,) = Task.from_frame(frame, "lama-3-70b").notes
    assert note == (
        "no row is of the baseline 'lama-3-70b', so its name could not be checked; did you mean "
        "'llama-3-70b'?"
    )
    assert Task.from_frame(frame, "gpt").notes == (
        "no row is of the baseline 'gpt', so its name could not be checked",
    )
    frame.to_csv(tmp_path / "t.csv", index=False)
    assert Task.read(tmp_path / "t.csv", baseline="lama-3-70b").notes == (note,)
    assert Task.from_frame(frame).notes == ()
    assert Task.from_frame(frame.assign(baseline="z")).notes == ()
