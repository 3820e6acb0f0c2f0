"""Votes between two LLMs, as arenas export them."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from bayessel import Task
from bayessel.errors import DataError, UnknownNameError
from bayessel.selection.run import Run
from bayessel.tasks.readers import read_tables

VOTES = pd.DataFrame(
    [
        ("q1", "a", "z", "model_a"),
        ("q1", "z", "b", "model_a"),
        ("q2", "a", "z", "tie (bothbad)"),
        ("q2", "b", "z", "b"),
        ("q2", "b", "a", "model_b"),
    ],
    columns=["question_id", "model_a", "model_b", "winner"],
)
OUTCOMES = {("q1", "a"): 1, ("q1", "b"): -1, ("q2", "a"): 0, ("q2", "b"): 1}
KEPT = [("q2", "b", "a", -1, "")]


def votes_of(table) -> list[tuple]:
    return list(table.itertuples(index=False, name=None))


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "json", "parquet", "csv.gz"])
def test_votes_against_the_baseline_are_outcomes_and_the_others_are_kept(
    tmp_path, outcomes, ending
):
    path = tmp_path / f"votes.{ending}"
    votes = VOTES[["winner", "model_b", "question_id", "model_a"]]
    if ending == "parquet":
        votes.to_parquet(path)
    elif ending.startswith("json"):
        votes.to_json(path, orient="records", lines=ending == "jsonl")
    else:
        votes.to_csv(path, index=False, sep="\t" if ending == "tsv" else ",")
    tables = read_tables(path, baseline="z")
    assert tables.format == "votes"
    assert tables.baseline == "z"
    assert outcomes(tables) == OUTCOMES
    assert votes_of(tables.votes) == KEPT
    assert tables.notes == (
        "1 vote is between two candidates: kept, but no outcome against the baseline",
    )
    task = Task.from_frame(votes, "z")
    assert task.recorded.tolist() == [[1, -1], [0, 1]]
    assert votes_of(task.votes) == KEPT


@pytest.mark.parametrize(
    ("winner", "outcome"),
    [
        ("model_a", 1),
        ("Left", 1),
        ("A", 1),
        ("a", 1),
        ("gpt", 1),
        ("model_b", -1),
        ("right", -1),
        ("b", -1),
        ("base", -1),
        ("tie", 0),
        ("tie (bothbad)", 0),
        ("both_bad", 0),
        ("bothbad", 0),
        ("draw", 0),
        ("inconsistent", 0),
    ],
)
@pytest.mark.parametrize("header", ["model_a,model_b", "left,right", "Model A,Model B"])
def test_every_word_for_the_winner(tmp_path, outcomes, header, winner, outcome):
    path = tmp_path / "v.csv"
    path.write_text(f"query_id,{header},winner\nq,gpt,base,{winner}\nq,base,other,right\n")
    tables = read_tables(path, baseline="base")
    assert outcomes(tables) == {("q", "gpt"): outcome, ("q", "other"): 1}
    odd = ("1 vote with the winner 'inconsistent': read as a tie",)
    assert tables.notes == (odd if winner == "inconsistent" else ())


def test_the_winners_name_decides_on_whichever_side_it_stands():
    table = VOTES.assign(winner=["a", "b", "z", "tie", "b"])
    task = Task.from_frame(table, "z")
    assert task.recorded.tolist() == [[1, 1], [-1, 0]]
    with pytest.raises(DataError, match=r"the frame, row 1: winner is 'b '"):
        Task.from_frame(VOTES.assign(winner=["b ", "b", "z", "tie", "b"]), "z")
    names = VOTES.replace({"a": "b", "b": "a"})  # LLMs that are called as the sides are
    assert Task.from_frame(names, "z").recorded.tolist() == [[-1, 1], [1, 0]]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"winner": ["model_a", "model_c", "tie", "tie", "tie"]}, "row 2: winner is 'model_c'"),
        ({"winner": [1, 0, 1, 0, 1]}, "row 1: winner is 1"),
        ({"model_a": ["a", None, "a", "b", "b"]}, "row 2: model_a is empty"),
    ],
)
def test_what_has_no_meaning_is_named_by_its_row(change, why):
    with pytest.raises(DataError, match=f"the frame, {why}"):
        Task.from_frame(VOTES.assign(**change), "z")


def test_the_baseline_of_votes():
    only = VOTES.iloc[:4]
    assert Task.from_frame(only).baseline == "z"  # the only LLM in every vote
    assert Task.from_frame(VOTES.assign(baseline="z")).baseline == "z"
    with pytest.raises(DataError, match=r"votes between 3 LLMs .* name it with baseline="):
        Task.from_frame(VOTES)
    with pytest.raises(UnknownNameError, match="unknown baseline 'zz'"):
        Task.from_frame(VOTES, "zz")
    with pytest.raises(DataError, match="votes without query_id"):
        Task.from_frame(VOTES.drop(columns="question_id"), "z")


def test_votes_that_say_nothing_are_counted():
    more = pd.DataFrame([("q3", "a", "a", "tie"), ("q3", "a", "z", None)], columns=VOTES.columns)
    task = Task.from_frame(pd.concat([VOTES, more]), "z")
    assert task.notes[:2] == (
        "1 vote without a winner was left out",
        "1 vote of an LLM with itself was left out",
    )
    assert task.recorded.tolist() == [[1, -1], [0, 1], [-9, -9]]


def test_several_votes_on_a_cell_and_their_judges():
    frame = pd.concat([VOTES, VOTES.iloc[[0, 0, 3]].assign(winner=["model_b", "tie", "tie"])])
    frame["judge"] = ["j1"] * 5 + ["j2", "j3", "j2"]
    task = Task.from_frame(frame, "z")
    assert task.recorded.tolist() == [[0, -1], [0, 0]]
    assert any(
        "2 cells have several verdicts" in n and "on 2 they disagree" in n for n in task.notes
    )
    assert "judges: 'j1', 'j2', 'j3'; read one alone with --judge NAME" in task.notes
    assert len(task.votes) == 8
    assert Task.from_frame(frame, "z", judge="j1").recorded.tolist() == [[1, -1], [0, 1]]


def test_responses_that_votes_show():
    shown = VOTES.assign(
        response_a=["a1", "z1", "a2", "b2", "b2"],
        response_b=["z1", "b1", "z2", "z2", "a2"],
        prompt=["W", "W", "V", "V", "V"],
    )
    task = Task.from_frame(shown, "z")
    assert task.responses_to("q2") == {"z": "z2", "a": "a2", "b": "b2"}
    assert task.data["query_text"].values.tolist() == ["W", "V"]
    with pytest.raises(DataError, match="row 5: 'b' has another response to query 'q2'"):
        Task.from_frame(shown.assign(response_a=["a1", "z1", "a2", "b2", "?"]), "z")


def test_votes_survive_a_run_folder_and_leaving_out_a_candidate(tmp_path):
    task = Task.from_frame(VOTES, "z")
    with Run.create(tmp_path / "run", task, "random"):
        pass
    with Run.open(tmp_path / "run") as run:
        assert votes_of(run.task.votes) == KEPT
        assert votes_of(run.task.subset(queries=["q1"]).votes) == KEPT
        assert run.task.fingerprint == task.fingerprint


def test_fastchats_own_pairs_are_not_taken_for_votes(tmp_path):
    record = {
        "question_id": 1,
        "model_1": "a",
        "model_2": "z",
        "g1_winner": "model_1",
        "g2_winner": "tie",
        "turn": 1,
        "judge": ["j", "pair-v2"],
    }
    path = tmp_path / "j_pair.jsonl"
    path.write_text(json.dumps(record) + "\n")
    assert read_tables(path, baseline="z").format == "mt-bench"
