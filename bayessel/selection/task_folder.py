"""The task in a run folder: written once, before the ledger, and put in its place after it.

The ledger decides which of two processes begins a run. So the task waits under a name that has its
fingerprint, ``.task-...``, until the ledger is there; whoever then needs it puts it in its place.
"""

from __future__ import annotations

import contextlib
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayessel.errors import DataError, RunError
from bayessel.support.files import remove, written_whole
from bayessel.support.marker import MARKER, adopt, locked, owned, refuse_foreign

if TYPE_CHECKING:
    from bayessel.tasks.task import Task

TASK = "task"
"""Name of the folder that holds the task."""


def refuse_taken(folder: Path) -> None:
    """Refuse a folder whose ``task/`` is not bayessel's.

    Raises
    ------
    RunError
        It is the user's, or a symbolic link.
    """
    place = folder / TASK
    if not _ours(place):
        refuse_foreign(folder, [TASK])


def _ours(place: Path) -> bool:
    """Whether bayessel wrote a folder, and all that is in it."""
    if place.is_symlink() or not place.is_dir():
        return False
    with contextlib.suppress(OSError):
        found = {entry.name for entry in place.iterdir()}
        return MARKER in found and found <= {MARKER, *owned(place)}
    return False


def stage(folder: Path, task: Task) -> None:
    """Write the task into a run folder, to wait for its ledger.

    Raises
    ------
    RunError
        It cannot be written.
    """
    waiting = _waiting(folder, task.fingerprint)
    if waiting.is_dir() and not waiting.is_symlink():
        if _ours(waiting):
            return
        raise RunError(f"{waiting} is there and bayessel did not write it: give another folder")
    tables = task.to_tables()
    named = {
        "judgments": tables.judgments,
        "responses": tables.responses,
        "queries": tables.queries,
        "weak_judges": tables.weak_judges,
        "votes": tables.votes,
    }
    with contextlib.suppress(_QuickerError), written_whole(waiting) as partial:
        partial.mkdir()
        files = {f"{name}.parquet": table for name, table in named.items() if table is not None}
        adopt(partial, files)
        for name, table in files.items():
            table.to_parquet(partial / name, index=False)
        if waiting.is_dir():  # another process with the same task
            raise _QuickerError


class _QuickerError(Exception):
    """Another process has written the same."""


def settle(folder: Path, fingerprint: str) -> None:
    """Put the task that waits in its place, where there is one; bayessel's old one is removed.

    Raises
    ------
    RunError
        The place is taken by what bayessel did not write.
    """
    waiting, place = _waiting(folder, fingerprint), folder / TASK
    if waiting.is_symlink() or not waiting.is_dir():
        return
    with locked(folder):
        if not waiting.is_dir():  # another process has settled it
            return
        refuse_taken(folder)
        if _ours(place):
            remove(place)
        waiting.rename(place)


def drop(folder: Path, fingerprint: str) -> None:
    """Remove a task that waits: another run was begun in the folder."""
    waiting = _waiting(folder, fingerprint)
    if _ours(waiting):
        remove(waiting)


def located(folder: Path, meta: dict[str, Any]) -> Path:
    """Where the task of a run lies.

    Parameters
    ----------
    folder
        The run folder.
    meta
        What the ledger says.

    Raises
    ------
    RunError
        It is lost, or a symbolic link.
    """
    place = folder / TASK
    with contextlib.suppress(OSError):  # a folder that is only read
        if not place.is_dir():
            settle(folder, meta["fingerprint"])
    if place.is_symlink():
        raise RunError(
            f"{place} is a symbolic link: put the task's own folder there{_again(folder)}"
        )
    if not place.is_dir():
        place = _waiting(folder, meta["fingerprint"])
    if not place.is_dir() or place.is_symlink():
        raise RunError(f"the run folder {folder} lost its {TASK}/: restore it{_again(folder)}")
    return place


def read(folder: Path, meta: dict[str, Any]) -> Task:
    """Read the task of a run; see :func:`located`.

    Raises
    ------
    RunError
        It is lost, a symbolic link, or not the one that the run was begun with.
    DataError
        It is damaged.
    """
    from bayessel.tasks.task import Task

    place, again = located(folder, meta), _again(folder)
    try:
        task = Task.read(place, format="parquet-folder", baseline=meta.get("baseline"))
    except DataError as error:
        raise DataError(f"{error}{again}") from error
    if task.fingerprint != meta["fingerprint"]:
        raise RunError(f"the task in {place} is not the one that the run was begun with{again}")
    return task


def _again(folder: Path) -> str:
    out = shlex.quote(str(folder))
    return f"; 'bayessel start ORIGINAL --out {out}' with the original files writes it again"


def _waiting(folder: Path, fingerprint: str) -> Path:
    return folder / f".{TASK}-{fingerprint[:16]}"
