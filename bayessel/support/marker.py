"""Which files of a folder bayessel wrote: only these may it write again or remove.

A folder of results has the file ``.bayessel``, one name a line. What is not named there is the
user's. A name is put there before its file is written, and never taken away.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from bayessel.errors import RunError

MARKER = ".bayessel"
"""Name of the file that says it."""

_HEAD = "Files that bayessel wrote into this folder and may write again; all others are yours.\n"


def owned(folder: Path) -> frozenset[str]:
    """Names that the folder's marker says; none where there is no marker."""
    path = folder / MARKER
    if path.is_symlink() or not path.is_file():
        return frozenset()
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    return frozenset(name for name in map(_name, lines) if name)


def _name(line: str) -> str:
    with contextlib.suppress(ValueError, RecursionError):
        found = json.loads(line)
        if isinstance(found, str):
            return found
    return ""


def refuse_foreign(folder: Path, names: Iterable[str]) -> frozenset[str]:
    """Refuse names that are taken by what bayessel did not write.

    Parameters
    ----------
    folder
        A folder of results, perhaps not there yet.
    names
        Paths in it, with ``/``.

    Returns
    -------
    frozenset of str
        Names that the marker says.

    Raises
    ------
    RunError
        A file or a folder of that name is there and not bayessel's, or it is a symbolic link.
    """
    known = owned(folder)
    for name in names:
        path = folder / name
        for part in (*reversed(path.relative_to(folder).parents[:-1]), path.relative_to(folder)):
            if (folder / part).is_symlink():
                raise RunError(
                    f"{folder / part} is a symbolic link, and bayessel writes through none: "
                    "remove the link, or give another folder"
                )
        if name not in known and os.path.lexists(path):
            raise RunError(
                f"{path} is there and bayessel did not write it: give another folder, or move it "
                "away; it was left as it is"
            )
    return known


def claim(folder: Path, names: Iterable[str]) -> frozenset[str]:
    """Say that bayessel writes these files, unless they are the user's.

    Returns
    -------
    frozenset of str
        Names that were said before.

    Raises
    ------
    RunError
        As :func:`refuse_foreign`, or the marker cannot be written.
    """
    names = list(names)
    known = refuse_foreign(folder, names)
    adopt(folder, names)
    return known


def adopt(folder: Path, names: Iterable[str]) -> None:
    """Say that files are bayessel's, without a look at them.

    Raises
    ------
    RunError
        The marker cannot be written.
    """
    new = [name for name in dict.fromkeys(names) if name not in owned(folder)]
    if not new:
        return
    path = folder / MARKER
    if path.is_symlink():
        raise RunError(f"{path} is a symbolic link: remove it, or give another folder")
    if path.exists() and not path.is_file():
        raise RunError(f"{path} is not bayessel's: give another folder, or move it away")
    try:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        with os.fdopen(os.open(path, flags, 0o666), "r+b", buffering=0) as file:
            file.seek(0)
            before = file.read()
            head = _HEAD.encode()
            if 0 < len(before) < len(head) and head.startswith(before):  # cut off by a full disk
                file.truncate(0)
                before = b""
            if before and not before.startswith(head):
                raise RunError(f"{path} is not bayessel's: give another folder, or move it away")
            # what was cut off is a line of its own: it must not spoil the next name
            start = _HEAD if not before else "" if before.endswith(b"\n") else "\n"
            text = (start + "".join(json.dumps(name) + "\n" for name in new)).encode()
            if file.write(text) != len(text):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror}; give another folder") from error


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one process at a time into the block; where files cannot be locked, all."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with (folder / MARKER).open("rb") as file:
        with contextlib.suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
