"""alpaca_eval's results folders and files."""

from __future__ import annotations

import pandas as pd
import pytest

from bayessel.errors import DataError, UnknownNameError
from bayessel.tasks.readers import read_tables


def record(i, preference, model="a", baseline="base", **more):
    return {
        "instruction": f"do {i}",
        "output_1": f"{baseline} does {i}",
        "generator_1": baseline,
        "output_2": f"{model} does {i}",
        "generator_2": model,
        "preference": preference,
        "annotator": "judge",
        "dataset": "set",
    } | more


def by_text(tables):
    text = tables.queries.set_index("query_id")["text"]
    j = tables.judgments
    keys = zip(j["query_id"].map(text), j["candidate"], strict=True)
    return dict(zip(keys, j["outcome"].tolist(), strict=True))


def test_one_file(document):
    values = [1, 2, 1.5, 0, None, 2.0]
    path = document("annotations.json", [record(i, p) for i, p in enumerate(values)])
    tables = read_tables(path)
    assert tables.format == "alpaca-eval"
    assert tables.baseline == "base"
    expected = {("do 0", "a"): -1, ("do 1", "a"): 1, ("do 2", "a"): 0, ("do 3", "a"): 0}
    assert by_text(tables) == expected | {("do 5", "a"): 1}
    assert any("1 of 6 preferences are null, read as missing" in n for n in tables.notes)
    assert not any("continuous" in n for n in tables.notes)
    assert by_text(read_tables(path, null="draw"))["do 4", "a"] == 0
    texts = tables.responses.set_index(["query_id", "candidate"])["text"]
    assert sorted(texts) == sorted([f"{m} does {i}" for i in range(6) for m in ("base", "a")])
    assert set(tables.queries["category"]) == {"set"}


def test_query_ids_depend_on_the_instruction_alone(document):
    one = read_tables(document("x/annotations.json", [record(i, 1) for i in (1, 2)]))
    two = read_tables(document("y/annotations.json", [record(i, 2, "b") for i in (2, 3, 1)]))
    ids = [t.queries.set_index("text")["query_id"] for t in (one, two)]
    assert ids[0]["do 1"] == ids[1]["do 1"]
    assert ids[0]["do 2"] == ids[1]["do 2"]
    assert ids[1].is_unique


def test_repeated_instructions_are_separate_queries(document):
    path = document("annotations.json", [record(1, 1), record(1, 2), record(2, 2)])
    tables = read_tables(path)
    first, second = tables.judgments["query_id"][:2]
    assert second == f"{first}-2"
    assert tables.judgments["outcome"].tolist() == [-1, 1, 1]
    assert any("more than once" in n for n in tables.notes)


@pytest.mark.parametrize(
    ("band", "expected"),
    [(None, [-1, 0, 1, 1, -1]), (0.1, [-1, 0, 0, 1, 0]), (0.0, [-1, 0, 1, 1, -1])],
)
def test_continuous_preferences(document, band, expected):
    values = [1.0001, 1.5, 1.6, 1.9, 1.4]
    path = document("annotations.json", [record(i, p) for i, p in enumerate(values)])
    tables = read_tables(path, draw_band=band)
    assert tables.judgments["outcome"].tolist() == expected
    assert any("4 of 5 preferences are continuous" in n for n in tables.notes)


@pytest.mark.parametrize("value", [0.5, 2.1, -1, 3, "2", True, [1]])
def test_impossible_preferences_name_the_record(document, value):
    path = document("annotations.json", [record(1, 1), record(2, value)])
    with pytest.raises(DataError, match=r"annotations\.json, record 2: preference is"):
        read_tables(path)


def swapped(i, preference, model="a"):
    return record(i, preference, model="base", baseline=model)


def test_swapped_records_are_turned_round(document):
    turned = [swapped(2, 1), swapped(3, 1.8), swapped(4, 0)]
    path = document("annotations.json", [record(1, 1), *turned, record(5, 2, "b")])
    tables = read_tables(path, baseline="base")
    assert by_text(tables) == {
        ("do 1", "a"): -1,
        ("do 2", "a"): 1,
        ("do 3", "a"): -1,
        ("do 4", "a"): 0,
        ("do 5", "b"): 1,
    }
    texts = tables.responses.set_index(["query_id", "candidate"])["text"]
    assert all(text.startswith(model) for (_, model), text in texts.items())


def test_which_of_two_is_the_baseline_must_be_said(document):
    path = document("annotations.json", [record(1, 1), swapped(2, 1)])
    with pytest.raises(DataError, match=r"'base' in 1 records, 'a' in 1 records.*--baseline"):
        read_tables(path)
    with pytest.raises(UnknownNameError, match="did you mean 'base'"):
        read_tables(path, baseline="bass")


