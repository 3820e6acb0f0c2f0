"""Several judges on one cell: most of them decide, or one is read alone."""

from __future__ import annotations

import pandas as pd
import pytest

from bayessel import Task
from bayessel.errors import DataError, UnknownNameError
from bayessel.tasks.frame import read_frame
from bayessel.tasks.readers import read_tables

SAID = {  # of three judges
    ("q1", "a"): ("win", "win", "loss", "win"),
    ("q1", "b"): ("win", "loss", "", "draw"),
    ("q2", "a"): ("draw", "draw", "win", "draw"),
    ("q2", "b"): ("win", "draw", "loss", "draw"),
    ("q3", "a"): ("", "", "loss", "loss"),
    ("q3", "b"): ("loss", "loss", "loss", "loss"),
}


def long(header: str = "judge") -> pd.DataFrame:
    rows = [
        {"query_id": q, "candidate": m, header: f"j{i}", "outcome": o, "text": f"{q} {m}"}
        for (q, m), said in SAID.items()
        for i, o in enumerate(said[:3], start=1)
    ]
    return pd.DataFrame(rows)


def wide(header: str = "annotator") -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"query_id": q, "candidate": m, "text": f"{q} {m}"}
            | {f"{header}{i}": o for i, o in enumerate(said[:3], start=1)}
            for (q, m), said in SAID.items()
        ]
    )


MAJORITY = {cell: {"win": 1, "draw": 0, "loss": -1}[said[3]] for cell, said in SAID.items()}


@pytest.mark.parametrize(
    "frame", [long(), long("annotator"), wide(), wide("Judge "), wide("rater_")]
)
def test_most_judges_decide_and_ties_are_draws(tmp_path, outcomes, frame):
    tables = read_frame(frame)
    assert outcomes(tables) == MAJORITY
    judged = tables.judgments.set_index(["query_id", "candidate"])
    assert judged.loc[("q1", "a"), "verdicts"] == 3
    assert judged["disagreement"].tolist() == [True, True, True, True, False, False]
    assert len(tables.votes) == 15
    note = "5 cells have several verdicts: most of them decide, and it is a draw where no outcome "
    assert note + "has most; on 4 they disagree" in tables.notes
    frame.to_csv(tmp_path / "t.csv", index=False)
    of_file = read_tables(tmp_path / "t.csv")
    assert outcomes(of_file) == MAJORITY
    assert of_file.notes == tables.notes
    assert tables.responses["text"].tolist() == [f"{q} {m}" for q, m in SAID]


def test_one_judge_alone(outcomes):
    second = {("q1", "a"): 1, ("q1", "b"): -1, ("q2", "a"): 0, ("q2", "b"): 0, ("q3", "b"): -1}
    for frame, name in ((long(), "j2"), (wide(), "annotator2"), (long(), " j2\u200b")):
        task = Task.from_frame(pd.concat([frame, base()]), "z", judge=name)
        found = {
            (q, m): int(o)
            for q, row in zip(task.queries, task.recorded, strict=True)
            for m, o in zip(task.candidates, row, strict=True)
            if o != -9
        }
        assert found == second
        assert task.votes is None
    with pytest.raises(UnknownNameError, match="unknown judge 'j9'"):
        Task.from_frame(long(), judge="j9")
    with pytest.raises(DataError, match=r"judge was given, but .* has no column judge"):
        Task.from_frame(
            long().drop(columns="judge").drop_duplicates(["query_id", "candidate"]), judge="j1"
        )


def base() -> pd.DataFrame:
    return pd.DataFrame({"query_id": ["q1", "q2", "q3"], "candidate": "z", "text": "base"})


def test_disagreement_is_kept_in_the_task():
    task = Task.from_frame(pd.concat([long(), base()]), "z")
    votes = task.votes
    assert set(votes["against"]) == {"z"}
    of_cell = votes[(votes["query_id"] == "q1") & (votes["candidate"] == "b")]
    assert dict(zip(of_cell["judge"], of_cell["outcome"], strict=True)) == {"j1": 1, "j2": -1}


def test_scores_of_several_judges_are_compared_judge_by_judge(outcomes):
    rows = [
        ("a", "x", 5),
        ("z", "x", 3),
        ("a", "y", 7),
        ("z", "y", 8),
        ("a", "w", 2),
        ("z", "w", 1),
    ]
    frame = pd.DataFrame(rows, columns=["candidate", "judge", "score"]).assign(query_id="q", k=1)
    with_b = pd.concat([frame, frame[frame["candidate"] == "z"].assign(candidate="b")])
    task = Task.from_frame(with_b, "z")
    assert task.recorded.tolist() == [[1, 0]]
    assert Task.from_frame(with_b, "z", judge="y").recorded.tolist() == [[-1, 0]]
    with pytest.raises(DataError, match="'z' has no score for 1 of 1"):
        Task.from_frame(with_b[(with_b["candidate"] != "z") | (with_b["judge"] != "y")], "z")


def test_a_judge_who_contradicts_himself_is_refused():
    twice = pd.concat([long(), long().iloc[:1].assign(outcome="draw")])
    with pytest.raises(DataError, match="1 duplicate row of the table with another outcome"):
        Task.from_frame(twice)
