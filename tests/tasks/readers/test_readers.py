"""Detection, options and the errors that every format shares."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from bayessel.errors import BayesselError, BudgetError, DataError, UnknownNameError
from bayessel.tasks.readers import FORMATS, ReadOptions, read_tables

TABLE = "query_id,model,outcome\nq1,a,win\nq1,b,loss\n"


def write(path, content=TABLE):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_the_registry_names_its_readers():
    own = ["alpaca-eval", "arena-hard", "mt-bench", "parquet-folder", "table", "votes"]
    others = [
        "argilla",
        "every-eval-ever",
        "helm",
        "inspect-ai",
        "label-studio",
        "lm-eval",
        "openai-evals",
        "promptfoo",
    ]
    assert list(FORMATS) == sorted([*own, *others])
    for reader in FORMATS.values():
        assert reader.description
        assert "\n" not in reader.description
        assert reader.uses <= {"null", "draw_band", "judge", "tolerance", "outcomes"}


@pytest.mark.parametrize("name", FORMATS)
def test_detect_never_raises_and_refuses_strangers(tmp_path, name):
    folder = tmp_path / "folder"
    folder.mkdir()
    for path in (tmp_path / "absent", folder, write(tmp_path / "notes.txt"), tmp_path):
        assert FORMATS[name].detect(path) is False
    broken = write(tmp_path / "broken.jsonl", b"\xff{")
    assert FORMATS[name].detect(broken) is (name == "table")


def test_unknown_format_suggests(tmp_path):
    with pytest.raises(UnknownNameError, match=r"unknown format 'alpaca_eval'.*'alpaca-eval'"):
        read_tables(write(tmp_path / "t.csv"), format="alpaca_eval")


def test_nothing_detected_lists_what_is_accepted(tmp_path):
    with pytest.raises(DataError, match=r"no known format.*alpaca-eval.*table.*format=") as info:
        read_tables(write(tmp_path / "notes.docx"))
    assert "\n" not in str(info.value)


def test_two_formats_detected_is_an_error(tmp_path):
    frame = pd.DataFrame({"query_id": ["1"], "model": ["a"], "outcome": [1]})
    frame.to_parquet(tmp_path / "judgments.parquet")
    write(tmp_path / "model_outputs.json", '[{"instruction": "i", "output": "o"}]')
    with pytest.raises(DataError, match="looks like alpaca-eval and like parquet-folder"):
        read_tables(tmp_path)
    assert read_tables(tmp_path, format="parquet-folder").format == "parquet-folder"


def test_missing_and_empty_paths(tmp_path):
    with pytest.raises(DataError, match="does not exist"):
        read_tables(tmp_path / "absent.csv")
    with pytest.raises(DataError, match="is an empty folder"):
        read_tables(tmp_path)
    with pytest.raises(DataError, match="is an empty file"):
        read_tables(write(tmp_path / "t.csv", ""))
    with pytest.raises(DataError, match="is empty"):
        read_tables(write(tmp_path / "t.csv", "\n \n"))


@pytest.mark.parametrize("name", FORMATS)
def test_insisting_on_the_wrong_format_is_a_data_error(tmp_path, name):
    write(tmp_path / "notes.txt")
    with pytest.raises(DataError):
        read_tables(tmp_path, format=name)


@pytest.mark.parametrize(
    ("option", "users"),
    [
        ({"null": "draw"}, "alpaca-eval"),
        ({"draw_band": 0.0}, "alpaca-eval"),
        ({"null": "draw", "outcomes": "0-1"}, "alpaca-eval"),
    ],
)
def test_an_option_the_format_does_not_use_is_refused(tmp_path, option, users):
    path = write(tmp_path / "t.csv")
    with pytest.raises(DataError, match=re.escape(f"used by: {users})")):
        read_tables(path, **option)


def test_rules_are_checked_before_files_are_read(tmp_path):
    path = write(tmp_path / "t.csv")
    with pytest.raises(UnknownNameError, match="unknown rule of the format 'table' 'games'"):
        read_tables(path, rules={"games": "net"})
    (tmp_path / "model_judgment" / "j").mkdir(parents=True)
    write(tmp_path / "model_judgment" / "j" / "a.jsonl", "not JSON")
    for rules, why in (
        ({"games": "nett"}, "unknown reading of the rule 'games' 'nett': did you mean 'net'"),
        ({"gamess": "net"}, "'gamess': did you mean 'games'"),
    ):
        with pytest.raises(UnknownNameError, match=why):
            read_tables(tmp_path, rules=rules)


def test_rules_say_what_each_reading_does():
    for reader in FORMATS.values():
        for readings in reader.rules.values():
            assert len(readings) > 1
            assert all(readings.values())


@pytest.mark.parametrize("band", [-0.1, 0.5, float("nan")])
def test_draw_band_out_of_range(band):
    with pytest.raises(BudgetError, match="draw_band"):
        ReadOptions(draw_band=band)


@pytest.mark.parametrize("tolerance", [-1, float("inf"), float("nan")])
def test_tolerance_out_of_range(tolerance):
    with pytest.raises(BudgetError, match="tolerance"):
        ReadOptions(tolerance=tolerance)


def test_unknown_reading_of_null():
    with pytest.raises(UnknownNameError, match="did you mean 'draw'"):
        ReadOptions(null="draws")


def test_byte_order_mark_is_accepted(tmp_path):
    tables = read_tables(write(tmp_path / "t.csv", b"\xef\xbb\xbf" + TABLE.encode()))
    assert tables.judgments["candidate"].tolist() == ["a", "b"]


def test_bytes_that_are_not_utf8_name_the_offset(tmp_path):
    path = write(tmp_path / "t.csv", TABLE.encode() + "q2,é,win\n".encode("latin-1"))
    with pytest.raises(DataError, match=rf"byte 0xe9 at offset {len(TABLE) + 3}; convert .* UTF-8"):
        read_tables(path)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"query_id": "q2", "model": ', "line 3 is not valid JSON"),
        ("[1, 2]", r"line 3 is \[1, 2\]: expected a JSON object"),
        ("[" * 100_000, "line 3 is not valid JSON"),
        ('{"query_id": "\\ud83d", "model": "a"}', "line 3 holds half of a surrogate pair"),
    ],
)
def test_broken_json_names_file_and_line(tmp_path, line, why):
    good = '{"query_id": "q1", "model": "a", "outcome": 1}\n\n'
    with pytest.raises(DataError, match=rf"t\.jsonl, {why}") as info:
        read_tables(write(tmp_path / "t.jsonl", good + line + "\n"))
    assert "\n" not in str(info.value)
    assert len(str(info.value)) < 500


def test_surrogate_pairs_and_line_separators_are_text(tmp_path):
    line = (
        '{"query_id": "q1", "model": "a", "outcome": 1, "text": "\\ud83d\\ude00\u2028\\\\ud83d"}\n'
    )
    tables = read_tables(write(tmp_path / "t.jsonl", line))
    assert tables.responses["text"].tolist() == ["\U0001f600\u2028\\ud83d"]


@pytest.mark.parametrize("keep", [0.5, 0.98])
def test_truncated_parquet(tmp_path, keep):
    path = tmp_path / "t.parquet"
    pd.DataFrame({"query_id": ["1"], "model": ["a"], "outcome": [1]}).to_parquet(path)
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * keep)])
    with pytest.raises(DataError, match="not a readable Parquet file") as info:
        read_tables(path)
    assert "\n" not in str(info.value)


def test_every_error_of_a_reader_is_one_line(tmp_path):
    bad = write(tmp_path / "t.csv", 'query_id,model,outcome\n"a\nb",m,"x\ny"\n')
    with pytest.raises(BayesselError) as info:
        read_tables(bad)
    assert "\n" not in str(info.value)
