"""``bayessel backup``: a copy of a run with every answer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bayessel.cli.display import say
from bayessel.cli.steps import Folder
from bayessel.support.text import command


def backup(
    folder: Folder,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to make; it must not exist.")],
) -> None:
    """Copy a run, also while others use it.

    A copy of run.db alone may lack the last answers, which lie in run.db-wal until a command ends.
    The new folder is a run like the old one: next, tell and status take it.
    """
    from bayessel.selection.backup import back_up

    answers = back_up(folder, out)
    say(f"{answers} answers are in {out}: see {command('status', out)}")
