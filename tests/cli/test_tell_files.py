"""``tell`` reads what people have: packed, in UTF-16, with other words, as JSON, Parquet, Excel."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pandas as pd
import pytest

from bayessel import Run, Task
from refusals import answers, refused
from sample import rows

ROWS = [("q0", "a", "win"), ("q1", "b", "loss"), ("q2", "a", "")]
STORED = [("q0", "a", 1), ("q1", "b", -1)]
PLAIN = "query_id,model,outcome\n" + "".join(",".join(row) + "\n" for row in ROWS)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    task = Task.from_frame(pd.DataFrame(rows()).assign(outcome=""), baseline="base")
    with Run.create(tmp_path / "run", task, "random") as made:
        made.next(18)
    return tmp_path / "run"


def records(**names: str) -> list[dict]:
    keys = [names.get(key, key) for key in ("query", "candidate", "outcome")]
    return [dict(zip(keys, row, strict=True)) for row in ROWS]


TEXTS = {
    "o.csv": PLAIN.encode(),
    "mark.csv": b"\xef\xbb\xbf" + PLAIN.replace("\n", "\r\n").encode(),
    "o.csv.gz": gzip.compress(PLAIN.encode()),
    "utf16.csv": PLAIN.encode("utf-16"),
    "words.csv": PLAIN.replace("query_id,model", "Question_ID,LLM").encode(),
    "case.csv": PLAIN.replace("query_id,model,outcome", "Query ID,Model-Name,Outcome").encode(),
    "item.jsonl": b"".join(
        json.dumps(r).encode() + b"\n" for r in records(query="item", candidate="model_name")
    ),
    "o.json": json.dumps(records(query="prompt_id"), indent=1).encode(),
    "o.jsonl.gz": gzip.compress(b"\n".join(json.dumps(r).encode() for r in records())),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_file(bayessel, run, tmp_path, name):
    (tmp_path / name).write_bytes(TEXTS[name])
    result = bayessel("tell", run, name)
    assert result.returncode == 0, result.stderr
    assert answers(run) == STORED
    assert "no outcome was given, so not judged: q2 (a)" in result.stdout


@pytest.mark.parametrize("ending", ["parquet", "xlsx"])
def test_a_table_that_is_no_text(bayessel, run, tmp_path, ending):
    frame = pd.DataFrame(records(query="item", candidate="llm"))
    write = frame.to_parquet if ending == "parquet" else frame.to_excel
    write(tmp_path / f"o.{ending}", index=False)
    result = bayessel("tell", run, f"o.{ending}")
    assert result.returncode == 0, result.stderr
    assert answers(run) == STORED


def test_numbers_in_a_frame_of_outcomes(bayessel, run, tmp_path):
    """An empty cell makes pandas write the outcomes as 1.0 and -1.0."""
    frame = pd.DataFrame(records()).assign(outcome=[1, -1, None])
    frame.to_csv(tmp_path / "o.csv", index=False)
    frame.to_parquet(tmp_path / "o.parquet")
    for name in ("o.csv", "o.parquet"):
        assert bayessel("tell", run, name).returncode == 0
    assert answers(run) == STORED


@pytest.mark.parametrize(
    ("name", "raw", "word"),
    [
        ("o.csv.gz", gzip.compress(PLAIN.encode(), mtime=0)[:-9], "give a file that is whole"),
        ("o.parquet", b"PAR1", "not a readable Parquet file"),
        ("o.xlsx", b"PK", "not a readable Excel workbook"),
        ("o.json", b'[{"query":"q0","candidate":"a","outcome":1}, 3]', "record 2: expected an obj"),
        ("o.json", b'[{"query":"q0","candidate":"a","llm":"b","outcome":1}]', "more than once"),
        ("o.json", b'[{"query":"q0","candidate":"a"}]', "expected query, candidate, outcome"),
        ("o.json", b"[]", "has no outcomes"),
        ("o.csv", b"item,question_id,model,outcome\nq0,q0,a,1\n", "query more than once"),
    ],
)
def test_what_is_malformed_is_refused_whole(bayessel, run, tmp_path, name, raw, word):
    (tmp_path / name).write_bytes(raw)
    refused(bayessel("tell", run, name), word)
    assert answers(run) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("q0", "a"), "'a' has no outcome: give a=win, a=draw or a=loss"),
        (("a",), "'a' has no outcome: give a=win"),
        (("a=win",), "'a=win' names no query: give the query before it"),
        (("q0", "a:win"), "there is no file 'a:win': give a file, or NAME=win"),
        (("o.csv",), "there is no file 'o.csv'"),
    ],
)
def test_words_that_were_not_meant_as_files(bayessel, run, words, said):
    refused(bayessel("tell", run, *words), said)
    assert answers(run) == []
