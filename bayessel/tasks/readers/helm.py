"""HELM's runs: ``per_instance_stats.json`` with ``run_spec.json`` and ``scenario_state.json``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bayessel.errors import DataError
from bayessel.support.reading import as_stored
from bayessel.tasks.readers.base import Reader, ReadOptions
from bayessel.tasks.readers.parts import values
from bayessel.tasks.readers.parts.files import read_json
from bayessel.tasks.readers.parts.marks import any_like, files_of, marks, source_of
from bayessel.tasks.readers.parts.objects import inside, read_object, require_objects
from bayessel.tasks.readers.parts.scored import USES, Metrics, Scored, as_score, scored_tables
from bayessel.tasks.tables import Tables

STATS = "per_instance_stats.json"
SPEC = "run_spec.json"
STATE = "scenario_state.json"
NO_SCORES = (
    "num_",
    "training_",
    "inference_",
    "finish_reason_",
    "batch_size",
    "prompt_truncated",
    "max_prob",
    "logprob",
)
"""How the statistics begin that say nothing of how good a response is."""


def detect(path: Path) -> bool:
    """Whether a path is HELM's file of statistics by instance, or holds one."""
    return any_like(path, STATS, _is_stats)


def _is_stats(file: Path) -> bool:
    found = marks(file)
    return found.is_array and found.has("instance_id", "train_trial_index", "stats")


def read(path: Path, options: ReadOptions) -> Tables:
    """Read a file or a folder; see :func:`read_many`."""
    return read_many([path], options)


def read_many(paths: Sequence[Path], options: ReadOptions) -> Tables:
    """Read a folder of runs, one for each LLM and scenario.

    A statistic is a metric, but for those of tokens, time and probabilities. Where none is named
    and there are several, the one that the run asks for is read if it asks for one only. Instances
    that were perturbed are left out. Train trials are repeats.
    """
    answers: list[Scored] = []
    main: set[str] = set()
    perturbed = 0
    for file in files_of(paths, STATS):
        if not _is_stats(file):
            continue
        spec = _spec(as_stored(file.parent / SPEC))
        main.update(_metrics_asked(spec))
        every = require_objects(read_json(file), str(file))
        kept = [r for r in every if not r.get("perturbation")]
        perturbed += len(every) - len(kept)
        answers += _answers(file, kept, spec)
    notes = []
    if perturbed:
        notes.append(f"left out {perturbed} records of perturbed instances")
    return scored_tables(answers, source_of(paths), options, Metrics(main=main), notes)


def _spec(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise DataError(
            f"{file} is missing: HELM names the LLM there; give whole folders of runs, with "
            f"{STATS}, {SPEC} and {STATE}"
        )
    return read_object(file)


def _metrics_asked(spec: dict[str, Any]) -> Iterator[str]:
    """Names of the metrics that the run's specification lists, which are of accuracy."""
    for metric in spec.get("metric_specs") or []:
        yield from inside(metric, "args", "names") or []


def _answers(file: Path, records: list[dict[str, Any]], spec: dict[str, Any]) -> Iterator[Scored]:
    model = inside(spec, "adapter_spec", "model") or inside(
        spec, "adapter_spec", "model_deployment"
    )
    candidate = values.name(model, "adapter_spec.model", str(file.parent / SPEC))
    scenario = _scenario(str(spec.get("name", file.parent.name)))
    asked = _requests(as_stored(file.parent / STATE))
    scores: dict[tuple[str, int], dict[str, float | None]] = {}
    for number, record in enumerate(records, start=1):
        where = f"{file}, record {number}"
        values.require(["instance_id", "stats"], record, where)
        query = values.name(record["instance_id"], "instance_id", where)
        trial = int(record.get("train_trial_index") or 0)
        # each metric of a run writes a record of its own for the same instance
        found = scores.setdefault((query, trial), {})
        for stat in require_objects(record["stats"], f"{where}, stats"):
            name = inside(stat, "name", "name")
            if isinstance(name, str) and not name.startswith(NO_SCORES):
                found[name] = as_score(stat.get("mean"))
    for (query, trial), found in scores.items():
        text, answer = asked.get((query, trial), (None, None))
        yield Scored(query, candidate, found, answer, text, scenario, content=text)


def _scenario(name: str) -> str:
    """A run's name without its LLM: ``mmlu:subject=x,model=y`` is ``mmlu:subject=x``."""
    scenario, *arguments = re.split("[:,]", name)
    kept = [a for a in arguments if not a.startswith(("model=", "model_deployment="))]
    return f"{scenario}:{','.join(kept)}" if kept else scenario


def _requests(file: Path) -> dict[tuple[str, int], tuple[str | None, str | None]]:
    """The query's text and the response by instance and trial; nothing without the file."""
    if not file.is_file():
        return {}
    found: dict[tuple[str, int], tuple[str | None, str | None]] = {}
    states = require_objects(read_object(file).get("request_states"), f"{file}, request_states")
    for state in states:
        if inside(state, "instance", "perturbation"):
            continue
        query = str(inside(state, "instance", "id"))
        key = (query, int(state.get("train_trial_index") or 0))
        text = inside(state, "instance", "input", "text") or inside(state, "request", "prompt")
        found.setdefault(key, (text, inside(state, "result", "completions", 0, "text")))
    return found


READER = Reader(
    description="HELM's folder of runs with per_instance_stats.json of several LLMs",
    uses=USES,
    detect=detect,
    read=read,
    read_many=read_many,
)
