"""inspect_ai's logs: ``.eval`` files, and the JSON that ``inspect log dump`` writes."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bayessel.errors import DataError
from bayessel.support.text import count, one_line
from bayessel.tasks.readers.base import Reader, ReadOptions
from bayessel.tasks.readers.parts import values
from bayessel.tasks.readers.parts.marks import any_like, files_of, marks, source_of
from bayessel.tasks.readers.parts.objects import (
    inside,
    read_object,
    require_object,
    require_objects,
    text_of,
)
from bayessel.tasks.readers.parts.scored import USES, Scored, as_score, scored_tables
from bayessel.tasks.tables import Tables

VALUES = {"C": 1.0, "I": 0.0, "P": 0.5, "N": 0.0, "yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
"""Scores that are words, as inspect_ai counts them: correct, incorrect, partial, no answer."""

_NOT_READ = {"events", "events_data", "store", "messages", "model_usage", "error_retries"}
"""Parts of a sample that are large and not needed."""

_ATTACHED = "attachment://"


def detect(path: Path) -> bool:
    """Whether a path is a log of inspect_ai, or holds one."""
    return any_like(path, "*.eval", zipfile.is_zipfile) or any_like(path, "*.json", _is_dump)


def _is_dump(file: Path) -> bool:
    found = marks(file)
    return found.has("status", "eval") and found.has("run_id", "task", depth=1)


def read(path: Path, options: ReadOptions) -> Tables:
    """Read a file or a folder; see :func:`read_many`."""
    return read_many([path], options)


def read_many(paths: Sequence[Path], options: ReadOptions) -> Tables:
    """Read the logs of several LLMs.

    A scorer is a metric; where its score has several values, each is one, ``SCORER/VALUE``. Words
    count as in inspect_ai: C is 1, P is 0.5, I and N are 0. A sample without a
    score, such as one that ended in an error and was not scored all the same, is missing.
    """
    logs = [_opened(f) for f in files_of(paths, "*.eval") if zipfile.is_zipfile(f)]
    logs += [(f, read_object(f)) for f in files_of(paths, "*.json") if _is_dump(f)]
    answers: list[Scored] = []
    notes, errors, empty = [], 0, []
    for file, log in logs:
        samples = log.get("samples")
        if samples is None:
            empty.append(file.name)
            continue
        for sample in require_objects(samples, f"{file}, samples"):
            errors += bool(sample.get("error"))
            answers.append(_answer(sample, log, str(file)))
    if empty and not answers:
        raise DataError(
            f"{source_of(paths)} has logs of inspect_ai without their samples "
            f"({', '.join(empty[:3])}): give logs that were written with them (not "
            "--no-log-samples, not header only)"
        )
    if empty:
        notes.append(f"left out {count(len(empty), 'log')} without samples: {', '.join(empty[:3])}")
    if errors:
        notes.append(f"{errors} of {len(answers)} samples ended in an error")
    unfinished = [f.name for f, log in logs if log.get("status") not in (None, "success")]
    if unfinished:
        notes.append(f"{count(len(unfinished), 'log')} did not finish: {', '.join(unfinished[:3])}")
    return scored_tables(answers, source_of(paths), options, notes=notes)


def _opened(file: Path) -> tuple[Path, dict[str, Any]]:
    """A binary log through inspect_ai's own function, as its dump would be."""
    try:
        from inspect_ai.log import read_eval_log
    except ImportError as error:
        raise DataError(
            f"{file} is a log of inspect_ai, and inspect_ai reads it: pip install "
            f"'bayessel[inspect]', or write JSON with 'inspect log dump' and give that"
        ) from error
    try:
        log = read_eval_log(str(file), exclude_fields=_NOT_READ)
    except Exception as error:  # whatever a damaged archive makes it raise
        raise DataError(
            f"inspect_ai cannot read {file} (damaged, or of a newer version?): {one_line(error)}"
        ) from error
    return file, log.model_dump(mode="json", exclude={"plan", "stats", "reductions"})


def _answer(sample: dict[str, Any], log: dict[str, Any], where: str) -> Scored:
    of = require_object(log.get("eval"), f"{where}, eval")
    where = f"{where}, sample {sample.get('id')!r}"
    attached = sample.get("attachments") or {}
    text = text_of(inside(sample, "output", "completion"))
    if not text:
        text = text_of(inside(sample, "output", "choices", 0, "message"))
    asked = text_of(sample.get("input"))
    return Scored(
        query=values.name(sample.get("id"), "id", where),
        candidate=values.name(of.get("model"), "eval.model", where),
        scores=dict(_scores(sample.get("scores"))),
        text=_whole(text, attached) or None,
        query_text=_whole(asked, attached),
        benchmark=str(of.get("task") or ""),
        content=_whole(asked, attached),
    )


def _whole(text: str | None, attached: dict[str, str]) -> str | None:
    """The text, which stands elsewhere in the sample where it was long."""
    if text is not None and text.startswith(_ATTACHED):
        return attached.get(text.removeprefix(_ATTACHED), text)
    return text


def _scores(scores: Any) -> Iterator[tuple[str, float | None]]:
    for scorer, score in (scores or {}).items():
        value = score.get("value") if isinstance(score, dict) else score
        if isinstance(value, dict):
            for key, part in value.items():
                yield f"{scorer}/{key}", _number(part)
        elif isinstance(value, list):
            for position, part in enumerate(value, start=1):
                yield f"{scorer}/{position}", _number(part)
        else:
            yield scorer, _number(value)


def _number(value: Any) -> float | None:
    """A score as inspect_ai counts it; None for a word that it does not know."""
    if not isinstance(value, str):
        return as_score(value)
    if value in VALUES:
        return VALUES[value]
    try:
        return VALUES[value.lower()] if value.lower() in VALUES else as_score(float(value))
    except ValueError:
        return None


READER = Reader(
    description="inspect_ai's logs of several LLMs (.eval, or JSON of inspect log dump)",
    uses=USES,
    detect=detect,
    read=read,
    read_many=read_many,
)
