"""Label Studio's and Argilla's exports: pairs, rankings, ratings side by side, several people."""

from __future__ import annotations

import pytest

from bayessel.errors import DataError, UnknownNameError
from bayessel.tasks.readers import read_tables
from bayessel.tasks.task import Task
from foreign_files import (
    argilla_record,
    json_file,
    label_studio_result,
    label_studio_task,
)


def pair(llm_a, llm_b, query="1"):
    return {
        "prompt": f"What is {query}?",
        "model_a": llm_a,
        "model_b": llm_b,
        "answer1": f"{llm_a} says {query}",
        "answer2": f"{llm_b} says {query}",
    }


def selected(*sides):
    """What people selected: one annotation each."""
    return [[label_studio_result("pairwise", side, "better", "answer1,answer2")] for side in sides]


def test_pairwise_votes_of_several_people(tmp_path, outcomes):
    tasks = [
        label_studio_task(7, pair("base", "a"), selected("left")),  # a loses
        label_studio_task(8, pair("b", "base"), selected("left", "left", "right")),  # b wins 2:1
        label_studio_task(9, pair("a", "base", "2"), selected("left", "right")),  # 1:1 is a draw
        label_studio_task(10, pair("a", "b", "2"), selected("left")),  # not with the baseline
        label_studio_task(11, pair("base", "b", "2"), selected("right")),  # b wins
        label_studio_task(12, pair("base", "base", "2"), selected("right")),
        label_studio_task(13, pair("b", "base", "3"), []),  # nobody judged it yet
    ]
    path = json_file(tmp_path / "export.json", tasks)
    tables = read_tables(path, baseline="base")
    assert tables.format == "label-studio"
    # tasks with one prompt are one query, called by the first of them
    assert outcomes(tables) == {("7", "a"): -1, ("7", "b"): 1, ("9", "a"): 0, ("9", "b"): 1}
    assert tables.judgments["disagreement"].tolist() == [False, True, True, False]
    notes = " | ".join(tables.notes)
    assert "left out 1 vote on an LLM against itself" in notes
    assert "1 vote is between two candidates: kept" in notes
    assert "2 cells have several verdicts" in notes
    assert "on 2 they disagree" in notes
    task = Task.read(path, baseline="base")
    assert task.queries == ("7", "9", "13")
    assert task.answered[2].tolist() == [False, True]
    assert task.texts.responses[2, 1] == "b says 3"
    with pytest.raises(DataError, match=r"cannot tell the baseline.*--baseline NAME"):
        read_tables(path)


def test_one_annotator_is_chosen_by_name(tmp_path, outcomes):
    tasks = [
        label_studio_task(1, pair("a", "base"), selected("left", "right")),
        label_studio_task(2, pair("b", "base"), selected("right", "right")),
    ]
    path = json_file(tmp_path / "export.json", tasks)
    assert outcomes(read_tables(path, baseline="base", judge="2")) == {
        ("1", "a"): -1,
        ("1", "b"): -1,
    }
    assert outcomes(read_tables(path, baseline="base", judge="1")) == {
        ("1", "a"): 1,
        ("1", "b"): -1,
    }
    assert outcomes(read_tables(path, baseline="base", judge="better"))[("1", "a")] == 0
    with pytest.raises(UnknownNameError, match=r"unknown question or annotator 'bettre'.*'better'"):
        read_tables(path, baseline="base", judge="bettre")
    with pytest.raises(DataError, match="tolerance was given, but the answers to 'better'"):
        read_tables(path, baseline="base", tolerance=0.1)


def test_cancelled_annotations_are_left_out_with_a_count(tmp_path, outcomes):
    task = label_studio_task(1, pair("a", "base"), selected("left", "right"))
    task["annotations"][1]["was_cancelled"] = True
    other = label_studio_task(2, pair("base", "b"), selected("right"))
    tables = read_tables(json_file(tmp_path / "e.json", [task, other]), baseline="base")
    assert outcomes(tables) == {("1", "a"): 1, ("1", "b"): 1}
    assert "left out 1 cancelled annotation" in tables.notes


def test_ratings_of_two_responses_side_by_side(tmp_path, outcomes):
    def rated(number, data, first, second):
        result = [
            label_studio_result("rating", first, "stars_1", "answer1"),
            label_studio_result("rating", second, "stars_2", "answer2"),
        ]
        return label_studio_task(number, data, [result])

    tasks = [
        rated(1, pair("a", "base"), 4, 3),
        rated(2, pair("base", "b"), 5, 5),
        rated(3, pair("base", "a", "2"), 5, 1),
    ]
    tables = read_tables(json_file(tmp_path / "e.json", tasks), baseline="base", tolerance=0)
    # the baseline was rated 3 and 5 for the first prompt, 4 on average: a draw with a's 4
    assert outcomes(tables) == {("1", "a"): 0, ("1", "b"): 1, ("3", "a"): -1}
    assert any("several answers" in note for note in tables.notes)


