"""``next --blind`` and ``next --template``: what to judge, with letters instead of names."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayessel.errors import RunError
from bayessel.selection.letters import Letters

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
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    rows = 0
    for one in shown:
        for letter, response in one["responses"].items():
            writer.writerow(
                {
                    "query": one["query"],
                    "candidate": letter,
                    "outcome": "",
                    "comment": "",
                    "query_text": one["text"],
                    "baseline_text": one["baseline"] or "",
                    "text": response or "",
                }
            )
            rows += 1
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(text.getvalue())
    except FileExistsError:
        raise RunError(f"{path} is there and may hold answers: give another name") from None
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror}; give another name") from error
    return rows
