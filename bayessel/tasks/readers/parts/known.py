"""Files of evaluation tools that hold no task, by their marks, and what to give instead."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path

from bayessel.tasks.readers.parts.marks import MOST_FILES, Marks, files_under, marks

TABLE = "a table (CSV or JSONL) with query_id, candidate and outcome or score"
"""What any result can be written as."""

KNOWN: tuple[tuple[str, str, Callable[[Marks], bool]], ...] = (
    (
        "aggregated results of lm-evaluation-harness, without a score for each query",
        "run it with --log_samples and give the output folder with samples_*.jsonl of all LLMs",
        lambda m: m.has("results", "configs") or m.has("results", "group_subtasks"),
    ),
    (
        "a part of a run of HELM",
        "give the folder of runs with per_instance_stats.json, run_spec.json and "
        "scenario_state.json of all LLMs",
        lambda m: (
            m.has("adapter_spec", "request_states")
            or m.has("adapter_spec", "scenario_spec")
            or (m.is_array and m.has("name", "count", "sum") and m.has("name", depth=1))
        ),
    ),
    (
        "aggregated results of 'every eval ever'",
        "give the folder with the instance-level *_samples.jsonl of all LLMs",
        lambda m: m.has("schema_version", "evaluation_id") and not m.has("sample_id"),
    ),
    (
        "Label Studio's JSON-MIN export",
        "export the project again as JSON",
        lambda m: m.is_array and m.has("annotation_id", "annotator", "lead_time"),
    ),
    (
        "Label Studio's tasks without annotations",
        "export the project as JSON after it was annotated",
        lambda m: m.is_array and m.has("data") and m.has("annotations"),
    ),
    (
        "a configuration of promptfoo",
        "give what 'promptfoo eval --output results.json' writes",
        lambda m: not m.is_array and m.has("prompts", "providers", "tests"),
    ),
)
"""What it is, what to do, and the marks that tell."""


def known_as(path: Path) -> str | None:
    """What a file, or one of a folder's files, is, and what to give instead; None if not known.

    Parameters
    ----------
    path
        A file or a folder that no format claims.
    """
    for file in islice(files_under(path, "*.json"), MOST_FILES):
        found = marks(file)
        for what, then, fits in KNOWN:
            if fits(found):
                return f"{what}: {then}, or make {TABLE}"
    return None
