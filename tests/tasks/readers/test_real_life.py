"""What people's files have that nobody plans for; each is read, or refused with what to do."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pandas as pd
import pytest

from bayessel import Task
from bayessel.errors import DataError
from bayessel.outcomes import MISSING

HEAD = "query_id,candidate,outcome\n"
BODY = "1,a,win\n1,b,loss\n"


def file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


# ------------------------------------------------------------------ queries without a name
def test_a_query_is_its_text_where_nothing_names_it(tmp_path):
    rows = [("Why?", "a", "x", "win"), ("Why?", "b", "y", "loss"), ("Why?", "z", "q", "")]
    frame = pd.DataFrame(rows, columns=["prompt", "model", "response", "outcome"])
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_json(tmp_path / "t.json", orient="records")
    for task in (
        Task.read(tmp_path / "t.csv"),
        Task.read(tmp_path / "t.json"),
        Task.from_frame(frame),
    ):
        assert task.recorded.tolist() == [[1, -1]]
        assert task.data["query_text"].item() == "Why?"
        assert any("rows with the same prompt are one query" in note for note in task.notes)
    with pytest.raises(DataError, match="row 1: prompt is empty, and there is no column query_id"):
        Task.from_frame(frame.assign(prompt=["", "x", "y"]))
    wide = file(tmp_path, "wide.csv", "prompt,gpt,llama,z\nx,1.5,4,3\ny,2,1,1.5\n")
    assert Task.read(wide, baseline="z").recorded.tolist() == [[-1, 1], [1, -1]]


def test_a_number_with_and_without_its_point_is_noted(tmp_path):
    task = Task.read(file(tmp_path, "t.csv", HEAD + "1.0,a,win\n1,b,loss\n2.0,a,win\n"))
    assert task.n_queries == 3
    assert any("'1.0' and '1' are read as two queries" in note for note in task.notes)
    alone = Task.read(file(tmp_path, "t.csv", HEAD + "1.0,a,win\n1.0,b,loss\n"))
    assert not any("two queries" in note for note in alone.notes)


# ------------------------------------------------------------------ conversations
def conversation(llm: str) -> list[dict[str, str]]:
    turns = [("U1", f"{llm}1"), ("U2", f"{llm}2")]
    return [m for u, a in turns for m in (message("user", u), message("assistant", a))]


def vote(llm: str, winner: str, turn: int) -> dict:
    said = {"conversation_a": conversation(llm), "conversation_b": conversation("z")}
    return {
        "question_id": 81,
        "model_a": llm,
        "model_b": "z",
        "winner": winner,
        "turn": turn,
    } | said


def test_votes_on_turns_of_conversations(jsonl, tmp_path):
    """As in MT-bench's human judgments: at turn k a judge sees the turns up to it."""
    told = [("a", "model_a", 1), ("b", "model_b", 1), ("a", "tie", 2), ("b", "model_a", 2)]
    votes = [vote(*one) for one in told]
    pd.DataFrame(votes).to_parquet(tmp_path / "v.parquet")
    for path in (jsonl("v.jsonl", votes), tmp_path / "v.parquet"):
        task = Task.read(path)
        assert task.queries == ("81-t1", "81-t2")
        assert task.recorded.tolist() == [[1, -1], [0, 1]]
        assert task.responses_to("81-t1") == {"z": "z1", "a": "a1", "b": "b1"}
        second = "[Assistant]\na1\n\n[User]\nU2\n\n[Assistant]\na2"
        assert task.responses_to("81-t2")["a"] == second
        assert task.data["query_text"].values.tolist() == ["U1", "[User]\nU1\n\n[User]\nU2"]
    one = Task.read(jsonl("one.jsonl", votes[:2]))
    assert one.queries == ("81",)
    assert one.responses_to("81")["a"] == second
    with pytest.raises(DataError, match="turn is 'last'; write 1, 2"):
        Task.read(jsonl("wrong.jsonl", [votes[0], votes[1], votes[2] | {"turn": "last"}]))
    with pytest.raises(DataError, match="line 2: conversation_b is 'Hello'; expected a list of"):
        Task.read(jsonl("wrong.jsonl", [votes[0], votes[1] | {"conversation_b": "Hello"}]))


def test_messages_written_as_json_in_a_cell(tmp_path):
    rows = [
        ("1", "a", "win", json.dumps(conversation("a"))),
        ("1", "b", "loss", json.dumps([message("assistant", "b1")])),
        ("1", "z", "", '[{"role": "a JSON that is no message"}]'),
    ]
    frame = pd.DataFrame(rows, columns=["query_id", "candidate", "outcome", "text"])
    frame.to_csv(tmp_path / "t.csv", index=False)
    for task in (Task.read(tmp_path / "t.csv"), Task.from_frame(frame)):
        responses = task.responses_to("1")
        assert str(responses["a"]).startswith("[User]\nU1\n\n[Assistant]\na1")
        assert responses["b"] == "b1"
        assert responses["z"] == rows[2][3]
        assert any("read 2 texts in the column text" in note for note in task.notes)


