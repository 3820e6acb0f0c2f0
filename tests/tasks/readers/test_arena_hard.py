"""Arena-Hard's data folders, in the layouts of v0.1 and v2.0."""

from __future__ import annotations

import pytest

from bayessel import Task
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


FAILED = [None, "", float("nan"), "I cannot say.", "A>>>B", 1]


def test_one_game_is_read(tmp_path, jsonl):
    one = {"question_id": "q0", "model": "m1", "judge": "g", "games": [{"score": "B>A"}]}
    two = one | {"model": "m2", "games": [{"score": "A>>B"}]}
    jsonl("model_judgment/g/m.jsonl", [one, two, one | {"question_id": "q1", "games": [None]}])
    task = Task.read(tmp_path)
    assert task.candidates == ("m1", "m2")
    assert task.recorded.tolist() == [[1, -1]]
    strict = read_tables(tmp_path, rules={"failed-game": "missing"})  # none failed
    assert strict.judgments["outcome"].tolist() == [1, -1]
    assert any("3 of 3 judgments are of one game" in n for n in task.notes)
    assert any("1 of 3 judgments are missing: no game has a verdict" in n for n in task.notes)


@pytest.mark.parametrize("score", FAILED)
def test_a_failed_verdict_is_missing_and_never_refuses_the_file(tmp_path, jsonl, score):
    records = [judged("1", "B>A", "A>B"), judged("2", score, score), judged("3", score, "A>B")]
    jsonl("model_judgment/j/a.jsonl", records)
    tables = read_tables(tmp_path)
    assert tables.judgments["query_id"].tolist() == ["1", "3"]
    assert tables.judgments["outcome"].tolist() == [1, 1]
    assert "1 of 3 judgments are missing: no game has a verdict" in tables.notes
    assert any("1 of 3 judgments have a verdict in one game of two" in n for n in tables.notes)
    odd = [n for n in tables.notes if "that Arena-Hard does not know" in n]
    assert len(odd) == (score in FAILED[3:])
    assert all("3 verdicts" in n and repr(str(score)) in n for n in odd)


@pytest.mark.parametrize("games", [None, [], [None], [{}], [None, None], ["A>B", {"score": "x"}]])
def test_games_that_say_nothing_are_missing(tmp_path, jsonl, games):
    jsonl("model_judgment/j/a.jsonl", [judged("1", "B>A", "A>B"), judged("2", "", "", games=games)])
    tables = read_tables(tmp_path, rules={"failed-game": "missing"})
    assert tables.judgments["query_id"].tolist() == ["1"]


def test_what_the_other_game_counts_for_is_a_rule(tmp_path, jsonl):
    records = [judged("1", "A>B", "B>A"), judged("2", None, "A>B"), judged("3", "A=B", "")]
    jsonl("model_judgment/j/a.jsonl", records)
    assert read_tables(tmp_path).judgments["outcome"].tolist() == [-1, 1, 0]
    tables = read_tables(tmp_path, rules={"failed-game": "missing"})
    assert tables.judgments["query_id"].tolist() == ["1"]
    assert any("2 of 3 judgments are missing: one game of two failed" in n for n in tables.notes)


@pytest.mark.parametrize(
    ("first", "second", "net", "weighted", "agree"),
    [
        ("B>A", "A>B", 1, 1, 1),
        ("B>>A", "A=B", 1, 1, 0),
        ("B>>A", "B>A", 0, 1, 0),
        ("A>>B", "A>B", 0, -1, 0),
        ("A>B", "A>B", 0, 0, 0),
    ],
)
def test_how_two_games_make_an_outcome_is_a_rule(
    tmp_path, jsonl, first, second, net, weighted, agree
):
    jsonl("model_judgment/j/a.jsonl", [judged("1", first, second)])
    for rule, expected in (("net", net), ("weighted", weighted), ("agree", agree)):
        read = read_tables(tmp_path, rules={"games": rule}).judgments
        assert read["outcome"].tolist() == [expected]
    assert read_tables(tmp_path).judgments["outcome"].tolist() == [net]


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
    both = [judged("1", "A>B", "B>A", baseline=b) for b in ("o3", "gemini")]
    jsonl("model_judgment/j/a.jsonl", [*both, judged("2", "B>A", "A>B", baseline="gemini")])
    with pytest.raises(DataError, match=r"2 baselines \('gemini', 'o3'\) on the same queries"):
        read_tables(tmp_path)
    tables = read_tables(tmp_path, baseline="o3")
    assert tables.baseline == "o3"
    assert tables.judgments["query_id"].tolist() == ["1"]
    assert any("left out 2 judgments that do not compare with 'o3'" in n for n in tables.notes)
    with pytest.raises(UnknownNameError, match="did you mean 'gemini'"):
        read_tables(tmp_path, baseline="gemni")