def test_results_tree(tmp_path, document):
    document("results/A/judge/annotations.json", [record(1, 1, "a"), record(2, 2, "a")])
    document("results/b/judge/annotations.json", [record(1, 2, "b")])
    output = {"instruction": "do 1", "output": "c does 1", "generator": "c", "dataset": "set"}
    document("results/c/model_outputs.json", [output, output | {"instruction": "do 9"}])
    tables = read_tables(tmp_path / "results")
    assert by_text(tables) == {("do 1", "A"): -1, ("do 2", "A"): 1, ("do 1", "b"): 1}
    assert sorted(set(tables.responses["candidate"])) == ["A", "b", "base", "c"]
    assert sorted(tables.queries["text"]) == ["do 1", "do 2", "do 9"]
    assert any("a -> A" in n for n in tables.notes)
    assert by_text(read_tables(tmp_path)) == by_text(tables)
    assert by_text(read_tables(tmp_path / "results" / "b")) == {("do 1", "b"): 1}


def test_the_annotator_of_most_models_is_read(tmp_path, document):
    for model in "ab":
        document(f"{model}/wide/annotations.json", [record(1, 1, model)])
    document("c/narrow/annotations.json", [record(1, 2, "c", "other")])
    document("c/model_outputs.json", [{"instruction": "do 1", "output": "c"}])
    tables = read_tables(tmp_path)
    assert set(tables.judgments["candidate"]) == {"a", "b"}
    assert "c" not in set(tables.responses["candidate"])
    assert any("'wide'; left out 1 candidate(s)" in n and "'c'" in n for n in tables.notes)
    narrow = read_tables(tmp_path, judge="narrow")
    assert narrow.baseline == "other"
    assert set(narrow.judgments["candidate"]) == {"c"}
    with pytest.raises(UnknownNameError, match="unknown judge 'wied': did you mean 'wide'"):
        read_tables(tmp_path, judge="wied")


def test_a_tie_of_annotators_is_the_users_choice(tmp_path, document):
    document("a/one/annotations.json", [record(1, 1, "a")])
    document("b/two/annotations.json", [record(1, 1, "b")])
    with pytest.raises(DataError, match=r"2 judges \('one', 'two'\).*--judge"):
        read_tables(tmp_path)


def test_different_baselines(tmp_path, document):
    document("a/judge/annotations.json", [record(1, 1, "a")])
    document("b/judge/annotations.json", [record(1, 1, "b", "other")])
    with pytest.raises(DataError, match="'base' in 1 records, 'other' in 1 records"):
        read_tables(tmp_path)
    tables = read_tables(tmp_path, baseline="other")
    assert set(tables.judgments["candidate"]) == {"b"}
    assert any("left out 1 of 2 annotations" in n for n in tables.notes)


def test_the_baseline_against_itself_is_left_out(document):
    tables = read_tables(document("annotations.json", [record(1, 1), record(1, 0, "base")]))
    assert by_text(tables) == {("do 1", "a"): -1}


def test_the_same_query_and_model_in_two_files(tmp_path, document):
    document("x/annotations.json", [record(1, 1)])
    document("y/annotations.json", [record(1, 2)])
    with pytest.raises(DataError, match=r"1 duplicate.*candidate 'a'"):
        read_tables(tmp_path)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"preference": 1}, "expected a JSON array"),
        ([], "expected a JSON array"),
        ([1], "record 1 is 1: expected a JSON object"),
        ([{"instruction": "x"}], "record 1 lacks output_1"),
        ([record(1, 1, instruction=None)], "record 1: instruction is null"),
        ([record(1, 1, output_2=3)], "record 1: output_2 is 3"),
        ([record(1, 1, generator_2=None)], "record 1: generator_2 is empty"),
    ],
)
def test_malformed(document, value, why):
    with pytest.raises(DataError, match=why):
        read_tables(document("annotations.json", value))


def cells(tables, name, column):
    """Values of a table by instruction and model; the baseline's are left out."""
    instruction = tables.queries.set_index("query_id")["text"]
    frame = getattr(tables, name)
    frame = frame[frame["candidate"] != "text_davinci_003"]
    keys = pd.MultiIndex.from_arrays([frame["query_id"].map(instruction), frame["candidate"]])
    return pd.Series(frame[column].tolist(), keys)


@pytest.mark.real_data
def test_real_excerpts_agree_with_the_prepared_table(shared):
    """The prepared table has another version of some of the baseline's responses: left out."""
    excerpt = read_tables(shared / "raw" / "alpaca_eval", null="draw")
    whole = read_tables(shared / "alpacaeval")
    assert excerpt.baseline == "text_davinci_003"
    assert any("FuseChat-Llama-3.2-1B-Instruct" in n for n in excerpt.notes)
    for name, column in (("judgments", "outcome"), ("responses", "text")):
        one, two = cells(excerpt, name, column), cells(whole, name, column)
        assert len(one) == 119
        assert one.equals(two.loc[one.index])


@pytest.mark.real_data
def test_real_weighted_annotator(shared):
    tables = read_tables(
        shared / "raw/alpaca_eval/results", judge="weighted_alpaca_eval_gpt4_turbo"
    )
    assert tables.baseline == "gpt4_1106_preview"
    assert tables.judgments["outcome"].value_counts().to_dict() == {-1: 21, 1: 4}
    banded = read_tables(
        shared / "raw/alpaca_eval/results", judge="weighted_alpaca_eval_gpt4_turbo", draw_band=0.01
    )
    assert banded.judgments["outcome"].value_counts().to_dict() == {-1: 20, 1: 4, 0: 1}
