"""``tell DIR answers.json``: what a page in a file brings back."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from bayessel.oracles.people.answers import read_answers, take_answers
from bayessel.support.text import count

__all__ = ["read_answers", "tell_answers"]


def tell_answers(folder: Path, source: Path, found: dict[str, Any]) -> str:
    """Store the answers of a file; says what was stored."""
    from bayessel.selection.people import open_counter

    with closing(open_counter(folder)) as desk:
        new, before = take_answers(desk, found, source)
        calls = desk.n_judged
    again = f" ({before} were stored before)" if before else ""
    return (
        f"stored {count(new, 'new answer')} of {found['annotator']}{again}; "
        f"{count(calls, 'call')} so far"
    )
