"""FastChat's MT-bench, pairwise and single."""

from __future__ import annotations

import pytest

from bayessel import Task
from bayessel.errors import DataError, UnknownNameError
from bayessel.tasks.readers import read_tables


def pair(query, first, second, model="a", turn=1, **more):
    return {
        "question_id": query,
        "model_1": model,
        "model_2": "base",
        "g1_winner": first,
        "g2_winner": second,
        "judge": ["gpt-4", "pair-v2"],
        "turn": turn,
    } | more


def single(query, model, score, turn=1, judge="gpt-4"):
    judged_by = [judge, "single-v1"]
    return {
        "question_id": query,
        "model": model,
        "score": score,
        "turn": turn,
        "judge": judged_by,
    }


def swap(record):
    other = {"model_1": "model_2", "model_2": "model_1"}
    winners = {k: other.get(record[k], record[k]) for k in ("g1_winner", "g2_winner")}
    return record | {"model_1": record["model_2"], "model_2": record["model_1"]} | winners


@pytest.mark.parametrize("side", [lambda r: r, swap])
@pytest.mark.parametrize(
    ("first", "second", "outcome", "disagreement"),
    [
        ("model_1", "model_1", 1, False),
        ("model_2", "model_2", -1, False),
        ("tie", "tie", 0, False),
        ("tie", "model_2", 0, True),
        ("model_1", "tie", 0, True),
        ("model_1", "model_2", 0, True),
        ("model_2", "model_1", 0, True),
    ],
)
def test_pairs(jsonl, side, first, second, outcome, disagreement):
    records = [side(pair(81, first, second)), pair(81, "tie", "tie", "b")]
    tables = read_tables(jsonl("gpt-4_pair.jsonl", records))
    assert tables.format == "mt-bench"
    assert tables.baseline == "base"
    row = tables.judgments.iloc[0]
    assert (row["query_id"], row["candidate"]) == ("81-t1", "a")
    assert (row["outcome"], row["disagreement"]) == (outcome, disagreement)
    assert any("disagree" in n for n in tables.notes) == disagreement


@pytest.mark.parametrize(
    ("rules", "expected"),
    [({}, [0, 0, 1]), ({"games": "agree"}, [0, 0, 1]), ({"games": "net"}, [1, -1, 1])],
)
def test_how_two_games_make_an_outcome_is_a_rule(jsonl, rules, expected):
    """FastChat's show_result.py: a tie unless both games have the same winner."""
    records = [
        pair(1, "model_1", "tie"),
        pair(2, "tie", "model_2"),
        pair(3, "model_1", "model_1"),
        pair(1, "tie", "tie", "b"),
    ]
    tables = read_tables(jsonl("gpt-4_pair.jsonl", records), rules=rules)
    assert tables.judgments["outcome"].tolist() == [*expected, 0]


def test_failed_pairs_are_missing(jsonl):
    records = [
        pair(1, "error", "model_1"),
        pair(2, "model_1", "model_1"),
        pair(3, "error", "error"),
        pair(1, "tie", "tie", "b"),
    ]
    path = jsonl("gpt-4_pair.jsonl", records)
    tables = read_tables(path)
    assert tables.judgments["query_id"].tolist() == ["2-t1", "1-t1"]
    assert any("1 of 4 judgments are missing: one game of two failed" in n for n in tables.notes)
    assert "1 of 4 judgments are missing: no game has a verdict" in tables.notes
    tables = read_tables(path, rules={"failed-game": "other"})
    assert tables.judgments["query_id"].tolist() == ["1-t1", "2-t1", "1-t1"]
    assert tables.judgments["outcome"].tolist() == [1, 1, 0]


@pytest.mark.parametrize("said", ["A", "", None, float("nan"), "I cannot say."])
def test_a_winner_that_fastchat_does_not_know_is_missing(jsonl, said):
    records = [pair(1, said, "model_1"), pair(2, "tie", "tie"), pair(1, "tie", "tie", "b")]
    tables = read_tables(jsonl("gpt-4_pair.jsonl", records))
    assert tables.judgments["query_id"].tolist() == ["2-t1", "1-t1"]
    odd = any("1 verdict that FastChat does not know" in n for n in tables.notes)
    assert odd == (said in ("A", "I cannot say."))


@pytest.mark.parametrize("said", ["high", "", None, float("nan")])
def test_a_score_that_is_no_number_is_missing(jsonl, said):
    records = [single(1, "base", 5), single(1, "a", said), single(1, "b", "7")]
    tables = read_tables(jsonl("gpt-4_single.jsonl", records), baseline="base")
    assert tables.judgments[["candidate", "outcome"]].to_numpy().tolist() == [["b", 1]]
    assert "1 of 3 scores are missing: the judge failed" in tables.notes


