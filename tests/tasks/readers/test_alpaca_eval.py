"""alpaca_eval's results folders and files."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bayessel import Task
from bayessel.errors import BayesselError, DataError, UnknownNameError
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
    again = record(1, 2, output_2="a does 1 again")
    tables = read_tables(document("annotations.json", [record(1, 1), again, record(2, 2)]))
    first, second = tables.judgments["query_id"][:2]
    assert second == f"{first}-2"
    assert tables.judgments["outcome"].tolist() == [-1, 1, 1]
    texts = tables.responses.set_index(["query_id", "candidate"])["text"]
    assert texts[second, "a"] == "a does 1 again"
    assert texts[second, "base"] == "base does 1"
    assert any("more than once" in n for n in tables.notes)


SEVERAL = [
    {"instruction": "Q0?", "output_1": "b", "generator_1": "base", "output_2": "x"}
    | {"generator_2": "m1", "preference": 2, "annotator": "j"},
    {"instruction": "Q0?", "output_1": "b", "generator_1": "base", "output_2": "y"}
    | {"generator_2": "m2", "preference": 1, "annotator": "j"},
]


def test_several_models_in_one_file_answer_the_same_query(document):
    task = Task.read(document("annotations.json", SEVERAL))
    assert (task.n_queries, task.candidates, task.baseline) == (1, ("m1", "m2"), "base")
    assert task.recorded.tolist() == [[1, -1]]


def test_several_annotators_in_one_file_are_told_apart(document):
    other = [r | {"annotator": "k", "preference": 3 - r["preference"]} for r in SEVERAL]
    path = document("annotations.json", [*SEVERAL, *other])
    with pytest.raises(DataError, match=r"2 judges \('j', 'k'\)"):
        read_tables(path)
    for judge, expected in (("j", [[1, -1]]), ("k", [[-1, 1]])):
        task = Task.read(path, judge=judge)
        assert (task.n_queries, task.recorded.tolist()) == (1, expected)


def written(document, name, records, *, folders):
    """The records in one file, or in a results folder."""
    if not folders:
        return document(f"{name}/annotations.json", records).parent
    for key in dict.fromkeys((r["generator_2"], r["annotator"]) for r in records):
        own = [r for r in records if (r["generator_2"], r["annotator"]) == key]
        path = document(f"{name}/results/{key[0]}/{key[1]}/annotations.json", own)
    return path.parents[3]


def told(path, **options):
    """What a task is, or its refusal, but for the notes."""
    try:
        task = Task.read(path, **options)
    except BayesselError as error:
        return str(error).removeprefix(str(path))
    return task.fingerprint, task.recorded_hash, task.baseline


RECORDS = st.lists(
    st.builds(
        record,
        st.integers(0, 2),
        st.sampled_from([1, 1.5, 2, None]),
        st.sampled_from(["a", "b", "base"]),
        annotator=st.sampled_from(["j", "j", "k"]),
        output_2=st.sampled_from(["x", "y"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(records=RECORDS)
def test_one_file_and_folders_of_the_same_records_are_one_task(tmp_path_factory, records):
    """Also where they are refused: in both, with the same words."""
    root = tmp_path_factory.mktemp("both")

    def document(name, value):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value))
        return path

    records = sorted(records, key=lambda r: r["generator_2"])  # folders are read by name
    paths = [written(document, f"p{i}", records, folders=bool(i)) for i in range(2)]
    for options in ({}, {"judge": "j", "null": "draw"}):
        one, many = (told(path, **options) for path in paths)
        assert one == many


def test_repeats_are_dropped_with_a_count_and_contradictions_refused(document):
    records = [record(1, 1), record(1, 2, "b"), record(1, 1), swapped(1, 1, "b"), record(1, None)]
    tables = read_tables(document("annotations.json", records), baseline="base")
    assert by_text(tables) == {("do 1", "a"): -1, ("do 1", "b"): 1}
    assert len(tables.queries) == 1
    assert "left out 2 rows of annotations that only repeat another" in tables.notes
    assert any("1 annotation that failed where another" in n for n in tables.notes)
    with pytest.raises(
        DataError, match=r"1 row of annotations say.*'do 1'.*'a' \(outcome loss and"
    ):
        read_tables(document("annotations.json", [record(1, 1), record(1, 2)]))


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
    assert "left out 1 judgment of the baseline 'base' against itself" in tables.notes


def test_a_folder_of_the_baseline_is_no_candidate(tmp_path, document):
    for model in "ab":
        document(f"{model}/judge/annotations.json", [record(1, 1, model), record(2, 2, model)])
    document("base/judge/annotations.json", [record(1, 1.5, "base-v2"), record(2, 2, "base-v2")])
    task = Task.read(tmp_path)
    assert task.candidates == ("a", "b")
    assert any(
        "left out 2 judgments of the baseline 'base' against itself" in n for n in task.notes
    )


def test_files_of_macos_are_not_read(tmp_path, document):
    for model in "ab":
        document(f"{model}/judge/annotations.json", [record(1, 1, model)])
        (tmp_path / model / "judge" / "._annotations.json").write_bytes(b"\x00\x05\x16\x07")
        (tmp_path / f"._{model}").mkdir()
        (tmp_path / f"._{model}" / "model_outputs.json").write_bytes(b"\x00\x05\x16\x07")
    assert Task.read(tmp_path).candidates == ("a", "b")


def test_the_same_query_and_model_in_two_files(tmp_path, document):
    document("x/annotations.json", [record(1, 1)])
    document("y/annotations.json", [record(1, 2)])
    with pytest.raises(
        DataError, match=r"1 row of annotations say.*candidate 'a' \(outcome loss and win"
    ):
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
