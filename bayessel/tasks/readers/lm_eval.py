"""lm-evaluation-harness: ``samples_<task>_<date>.jsonl``, one folder for each LLM."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bayessel.support.reading import bare_stem
from bayessel.tasks.readers.base import Reader, ReadOptions
from bayessel.tasks.readers.parts import folders, values
from bayessel.tasks.readers.parts.files import first_record, read_jsonl
from bayessel.tasks.readers.parts.marks import any_like, files_of, marks, source_of
from bayessel.tasks.readers.parts.objects import digest, read_object
from bayessel.tasks.readers.parts.scored import USES, Metrics, Scored, as_score, scored_tables
from bayessel.tasks.tables import Tables

SAMPLES = "*.jsonl"
RECORD = frozenset({"doc_id", "doc", "target", "filtered_resps"})
"""Keys of every sample; ``filtered_resps`` is the harness's own word."""


def detect(path: Path) -> bool:
    """Whether a path is a file of samples, or holds one."""
    return any_like(path, SAMPLES, _is_samples)


def _is_samples(file: Path) -> bool:
    return first_record(file).keys() >= RECORD


def read(path: Path, options: ReadOptions) -> Tables:
    """Read a file or a folder; see :func:`read_many`."""
    return read_many([path], options)


def read_many(paths: Sequence[Path], options: ReadOptions) -> Tables:
    """Read the samples of several LLMs.

    The LLM's name is the ``model_name`` of the results beside the samples, or else the folder's. A
    metric under a filter is called as in the harness's results, ``METRIC,FILTER``, and ``METRIC``
    alone under the filter ``none``. Where those results say that a lower score is better, it is.
    """
    answers: list[Scored] = []
    lower: set[tuple[str, str]] = set()
    known: dict[Path, dict[str, Any]] = {}
    for file in files_of(paths, SAMPLES):
        if _is_samples(file):
            answers += _answers(file, _results_beside(file, known), lower)
    return scored_tables(answers, source_of(paths), options, Metrics(lower_is_better=lower))


def _answers(file: Path, results: dict[str, Any], lower: set[tuple[str, str]]) -> Iterator[Scored]:
    task = _task_name(file, results)
    candidate = results.get("model_name") or file.parent.name
    higher = (results.get("higher_is_better") or {}).get(task) or {}
    for number, record in read_jsonl(file):
        where = f"{file}, line {number}"
        values.require(["doc_id", "filtered_resps"], record, where)
        under = record.get("filter", "none")
        scores = {}
        for metric in record.get("metrics") or _old_metrics(record):
            name = metric if under == "none" else f"{metric},{under}"
            score = as_score(record.get(metric))
            if higher.get(metric) is False:
                lower.add((task, name))
                score = None if score is None else -score
            scores[name] = score
        prompt = _prompt(record.get("arguments"))
        yield Scored(
            query=values.name(record["doc_id"], "doc_id", where),
            candidate=values.name(candidate, "model_name", where),
            scores=scores,
            text=_response(record),
            query_text=prompt,
            benchmark=task,
            content=digest(record.get("doc")),
        )


def _old_metrics(record: dict[str, Any]) -> list[str]:
    """Names of the metrics where the harness (before 0.4.3) did not list them: the numbers."""
    return [k for k, v in record.items() if k != "doc_id" and isinstance(v, int | float)]


def _response(record: dict[str, Any]) -> str | None:
    """What the LLM wrote; the most likely choice where it was asked to weigh choices."""
    responses = record.get("resps") or record["filtered_resps"]
    first = responses[0] if isinstance(responses, list) and responses else None
    while isinstance(first, list) and first and not _is_weighed(first):
        first = first[0]
    if isinstance(first, str):
        return first
    return _likeliest(record)


def _is_weighed(response: list[Any]) -> bool:
    """Whether a response is ``[log probability, whether it is the greedy one]``."""
    return len(response) == 2 and str(response[1]) in ("True", "False")


def _likeliest(record: dict[str, Any]) -> str | None:
    asked = list((record.get("arguments") or {}).values())
    try:
        weights = [float(weighed[0]) for weighed in record["filtered_resps"]]
        return str(asked[max(range(len(weights)), key=weights.__getitem__)]["arg_1"]).strip()
    except (KeyError, IndexError, TypeError, ValueError):
        return None


def _prompt(arguments: Any) -> str | None:
    if isinstance(arguments, dict) and arguments:
        first = next(iter(arguments.values()))
        prompt = first.get("arg_0") if isinstance(first, dict) else None
        return prompt if isinstance(prompt, str) else None
    return None


def _task_name(file: Path, results: dict[str, Any]) -> str:
    """Name of the task: the results' own where one fits the file's name."""
    stem = bare_stem(file).removeprefix("samples_")
    fitting = [t for t in results.get("configs") or {} if stem.startswith(f"{t}_") or stem == t]
    return max(fitting, key=len) if fitting else stem.rpartition("_")[0] or stem


def _results_beside(file: Path, known: dict[Path, dict[str, Any]]) -> dict[str, Any]:
    """The results of the run that wrote the samples: those of its date, or the only ones."""
    found = folders.files(file.parent, "results*.json")
    date = bare_stem(file).rpartition("_")[2]
    same = [f for f in found if bare_stem(f).endswith(date)] or (found if len(found) == 1 else [])
    if not same or not marks(same[0]).has("results"):
        return {}
    if same[0] not in known:
        known[same[0]] = read_object(same[0])
    return known[same[0]]


READER = Reader(
    description="lm-evaluation-harness's output folder with samples_*.jsonl of several LLMs",
    uses=USES,
    detect=detect,
    read=read,
    read_many=read_many,
)
