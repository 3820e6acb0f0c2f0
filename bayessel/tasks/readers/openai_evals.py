"""OpenAI evals: the log of a run, JSON lines that begin with its specification."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bayessel.support.text import count, listing
from bayessel.tasks.readers.base import Reader, ReadOptions
from bayessel.tasks.readers.parts import values
from bayessel.tasks.readers.parts.files import first_record, read_jsonl
from bayessel.tasks.readers.parts.marks import any_like, files_of, source_of
from bayessel.tasks.readers.parts.objects import inside, text_of
from bayessel.tasks.readers.parts.scored import USES, Metrics, Scored, as_score, scored_tables
from bayessel.tasks.tables import Tables

LOGS = "*.jsonl"
MATCH = "match"
"""The event that says whether an answer is correct, and the metric of this."""


def detect(path: Path) -> bool:
    """Whether a path is a log of OpenAI evals, or holds one."""
    return any_like(path, LOGS, _is_log)


def _is_log(file: Path) -> bool:
    spec = first_record(file).get("spec")
    return isinstance(spec, dict) and spec.keys() >= {"completion_fns", "eval_name"}


def read(path: Path, options: ReadOptions) -> Tables:
    """Read a file or a folder; see :func:`read_many`."""
    return read_many([path], options)


def read_many(paths: Sequence[Path], options: ReadOptions) -> Tables:
    """Read the logs of several LLMs.

    The LLM is the first completion function of a run; another one grades. The event ``match`` is
    the metric ``match``; every number of the event ``metrics`` is one, too. Samples that were
    asked, but have neither event, are missing.
    """
    answers: list[Scored] = []
    notes: list[str] = []
    errors, unfinished = 0, []
    for file in files_of(paths, LOGS):
        if not _is_log(file):
            continue
        records = list(read_jsonl(file))
        spec = records[0][1]["spec"]
        events = [(n, r) for n, r in records if r.get("sample_id") is not None]
        errors += sum(r.get("type") == "error" for _, r in events)
        if not any("final_report" in r for _, r in records):
            unfinished.append(file.name)
        answers += _answers(file, spec, events)
    if errors:
        notes.append(f"{count(errors, 'sample')} ended in an error")
    if unfinished:
        notes.append(f"{count(len(unfinished), 'run')} did not finish: {listing(unfinished, 3)}")
    return scored_tables(answers, source_of(paths), options, Metrics(main={MATCH, "score"}), notes)


def _answers(
    file: Path, spec: dict[str, Any], events: list[tuple[int, dict[str, Any]]]
) -> Iterator[Scored]:
    where = f"{file}, line 1"
    candidate = values.name(inside(spec, "completion_fns", 0), "completion_fns", where)
    benchmark = values.name(spec.get("eval_name"), "eval_name", where)
    asked: dict[str, dict[str, Any]] = {}
    scores: dict[str, list[dict[str, float | None]]] = {}
    for number, event in events:
        query = values.name(event["sample_id"], "sample_id", f"{file}, line {number}")
        data = event.get("data")
        said = data if isinstance(data, dict) else {}
        found = scores.setdefault(query, [])
        if event.get("type") == "sampling":
            asked.setdefault(query, said)  # later ones are the grader's
        elif event.get("type") == MATCH:
            found.append({MATCH: as_score(said.get("correct"))})
        elif event.get("type") == "metrics":
            found.append({k: as_score(v) for k, v in said.items() if as_score(v) is not None})
    for query, found in scores.items():
        sampling = asked.get(query, {})
        text, prompt = _response(sampling), text_of(sampling.get("prompt"))
        for score in found or [{}]:
            yield Scored(query, candidate, score, text, prompt, benchmark)


def _response(sampling: dict[str, Any]) -> str | None:
    sampled = sampling.get("sampled")
    return text_of(sampled[0] if isinstance(sampled, list) and sampled else sampled)


READER = Reader(
    description="logs of OpenAI evals (JSON lines that begin with 'spec') of several LLMs",
    uses=USES,
    detect=detect,
    read=read,
    read_many=read_many,
)
