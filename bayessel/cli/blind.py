"""``next --blind`` and ``next --template``: what to judge, with letters instead of names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from bayessel.errors import RunError
from bayessel.selection.letters import Letters
from bayessel.support.files import reason, write_text
from bayessel.support.tables import csv_text

if TYPE_CHECKING:
    from bayessel.selection.run import Run
    from bayessel.tasks.question import Question

COLUMNS = ("query", "candidate", "outcome", "comment", "query_text", "baseline_text", "text")


def blinded(questions: Sequence[Question], run: Run) -> list[dict[str, Any]]:
    """Questions with their texts, by letter; the letters are in the run then."""
    letters, task = Letters(run.ledger), run.task
    letters.show([(one.query, one.candidates) for one in questions], task.candidates)
    shown = []
    for question in questions:
        responses = task.responses_to(question.query)
        known = letters.of(question.query)
        asked = {
            letter: responses[name] for letter, name in known.items() if name in question.candidates
        }
        shown.append(
            {
                "query": question.query,
                "text": str(task.data["query_text"].sel(query=question.query).item()),
                "candidates": list(asked),
                "baseline": responses[task.baseline],
                "responses": asked,
            }
        )
    return shown


def write_template(path: Path, shown: Sequence[dict[str, Any]]) -> int:
    """Write rows to fill in, one for each response; returns how many.

    Raises
    ------
    RunError
        There is such a file: it may hold answers. Or it cannot be written.
    """
    rows = [
        (one["query"], letter, "", "", one["text"], one["baseline"] or "", response or "")
        for one in shown
        for letter, response in one["responses"].items()
    ]
    try:
        write_text(path, csv_text(pd.DataFrame(rows, columns=list(COLUMNS)), index=False), new=True)
    except FileExistsError:
        raise RunError(f"{path} is there and may hold answers: give another name") from None
    except OSError as error:
        raise RunError(f"cannot write {path}: {reason(error)}; give another name") from error
    return len(rows)
