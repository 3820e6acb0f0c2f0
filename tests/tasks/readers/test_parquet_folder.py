"""Folders of Parquet tables."""

from __future__ import annotations

import pandas as pd
import pytest

from bayessel.errors import DataError, UnknownNameError
from bayessel.tasks.readers import read_tables

JUDGMENTS = {"query_id": ["1", "2"], "model": ["a", "a"], "outcome": [1, -1], "raw": [2.0, None]}
RESPONSES = {"query_id": ["1", "1"], "model": ["a", "z"], "text": ["", "hi"]}
QUERIES = {"query_id": ["1", "2"], "text": ["What?", "Why?"], "category": ["chat", None]}


@pytest.fixture
def folder(tmp_path):
    def write(**tables):
        for name, columns in tables.items():
            pd.DataFrame(columns).to_parquet(tmp_path / f"{name}.parquet")
        return tmp_path

    return write


def test_three_tables(folder):
    tables = read_tables(folder(judgments=JUDGMENTS, responses=RESPONSES, queries=QUERIES))
    assert tables.format == "parquet-folder"
    assert tables.judgments["outcome"].tolist() == [1, -1]
    assert tables.judgments["raw"].iloc[0] == 2.0
    assert tables.responses["text"].tolist() == ["", "hi"]
    assert tables.queries["text"].tolist() == ["What?", "Why?"]
    assert tables.baseline is None


def test_parts_may_be_absent(folder):
    path = folder(judgments=JUDGMENTS)
    tables = read_tables(path)
    assert tables.responses is None
    assert tables.queries is None
    (path / "judgments.parquet").unlink()
    tables = read_tables(folder(responses=RESPONSES))
    assert tables.judgments.empty
    (path / "responses.parquet").unlink()
    folder(queries=QUERIES)
    with pytest.raises(DataError, match=r"neither judgments\.parquet nor responses\.parquet"):
        read_tables(path, format="parquet-folder")


def test_integer_names_and_an_index_become_columns_of_text(folder, tmp_path):
    frame = pd.DataFrame({"query_id": [7], "model": ["a"], "outcome": [1]})
    frame.set_index("query_id").to_parquet(tmp_path / "judgments.parquet")
    assert read_tables(tmp_path).judgments["query_id"].tolist() == ["7"]


@pytest.mark.parametrize(
    ("tables", "why"),
    [
        ({"judgments": JUDGMENTS | {"outcome": [1, 2]}}, "row 2: unknown outcome 2"),
        ({"judgments": JUDGMENTS | {"query_id": ["1", None]}}, "row 2: query_id is empty"),
        ({"judgments": JUDGMENTS | {"query_id": [1.0, 2.0]}}, r"row 1: query_id is 1\.0"),
        ({"judgments": JUDGMENTS | {"query_id": ["1", "1"]}}, "1 row of judgments say"),
        ({"responses": RESPONSES | {"text": [1, 2]}}, r"row 1: text is 1 \(int\)"),
        (
            {"judgments": JUDGMENTS, "queries": {"query_id": ["1", "1"], "text": ["x", "y"]}},
            "1 row of queries say something else.*query '1'",
        ),
        ({"judgments": {"query_id": ["1"], "models": ["a"], "outcome": [1]}}, "is it 'models'"),
    ],
)
def test_malformed(folder, tables, why):
    with pytest.raises(DataError, match=why):
        read_tables(folder(**tables))


def test_baseline_of_the_user(folder):
    path = folder(judgments=JUDGMENTS, responses=RESPONSES)
    assert read_tables(path, baseline="z").baseline == "z"
    with pytest.raises(UnknownNameError, match="unknown baseline 'zz'"):
        read_tables(path, baseline="zz")
    with pytest.raises(DataError, match="'a' has judgments of its own"):
        read_tables(path, baseline="a")


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "cells", "texts", "queries"),
    [
        ("alpacaeval", 42_665, 43_470, 805),
        ("arenahard_gpt4o", 20_992, 21_500, 500),
        ("fasteval_mtbench", 5_280, 5_440, 160),
        ("zeroeval_crux", 40_000, 40_800, 800),
        ("shaberi_elyza100", 16_600, 16_700, 100),
    ],
)
def test_real_folders(shared, name, cells, texts, queries):
    tables = read_tables(shared / name)
    assert tables.format == "parquet-folder"
    assert len(tables.judgments) == cells
    assert len(tables.responses) == texts
    assert len(tables.queries) == queries
    assert set(tables.judgments["outcome"]) == {-1, 0, 1}


def test_spaces_around_names_are_left_out_and_noted(folder):
    queries = {"query_id": [f"{q} " for q in RESPONSES["query_id"]]}
    tables = read_tables(folder(responses=RESPONSES | queries))
    assert tables.responses["query_id"].tolist() == list(RESPONSES["query_id"])
    assert [n[:36] for n in tables.notes] == ["left out the spaces around 1 name in"]


def test_a_null_text_is_no_response(folder):
    tables = read_tables(folder(responses=RESPONSES | {"text": ["x", None]}))
    assert tables.responses["text"].isna().tolist() == [False, True]


def test_null_outcomes_are_missing_and_repeats_are_dropped(folder):
    judged = {"query_id": ["1", "1", "2"], "model": ["a", "a", "a"], "outcome": [1.0, 1.0, None]}
    tables = read_tables(folder(judgments=judged))
    assert tables.judgments[["query_id", "outcome"]].to_numpy().tolist() == [["1", 1]]
    assert "1 of 3 outcomes are null: not judged" in tables.notes
    assert "left out 1 row of judgments that only repeat another" in tables.notes


def test_several_responses_are_samples(folder):
    many = {"query_id": ["1"] * 4, "model": ["a", "a", "a", "z"], "text": ["x", "y", "x", "hi"]}
    path = folder(judgments=JUDGMENTS, responses=many, queries=QUERIES)
    tables = read_tables(path, baseline="z")
    texts = tables.responses.set_index(["query_id", "candidate"])["text"].to_dict()
    assert texts == {("1", "a"): "x", ("1#2", "a"): "y", ("1", "z"): "hi", ("1#2", "z"): "hi"}
    assert tables.queries["text"].tolist() == ["What?", "Why?", "What?"]
    first = read_tables(path, baseline="z", rules={"samples": "first"})
    assert first.responses["text"].tolist() == ["x", "hi"]


def test_lists_of_messages_are_conversations(folder):
    said = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes?"}]
    said += [{"role": "user", "content": "2+2?"}]
    reply = [{"role": "assistant", "content": "4"}]
    tables = read_tables(
        folder(
            responses=RESPONSES | {"text": [reply, reply]},
            queries={"query_id": ["1"], "text": [said]},
        )
    )
    assert tables.responses["text"].tolist() == ["4", "4"]
    assert tables.queries["text"].tolist() == ["[User]\nHi\n\n[Assistant]\nYes?\n\n[User]\n2+2?"]
