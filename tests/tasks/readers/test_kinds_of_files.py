"""One table in every kind of file that people have it in."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

import pandas as pd
import pyarrow as pa
import pytest

from bayessel import Task
from bayessel.errors import DataError
from bayessel.tasks.readers import FORMATS, read_tables
from bayessel.tasks.readers.parts import delimited, files

RECORDS = [
    {"query_id": "1", "candidate": "a", "outcome": "win", "text": "ä, one"},
    {"query_id": "1", "candidate": "b", "outcome": "loss", "text": "two"},
    {"query_id": "1", "candidate": "z", "outcome": "", "text": "base"},
    {"query_id": "2", "candidate": "a", "outcome": "draw", "text": "x"},
]
OUTCOMES = {("1", "a"): 1, ("1", "b"): -1, ("2", "a"): 0}
LINES = "".join(json.dumps(record) + "\n" for record in RECORDS).encode()


def separated(sign: str) -> str:
    def field(value: str) -> str:
        return f'"{value}"' if sign in value else value

    rows = [list(RECORDS[0]), *(list(record.values()) for record in RECORDS)]
    return "".join(sign.join(map(field, row)) + "\n" for row in rows)


def zstd(raw: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as packed:
        packed.write(raw)
    return sink.getvalue().to_pybytes()


FILES = {
    "t.csv": separated(",").encode(),
    "semicolon.csv": separated(";").encode(),
    "tab.csv": separated("\t").encode(),
    "bar.csv": separated("|").encode(),
    "comma.tsv": separated(",").encode(),
    "sep.csv": ("sep=;\r\n" + separated(";")).encode(),
    "quoted-sep.csv": ("SEP=,\n" + separated(",")).encode(),
    "crlf.csv": separated(";").replace("\n", "\r\n").encode(),
    "mark.csv": b"\xef\xbb\xbf" + separated(",").encode(),
    "blank-rows.csv": (separated(",") + "\n,,,\n , ,,\n\n").encode(),
    "utf16.csv": separated("\t").encode("utf-16"),
    "utf16be.csv": b"\xfe\xff" + separated(",").encode("utf-16-be"),
    "unmarked.csv": separated(",").encode("utf-16-le"),
    "t.csv.gz": gzip.compress(separated(",").encode()),
    "two.csv.gz": gzip.compress(separated(",")[:40].encode())
    + gzip.compress(separated(",")[40:].encode()),
    "T.CSV.GZ": gzip.compress(separated(",").encode()),
    "t.csv.zst": zstd(separated(",").encode()),
    "not-named.csv": zstd(separated(",").encode()),
    "t.jsonl": LINES,
    "t.ndjson": LINES.replace(b"\n", b"\n\n"),
    "t.jsonl.gz": gzip.compress(LINES),
    "lines.json": LINES,
    "array.json": json.dumps(RECORDS, indent=1).encode(),
    "array.json.zst": zstd(json.dumps(RECORDS).encode()),
    "array16.json": json.dumps(RECORDS).encode("utf-16"),
}


@pytest.mark.parametrize("name", FILES)
def test_every_kind_of_file_gives_the_same_tables(tmp_path, outcomes, name):
    path = tmp_path / name
    path.write_bytes(FILES[name])
    tables = read_tables(path)
    assert tables.format == "table"
    assert outcomes(tables) == OUTCOMES
    texts = dict(zip(tables.responses["candidate"], tables.responses["text"], strict=True))
    assert texts == {"a": "x", "b": "two", "z": "base"}
    assert tables.responses["text"].iloc[0] == "ä, one"
    blank = ("left out 2 rows without any value",)
    assert tables.notes == (blank if name == "blank-rows.csv" else ())


def test_excel(tmp_path, outcomes):
    frame = pd.DataFrame(RECORDS).replace({"": None})
    with pd.ExcelWriter(tmp_path / "t.xlsx") as book:
        pd.DataFrame().to_excel(book, sheet_name="empty")
        frame.to_excel(book, sheet_name="verdicts", index=False, startrow=2)
        pd.DataFrame({"x": [1]}).to_excel(book, sheet_name="more", index=False)
    tables = read_tables(tmp_path / "t.xlsx")
    assert outcomes(tables) == OUTCOMES
    assert tables.notes == ("read the sheet 'verdicts', not 'more'",)
    frame.assign(outcome="good").to_excel(tmp_path / "t.xlsx", index=False)
    with pytest.raises(DataError, match=r"t\.xlsx, row 2: unknown outcome 'good'"):
        read_tables(tmp_path / "t.xlsx")
    numbers = frame.assign(query_id=[1, 1, 1, 2], score=[1.5, 2, 3, 3]).drop(columns="outcome")
    numbers.loc[4] = [2, "z", "t", 1]
    numbers.to_excel(tmp_path / "t.xlsx", index=False)
    assert outcomes(read_tables(tmp_path / "t.xlsx", baseline="z")) == {
        ("1", "a"): -1,
        ("1", "b"): -1,
        ("2", "a"): 1,
    }
    (tmp_path / "t.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    with pytest.raises(DataError, match="not a readable Excel workbook"):
        read_tables(tmp_path / "t.xlsx")


def test_excel_without_openpyxl_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    (tmp_path / "t.xlsx").write_bytes(b"PK")
    with pytest.raises(DataError, match=r"pip install 'bayessel\[xlsx\]'"):
        read_tables(tmp_path / "t.xlsx")


@pytest.mark.parametrize("quoted", [False, True])
def test_a_field_may_be_longer_than_pythons_own_limit(tmp_path, quoted):
    text = "x" * 200_000 + (', "' if quoted else "")
    frame = pd.DataFrame(RECORDS[:2]).assign(text=[text, "y"])
    frame.to_csv(tmp_path / "t.csv", index=False)
    assert read_tables(tmp_path / "t.csv").responses["text"].iloc[0] == text


@pytest.mark.parametrize(
    ("header", "read"),
    [
        ("Query ID,Model,OUTCOME,Response,Prompt", True),
        ("question_id,LLM,Outcome,response,prompt", True),
        (" item , candidate,outcome,text,query", True),
        ("item,model,outcome,output,question", True),
        ("item,modle,outcome,text,query", False),
    ],
)
def test_headers_in_other_words_and_letters(tmp_path, outcomes, header, read):
    path = tmp_path / "t.csv"
    path.write_text(f"{header}\n1,a,win,x,W\n1,z,,y,W\n")
    if not read:
        with pytest.raises(DataError, match=r"lacks candidate \(is it 'modle'\?\)"):
            read_tables(path)
        return
    tables = read_tables(path)
    assert outcomes(tables) == {("1", "a"): 1}
    assert tables.responses["text"].tolist() == ["x", "y"]
    assert tables.queries["text"].tolist() == ["W"]
    assert tables.notes == ()


@pytest.mark.parametrize(
    ("name", "raw", "why"),
    [
        ("t.csv.gz", gzip.compress(FILES["t.csv"], mtime=0)[:-20], "cannot read .*t.csv.gz"),
        ("t.csv.zst", FILES["t.csv.zst"][:-4], "cannot read .*t.csv.zst"),
        ("t.csv", "a;ü".encode("utf-16")[:-1], "is not UTF-16"),
        ("t.csv.gz", gzip.compress(b"query_id,\xff", mtime=0), "byte 0xff at offset 9"),
    ],
)
def test_damaged_files_are_one_line(tmp_path, name, raw, why):
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(DataError, match=why) as info:
        read_tables(tmp_path / name)
    assert "\n" not in str(info.value)


def test_lines_are_counted_where_quotes_begin_late(tmp_path, monkeypatch):
    monkeypatch.setattr(delimited, "_BLOCK", 1000)
    rows = [f"q{i},a,1\n" for i in range(3000)]  # in many blocks of lines
    rows[2500] = '"q\nx",a,1\n'
    rows[-1] = "q,a,maybe\n"
    (tmp_path / "t.csv").write_text("query_id,candidate,outcome\n" + "".join(rows))
    with pytest.raises(DataError, match=r"line 3002: unknown outcome 'maybe'"):
        read_tables(tmp_path / "t.csv")
    (tmp_path / "t.csv").write_text("query_id,candidate,outcome\n" + "".join(rows[:9]) + "q,a\n")
    with pytest.raises(DataError, match="line 11 has 2 fields"):
        read_tables(tmp_path / "t.csv")


@pytest.mark.parametrize("late", ["\n", '{"query_id": "\\u00e4", "candidate": "a"}\n', "[1]\n"])
def test_json_lines_are_counted_in_many_blocks(tmp_path, monkeypatch, late):
    monkeypatch.setattr(files, "_BLOCK", 1000)
    rows = [json.dumps({"query_id": i, "candidate": "a", "outcome": 1}) + "\n" for i in range(300)]
    rows[250] = late
    rows[-1] = '{"query_id": "q", "candidate": "b", "outcome": 5}\n'
    (tmp_path / "t.jsonl").write_text("".join(rows))
    wrong = "line 251 is" if late.startswith("[") else "line 300: unknown outcome 5"
    with pytest.raises(DataError, match=wrong):
        read_tables(tmp_path / "t.jsonl")


def test_several_files_are_one_task(tmp_path):
    frame = pd.DataFrame(RECORDS)
    frame.loc[len(frame)] = ["2", "z", "", "base 2"]
    frame.loc[len(frame)] = ["2", "b", "win", "y"]
    whole = tmp_path / "whole.csv"
    frame.to_csv(whole, index=False)
    expected = Task.read(whole)
    (tmp_path / "each").mkdir()
    paths = []
    for name, part in frame.groupby("candidate"):
        paths.append(tmp_path / "each" / f"{name}.csv")
        part.drop(columns="candidate").rename(columns={"text": "Response"}).to_csv(
            paths[-1], index=False
        )
    (tmp_path / "each" / "._a.csv").write_bytes(b"\x00\x05\x16\x07")
    (tmp_path / "each" / "README.md").write_text("of the files")
    for given in (paths, tmp_path / "each", [tmp_path / "each"]):
        task = Task.read(given)
        assert task.fingerprint == expected.fingerprint
        assert task.recorded.tolist() == expected.recorded.tolist()
        assert task.notes == ("each file was read as the rows of one LLM, named after the file",)
    outcomes, responses = tmp_path / "outcomes.csv", tmp_path / "responses.jsonl"
    judged = frame[frame["outcome"] != ""].drop(columns="text")
    judged.rename(columns={"candidate": "model"}).to_csv(outcomes, index=False)
    frame.drop(columns="outcome").to_json(responses, orient="records", lines=True)
    task = Task.read([responses, outcomes])
    assert task.fingerprint == expected.fingerprint
    assert task.recorded.tolist() == expected.recorded.tolist()
    paths[1].write_text("query_id,outcome\n1,win\n2,nice\n")
    with pytest.raises(DataError, match=r"b\.csv, line 3: unknown outcome 'nice'"):
        Task.read(paths)


def test_several_paths_of_different_formats_are_refused(tmp_path, monkeypatch):
    pd.DataFrame(RECORDS).to_csv(tmp_path / "t.csv", index=False)
    votes = {"query_id": ["1"], "model_a": ["a"], "model_b": ["b"], "winner": ["tie"]}
    pd.DataFrame(votes).to_csv(tmp_path / "v.csv", index=False)
    with pytest.raises(DataError, match=r"t\.csv looks like table and .*v\.csv like votes"):
        read_tables([tmp_path / "t.csv", tmp_path / "v.csv"])
    alone = replace(FORMATS["table"], read_many=None)
    monkeypatch.setattr(type(FORMATS), "__getitem__", lambda *_: alone)
    with pytest.raises(DataError, match="a format of one path: give the one folder"):
        read_tables([tmp_path / "t.csv", tmp_path / "t.csv"], format="table")
    with pytest.raises(DataError, match="no path was given"):
        read_tables([])


def test_one_column_for_each_llm(tmp_path, outcomes):
    path = tmp_path / "t.csv"
    path.write_text("query_id,prompt,a,b\nq1,W,win,-1\nq2,V,,draw\n")
    tables = read_tables(path)
    assert outcomes(tables) == {("q1", "a"): 1, ("q1", "b"): -1, ("q2", "b"): 0}
    assert tables.queries["text"].tolist() == ["W", "V"]
    assert tables.notes == ("read 2 columns as LLMs, their values as outcomes: 'a', 'b'",)
    path.write_text("query_id,a,b,z\nq1,3,4.5,4\nq2,4,1,4\n")
    assert outcomes(read_tables(path, baseline="z")) == {
        ("q1", "a"): -1,
        ("q1", "b"): 1,
        ("q2", "a"): 0,
        ("q2", "b"): -1,
    }
    for content in ("query_id,a,b\nq1,1,0\n", "query_id,a,b\nq1,one,two\n"):
        path.write_text(content)
        with pytest.raises(DataError, match=r"melt.*id_vars=\['query_id'\].*value_name='outcome'"):
            read_tables(path)
    path.write_text("query_id,a,b,z\nq1,1,0,0\n")
    assert outcomes(read_tables(path, baseline="z", outcomes="pass-fail")) == {
        ("q1", "a"): 1,
        ("q1", "b"): 0,
    }


def test_a_json_file_that_is_no_table_is_not_detected(tmp_path):
    (tmp_path / "t.json").write_text('{"results": []}')
    assert not any(reader.detect(tmp_path / "t.json") for reader in FORMATS.values())