def test_ratings_of_several_people_are_averaged(tmp_path, outcomes):
    def record(llm, *ratings):
        fields = {"prompt": "What is 1?", "response": f"{llm} says 1"}
        return argilla_record(f"r-{llm}", fields, {"model": llm}, {"quality": list(ratings)})

    records = [record("base", 3, 4), record("a", 2, 5), record("b", 5, 1)]
    path = json_file(tmp_path / "records.json", records)
    tables = read_tables(path, baseline="base")  # means 3.5, 3.5 and 3
    assert outcomes(tables) == {("r-base", "a"): 0, ("r-base", "b"): -1}
    assert outcomes(read_tables(path, baseline="base", judge="user-1")) == {
        ("r-base", "a"): -1,
        ("r-base", "b"): 1,
    }


def records_of(answers, question="preference"):
    """Records about a, base and b, with the answers of people to each."""
    fields = {"instruction": "What is 1?", "response1": "x", "response2": "y", "response3": "z"}
    llms = {"model1": "a", "model2": "base", "model3": "b"}
    return [
        argilla_record(f"r{i}", {**fields, "instruction": f"What is {i}?"}, llms, {question: said})
        for i, said in enumerate(answers)
    ]


def test_rankings_are_pairs_with_the_baseline(tmp_path, outcomes):
    ranked = [
        [["response1", "response2", "response3"]],
        [["response-3", "response-2", "response-1"]],
        [
            [
                {"value": "response2", "rank": 1},
                {"value": "response1", "rank": 1},
                {"value": "response3", "rank": 3},
            ]
        ],
    ]
    path = json_file(tmp_path / "records.json", records_of(ranked, "ranking"))
    assert outcomes(read_tables(path, baseline="base")) == {
        ("r0", "a"): 1,
        ("r0", "b"): -1,
        ("r1", "a"): -1,
        ("r1", "b"): 1,
        ("r2", "a"): 0,
        ("r2", "b"): -1,
    }


def test_preferences_by_position_name_and_tie(tmp_path, outcomes):
    said = [["response1"], ["Response 2"], ["tie"], ["b"], ["unsure"]]
    tables = read_tables(json_file(tmp_path / "r.json", records_of(said)), baseline="base")
    # one of three is preferred to each of the others; the others are level
    assert outcomes(tables) == {
        ("r0", "a"): 1,
        ("r0", "b"): 0,
        ("r1", "a"): -1,
        ("r1", "b"): -1,
        ("r2", "a"): 0,
        ("r2", "b"): 0,
        ("r3", "a"): 0,
        ("r3", "b"): 1,
    }
    assert "left out 1 answer to 'preference' that name no response: 'unsure'" in tables.notes


def test_several_questions_are_a_choice(tmp_path, outcomes):
    records = records_of([["response1"], ["response2"]])
    for record in records:
        record["responses"]["safer"] = [{"value": "response3", "user_id": "user-1"}]
        record["responses"]["topic"] = [{"value": "law", "user_id": "user-1"}]
    path = json_file(tmp_path / "r.json", records)
    with pytest.raises(DataError, match=r"2 questions \('preference', 'safer'\).*--judge NAME"):
        read_tables(path, baseline="base")
    found = outcomes(read_tables(path, baseline="base", judge="safer"))
    assert found[("r0", "b")] == 1
    with pytest.raises(DataError, match="'topic' are not ratings, preferences or rankings"):
        read_tables(path, baseline="base", judge="topic")


def test_flattened_and_old_records_say_the_same(tmp_path, outcomes):
    nested = records_of([["response1", "tie"], ["response2"]])
    flat, old = [], []
    for record in nested:
        said = record["responses"]["preference"]
        flat.append(
            {
                "id": record["id"],
                "_server_id": "s",
                **record["fields"],
                **record["metadata"],
                "preference.responses": [*(s["value"] for s in said), "response3"],
                "preference.responses.users": [*(s["user_id"] for s in said), "user-9"],
                "preference.responses.status": [*("submitted" for _ in said), "discarded"],
            }
        )
        people = [
            {
                "user_id": s["user_id"],
                "values": {"preference": {"value": s["value"]}},
                "status": "submitted",
            }
            for s in said
        ]
        old.append({**record, "responses": people, "suggestions": []})
    want = outcomes(read_tables(json_file(tmp_path / "n.json", nested), baseline="base"))
    flattened = read_tables(json_file(tmp_path / "f.json", flat), baseline="base")
    assert outcomes(flattened) == want
    assert "left out 2 answers not submitted" in flattened.notes
    assert outcomes(read_tables(json_file(tmp_path / "o.json", old), baseline="base")) == want
    assert want[("r0", "a")] == 0  # a win and a tie: as many for one as for the other


def test_an_export_that_names_no_llm_says_what_to_add(tmp_path):
    task = label_studio_task(1, {"prompt": "?", "answer1": "x", "answer2": "y"}, selected("left"))
    with pytest.raises(DataError, match=r"export of Label Studio.*'model_a' and 'model_b'") as info:
        read_tables(json_file(tmp_path / "e.json", [task]), baseline="base")
    assert "\n" not in str(info.value)


def test_questions_about_something_else_are_no_verdicts(tmp_path):
    records = records_of([["law"], ["art"]], "topic")
    with pytest.raises(DataError, match=r"Argilla without an answer that is a rating.*'topic'"):
        read_tables(json_file(tmp_path / "r.json", records), baseline="base")