# ------------------------------------------------------------------ winners in a column each
def test_winners_in_a_column_each(tmp_path):
    head = "id,model_a,model_b,winner_model_a,winner_model_b,winner_tie,prompt\n"
    body = "1,a,z,1,0,0,x\n2,z,b,1,0,0,x\n3,a,z,0,0,1,y\n4,b,z,0,0,0,y\n"
    task = Task.read(file(tmp_path, "v.csv", head + body))
    assert task.recorded.tolist() == [[1, -1], [0, MISSING]]
    assert "1 vote without a winner was left out" in task.notes
    with pytest.raises(DataError, match="line 2: model_a and tie have won: keep one winner"):
        Task.read(file(tmp_path, "v.csv", head + body.replace("1,0,0,x\n2", "1,0,1,x\n2")))
    with pytest.raises(DataError, match="line 2: the winner's column is 2; write 1 or 0"):
        Task.read(file(tmp_path, "v.csv", head + body.replace("1,0,0,x\n2", "2,0,0,x\n2")))


# ------------------------------------------------------------------ files
def test_the_sheet_that_is_a_table_is_read(tmp_path):
    with pd.ExcelWriter(tmp_path / "t.xlsx") as book:
        pd.DataFrame({"about": ["these data"]}).to_excel(book, sheet_name="README", index=False)
        rows = pd.DataFrame({"query_id": [1, 1], "candidate": ["a", "b"], "outcome": [1, -1]})
        rows.to_excel(book, sheet_name="data", index=False)
    task = Task.read(tmp_path / "t.xlsx")
    assert task.recorded.tolist() == [[1, -1]]
    assert "read the sheet 'data', not 'README'" in task.notes
    packed = file(tmp_path, "t.xlsx.gz", gzip.compress((tmp_path / "t.xlsx").read_bytes()))
    assert Task.read(packed).recorded.tolist() == [[1, -1]]


def test_packed_parquet(tmp_path):
    rows = pd.DataFrame({"query_id": [1, 1], "candidate": ["a", "b"], "outcome": [1, -1]})
    rows.to_parquet(tmp_path / "t.parquet")
    packed = file(tmp_path, "t.parquet.gz", gzip.compress((tmp_path / "t.parquet").read_bytes()))
    assert Task.read(packed).recorded.tolist() == [[1, -1]]


POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 3\n"


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("t.csv", POINTER, "is a pointer of Git LFS, not the data: fetch them with 'git lfs pull'"),
        ("t.parquet", POINTER, "git lfs pull"),
        ("t.xlsx", POINTER, "git lfs pull"),
        ("d/model_judgment/g/m.jsonl", POINTER, "git lfs pull"),
        ("t.zip", b"PK\x03\x04", "an archive: unpack it"),
        ("t.xls", b"\xd0\xcf\x11\xe0", "a spreadsheet: save it as .xlsx or .csv"),
        ("t.txt", HEAD + BODY, "rename it so that it ends in .csv or .jsonl"),
        ("t", HEAD + BODY, "rename it"),
        ("t.json", '[["query_id"], ["1"]]', "an array of objects, such as"),
        ("t.json", '{"data": []}', r"one JSON object with 'data': a table is JSON lines or an"),
        ("t.docx", b"PK\x03\x04", r"give a table \(CSV, JSONL, Parquet or Excel"),
    ],
)
def test_what_is_not_read_says_why_in_a_short_line(tmp_path, name, content, why):
    path = file(tmp_path / "given", name, content)
    top = tmp_path / "given" / Path(name).parts[0]
    with pytest.raises(DataError, match=why) as refused:
        Task.read(top if top.is_dir() else path)
    said = str(refused.value).removeprefix(str(tmp_path))
    assert len(said) < 500
    assert "\n" not in said


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfsep=;\r\n" + (HEAD + BODY).replace(",", ";").encode(),
        (HEAD + BODY).replace("\n", "\r").encode(),
        (HEAD + BODY).replace("\n", "\r\n").encode("utf-16"),
        ("," + HEAD + "0,1,a,win\n1,1,b,loss\n").encode(),
        (HEAD.strip() + ",\n" + BODY.replace("\n", ",\n")).encode(),
        (HEAD.strip() + ",text\n1,a,win," + "x" * 3_000_000 + "\n1,b,loss,y\n1,z,,q\n").encode(),
        (HEAD.strip() + ',text\r\n1,a,win,"x\r\ny"\r\n1,b,loss,y\r\n1,z,,q\r\n').encode(),
    ],
)
def test_what_programs_make_of_a_table(tmp_path, content):
    task = Task.read(file(tmp_path, "T.CSV", content))
    assert task.candidates == ("a", "b")
    assert task.recorded.tolist() == [[1, -1]]


def test_a_missing_column_is_said_with_the_headers_as_they_are(tmp_path):
    with pytest.raises(DataError, match=r"lacks candidate.*; it has query_id, Prompt, outcome:"):
        Task.read(file(tmp_path, "t.csv", "query_id,Prompt,outcome\n1,a,win\n"))
