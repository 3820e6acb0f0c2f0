"""Long tables in CSV, TSV, JSONL and Parquet."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayessel.errors import DataError, UnknownNameError
from bayessel.support.names import clean_name
from bayessel.tasks.readers import read_tables


def write(path: Path, content: str) -> Path:
    path.write_bytes(content.encode())
    return path


def test_csv_with_everything(tmp_path, outcomes):
    content = (
        "query_id,model,outcome,text,query_text,category,baseline\n"
        'q1,a,1,"one, two\nthree",What?,chat,base\n'
        "q1,b,draw,,What?,chat,base\n"
        "q1,base,,hello,,,\n"
        "q2,a,LOSS,x,Why?,,base\n"
    )
    tables = read_tables(write(tmp_path / "t.csv", content))
    assert tables.format == "table"
    assert tables.baseline == "base"
    assert outcomes(tables) == {("q1", "a"): 1, ("q1", "b"): 0, ("q2", "a"): -1}
    assert tables.responses["text"].tolist() == ["one, two\nthree", "", "hello", "x"]
    assert tables.queries["text"].tolist() == ["What?", "Why?"]
    assert tables.queries["category"].iloc[0] == "chat"
    assert pd.isna(tables.queries["category"].iloc[1])
    assert tables.notes == ()


def test_names_and_texts_stay_as_written(tmp_path):
    content = "query_id\tmodel\toutcome\ttext\n007\tNA\t1\tnull\n1e3\t1.0\t0\tNaN\n"
    tables = read_tables(write(tmp_path / "t.TSV", content))
    assert tables.judgments["query_id"].tolist() == ["007", "1e3"]
    assert tables.judgments["candidate"].tolist() == ["NA", "1.0"]
    assert tables.responses["text"].tolist() == ["null", "NaN"]


def test_spaces_around_names_are_left_out_and_noted(tmp_path):
    content = "query_id,model,outcome,baseline\nq1 , a,1, z\nq1,b,-1,z\nq2,a,0,z\n"
    tables = read_tables(write(tmp_path / "t.csv", content))
    assert tables.judgments["query_id"].tolist() == ["q1", "q1", "q2"]
    assert tables.judgments["candidate"].tolist() == ["a", "b", "a"]
    assert tables.baseline == "z"
    assert tables.notes == (
        "left out the spaces around 1 name in the column query_id: 'q1 '",
        "left out the spaces around 1 name in the column candidate: ' a'",
        "left out the spaces around 1 name in the column baseline: ' z'",
    )
    write(tmp_path / "t.csv", content + "q1,a ,0,z\n")
    with pytest.raises(DataError, match="1 duplicate row"):
        read_tables(tmp_path / "t.csv")
    write(tmp_path / "t.csv", content + "q1,  ,1,z\n")
    with pytest.raises(DataError, match="line 5: candidate is empty"):
        read_tables(tmp_path / "t.csv")


def test_integers_in_json_and_parquet_are_names(tmp_path):
    write(tmp_path / "t.jsonl", '{"query_id": 7, "model": 12345678901234567890, "outcome": 1}\n')
    tables = read_tables(tmp_path / "t.jsonl")
    assert tables.judgments.loc[0, ["query_id", "candidate"]].tolist() == [
        "7",
        "12345678901234567890",
    ]
    frame = pd.DataFrame({"query_id": [7, 2**53 + 1], "model": ["a", "b"], "outcome": [1, None]})
    frame.to_parquet(tmp_path / "t.parquet")
    tables = read_tables(tmp_path / "t.parquet")
    assert tables.judgments["query_id"].tolist() == ["7"]
    assert tables.queries["query_id"].tolist() == ["7", str(2**53 + 1)]


@pytest.mark.parametrize("value", ["null", "true", "1.5", '""', "[]"])
def test_absurd_names(tmp_path, value):
    path = write(tmp_path / "t.jsonl", f'{{"query_id": {value}, "model": "a", "outcome": 1}}\n')
    with pytest.raises(DataError, match=r"t\.jsonl, line 1: query_id is"):
        read_tables(path)


@pytest.mark.parametrize("value", ["[]", "2", "0.5", '"good"', "true"])
def test_unknown_outcomes_name_the_row(tmp_path, value):
    good = '{"query_id": "q0", "model": "a", "outcome": 1}\n\n'
    bad = f'{{"query_id": "q1", "model": "a", "outcome": {value}}}\n'
    with pytest.raises(DataError, match=r"t\.jsonl, line 3: unknown outcome"):
        read_tables(write(tmp_path / "t.jsonl", good + bad))


def test_csv_rows_are_named_by_their_line(tmp_path):
    content = 'query_id,model,outcome,text\nq1,a,1,"x\ny"\n\nq1,b,maybe,z\n'
    with pytest.raises(DataError, match=r"t\.csv, line 5: unknown outcome 'maybe'"):
        read_tables(write(tmp_path / "t.csv", content))


def test_unjudged(tmp_path):
    for content in ("query_id,model,text\nq,a,x\n", "query_id,model,outcome,text\nq,a, ,x\n"):
        tables = read_tables(write(tmp_path / "t.csv", content))
        assert tables.judgments.empty
        assert list(tables.judgments) == ["query_id", "candidate", "outcome"]
        assert len(tables.responses) == 1


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("query_id,modle,outcome\nq,a,1\n", r"lacks candidate \(is it 'modle'\?\)"),
        ("query_id,model,outcom\nq,a,1\n", "'outcom'.*did you mean 'outcome'"),
        ("query_id,model,Scores,text\nq,a,1,x\n", "'Scores'.*did you mean 'score'"),
        ("query_id,model,Outcome,outcome\nq,a,1,1\n", "both 'Outcome' and 'outcome'"),
        ("query_id,model,verdict\nq,a,1\n", "lacks outcome"),
        ("query_id,model,outcome,model\nq,a,1,b\n", "more than one column 'model'"),
        ("query_id,model,outcome\nq,a\n", "line 2 has 2 field.*header has 3"),
        ("query_id,model,outcome\nq,a,1,2\n", "line 2 has 4 field"),
        ('query_id,model,outcome\nq,a,"1\nq,b,1\n', "line 2: unexpected end of data"),
        ("query_id,model,outcome\n", "has no rows"),
        (
            "query_id,model,outcome,query,query_text\nq,a,1,x,x\n",
            "both 'query' and 'query_text'.*keep one",
        ),
        ("query_id,model,outcome,query\nq,a,1,x\nq,b,1,y\n", "query 'q' has different values"),
        ("query_id,model,outcome,baseline\nq,a,1,x\nq,b,1,y\n", "more than one baseline"),
        ("query_id,model,outcome,baseline\nq,x,1,x\n", "baseline 'x' has judgments"),
    ],
)
def test_malformed_tables(tmp_path, content, why):
    with pytest.raises(DataError, match=why):
        read_tables(write(tmp_path / "t.csv", content))


def test_rows_that_repeat_another_are_dropped_and_contradictions_are_refused(tmp_path, outcomes):
    content = "query_id,model,outcome\nq1,a,1\nq2,a,-1\nq2,a,-1\n"
    tables = read_tables(write(tmp_path / "t.csv", content))
    assert outcomes(tables) == {("q1", "a"): 1, ("q2", "a"): -1}
    assert tables.notes == ("left out 1 row that only repeats another",)
    with pytest.raises(DataError, match=r"1 duplicate.*query 'q1' and cand.* 'a' .*line 5\)"):
        read_tables(write(tmp_path / "t.csv", content + "q1,a,0\n"))
    said = "query_id,model,outcome,text\nq1,a,,x\nq1,a,win,\n"  # each has what the other lacks
    tables = read_tables(write(tmp_path / "t.csv", said))
    assert outcomes(tables) == {("q1", "a"): 1}
    assert tables.responses["text"].tolist() == ["x"]
    with pytest.raises(DataError, match="1 duplicate row of the table with another text"):
        read_tables(write(tmp_path / "t.csv", said + "q1,a,,y\n"))


def test_unused_columns_are_noted(tmp_path):
    content = "query_id,model,outcome,score,language\nq,a,1,3,en\n"
    notes = read_tables(write(tmp_path / "t.csv", content)).notes
    assert any("language" in n for n in notes)
    assert any("score" in n for n in notes)


SCORES = "query_id,model,score\nq1,a,0.3\nq1,b,0.1\nq1,z,0.2\nq2,a,5\nq2,z,5\nq2,b,\n"


@pytest.mark.parametrize(
    ("tolerance", "expected"), [(None, (1, -1, 0)), (0.1, (0, 0, 0)), (0.09, (1, -1, 0))]
)
def test_scores_are_compared_with_the_baseline(tmp_path, outcomes, tolerance, expected):
    tables = read_tables(write(tmp_path / "t.csv", SCORES), baseline="z", tolerance=tolerance)
    q1a, q1b, q2a = expected
    assert outcomes(tables) == {("q1", "a"): q1a, ("q1", "b"): q1b, ("q2", "a"): q2a}
    assert tables.baseline == "z"
    assert tables.judgments["baseline_score"].tolist() == [0.2, 0.2, 5.0]


def test_scores_need_a_baseline_with_scores(tmp_path):
    path = write(tmp_path / "t.csv", SCORES)
    with pytest.raises(DataError, match="name the baseline with baseline="):
        read_tables(path)
    with pytest.raises(DataError, match=r"'b' has no score for 1 of 2 .* first 'q2'"):
        read_tables(path, baseline="b")
    with pytest.raises(DataError, match="'nobody' has no score for 2 of 2"):
        read_tables(path, baseline="nobody")


@pytest.mark.parametrize("score", ["good", "nan", "inf", "1e999"])
def test_scores_are_finite_numbers(tmp_path, score):
    path = write(tmp_path / "t.csv", f"query_id,model,score\nq,z,1\nq,a,{score}\n")
    with pytest.raises(DataError, match=r"t\.csv, line 3: score is .*finite number"):
        read_tables(path, baseline="z")


def test_tolerance_without_scores_is_refused(tmp_path):
    path = write(tmp_path / "t.csv", "query_id,model,outcome\nq,a,1\n")
    with pytest.raises(DataError, match="tolerance was given, but"):
        read_tables(path, tolerance=0.5)


def test_baseline_disagreeing_with_the_file(tmp_path):
    path = write(tmp_path / "t.csv", "query_id,model,outcome,baseline\nq,a,1,base\n")
    with pytest.raises(UnknownNameError, match="judged against 'base'"):
        read_tables(path, baseline="bas")


def test_unknown_ending(tmp_path):
    path = write(tmp_path / "t.txt", "query_id,model,outcome\nq,a,1\n")
    with pytest.raises(DataError, match=r"ends in '.txt'.*\.csv"):
        read_tables(path, format="table")


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=6).filter(clean_name)
CELLS = st.sampled_from([-1, 0, 1, None])


@settings(max_examples=60, deadline=None)
@given(
    cells=st.lists(
        st.tuples(NAMES, NAMES, CELLS, NAMES),
        min_size=1,
        max_size=9,
        unique_by=lambda cell: (clean_name(cell[0]), clean_name(cell[1])),
    ),
    suffix=st.sampled_from([".csv", ".tsv", ".jsonl", ".parquet"]),
)
def test_round_trip(cells, suffix):
    records = [{"query_id": q, "model": m, "outcome": o, "text": t} for q, m, o, t in cells]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"t{suffix}"
        _write_records(path, records)
        tables = read_tables(path)
    changed = {n for r in records for n in (r["query_id"], r["model"]) if n != clean_name(n)}
    told = {r["outcome"] for r in records} - {None}
    assert bool(changed or (0 in told and told <= {0, 1})) == bool(tables.notes)
    for record in records:
        record |= {k: clean_name(record[k]) for k in ("query_id", "model")}
    expected = [(r["query_id"], r["model"], r["outcome"]) for r in records]
    assert list(tables.judgments.itertuples(index=False, name=None)) == [
        row for row in expected if row[2] is not None
    ]
    texts = list(tables.responses.itertuples(index=False, name=None))
    assert texts == [(r["query_id"], r["model"], r["text"]) for r in records]


def _write_records(path: Path, records: list[dict]) -> None:
    if path.suffix == ".parquet":
        pd.DataFrame(records).to_parquet(path)
    elif path.suffix == ".jsonl":
        path.write_bytes("".join(json.dumps(r) + "\n" for r in records).encode())
    else:
        out = io.StringIO(newline="")
        writer = csv.DictWriter(
            out, list(records[0]), delimiter="," if path.suffix == ".csv" else "\t"
        )
        writer.writeheader()
        writer.writerows(records)
        path.write_bytes(out.getvalue().encode())
