"""Download HELM's published runs and write them as one long table of scores and texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from bayessel.errors import DataError
from bayessel.support.files import written_whole
from bayessel.tasks.sources.catalogue import Source

Fetch = Callable[..., Path]
"""``fetch(name, address)`` downloads a file and returns where it lies."""


def convert(source: Source, index: Path, fetch: Fetch, path: Path) -> Path:
    """Download the runs of a scenario and write them as a CSV file in the format ``table``.

    Parameters
    ----------
    source
        Has HELM's address, release and metric, and the scenario's name.
    index
        The release's ``runs_to_run_suites.json``.
    fetch
        Downloads one file.
    path
        The CSV file to write: ``query_id, candidate, score, text, query_text``.

    Raises
    ------
    DataError
        No run of the scenario, or no score of that name.
    """
    suites = json.loads(index.read_text(encoding="utf-8"))
    runs = [run for run in suites if run.split(":")[0].split(",")[0] == source.inside]
    if not runs:
        raise DataError(
            f"{source.name}: release {source.release} at {source.url} has no run of {source.inside}"
        )
    rows = [row for run in sorted(runs) for row in _rows(source, run, suites[run], fetch)]
    if not rows:
        raise DataError(f"{source.name}: no answer of the runs has a score {source.metric!r}")
    frame = pd.DataFrame(rows).drop_duplicates(["query_id", "candidate"])
    with written_whole(path) as partial:
        frame.to_csv(partial, index=False)
    return path


def _rows(source: Source, run: str, suite: str, fetch: Fetch) -> Iterator[dict[str, Any]]:
    """Scored answers of one run; a query is an instance, with its subject where there is one."""

    def load(file: str) -> Any:
        name = f"runs/{suite}/{run}/{file}"
        return json.loads(fetch(name, f"{source.url}/{quote(name)}").read_text(encoding="utf-8"))

    _, _, arguments = run.partition(":")
    pairs = [pair.partition("=")[::2] for pair in arguments.split(",")]
    candidate = dict(pairs).get("model", run)
    subset = ",".join(f"{key}={value}" for key, value in pairs if key == "subject")
    scores = {
        str(entry["instance_id"]): stat["mean"]
        for entry in load("per_instance_stats.json")
        for stat in entry["stats"]
        if stat["name"]["name"] == source.metric and stat.get("count") and "mean" in stat
    }
    for state in load("scenario_state.json")["request_states"]:
        instance, result = state["instance"], state.get("result") or {}
        completions = result.get("completions") or [{}]
        if str(instance["id"]) in scores:
            yield {
                "query_id": f"{subset}:{instance['id']}" if subset else str(instance["id"]),
                "candidate": candidate,
                "score": scores[str(instance["id"])],
                "text": completions[0].get("text", ""),
                "query_text": (instance.get("input") or {}).get("text", ""),
            }
