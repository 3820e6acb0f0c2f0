"""The ledger of verdicts as files that others read."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayessel.errors import DataError, RunError
from bayessel.oracles.verdicts.record import Recorded
from bayessel.outcomes import Outcome
from bayessel.support.files import reason, write_text, written_new
from bayessel.support.tables import csv_text

if TYPE_CHECKING:
    import pandas as pd

    from bayessel.tasks.task import Task

_PREFERENCE = {Outcome.LOSS: 1.0, Outcome.DRAW: 1.5, Outcome.WIN: 2.0}


def verdict_table(records: Sequence[Recorded]) -> pd.DataFrame:
    """One row for each request: who was asked what, and what came of it."""
    import pandas as pd

    rows = [_row(record) for record in records]
    integers = ["tokens_in", "tokens_out"]
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    return frame.astype(dict.fromkeys(integers, "Int64"))


_COLUMNS = [
    "number",
    "at",
    "judge",
    "query_id",
    "candidate",
    "baseline_first",
    "repeat",
    "state",
    "outcome",
    "text",
    "detail",
    "tokens_in",
    "tokens_out",
    "cost",
    "most",
    "seconds",
    "request_id",
    "key",
    "shown",
]


def _row(record: Recorded) -> dict[str, Any]:
    request, verdict = record.request, record.verdict
    known: dict[str, Any] = {"state": "in flight"}
    if verdict is not None:
        known = {
            "state": verdict.state.value,
            "outcome": None if verdict.outcome is None else verdict.outcome.name.lower(),
            "text": verdict.text,
            "detail": verdict.detail,
            "tokens_in": verdict.tokens_in,
            "tokens_out": verdict.tokens_out,
            "cost": verdict.cost,
            "seconds": verdict.seconds,
            "request_id": verdict.identity,
        }
    return {
        "number": record.number,
        "at": record.at,
        "judge": request.oracle,
        "query_id": request.query,
        "candidate": request.candidate,
        "baseline_first": request.baseline_first,
        "repeat": request.repeat,
        "most": request.most,
        "key": request.key,
        "shown": json.dumps(request.shown, ensure_ascii=False),
        **known,
    }


def alpaca_annotations(records: Sequence[Recorded], task: Task) -> list[dict[str, Any]]:
    """The verdicts as alpaca_eval's ``annotations.json`` has them.

    ``output_1`` is the baseline's and ``output_2`` the candidate's, whatever the order was; a
    preference is 1 (the baseline's), 1.5 or 2, and null without a verdict.
    """
    found = []
    for record in records:
        request, verdict = record.request, record.verdict
        if verdict is None:
            continue
        responses = task.responses_to(request.query)
        text = str(task.data["query_text"].sel(query=request.query).item() or "")
        found.append(
            {
                "instruction": text or request.query,
                "output_1": responses[task.baseline],
                "generator_1": task.baseline,
                "output_2": responses[request.candidate],
                "generator_2": request.candidate,
                "annotator": request.oracle,
                "preference": None if verdict.outcome is None else _PREFERENCE[verdict.outcome],
                "raw_completion": verdict.text,
                "price_per_example": verdict.cost,
                "time_per_example": verdict.seconds,
                "is_switched_outputs": not request.baseline_first,
            }
        )
    return found


def write_verdicts(records: Sequence[Recorded], task: Task, path: Path) -> None:
    """Write the verdicts; the end of the name says in which form.

    Parameters
    ----------
    records
        Of a ledger.
    task
        The texts, for ``annotations.json``.
    path
        ``.parquet`` or ``.csv``: one row a request. ``.json``: alpaca_eval's annotations.

    Raises
    ------
    DataError
        Another end of the name, or a file that is there.
    RunError
        It cannot be written.
    """
    if path.suffix not in (".parquet", ".csv", ".json"):
        raise DataError(
            f"{path}: expected a name that ends in .parquet, .csv or .json (alpaca_eval)"
        )
    if os.path.lexists(path):
        raise DataError(f"{path} is there already: give another name, or remove it")
    try:
        if path.suffix == ".json":
            rows = alpaca_annotations(records, task)
            write_text(path, json.dumps(rows, ensure_ascii=False, indent=1), new=True)
            return
        table = verdict_table(records)
        with written_new(path) as partial:
            if path.suffix == ".csv":
                text = csv_text(table, index=False, float_format=None)
                partial.write_text(text, encoding="utf-8", errors="backslashreplace")
            else:
                table.to_parquet(partial, index=False)
    except OSError as error:
        raise RunError(f"cannot write {path}: {reason(error)}; give another name") from error