def test_the_baseline_against_itself_is_left_out(jsonl):
    records = [pair(1, "model_1", "model_1", m) for m in ("a", "b", "base")]
    task = Task.read(jsonl("gpt-4_pair.jsonl", records))
    assert (task.candidates, task.recorded.tolist()) == (("a", "b"), [[1, 1]])
    assert "left out 1 judgment of the baseline 'base' against itself" in task.notes


def test_repeats_are_dropped_with_a_count(jsonl):
    records = [pair(1, "tie", "tie"), swap(pair(1, "tie", "tie")), pair(1, "tie", "tie", "b")]
    tables = read_tables(jsonl("gpt-4_pair.jsonl", records))
    assert tables.judgments["candidate"].tolist() == ["a", "b"]
    assert "left out 1 row of judgments that only repeat another" in tables.notes
    tables = read_tables(jsonl("gpt-4_single.jsonl", [*SCORES, *SCORES]), baseline="base")
    assert tables.judgments["outcome"].tolist() == [1, 1, -1]


def test_pairs_without_the_baseline_are_left_out(jsonl):
    other = pair(1, "model_1", "model_1") | {"model_2": "b"}
    records = [pair(1, "tie", "tie"), pair(1, "tie", "tie", "b"), other]
    path = jsonl("gpt-4_pair.jsonl", records)
    with pytest.raises(DataError, match=r"0 LLMs are in every pair.*--baseline"):
        read_tables(path)
    tables = read_tables(path, baseline="base")
    assert tables.judgments["candidate"].tolist() == ["a", "b"]
    assert any("left out 1 of 3 judgments" in n for n in tables.notes)
    with pytest.raises(UnknownNameError, match="did you mean 'base'"):
        read_tables(path, baseline="bas")


def test_one_pair_of_models_does_not_tell_the_baseline(jsonl):
    path = jsonl("gpt-4_pair.jsonl", [pair(1, "model_1", "model_1")])
    with pytest.raises(DataError, match="2 LLMs are in every pair"):
        read_tables(path)
    assert read_tables(path, baseline="a").judgments["outcome"].tolist() == [-1]


def test_the_turn_of_old_files_is_in_the_name_of_the_prompt(jsonl):
    old = pair(1, "tie", "tie")
    del old["turn"]
    later = old | {"judge": ["gpt-4", "pair-v2-multi-turn"]}
    tables = read_tables(jsonl("gpt-4_pair.jsonl", [old, later]), baseline="base")
    assert tables.judgments["query_id"].tolist() == ["1-t1", "1-t2"]


SCORES = [
    single(1, "base", 7),
    single(1, "a", 8),
    single(1, "b", 7.5),
    single(1, "base", 5, 2),
    single(1, "a", 3, 2),
    single(1, "b", -1, 2),
    single(2, "base", -1),
    single(2, "a", 9),
]


@pytest.mark.parametrize(("tolerance", "expected"), [(None, [1, 1, -1]), (0.5, [1, 0, -1])])
def test_single_scores(jsonl, tolerance, expected):
    path = jsonl("gpt-4_single.jsonl", SCORES)
    tables = read_tables(path, baseline="base", tolerance=tolerance)
    assert tables.baseline == "base"
    keys = tables.judgments[["query_id", "candidate"]].to_numpy().tolist()
    assert keys == [["1-t1", "a"], ["1-t1", "b"], ["1-t2", "a"]]
    assert tables.judgments["outcome"].tolist() == expected
    assert "2 of 8 scores are missing: the judge failed" in tables.notes
    assert any("1 of 4 judgments are missing: the baseline" in n for n in tables.notes)


def test_single_scores_need_a_baseline(jsonl):
    path = jsonl("gpt-4_single.jsonl", SCORES)
    with pytest.raises(DataError, match="name the baseline with baseline="):
        read_tables(path)
    with pytest.raises(UnknownNameError, match="unknown baseline 'c'"):
        read_tables(path, baseline="c")


def folder(jsonl, *, judged=True):
    jsonl(
        "question.jsonl",
        [{"question_id": 1, "category": "maths", "turns": ["2+2?", "Why?"]}],
    )
    for model in ("a", "base", "b"):
        choice = {"index": 0, "turns": [f"{model} one", f"{model} two"]}
        jsonl(f"model_answer/{model}.jsonl", [{"question_id": 1, "choices": [choice]}])
    if judged:
        pairs = [pair(1, "tie", "tie"), pair(1, "model_1", "model_1", "b", 2)]
        jsonl("model_judgment/gpt-4_pair.jsonl", pairs)


