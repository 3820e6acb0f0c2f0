"""'Every eval ever': instance-level records, one JSONL file for each LLM and benchmark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bayessel.tasks.readers.base import Reader, ReadOptions
from bayessel.tasks.readers.parts import values
from bayessel.tasks.readers.parts.files import first_record, read_jsonl
from bayessel.tasks.readers.parts.marks import any_like, files_of, source_of
from bayessel.tasks.readers.parts.objects import digest, inside, text_of
from bayessel.tasks.readers.parts.scored import USES, Scored, as_score, scored_tables
from bayessel.tasks.tables import Tables

RECORDS = "*.jsonl"
RECORD = frozenset({"schema_version", "evaluation_id", "model_id", "sample_id", "evaluation"})
"""Keys that the schema requires of every record."""


def detect(path: Path) -> bool:
    """Whether a path is a file of instance-level records, or holds one."""
    return any_like(path, RECORDS, _is_records)


def _is_records(file: Path) -> bool:
    return first_record(file).keys() >= RECORD


def read(path: Path, options: ReadOptions) -> Tables:
    """Read a file or a folder; see :func:`read_many`."""
    return read_many([path], options)


def read_many(paths: Sequence[Path], options: ReadOptions) -> Tables:
    """Read the records of several LLMs.

    A record has one score. Where a benchmark has several for one sample, the result that a record
    belongs to (``evaluation_result_id``) is the metric. A record with an error is missing.
    """
    answers: list[Scored] = []
    errors = 0
    for file in files_of(paths, RECORDS):
        if not _is_records(file):
            continue
        for number, record in read_jsonl(file):
            errors += bool(record.get("error"))
            answers.append(_answer(record, f"{file}, line {number}"))
    notes = [f"{errors} of {len(answers)} records have an error"] if errors else []
    return scored_tables(answers, source_of(paths), options, notes=notes)


def _answer(record: dict[str, Any], where: str) -> Scored:
    values.require(RECORD, record, where)
    benchmark = values.name(record.get("evaluation_name"), "evaluation_name", where)
    metric = str(record.get("evaluation_result_id") or "score").removeprefix(f"{benchmark}.")
    score = as_score(inside(record, "evaluation", "score"))
    return Scored(
        query=values.name(record["sample_id"], "sample_id", where),
        candidate=values.name(record["model_id"], "model_id", where),
        scores={} if record.get("error") else {metric: score},
        text=_response(record),
        query_text=inside(record, "input", "raw"),
        benchmark=benchmark,
        content=digest(inside(record, "input", "reference")),
    )


def _response(record: dict[str, Any]) -> str | None:
    """The answer, or all that the LLM said in a conversation."""
    written = inside(record, "output", "raw")
    if written:
        return text_of(written[0] if isinstance(written, list) else written)
    spoken = (text_of(m) for m in _of_assistant(record.get("messages") or []))
    return "\n\n".join(text for text in spoken if text) or None


def _of_assistant(messages: list[Any]) -> Iterator[Any]:
    return (m for m in messages if isinstance(m, dict) and m.get("role") == "assistant")


READER = Reader(
    description="'every eval ever' instance-level records (*_samples.jsonl) of several LLMs",
    uses=USES,
    detect=detect,
    read=read,
    read_many=read_many,
)
