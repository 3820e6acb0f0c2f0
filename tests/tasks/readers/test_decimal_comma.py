"""Numbers with a decimal comma in files that are not separated by commas."""

from __future__ import annotations

import pytest

from bayessel import Task
from bayessel.errors import DataError

HEAD = "query_id;model;score;text\r\n"


def read(path, text, encoding="utf-8", **options):
    path.write_text(text, encoding=encoding, newline="")
    return Task.read(path, baseline="z", **options)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_commas_are_decimal_in_columns_of_numbers_alone(tmp_path, encoding):
    text = HEAD + "1;a;0,5;1,5\r\n1;b;;\r\n1;z;0,25;2,5\r\n2;a;0,125;\r\n"
    task = read(tmp_path / "t.csv", text + "2;b;-1;\r\n2;z;0;\r\n", encoding)
    assert task.recorded[:, 0].tolist() == [1, 1]
    assert task.recorded[1, 1] == -1
    assert task.responses_to("1")["a"] == "1,5"
    assert any("read decimal commas in 'score': '0,5' is 0.5" in note for note in task.notes)


def test_costs_weak_judges_shares_and_wide_columns(tmp_path):
    text = "query_id;model;outcome;cost;weak:w\n1;a;0,5;1,5;2,5\n1;b;1;2,5;1\n1;z;;;\n"
    task = read(tmp_path / "t.csv", text, outcomes="0-1")
    assert task.recorded.tolist() == [[0, 1]]
    assert task.cost.tolist() == [[1.5, 2.5]]
    assert task.weak_scores()[0].tolist() == [[[2.5, 1.0]]]
    wide = read(tmp_path / "wide.csv", "query_id;a;b;z\n1;0,5;2;1\n2;1;1;0,25\n")
    assert wide.recorded.tolist() == [[-1, 1], [1, 1]]


@pytest.mark.parametrize(
    "scores", [("1,5", "1.5"), ("1,500", "900"), ("1.000,5", "2"), ("1,5", "x")]
)
def test_what_may_be_something_else_is_refused(tmp_path, scores):
    rows = "".join(f"1;{name};{score};\n" for name, score in zip("az", scores, strict=True))
    with pytest.raises(DataError, match=r"line [23]: score is"):
        read(tmp_path / "t.csv", HEAD + rows)


def test_a_comma_in_quotes_of_a_comma_file_is_refused(tmp_path):
    with pytest.raises(DataError, match="a decimal point for a comma"):
        read(tmp_path / "t.csv", 'query_id,model,score\n1,a,"0,5"\n1,z,1\n')


def test_names_keep_their_commas(tmp_path):
    task = read(tmp_path / "t.csv", "item;model;outcome\n1,5;2,5;win\n1,5;3,5;loss\n")
    assert task.queries == ("1,5",)
    assert task.candidates == ("2,5", "3,5")
