"""Files of every format, packed as people keep them, are the same task."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from bayessel.errors import DataError
from bayessel.tasks.readers import detect_format, read_tables
from foreign_files import BASELINE, WRITERS, json_file, jsonl_file


def zstd(raw: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as packed:
        packed.write(raw)
    return sink.getvalue().to_pybytes()


PACKINGS: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".zst": zstd}


def write_alpaca(folder: Path) -> Path:
    for llm, preference in (("org/a", 2), ("org/b", 1)):
        record = {
            "instruction": "Q?",
            "output_1": "one",
            "generator_1": BASELINE,
            "output_2": llm,
            "generator_2": llm,
            "preference": preference,
            "annotator": "j",
        }
        json_file(folder / llm.replace("/", "__") / "j" / "annotations.json", [record])
        outputs = [{"instruction": "Q?", "output": llm, "generator": llm}]
        json_file(folder / llm.replace("/", "__") / "model_outputs.json", outputs)
    return folder


def write_arena(folder: Path) -> Path:
    jsonl_file(folder / "question.jsonl", [{"uid": "q", "prompt": "Q?", "category": "c"}])
    for llm in ("org/a", "org/b", BASELINE):
        answer = {"uid": "q", "model": llm, "messages": [{"role": "assistant", "content": llm}]}
        jsonl_file(folder / "model_answer" / f"{llm}.jsonl", [answer])
        if llm != BASELINE:
            games = [{"score": "B>A"}, {"score": "A>B"}]
            record = {"uid": "q", "model": llm, "baseline": BASELINE, "games": games}
            jsonl_file(folder / "model_judgment" / "j" / f"{llm}.jsonl", [record])
    return folder


def write_mt_bench(folder: Path) -> Path:
    jsonl_file(folder / "question.jsonl", [{"question_id": 1, "turns": ["Q?"], "category": "c"}])
    pairs = []
    for llm in ("a", "b", "base"):
        answer = {"question_id": 1, "choices": [{"turns": [llm]}]}
        jsonl_file(folder / "model_answer" / f"{llm}.jsonl", [answer])
        won = {"g1_winner": "model_1", "g2_winner": "model_1"}
        pairs.append({"question_id": 1, "model_1": llm, "model_2": "base", "turn": 1, **won})
    jsonl_file(folder / "model_judgment" / "j_pair.jsonl", pairs[:2])
    return folder


OWN = {"alpaca-eval": write_alpaca, "arena-hard": write_arena, "mt-bench": write_mt_bench}


@pytest.mark.parametrize("ending", PACKINGS)
@pytest.mark.parametrize("name", [*WRITERS, *OWN])
def test_a_packed_folder_is_the_same_task(tmp_path, name, ending):
    given = None if name in OWN else BASELINE
    path = (OWN | WRITERS)[name](tmp_path / "out")
    plain = read_tables(path, baseline=given)
    files = [path] if path.is_file() else [f for f in path.rglob("*") if f.is_file()]
    for file in files:
        file.with_name(file.name + ending).write_bytes(PACKINGS[ending](file.read_bytes()))
        file.unlink()
    packed = path.with_name(path.name + ending) if files == [path] else path
    assert detect_format(packed) == name
    found = read_tables(packed, baseline=given)
    for part in ("judgments", "responses", "queries"):
        one, other = (getattr(tables, part).to_csv() for tables in (plain, found))
        assert one == other
    assert found.baseline == plain.baseline


def test_damaged_packing_is_called_damaged(tmp_path):
    path = tmp_path / "annotations.json.gz"
    path.write_bytes(gzip.compress(json.dumps([{"instruction": "x" * 99}]).encode())[:20])
    with pytest.raises(DataError, match="give a file that is whole"):
        read_tables(path)
