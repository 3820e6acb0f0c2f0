"""Arena-Hard's data folders, in the layouts of v0.1 and v2.0."""

from __future__ import annotations

import pytest

from bayessel.errors import DataError, UnknownNameError
from bayessel.tasks.readers import read_tables


def judged(query, first, second, model="a", **more):
    games = [{"score": first}, {"score": second}]
    return {"question_id": query, "model": model, "judge": "j", "games": games} | more


def old_answer(query, text, model):
    return {"question_id": query, "model_id": model, "choices": [{"turns": [{"content": text}]}]}


def new_answer(query, text, model):
    messages = [
        {"role": "user", "content": "?"},
        {"role": "assistant", "content": {"answer": text}},
    ]
    return {"uid": query, "model": model, "messages": messages}


OLD = {"question_id": "1", "category": "set", "cluster": "maths", "turns": [{"content": "2+2?"}]}
NEW = {"uid": "1", "category": "hard_prompt", "prompt": "2+2?"}


@pytest.mark.parametrize(("question", "answer"), [(OLD, old_answer), (NEW, new_answer)])
def test_both_layouts(tmp_path, jsonl, question, answer):
    jsonl("question.jsonl", [question])
    for model in ("a", "base"):
        jsonl(f"model_answer/{model}.jsonl", [answer("1", f"{model} says 4", model)])
    key = "uid" if "uid" in question else "question_id"
    line = judged("1", "B>A", "A>>B")
    line[key] = line.pop("question_id")
    jsonl("model_judgment/j/a.jsonl", [line])
    tables = read_tables(tmp_path)
    assert tables.format == "arena-hard"
    assert tables.baseline == "base"
    row = tables.judgments.iloc[0]
    assert (row["query_id"], row["candidate"], row["outcome"]) == ("1", "a", 1)
    assert (row["game1"], row["game2"], row["disagreement"]) == (1, 2, False)
    assert tables.responses["text"].tolist() == ["a says 4", "base says 4"]
    assert tables.queries["text"].tolist() == ["2+2?"]
    assert tables.queries["category"].tolist() == [question.get("cluster", question["category"])]


@pytest.mark.parametrize(
    ("first", "second", "outcome", "disagreement"),
    [
        ("B>A", "A>B", 1, False),
        ("B>>A", "A=B", 1, False),
        ("A>B", "B>>A", -1, False),
        ("A=B", "B>A", -1, False),
        ("A=B", "A=B", 0, False),
        ("A>B", "A>B", 0, True),
        ("A>B", "A>>B", 0, True),
        ("B>>A", "B>A", 0, True),
        ("A<<B", "B<A", 1, False),
        (" A<B ", "B=A", 1, False),
    ],
)
def test_two_games(tmp_path, jsonl, first, second, outcome, disagreement):
    jsonl("model_judgment/j/a.jsonl", [judged("1", first, second)])
    tables = read_tables(tmp_path)
    row = tables.judgments.iloc[0]
    assert (row["outcome"], row["disagreement"]) == (outcome, disagreement)
    assert any("disagree" in n for n in tables.notes) == disagreement
    assert tables.responses is None
    assert tables.baseline is None


def test_failed_games_are_missing(tmp_path, jsonl):
    whole = judged("1", "A>B", "B>A")
    one = judged("3", "A>B", "B>A") | {"games": [{"score": "A>B"}]}
    none = judged("4", "A>B", "B>A") | {"games": [None, {"score": "A>B"}]}
    jsonl("model_judgment/j/a.jsonl", [whole, judged("2", None, "A>B"), one, none])
    tables = read_tables(tmp_path)
    assert tables.judgments["query_id"].tolist() == ["1"]
    assert "3 of 4 judgments are missing: a game has no verdict" in tables.notes


@pytest.mark.parametrize("score", ["A>>>B", "", 1, "draw"])
def test_unknown_verdicts_name_the_line(tmp_path, jsonl, score):
    jsonl("model_judgment/j/a.jsonl", [judged("1", "A>B", "A>B"), judged("2", "A>B", score)])
    with pytest.raises(DataError, match=r"a\.jsonl, line 2: score is .*A>>B"):
        read_tables(tmp_path)


