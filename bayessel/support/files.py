"""Write files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Write a file or a folder beside its place; it is moved to its place when the block ends.

    A process that is killed leaves the old file or the new one, never a part of it. If the block
    fails, what it wrote is removed and ``path`` stays as it was. Threads and processes may write
    the same ``path`` at once: the last one wins.

    Parameters
    ----------
    path
        Where the file or folder goes; its folder must be there.

    Yields
    ------
    Path
        Where to write: a hidden name in the same folder.

    Raises
    ------
    OSError
        Writing fails, or ``path`` is a folder that is not empty: it is never replaced.
    """
    partial = path.with_name(f".{path.name}.{threading.get_native_id()}")
    _remove(partial)
    try:
        yield partial
        partial.replace(path)
    except BaseException:
        _remove(partial)
        raise


@contextlib.contextmanager
def written_together(folder: Path) -> Iterator[Path]:
    """A folder to write several files to; they are moved into ``folder`` when the block ends.

    Where the block fails, nothing is moved and the files in ``folder`` stay as they were.

    Parameters
    ----------
    folder
        Where the files go; it must be there.

    Yields
    ------
    Path
        Where to write.
    """
    staging = folder / f".partial.{os.getpid()}"
    _remove(staging)
    staging.mkdir()
    try:
        yield staging
        for file in sorted(staging.iterdir()):
            file.replace(folder / file.name)
    finally:
        _remove(staging)


def write_text(path: Path, text: str) -> Path:
    """Write a text as UTF-8, whole or not at all; returns ``path``."""
    with written_whole(path) as partial:
        partial.write_text(text, encoding="utf-8")
    return path


def sync(path: Path) -> None:
    """Put a file, or a folder's list of files, on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
