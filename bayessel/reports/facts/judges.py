"""Part 6 of a report: who judged.

:func:`judges_of` is the one place where sources of verdicts become rows.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from bayessel.errors import RunError
from bayessel.reports.facts.parts import Judge
from bayessel.selection.ledger import DATABASE
from bayessel.support.text import count

_WORDS = {"recorded": "outcomes that came with the data", "tell": "told by hand or from a file"}


def judges_of(
    folder: Path, history: pd.DataFrame, *, costs_known: bool
) -> tuple[tuple[Judge, ...], str]:
    """One row for each source of verdicts of a run, and a sentence on corrections.

    The ledger says where each answer came from; the history says what a call cost and took.

    Parameters
    ----------
    folder
        The run folder.
    history
        One row a call, in the order of the ledger's answers.
    costs_known
        Whether somebody said what a call costs.

    Raises
    ------
    RunError
        The ledger cannot be read.
    """
    sources, corrected = _sources(folder / DATABASE)
    cells = zip(history["query"], history["candidate"], strict=True)
    calls = history.assign(who=[sources[cell] for cell in cells])
    found = []
    for who, part in calls.groupby("who", sort=False):
        asked = part.drop_duplicates("question")  # the time of a question is that of its calls
        found.append(
            Judge(
                who=f"{who} ({_WORDS[str(who)]})" if str(who) in _WORDS else str(who),
                calls=len(part),
                failed=None,
                seconds=float(asked["seconds"].sum()),
                cost=float(part["cost"].sum()) if costs_known else None,
                flips=None,
                agreement=None,
            )
        )
    return tuple(found), _text(len(found), corrected)


def _text(sources: int, corrected: int) -> str:
    said = (
        "Each cell was judged once, so agreement and position flips are not known."
        if sources
        else "Nobody has judged anything yet."
    )
    if corrected:
        said += f" {count(corrected, 'outcome was', 'outcomes were')} corrected afterwards."
    return said


def _sources(path: Path) -> tuple[dict[tuple[str, str], str], int]:
    """Source by query and candidate, oldest first, and how many outcomes were corrected."""
    try:
        uri = f"{path.resolve().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as db:
            told: Iterable[tuple[str, str, str]] = db.execute(
                "SELECT query, candidate, source FROM answers ORDER BY id"
            ).fetchall()
            (corrected,) = db.execute("SELECT count(*) FROM replaced").fetchone()
    except sqlite3.Error as error:
        raise RunError(f"cannot read the ledger {path}: {error}") from error
    return {(query, candidate): source for query, candidate, source in told}, int(corrected)
