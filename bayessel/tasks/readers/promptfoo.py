"""promptfoo's output: ``promptfoo eval --output results.json`` or ``.jsonl``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bayessel.errors import DataError
from bayessel.support.reading import bare_suffix
from bayessel.support.text import listing, one_line, shorten
from bayessel.tasks.readers.base import Reader, ReadOptions
from bayessel.tasks.readers.parts import values
from bayessel.tasks.readers.parts.files import first_record, read_json, read_jsonl
from bayessel.tasks.readers.parts.marks import any_like, files_of, marks, source_of
from bayessel.tasks.readers.parts.objects import digest, inside, require_objects
from bayessel.tasks.readers.parts.scored import USES, Metrics, Scored, as_score, scored_tables
from bayessel.tasks.tables import Tables

FAILED = 2
"""``failureReason`` of a test that could not be run; 1 is a failed assertion."""

ROW = {"promptIdx", "testIdx", "success"}
"""Keys of every row of JSON lines."""


def detect(path: Path) -> bool:
    """Whether a path is promptfoo's output, or holds one."""
    return any_like(path, "*.json", _is_output) or any_like(path, "*.jsonl", _is_lines)


def _is_output(file: Path) -> bool:
    found = marks(file)
    if found.is_array or not found.has("results"):
        return False
    if found.has("evalId"):
        return True
    return found.has("version", "timestamp") and bool(found.keys[1] & {"namedScores", "promptIdx"})


def _is_lines(file: Path) -> bool:
    return first_record(file).keys() >= ROW


def read(path: Path, options: ReadOptions) -> Tables:
    """Read a file or a folder; see :func:`read_many`."""
    return read_many([path], options)


def read_many(paths: Sequence[Path], options: ReadOptions) -> Tables:
    """Read the rows of one or several outputs.

    A candidate is a provider, by its label; where there are several prompts, a provider with a
    prompt. A query is a test: its variables, description and assertions, in whichever file. The
    metric ``score`` is the test's; named scores are metrics, too. A test that could not be run is
    missing.
    """
    rows = [(row, f"{file}, row {i}") for file in _outputs(paths) for i, row in _rows(file)]
    labels = list(dict.fromkeys(_label(row) for row, _ in rows))
    prompts, notes = _prompt_names(labels)
    tests: dict[str, str] = {}
    answers = []
    for row, where in rows:
        test = inside(row, "testCase") or {}
        variables = test.get("vars") or row.get("vars") or {}
        key = digest([variables, test.get("description"), test.get("assert")])
        query = tests.setdefault(key, str(len(tests) + 1))
        provider = _provider(row, where)
        answers.append(
            Scored(
                query=query,
                candidate=provider + prompts[_label(row)],
                scores=_scores(row),
                text=_response(row),
                query_text=_prompt(row) if len(labels) == 1 else _spelled(variables),
            )
        )
    failed = sum(not a.scores for a in answers)
    if failed:
        notes.append(f"{failed} of {len(answers)} tests could not be run")
    return scored_tables(answers, source_of(paths), options, Metrics(main={"score"}), notes)


def _outputs(paths: Sequence[Path]) -> Iterator[Path]:
    yield from (f for f in files_of(paths, "*.json") if _is_output(f))
    yield from (f for f in files_of(paths, "*.jsonl") if _is_lines(f))


def _rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    if bare_suffix(file) == ".jsonl":
        yield from read_jsonl(file)
        return
    output = read_json(file)
    found = inside(output, "results")
    found = inside(found, "results") if isinstance(found, dict) else found
    if found is None:
        raise DataError(f"{file} is promptfoo's output without rows: expected results.results")
    yield from enumerate(require_objects(found, f"{file}, results"), start=1)


def _provider(row: dict[str, Any], where: str) -> str:
    provider = row.get("provider")
    if isinstance(provider, dict):
        provider = provider.get("label") or provider.get("id")
    return values.name(provider, "provider", where)


def _label(row: dict[str, Any]) -> str:
    return str(inside(row, "prompt", "label") or "")


def _prompt_names(labels: list[str]) -> tuple[dict[str, str], list[str]]:
    """What to write behind a provider for each prompt, and a note where there are several."""
    if len(labels) < 2:
        return dict.fromkeys(labels, ""), []
    names = {label: f" (prompt {i})" for i, label in enumerate(labels, start=1)}
    spelled = [f"{i}: {shorten(one_line(label), 40)}" for i, label in enumerate(labels, start=1)]
    return names, [
        f"{len(labels)} prompts: a candidate is a provider with a prompt; {listing(spelled)}"
    ]


def _scores(row: dict[str, Any]) -> dict[str, float | None]:
    """Scores by name; none where the test could not be run."""
    reason = row.get("failureReason")
    graded = row.get("gradingResult") is not None
    if reason == FAILED or (reason is None and row.get("error") and not graded):
        return {}
    named = row.get("namedScores") or {}
    return {"score": as_score(row.get("score")), **{k: as_score(v) for k, v in named.items()}}


def _response(row: dict[str, Any]) -> str | None:
    output = inside(row, "response", "output")
    if output is None or isinstance(output, str):
        return output
    return _spelled(output) if isinstance(output, dict) else str(output)


def _prompt(row: dict[str, Any]) -> str | None:
    raw = inside(row, "prompt", "raw")
    return raw if isinstance(raw, str) else None


def _spelled(variables: dict[str, Any]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in variables.items())


READER = Reader(
    description="promptfoo's results (eval --output results.json or .jsonl)",
    uses=USES,
    detect=detect,
    read=read,
    read_many=read_many,
)