def test_a_baseline_for_each_category(tmp_path, jsonl):
    """As in Arena-Hard v2.0: each category's baseline is a candidate in the other."""
    of = {"1": "o3", "2": "gemini"}
    kinds = {"1": "hard_prompt", "2": "creative_writing", "3": "creative_writing"}
    jsonl(
        "question.jsonl", [{"uid": q, "category": k, "prompt": f"{q}?"} for q, k in kinds.items()]
    )
    for model in ("a", "o3", "gemini"):
        jsonl(f"model_answer/{model}.jsonl", [new_answer(q, f"{model} {q}", model) for q in kinds])
        games = [judged(q, "B>A", "A>B", model, baseline=of[q]) for q in of]
        jsonl(f"model_judgment/j/{model}.jsonl", games)
    task = Task.read(tmp_path)
    assert task.baseline == "gemini / o3"
    assert task.candidates == ("a", "gemini", "o3")
    assert task.recorded.tolist() == [[1, 1, -9], [1, -9, 1], [-9, -9, -9]]
    responses = [task.responses_to(q)["gemini / o3"] for q in kinds]
    assert responses == ["o3 1", "gemini 2", "gemini 3"]
    assert task.answered.tolist() == [[True, True, False], [True, False, True], [True, False, True]]
    assert "left out 2 judgments of the baseline 'gemini / o3' against itself" in task.notes
    assert any("'gemini' on 1 query, 'o3' on 1 query" in n for n in task.notes)
    alone = Task.read(tmp_path, baseline="o3")
    assert (alone.baseline, alone.recorded[0].tolist()) == ("o3", [1, 1])


def seen(answer, other):
    return "\n\n".join(
        f"<|The Start of Assistant {side}'s Answer|>\n{text}\n<|The End of Assistant {side}'s "
        "Answer|>"
        for side, text in (("A", answer), ("B", other))
    )


@pytest.mark.parametrize("options", [{}, {"baseline": "base"}])
@pytest.mark.parametrize("answered", [True, False])
def test_the_baseline_against_itself_is_left_out(tmp_path, jsonl, options, answered):
    for model in ("a", "b", "base"):
        games = [
            {"score": score, "user_prompt": seen("base says 4", f"{model} says 4")}
            for score in ("A>B", "A=B")
        ]
        record = {"question_id": "1", "model": model, "judge": "j", "games": games}
        jsonl(f"model_judgment/j/{model}.jsonl", [record])
        if answered:
            jsonl(f"model_answer/{model}.jsonl", [old_answer("1", f"{model} says 4", model)])
    task = Task.read(tmp_path, **options)
    assert (task.candidates, task.baseline) == (("a", "b"), "base")
    assert any("left out 1 judgment of the baseline 'base' against itself" in n for n in task.notes)


@pytest.mark.parametrize("given", [".", "..", "../..", "model_judgment", "model_judgment/j"])
def test_the_folder_may_be_named_from_above_or_below(tmp_path, jsonl, given):
    home = "repository/data/arena-hard-v0.1"
    for model in "ab":
        jsonl(f"{home}/model_judgment/j/{model}.jsonl", [judged("1", "A>B", "B>A", model)])
        hidden = tmp_path / home / "model_judgment" / "j" / f"._{model}.jsonl"
        hidden.write_bytes(b"\x00\x05\x16\x07")
    jsonl(f"{home}/question.jsonl", [NEW])
    task = Task.read((tmp_path / home / given).resolve())
    assert task.data.attrs["format"] == "arena-hard"
    assert task.candidates == ("a", "b")
    assert task.data["query_text"].values.tolist() == ["2+2?"]


def test_several_folders_are_the_users_choice(tmp_path, jsonl):
    for name in ("v0.1", "v2.0"):
        jsonl(f"data/{name}/model_judgment/j/a.jsonl", [judged("1", "A>B", "B>A")])
    with pytest.raises(DataError, match=r"2 folders of Arena-Hard \('v0.1', 'v2.0'\): give one"):
        read_tables(tmp_path / "data")


def test_names_with_a_slash_are_folders(tmp_path, jsonl):
    for model in ("org/a", "b"):
        game = judged("1", "A>B", "B>A", model)
        del game["model"]
        jsonl(f"model_judgment/j/{model}.jsonl", [game])
        answer = old_answer("1", model, model)
        del answer["model_id"]
        jsonl(f"model_answer/{model}.jsonl", [answer])
    jsonl("model_answer/base.jsonl", [old_answer("1", "base", "base")])
    task = Task.read(tmp_path)
    assert (task.candidates, task.baseline) == (("b", "org/a"), "base")
    assert task.responses_to("1")["org/a"] == "org/a"


def test_a_slash_and_two_underscores_are_one_name(tmp_path, jsonl):
    for model in ("org/a", "b"):
        file = model.replace("/", "__")
        jsonl(f"model_judgment/j/{file}.jsonl", [judged("1", "A>B", "B>A", model)])
        jsonl(f"model_answer/{file}.jsonl", [old_answer("1", model, file)])
    jsonl("model_answer/org__base.jsonl", [old_answer("1", "base", "org__base")])
    task = Task.read(tmp_path)
    assert (task.candidates, task.baseline) == (("b", "org/a"), "org__base")
    assert task.responses_to("1") == {"org__base": "base", "b": "b", "org/a": "org/a"}
    assert "'org__a' is read as 'org/a'" in task.notes