def test_several_judges_are_the_users_choice(tmp_path, jsonl):
    jsonl("model_judgment/x/a.jsonl", [judged("1", "A>B", "B>A")])
    jsonl("model_judgment/y/a.jsonl", [judged("1", "B>A", "A>B")])
    with pytest.raises(DataError, match=r"2 judges \('x', 'y'\).*--judge"):
        read_tables(tmp_path)
    assert read_tables(tmp_path, judge="x").judgments["outcome"].tolist() == [-1]
    assert read_tables(tmp_path, judge="y").judgments["outcome"].tolist() == [1]
    with pytest.raises(UnknownNameError, match="unknown judge 'z'"):
        read_tables(tmp_path, judge="z")


def test_baselines_that_the_judgments_say(tmp_path, jsonl):
    jsonl(
        "model_judgment/j/a.jsonl",
        [judged("1", "A>B", "B>A", baseline="o3"), judged("2", "B>A", "A>B", baseline="gemini")],
    )
    with pytest.raises(DataError, match=r"2 baselines \('gemini', 'o3'\)"):
        read_tables(tmp_path)
    tables = read_tables(tmp_path, baseline="o3")
    assert tables.baseline == "o3"
    assert tables.judgments["query_id"].tolist() == ["1"]
    assert any("left out 1 judgments" in n for n in tables.notes)
    with pytest.raises(UnknownNameError, match="did you mean 'gemini'"):
        read_tables(tmp_path, baseline="gemni")


def test_a_judged_model_cannot_be_the_baseline(tmp_path, jsonl):
    jsonl("model_judgment/j/a.jsonl", [judged("1", "A>B", "B>A")])
    with pytest.raises(DataError, match="'a' has judgments of its own"):
        read_tables(tmp_path, baseline="a")


def test_unjudged_answers(tmp_path, jsonl):
    jsonl("question.jsonl", [NEW])
    for model in "ab":
        jsonl(f"model_answer/{model}.jsonl", [new_answer("1", model, model)])
    tables = read_tables(tmp_path)
    assert tables.format == "arena-hard"
    assert tables.judgments.empty
    assert tables.baseline is None


@pytest.mark.parametrize(
    ("name", "records", "why"),
    [
        ("model_judgment/j/a.jsonl", [judged("1", "A>B", "B>A")] * 2, "1 duplicate.*judgments"),
        ("model_judgment/j/a.jsonl", [judged(None, "A>B", "B>A")], "question_id is empty"),
        ("model_judgment/j/a.jsonl", [{"question_id": "1"}], "line 1 lacks games"),
        ("model_judgment/j/a.jsonl", [judged("1", "A>B", "B>A", games=3)], "games is 3"),
        ("model_answer/b.jsonl", [new_answer("1", "x", "b")] * 2, "1 duplicate row of answers"),
        ("model_answer/b.jsonl", [{"uid": "1", "model": "b"}], "no answer found"),
        ("model_answer/b.jsonl", [new_answer("1", 3, "b")], "answer is 3"),
        ("question.jsonl", [NEW, NEW], "1 duplicate.*questions"),
    ],
)
def test_malformed(tmp_path, jsonl, name, records, why):
    jsonl("model_judgment/j/z.jsonl", [judged("1", "A>B", "B>A", "z")])
    jsonl(name, records)
    with pytest.raises(DataError, match=why):
        read_tables(tmp_path)


@pytest.mark.real_data
def test_real_excerpt(shared):
    tables = read_tables(shared / "raw/arena_hard/data/arena-hard-v0.1")
    assert tables.baseline == "gpt-4-0314"
    assert tables.judgments["outcome"].value_counts().to_dict() == {-1: 13, 1: 12, 0: 5}
    assert int(tables.judgments["disagreement"].sum()) == 5
    assert set(tables.judgments["query_id"]) == set(tables.queries["query_id"])


@pytest.mark.real_data
def test_the_sign_convention_is_that_of_the_prepared_table(shared, tmp_path, jsonl):
    """Write the prepared games as Arena-Hard writes them, read them, and compare."""
    table = read_tables(shared / "arenahard_gpt4o").judgments
    table = table[table["candidate"] == table["candidate"].iloc[0]].dropna(subset=["game2"])
    verdicts = {2: "A>>B", 1: "A>B", 0: "A=B", -1: "B>A", -2: "B>>A"}
    records = [
        judged(q, verdicts[-int(g1)], verdicts[int(g2)])
        for q, g1, g2 in table[["query_id", "game1", "game2"]].itertuples(index=False)
    ]
    jsonl("model_judgment/j/a.jsonl", records)
    again = read_tables(tmp_path).judgments
    for column in ("outcome", "game1", "game2"):
        assert again[column].tolist() == table[column].tolist()
    assert len(again) > 400
