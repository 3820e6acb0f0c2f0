"""Write files that are there whole or not at all, and nothing outside the folder that was given."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import threading
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

from bayessel.errors import DataError
from bayessel.support import marker
from bayessel.support.leftovers import clean, partial_name

_LONGEST = 255  # bytes of a name, on the file systems in use


def inside(folder: Path, name: str) -> Path:
    """The path of a file in a folder, from a name that was read from data.

    Parameters
    ----------
    folder
        The folder that nothing may leave.
    name
        A relative path with ``/``.

    Raises
    ------
    DataError
        The name leads out of the folder (``..``, an absolute path, a drive, a symbolic link), or no
        file can have it.
    """
    parts = PurePosixPath(name).parts
    leaves = (
        not parts
        or name.startswith("/")
        or ".." in (*parts, *PureWindowsPath(name).parts)
        or (os.name == "nt" and bool(PureWindowsPath(name).drive))
    )
    if leaves:
        raise DataError(f"the name {name!r} leads out of {folder}: nothing was written there")
    if "\0" in name or any(len(os.fsencode(part)) > _LONGEST for part in parts):
        raise DataError(
            f"no file can have the name {name[:80]!r}: it has a NUL, or a part of more than "
            f"{_LONGEST} bytes"
        )
    path = folder
    for part in parts:
        path = path / part
        if path.is_symlink():
            raise DataError(f"{path} is a symbolic link: bayessel does not write through links")
    return path


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Write a file or a folder beside its place; it is moved to its place when the block ends.

    A process that is killed leaves the old file or the new one, never a part of it. If the block
    fails, what it wrote is removed and ``path`` stays as it was. Threads and processes may write
    the same ``path`` at once: the last one wins. A symbolic link at ``path`` is replaced, what it
    points to is not touched.

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
    clean(path.parent)
    partial = path.with_name(partial_name(path.name))
    remove(partial)
    try:
        yield partial
        partial.replace(path)
    except BaseException:
        remove(partial)
        raise


@contextlib.contextmanager
def written_together(
    folder: Path, replaced: str | None = None, removed: Collection[str] = ()
) -> Iterator[Path]:
    """A folder to write several files to; they are moved into ``folder`` when the block ends.

    Where the block fails, nothing is moved and the files in ``folder`` stay as they were. A file
    that bayessel did not write is never replaced; see :mod:`bayessel.support.marker`.

    Parameters
    ----------
    folder
        Where the files go; it must be there.
    replaced
        A folder in ``folder``, as ``check``: files that bayessel wrote there before and that are
        not written now are removed.
    removed
        Names that an earlier state had, as ``eps.png``: removed too, where bayessel wrote them.

    Yields
    ------
    Path
        Where to write; folders in it become folders in ``folder``.

    Raises
    ------
    RunError
        A file of that name is there and bayessel did not write it, or it is a symbolic link.
    """
    clean(folder)
    staging = folder / partial_name(f"results{threading.get_native_id()}")
    remove(staging)
    staging.mkdir()
    try:
        yield staging
        files = sorted(file for file in staging.rglob("*") if file.is_file())
        names = [file.relative_to(staging).as_posix() for file in files]
        before = marker.claim(folder, names)
        with marker.locked(folder):  # the files of two processes are not mixed
            for file, name in zip(files, names, strict=True):
                path = folder / name
                path.parent.mkdir(exist_ok=True)
                file.replace(path)
            for name in before - set(names):
                if name in removed or (replaced is not None and name.startswith(f"{replaced}/")):
                    inside(folder, name).unlink(missing_ok=True)
    finally:
        remove(staging)


@contextlib.contextmanager
def written_new(path: Path) -> Iterator[Path]:
    """Write a new file as :func:`written_whole` does, and never over another one.

    Raises
    ------
    FileExistsError
        There is something of that name, perhaps since a moment ago; it stays as it is.
    OSError
        Writing fails.
    """
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    clean(path.parent)
    partial = path.with_name(partial_name(path.name))
    remove(partial)
    try:
        yield partial
        publish(partial, path)
    except BaseException:
        remove(partial)
        raise


def publish(partial: Path, path: Path) -> None:
    """Give a finished file its name.

    Raises
    ------
    FileExistsError
        There is a file of that name already.
    """
    try:
        os.link(partial, path)  # unlike a rename it fails where a file is
    except FileExistsError:
        partial.unlink()
        raise
    except OSError:  # a file system without hard links
        if path.exists():
            partial.unlink()
            raise FileExistsError(path) from None
        partial.replace(path)
    else:
        partial.unlink()


def write_text(path: Path, text: str, *, new: bool = False) -> Path:
    """Write a text as UTF-8, whole or not at all; returns ``path``.

    Parameters
    ----------
    path
        Where.
    text
        What.
    new
        Never over another file: then it raises FileExistsError.
    """
    with (written_new if new else written_whole)(path) as partial:
        partial.write_text(text, encoding="utf-8", errors="backslashreplace")
    return path


def sync(path: Path) -> None:
    """Put a file, or a folder's list of files, on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Remove a file, a folder or a symbolic link; never what a link points to."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def writable_folder(folder: Path) -> bool:
    """Whether files can be made in a folder; false on a disk that is read-only."""
    return os.access(folder, os.W_OK)


def reason(error: OSError) -> str:
    """Why a file could not be read or written, for people."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full"
    return error.strerror or str(error)