def test_two_names_that_were_judged_differently_stay_two(tmp_path, jsonl):
    jsonl("model_judgment/j/a.jsonl", [judged("1", "A>B", "B>A", "org/a")])
    jsonl("model_judgment/j/b.jsonl", [judged("1", "B>A", "A>B", "org__a")])
    task = Task.read(tmp_path)
    assert task.candidates == ("org/a", "org__a")
    assert any("kept as two LLMs" in n for n in task.notes)


def test_several_choices_are_repeats_of_the_query(tmp_path, jsonl):
    jsonl("question.jsonl", [OLD, OLD | {"question_id": "9"}])
    for model in ("a", "b", "base"):
        answer = old_answer("1", f"{model} one", model)
        if model == "a":
            answer["choices"].append({"turns": [{"content": "a two"}]})
        jsonl(f"model_answer/{model}.jsonl", [answer])
        if model != "base":
            jsonl(f"model_judgment/j/{model}.jsonl", [judged("1", "B>A", "A>B", model)])
    task = Task.read(tmp_path)
    assert task.queries == ("1", "1#2")
    assert task.recorded.tolist() == [[1, 1], [-9, -9]]
    assert task.responses_to("1#2") == {"base": "base one", "a": "a two", "b": None}
    assert task.data["query_text"].values.tolist() == ["2+2?", "2+2?"]
    assert any("1 further response of a candidate to the same query" in n for n in task.notes)
    assert "left out 1 query that no LLM answered and nobody judged" in task.notes
    first = Task.read(tmp_path, rules={"samples": "first"})
    assert first.queries == ("1",)
    assert "left out 1 further response of a candidate to the same query" in first.notes


def test_the_last_of_two_lines_of_an_answer_counts(tmp_path, jsonl):
    for model in ("a", "b", "base"):
        lines = [old_answer("1", f"{model} {i}", model) for i in (1, 2)]
        jsonl(f"model_answer/{model}.jsonl", lines)
        if model != "base":
            jsonl(f"model_judgment/j/{model}.jsonl", [judged("1", "B>A", "A>B", model)])
    task = Task.read(tmp_path)
    assert task.responses_to("1") == {"base": "base 2", "a": "a 2", "b": "b 2"}
    assert "3 answers written twice with other words: the last was read" in task.notes


def test_a_candidate_without_answers_is_noted(tmp_path, jsonl):
    for model in "ab":
        jsonl(f"model_judgment/j/{model}.jsonl", [judged("1", "B>A", "A>B", model)])
    for model in ("a", "base"):
        jsonl(f"model_answer/{model}.jsonl", [old_answer("1", model, model)])
    task = Task.read(tmp_path)
    assert task.candidates == ("a", "b")
    assert any("1 candidate has no responses" in n and "'b'" in n for n in task.notes)


def test_conversations_of_several_turns(tmp_path, jsonl):
    turns = ["2+2?", "Why?"]
    said = [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": {"answer": "4"}}]
    said += [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}]
    jsonl("question.jsonl", [OLD | {"turns": [{"content": turn} for turn in turns]}])
    jsonl("model_answer/a.jsonl", [{"uid": "1", "model": "a", "messages": said}])
    tables = read_tables(tmp_path)
    assert tables.queries["text"].tolist() == ["[User]\n2+2?\n\n[User]\nWhy?"]
    expected = "[Assistant]\n4\n\n[User]\nWhy?\n\n[Assistant]\nSo."
    assert tables.responses["text"].tolist() == [expected]


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
        (
            "model_judgment/j/a.jsonl",
            [judged("1", "A>B", "B>A"), judged("1", "B>A", "A>B")],
            r"1 row of judgments say.*query '1' and candidate 'a' \(outcome loss and win\)",
        ),
        ("model_judgment/j/a.jsonl", [judged(None, "A>B", "B>A")], "question_id is empty"),
        ("model_judgment/j/a.jsonl", [{"question_id": "1"}], "line 1 lacks games"),
        ("model_judgment/j/a.jsonl", [judged("1", "A>B", "B>A", games=3)], "games is 3"),
        ("model_answer/b.jsonl", [{"uid": "1", "model": "b"}], "no answer found"),
        ("model_answer/b.jsonl", [new_answer("1", 3, "b")], "answer is 3"),
        (
            "question.jsonl",
            [NEW, NEW | {"prompt": "3+3?"}],
            "1 row of questions say something else",
        ),
    ],
)
def test_malformed(tmp_path, jsonl, name, records, why):
    jsonl("model_judgment/j/z.jsonl", [judged("1", "A>B", "B>A", "z")])
    jsonl(name, records)
    with pytest.raises(DataError, match=why):
        read_tables(tmp_path)


def test_repeated_lines_are_dropped_with_a_count(tmp_path, jsonl):
    jsonl("model_judgment/j/a.jsonl", [judged("1", "A>B", "B>A")] * 3)
    jsonl("question.jsonl", [NEW, NEW])
    tables = read_tables(tmp_path)
    assert tables.judgments["outcome"].tolist() == [-1]
    assert "left out 2 rows of judgments that only repeat another" in tables.notes
    assert "left out 1 row of questions that only repeat another" in tables.notes


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
