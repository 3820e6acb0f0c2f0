"""Download HELM's published runs and write them as one long table of scores and texts.

The table is JSON lines: in a CSV file, texts that begin with ``=`` or ``-`` would be formulas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from bayessel.errors import DataError
from bayessel.support.files import written_whole
from bayessel.tasks.sources.catalogue import Source
from bayessel.tasks.sources.fetching import read_json

Fetch = Callable[..., Path]
"""``fetch(name, address)`` downloads a file and returns where it lies."""


def convert(source: Source, index: Path, fetch: Fetch, path: Path) -> Path:
    """Download the runs of a scenario and write them as JSON lines in the format ``table``.

    Parameters
    ----------
    source
        Has HELM's address, release and metric, and the scenario's name.
    index
        The release's ``runs_to_run_suites.json``.
    fetch
        Downloads one file.
    path
        The file to write: ``query_id, candidate, score, text, query_text``.

    Raises
    ------
    DataError
        No run of the scenario, no score of that name, or a file that is not HELM's.
    """
    suites = read_json(index, source.name)
    if not isinstance(suites, dict) or not all(isinstance(s, str) for s in suites.values()):
        raise DataError(f"{source.name}: {index} is not HELM's list of runs: expected run to suite")
    runs = [run for run in suites if run.split(":")[0].split(",")[0] == source.inside]
    if not runs:
        raise DataError(
            f"{source.name}: release {source.release} at {source.url} has no run of {source.inside}"
        )
    rows = [row for run in sorted(runs) for row in _read(source, run, suites[run], fetch)]
    if not rows:
        raise DataError(f"{source.name}: no answer of the runs has a score {source.metric!r}")
    frame = pd.DataFrame(rows).drop_duplicates(["query_id", "candidate"])
    with written_whole(path) as partial:
        frame.to_json(partial, orient="records", lines=True, force_ascii=False)
    return path


def _read(source: Source, run: str, suite: str, fetch: Fetch) -> list[dict[str, Any]]:
    try:
        return list(_rows(source, run, suite, fetch))
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise DataError(
            f"{source.name}: the files of the run {run!r} are not as HELM writes them ({error!r})"
        ) from error


def _rows(source: Source, run: str, suite: str, fetch: Fetch) -> Iterator[dict[str, Any]]:
    """Scored answers of one run; a query is an instance, with its subject where there is one."""

    def load(file: str) -> Any:
        name = f"runs/{suite}/{run}/{file}"
        return read_json(fetch(name, f"{source.url}/{quote(name)}"), source.name)

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
