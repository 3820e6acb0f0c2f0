"""Lists of messages as one text."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from bayessel import Task
from bayessel.errors import DataError
from bayessel.tasks.readers.parts.conversation import answered, as_text, asked, failed

USER = {"role": "user", "content": "2+2?"}
REPLY = {"role": "assistant", "content": "4"}
AGAIN = {"role": "user", "content": [{"type": "text", "text": "Why?"}, {"type": "image_url"}]}
TALK = "[User]\n2+2?\n\n[Assistant]\n4\n\n[User]\nWhy?\n[image_url]"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([USER], "2+2?"),
        (USER, "2+2?"),
        ([USER, REPLY, AGAIN], TALK),
        ((USER, REPLY, AGAIN), TALK),
        (
            [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Yes?"}],
            "[User]\nHi\n\n[Assistant]\nYes?",
        ),
        ([{"role": "system", "content": "Be brief."}, USER], "[System]\nBe brief.\n\n[User]\n2+2?"),
        ([{"role": "assistant", "content": {"answer": "4"}}], "4"),
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "a\nb"),
        ([{"role": "assistant", "content": None, "tool_calls": []}], ""),
        ([], None),
        ("2+2?", None),
        (["2+2?", "Why?"], None),
        ({"a": 1}, None),
        ([{"role": "user"}], None),
        ([USER, "Why?"], None),
        ([{"role": "user", "content": 3}], None),
        (3, None),
    ],
)
def test_messages(value, text):
    assert as_text(value) == text


def test_a_later_turn_is_seen_with_what_came_before():
    prompts, answers = ["2+2?", "Why?"], ["4", "So."]
    assert asked(prompts, 1) == "2+2?"
    assert asked(prompts, 2) == "[User]\n2+2?\n\n[User]\nWhy?"
    assert answered(prompts, answers, 1) == "4"
    assert answered(prompts, answers, 2) == "[Assistant]\n4\n\n[User]\nWhy?\n\n[Assistant]\nSo."
    assert answered([], answers, 2) == "[Assistant]\n4\n\n[Assistant]\nSo."


@pytest.mark.parametrize(
    ("text", "is_so"),
    [("", True), (" \n", True), ("$ERROR$", True), ("4", False), ("no [Assistant] here", False),
     (answered(["a", "b"], ["4", ""], 2), True), (answered(["a", "b"], ["", "4"], 2), False)],
)  # fmt: skip
def test_what_failed(text, is_so):
    assert failed(text) is is_so


def table(folder, form):
    """A table whose texts are messages, in one of its forms."""
    rows = [
        {
            "query_id": "q",
            "candidate": name,
            "outcome": outcome,
            "text": [REPLY],
            "query_text": said,
        }
        for name, outcome in (("a", 1), ("b", -1), ("base", None))
        for said in [[USER, REPLY, {"role": "user", "content": "Why?"}]]
    ]
    frame = pd.DataFrame(rows)
    if form == "frame":
        return Task.from_frame(frame)
    path = folder / f"t.{form}"
    if form == "parquet":
        frame.to_parquet(path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return Task.read(path)


@pytest.mark.parametrize("form", ["jsonl", "parquet", "frame"])
def test_messages_in_a_table(tmp_path, form):
    task = table(tmp_path, form)
    expected = "[User]\n2+2?\n\n[Assistant]\n4\n\n[User]\nWhy?"
    assert task.data["query_text"].values.tolist() == [expected]
    assert task.responses_to("q") == {"base": "4", "a": "4", "b": "4"}


def test_messages_in_alpaca_eval(tmp_path):
    record = {"instruction": [USER, REPLY, {"role": "user", "content": "Why?"}]}
    record |= {"output_1": [REPLY], "generator_1": "base", "preference": 2}
    records = [record | {"output_2": [REPLY], "generator_2": m} for m in "ab"]
    (tmp_path / "annotations.json").write_text(json.dumps(records))
    task = Task.read(tmp_path / "annotations.json")
    assert task.responses_to(task.queries[0])["base"] == "4"
    assert task.data["query_text"].item().startswith("[User]\n2+2?\n\n[Assistant]")


def test_what_is_no_text_and_no_message_is_refused(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text(json.dumps({"query_id": "q", "candidate": "a", "text": ["x"], "outcome": 1}))
    with pytest.raises(DataError, match=r"line 1: text is \['x'\] \(list\); expected text"):
        Task.read(path)
