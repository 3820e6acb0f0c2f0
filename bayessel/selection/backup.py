"""Copy a run folder while it may be in use."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from bayessel.errors import RunError
from bayessel.selection.ledger import DATABASE, Ledger
from bayessel.selection.task_folder import TASK, located
from bayessel.support.files import reason, sync, written_whole
from bayessel.support.marker import adopt


def back_up(folder: Path, out: Path) -> int:
    """Copy a run's ledger and task; the results can be computed again.

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
                shutil.copytree(task, partial / TASK, symlinks=True)
                sync(partial / DATABASE)
            sync(out.parent)
        except OSError as error:
            raise RunError(f"cannot write the copy {out}: {reason(error)}") from error
    with Ledger.in_folder(out) as copy:
        return len(copy.answers)
