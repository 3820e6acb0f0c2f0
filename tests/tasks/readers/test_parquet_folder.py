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
        ({"judgments": JUDGMENTS | {"outcome": [None, 1.0]}}, "row 1: unknown outcome nan"),
        ({"judgments": JUDGMENTS | {"query_id": ["1", None]}}, "row 2: query_id is empty"),
        ({"judgments": JUDGMENTS | {"query_id": [1.0, 2.0]}}, r"row 1: query_id is 1\.0"),
        ({"judgments": JUDGMENTS | {"query_id": ["1", "1"]}}, "1 duplicate.*of judgments"),
        ({"responses": RESPONSES | {"model": ["a", "a"]}}, "1 duplicate.*of responses"),
        ({"responses": RESPONSES | {"text": [1, 2]}}, "column text holds int64"),
        ({"judgments": JUDGMENTS, "queries": {"query_id": ["1", "1"]}}, "1 duplicate.*query '1'"),
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
    assert [n[:37] for n in tables.notes] == ["left out the spaces around 2 names in"]


def test_a_null_text_is_no_response(folder):
    tables = read_tables(folder(responses=RESPONSES | {"text": ["x", None]}))
    assert tables.responses["text"].isna().tolist() == [False, True]
