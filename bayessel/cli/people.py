"""What people did at the page, in words and in files."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayessel.errors import RunError
from bayessel.reports.people import in_words, reliability

if TYPE_CHECKING:
    from bayessel.oracles.people.desk import Desk
    from bayessel.oracles.verdicts.record import Recorded
    from bayessel.selection.run import Run


def progress(desk: Desk, standing_of: Path | None, model: Path | None = None) -> dict[str, Any]:
    """What the page of progress shows.

    Parameters
    ----------
    desk
        Of the page.
    standing_of
        The run folder whose standing is shown; it is not shown where None.
    model
        The model's file, where the run's model is one.
    """
    from bayessel.oracles.people.summary import summarize

    found = summarize(desk.ledger.all)
    return {
        "summary": found,
        "agreement": in_words(found.agreement),
        "reliability": [
            f"{one.annotator} {reliability(one)}." for one in found.people if one.with_others
        ],
        "judged": desk.n_judged,
        "budget": desk.budget,
        "standing": None if standing_of is None else _standing(standing_of, model),
    }


def _standing(folder: Path, model: Path | None) -> dict[str, Any]:
    """The standing as a table."""
    from bayessel.selection.run import Run

    with Run.open(folder, model=model) as run:
        table = run.selector.table
    shown = table[["p_best", "win_rate", "lower", "upper", "calls"]].round(3).reset_index()
    return {"columns": [str(name) for name in shown.columns], "rows": shown.values.tolist()}


def export(path: Path, recorded: Sequence[Recorded], run: Run) -> int:
    """Write the verdicts of people; returns how many rows there are.

    Raises
    ------
    RunError
        There is such a file, its ending is another one, or it cannot be written.
    """
    from bayessel.oracles.people.export import to_label_studio, to_table
    from bayessel.support.files import reason, write_text, written_new
    from bayessel.support.tables import csv_text

    if os.path.lexists(path):
        raise RunError(f"{path} is there: give another name")
    kind = path.suffix.lower()
    if kind not in (".csv", ".parquet", ".json"):
        raise RunError(f"{path}: expected a name that ends with .csv, .parquet or .json")
    table = to_table(recorded)
    try:
        if kind == ".json":
            tasks = to_label_studio(recorded, run.task)
            write_text(path, json.dumps(tasks, ensure_ascii=False, indent=1), new=True)
        elif kind == ".csv":
            write_text(path, csv_text(table, index=False), new=True)
        else:
            with written_new(path) as partial:
                table.to_parquet(partial, index=False)
    except OSError as error:
        raise RunError(f"cannot write {path}: {reason(error)}; give another name") from error
    return len(table)
