"""Copy a run folder while it may be in use."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from pathlib import Path

from bayessel.errors import RunError
from bayessel.selection.ledger import DATABASE, Ledger
from bayessel.selection.task_folder import TASK, located
from bayessel.support.database import Database
from bayessel.support.files import reason, sync, written_whole
from bayessel.support.marker import adopt

OTHERS = ("verdicts.db", "batches.db")
"""What LLM judges and people said, and the batches that were handed in."""


def back_up(folder: Path, out: Path) -> int:
    """Copy a run's ledgers (also what LLM judges said) and its task; results are computed again.

    Parameters
    ----------
    folder
        The run folder.
    out
        The new folder; it is there whole or not at all.

    Returns
    -------
    int
        How many answers it has.

    Raises
    ------
    RunError
        There is no run or no task of it, something is at ``out``, or it cannot be written.
    """
    if os.path.lexists(out):
        raise RunError(f"{out} is there already: give the name of a new folder for the copy")
    with Ledger.in_folder(folder) as ledger:
        task = located(folder, ledger.meta)
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            with written_whole(out) as partial:
                partial.mkdir()
                adopt(partial, [DATABASE, TASK])
                ledger.back_up(partial / DATABASE)
                _back_up_others(folder, partial)
                shutil.copytree(task, partial / TASK, symlinks=True)
                sync(partial / DATABASE)
            sync(out.parent)
        except OSError as error:
            raise RunError(f"cannot write the copy {out}: {reason(error)}") from error
    with Ledger.in_folder(out) as copy:
        return len(copy.answers)


def _back_up_others(folder: Path, copy: Path) -> None:
    """Copy the other ledgers of a run: what was paid for there is in no other file."""
    for name in OTHERS:
        file = folder / name
        if not os.path.lexists(file):
            continue
        advice = "restore it from a backup, or move it away to copy the rest"
        with contextlib.closing(
            Database(file, prepare=_as_it_is, what="ledger", advice=advice)
        ) as found:
            adopt(copy, [name])
            found.back_up(copy / name)
        sync(copy / name)


def _as_it_is(db: sqlite3.Connection) -> None:
    """Make no tables and refuse no version: it is copied whatever is in it."""
