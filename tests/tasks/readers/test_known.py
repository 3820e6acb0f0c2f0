"""A file of a known tool that holds no task is called by its name; a stranger is not mistaken."""

from __future__ import annotations

import pytest

from bayessel.errors import DataError
from bayessel.tasks.readers import read_tables
from foreign_files import json_file, write_every_eval_ever, write_helm, write_lm_eval

DOCUMENTS = [
    ({"results": {"gsm8k": {}}, "configs": {"gsm8k": {}}}, "lm-evaluation-harness.*--log_samples"),
    ({"adapter_spec": {}, "request_states": []}, "run of HELM.*per_instance_stats"),
    ([{"name": {"name": "exact_match"}, "count": 1, "sum": 1}], "run of HELM"),
    (
        {"schema_version": "0.3.0", "evaluation_id": "x", "evaluation_results": []},
        "'every eval ever'.*_samples.jsonl",
    ),
    (
        [{"id": 1, "better": "left", "annotator": 1, "annotation_id": 1, "lead_time": 2.0}],
        "JSON-MIN export: export the project again as JSON",
    ),
    ([{"id": 1, "annotations": [], "data": {"text": "x"}}], "tasks without annotations"),
    ({"prompts": [], "providers": [], "tests": []}, "configuration of promptfoo"),
]


@pytest.mark.parametrize(("value", "why"), DOCUMENTS)
def test_a_file_is_called_by_its_name(tmp_path, value, why):
    for path in (json_file(tmp_path / "some.json", value), tmp_path):
        with pytest.raises(DataError, match=why) as info:
            read_tables(path)
        assert "or make a table" in str(info.value)
        assert "alpaca" not in str(info.value)
        assert "\n" not in str(info.value)


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1},
        [{"text": "x", "label": 1}],
        [1, 2],
        "text",
        {"version": 1, "results": [], "timestamp": ""},
        {"status": "ok", "eval": 3},
        [{"id": 1, "responses": []}],
        [{"annotations": 1}],
        {"spec": {"eval_name": "x"}},
    ],
)
def test_a_stranger_is_in_no_known_format(tmp_path, value):
    with pytest.raises(DataError, match="is in no known format"):
        read_tables(json_file(tmp_path / "some.json", value))


@pytest.mark.parametrize(
    ("write", "left", "why"),
    [
        (write_helm, "run_spec.json", "run_spec.json is missing: HELM names the LLM there"),
        (write_lm_eval, "samples_*.jsonl", "aggregated results of lm-evaluation-harness"),
        (write_every_eval_ever, "*_samples.jsonl", "aggregated results of 'every eval ever'"),
    ],
)
def test_a_folder_that_lacks_a_part_says_which(tmp_path, write, left, why):
    path = write(tmp_path / "out")
    for file in list(path.rglob(left)):
        file.unlink()
    with pytest.raises(DataError, match=why):
        read_tables(path, baseline="org/base")


@pytest.mark.parametrize("text", ["", "{", "[{", '{"a": ', "}{", "[[[[" * 1000, '"' * 99, "\x00"])
def test_damaged_files_are_no_format(tmp_path, text):
    path = tmp_path / "some.json"
    path.write_text(text or " ")
    with pytest.raises(DataError) as info:
        read_tables(path)
    assert "\n" not in str(info.value)
