"""A baseline for each category, in every format that can say it: each is a candidate elsewhere."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayessel import Selector, Task
from bayessel.errors import DataError, UnknownNameError
from bayessel.outcomes import MISSING

OWN = {"1": "b1", "2": "b2", "3": "b2"}
CATEGORY = {"1": "x", "2": "y", "3": "y"}
TOLD = {("1", "a"): 1, ("1", "b2"): -1, ("2", "a"): 0, ("2", "b1"): 1}
LLMS = ("a", "b1", "b2")
EXPECTED = [[1, MISSING, -1], [0, 1, MISSING], [MISSING] * 3]


def table(**columns) -> pd.DataFrame:
    rows = [
        {
            "query_id": query,
            "category": CATEGORY[query],
            "candidate": llm,
            "baseline": None if query == "3" else base,
            "outcome": TOLD.get((query, llm)),
            "text": f"{llm} on {query}",
        }
        for query, base in OWN.items()
        for llm in LLMS
    ]
    return pd.DataFrame(rows).assign(**columns)


def votes() -> pd.DataFrame:
    rows = [
        {
            "query_id": query,
            "model_a": OWN[query],
            "model_b": llm,
            "response_a": f"{OWN[query]} on {query}",
            "response_b": f"{llm} on {query}",
            "winner": {1: "model_b", 0: "tie", -1: "model_a"}[outcome],
            "baseline": OWN[query],
        }
        for (query, llm), outcome in TOLD.items()
    ]
    return pd.DataFrame(rows)


def annotations() -> list[dict]:
    return [
        {
            "instruction": query,
            "dataset": CATEGORY[query],
            "output_1": f"{OWN[query]} on {query}",
            "generator_1": OWN[query],
            "output_2": f"{llm} on {query}",
            "generator_2": llm,
            "preference": {1: 2, 0: 1.5, -1: 1}[outcome],
            "annotator": "j",
        }
        for (query, llm), outcome in TOLD.items()
    ]


def outputs(llm: str) -> list[dict]:
    return [
        {"instruction": q, "dataset": c, "output": f"{llm} on {q}", "generator": llm}
        for q, c in CATEGORY.items()
    ]


def said(task: Task) -> None:
    assert task.baseline == "b1 / b2"
    assert task.candidates == LLMS
    assert any("'b1' on 1 query, 'b2' on" in note for note in task.notes)
    for query, own in zip(task.queries, OWN, strict=False):
        responses = task.responses_to(query)
        assert responses["b1 / b2"] == f"{OWN[own]} on {own}"
        assert responses[OWN[own]] is None


def test_a_table(tmp_path):
    table().to_csv(tmp_path / "t.csv", index=False)
    for task in (
        Task.read(tmp_path / "t.csv"),
        Task.from_frame(table()),
        Task.from_frame(table(), baseline="b1 / b2"),
    ):
        said(task)
        assert task.recorded.tolist() == EXPECTED
    alone = Task.from_frame(table(), baseline="b2")
    assert (alone.baseline, alone.candidates) == ("b2", ("a", "b1"))
    assert alone.recorded.tolist() == [[MISSING] * 2, [0, 1], [MISSING] * 2]
    assert "left out 2 judgments that do not compare with 'b2'" in alone.notes


def test_scores_are_compared_with_the_query_s_own():
    scores = [3, 2, 1, 2, 2.5, 2, 1, 3, 3]
    task = Task.from_frame(table(score=scores).drop(columns="outcome"))
    said(task)
    assert task.recorded.tolist() == [[1, MISSING, -1], [0, 1, MISSING], [-1, 0, MISSING]]


def test_votes():
    task = Task.from_frame(votes())
    said(task)
    assert task.recorded.tolist() == EXPECTED[:2]
    alone = Task.from_frame(votes(), baseline="b1")
    assert alone.recorded.tolist() == [[1, -1], [MISSING, -1]]


def test_alpaca_eval(document, tmp_path):
    said(Task.read(document("annotations.json", annotations())))
    for llm in LLMS:
        mine = [r for r in annotations() if r["generator_2"] == llm]
        document(f"results/{llm}/j/annotations.json", mine)
        document(f"results/{llm}/model_outputs.json", outputs(llm))
    task = Task.read(tmp_path / "results")
    said(task)
    assert task.recorded.tolist() == EXPECTED
    assert Task.read(tmp_path / "results", baseline="b1").candidates == ("a", "b2")
    for record in (mixed := annotations()):
        record["dataset"] = "x"
    with pytest.raises(DataError, match="name it with baseline="):
        Task.read(document("mixed/annotations.json", mixed))


def test_what_is_not_one_baseline_for_each_query_is_refused():
    with pytest.raises(UnknownNameError, match="unknown baseline 'b3'"):
        Task.from_frame(table(), baseline="b3")
    both = table()
    both.loc[1, "baseline"] = "b2"
    with pytest.raises(DataError, match="row 3: query '1' has more than one baseline"):
        Task.from_frame(both.iloc[[0, 2, 1, 3, 4, 5]])
    with pytest.raises(DataError, match=r"none for 1 query, the first '3'.*in a row of each"):
        Task.from_frame(table(category=["x"] * 3 + ["y"] * 3 + ["z"] * 3))


@pytest.mark.parametrize("votes", [False, True])
def test_nobody_is_compared_with_itself_also_without_responses(tmp_path, votes):
    frame = pd.DataFrame(
        {
            "query_id": ["q1", "q1", "q2", "q2"],
            "candidate": ["m2", "m3", "m1", "m2"],
            "outcome": [1, -1, 1, -1],
            "baseline": ["m1", "m1", "m3", "m3"],
        }
    )
    if votes:
        frame = frame.rename(columns={"candidate": "model_a"}).drop(columns="outcome")
        frame = frame.assign(model_b=frame["baseline"], winner="model_a")
    frame.to_csv(tmp_path / "t.csv", index=False)
    task = Task.read(tmp_path / "t.csv")
    assert task.candidates == ("m1", "m2", "m3")
    assert task.answered.tolist() == [[False, True, True], [True, True, False]]
    assert [task.baseline_of(query) for query in task.queries] == ["m1", "m3"]
    again = Task.from_tables(task.to_tables())
    assert again.answered.tolist() == task.answered.tolist()
    part = task.subset(queries=["q2"])
    assert part.baseline_of("q2") == "m3"
    one = Selector(task).ask(batch=6)
    assert {(q.query, c) for q in one for c in q.candidates} == {
        ("q1", "m2"), ("q1", "m3"), ("q2", "m1"), ("q2", "m2"),
    }  # fmt: skip


def test_a_weak_judge_s_scores_are_compared_with_the_query_s_own():
    marks = pd.DataFrame(
        [
            (query, llm, float(place))
            for query in OWN
            for place, llm in enumerate(("a", "b1", "b2"))
        ],
        columns=["query_id", "candidate", "score"],
    )
    task = Task.from_frame(table())
    scores = task.with_weak_judge("marks", marks).weak_scores()[0][0]
    verdicts = task.with_weak_judge("marks", marks, kind="verdict").weak_scores()[0][0]
    place = {"a": 0.0, "b1": 1.0, "b2": 2.0}
    own = [place[OWN[query]] for query in task.queries]
    for j, llm in enumerate(task.candidates):
        for q, query in enumerate(task.queries):
            if llm == OWN[query]:
                assert np.isnan(scores[q, j])
                assert np.isnan(verdicts[q, j])
            else:
                assert scores[q, j] == place[llm] - own[q]
                assert verdicts[q, j] == np.sign(place[llm] - own[q])