def test_a_folder(tmp_path, jsonl):
    folder(jsonl)
    tables = read_tables(tmp_path)
    assert tables.queries["query_id"].tolist() == ["1-t1", "1-t2"]
    assert tables.queries["text"].tolist() == ["2+2?", "[User]\n2+2?\n\n[User]\nWhy?"]
    assert tables.queries["category"].tolist() == ["maths", "maths"]
    texts = tables.responses.set_index(["query_id", "candidate"])["text"]
    assert texts["1-t1", "base"] == "base one"
    second = "[Assistant]\nbase one\n\n[User]\nWhy?\n\n[Assistant]\nbase two"
    assert texts["1-t2", "base"] == second
    assert len(texts) == 6
    assert tables.judgments["outcome"].tolist() == [0, 1]


def test_an_unjudged_folder(tmp_path, jsonl):
    folder(jsonl, judged=False)
    tables = read_tables(tmp_path, baseline="base")
    assert tables.format == "mt-bench"
    assert tables.judgments.empty
    assert tables.baseline == "base"


def test_pairs_and_scores_are_different_judges(tmp_path, jsonl):
    folder(jsonl)
    jsonl("model_judgment/gpt-4_single.jsonl", SCORES[:3])
    with pytest.raises(DataError, match=r"2 judges \('gpt-4_pair', 'gpt-4_single'\)"):
        read_tables(tmp_path)
    assert read_tables(tmp_path, judge="gpt-4_pair").judgments["outcome"].tolist() == [0, 1]
    scored = read_tables(tmp_path, judge="gpt-4_single", baseline="base")
    assert scored.judgments["outcome"].tolist() == [1, 1]
    with pytest.raises(UnknownNameError, match="did you mean"):
        read_tables(tmp_path, judge="gpt-4")


def test_two_judges_in_one_file(jsonl):
    records = [single(1, m, 5, judge=j) for m in ("a", "base") for j in ("x", "y")]
    path = jsonl("both_single.jsonl", records)
    with pytest.raises(DataError, match="2 judges"):
        read_tables(path, baseline="base")
    assert len(read_tables(path, baseline="base", judge="x_single").judgments) == 1


def test_tolerance_without_scores_is_refused(jsonl):
    path = jsonl("gpt-4_pair.jsonl", [pair(1, "tie", "tie"), pair(1, "tie", "tie", "b")])
    with pytest.raises(DataError, match="tolerance was given, but"):
        read_tables(path, tolerance=1)


@pytest.mark.parametrize(
    ("records", "why"),
    [
        ([pair(None, "tie", "tie")], "line 1: question_id is empty"),
        ([pair(1, "tie", "tie", turn=0)], "line 1: turn is 0"),
        (
            [pair(1, "tie", "tie"), pair(1, "model_1", "model_1")],
            r"1 row of judgments say.*query '1-t1' and candidate 'a' \(outcome draw and win\)",
        ),
        ([pair(1, "tie", "tie", [])], r"line 1: model_1 is \[\]"),
        ([single(1, "a", -3)], "line 1: score is -3"),
        ([single(1, "base", 3), single(1, "base", 4)], "1 row of scores say something else"),
        ([{"question_id": 1, "score": 3}], "line 1 lacks model"),
    ],
)
def test_malformed(jsonl, records, why):
    with pytest.raises(DataError, match=why):
        read_tables(jsonl("x.jsonl", records), baseline="base")


def test_several_choices_are_repeats_and_errors_are_noted(tmp_path, jsonl):
    folder(jsonl)
    choices = [
        {"index": 0, "turns": ["a one", "$ERROR$"]},
        {"index": 1, "turns": ["a uno", ""]},
        {"index": 2, "turns": ["a uno", "a due"]},
    ]
    jsonl("model_answer/a.jsonl", [{"question_id": 1, "choices": choices}])
    task = Task.read(tmp_path)
    assert task.queries == ("1-t1", "1-t2", "1-t1#2", "1-t2#2", "1-t2#3")
    assert task.recorded.tolist() == [[0, -9], [-9, 1], [-9, -9], [-9, -9], [-9, -9]]
    assert task.responses_to("1-t1#2") == {"base": "base one", "a": "a uno", "b": None}
    assert task.responses_to("1-t2#3")["a"].endswith("a due")
    assert any("2 of 12 responses are empty or failed" in n and "'a'" in n for n in task.notes)
    assert Task.read(tmp_path, rules={"samples": "first"}).queries == ("1-t1", "1-t2")


@pytest.mark.parametrize("given", ["..", "model_judgment", "model_answer"])
def test_the_folder_may_be_named_from_above_or_below(tmp_path, jsonl, given):
    folder(lambda name, records: jsonl(f"mt_bench/{name}", records))
    (tmp_path / "mt_bench" / "model_judgment" / "._gpt-4_pair.jsonl").write_bytes(b"\x00\x05")
    tables = read_tables((tmp_path / "mt_bench" / given).resolve())
    assert tables.format == "mt-bench"
    assert len(tables.responses) == 6
    assert tables.judgments["outcome"].tolist() == [0, 1]
