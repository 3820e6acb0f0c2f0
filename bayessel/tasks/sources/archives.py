"""Unpack a folder of a ZIP file: no more than a limit, and nothing outside the folder."""

from __future__ import annotations

import hashlib
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from bayessel.errors import DataError
from bayessel.support.files import inside, reason, remove, written_whole

_MOST = 8 * 2**30  # bytes unpacked
_RATIO = 200  # bytes unpacked for each of the archive; texts have ten


def unpack(file: Path, own: Path, within: str, tree: str = "") -> None:
    """Unpack one folder of an archive.

    Parameters
    ----------
    file
        The ZIP file.
    own
        Where its folders go.
    within
        The folder in the archive that is unpacked; it is there whole or not at all.
    tree
        Git's name (SHA-1) of that folder's contents; not compared where empty.

    Raises
    ------
    DataError
        It is no ZIP file or damaged, unpacks to too much, names a file outside its folder or a
        link, or has other contents than it should.
    """
    place = inside(own, within)
    if place.exists() and not place.is_symlink():
        return
    again = "delete it and try again"
    try:
        with zipfile.ZipFile(file) as archive:
            wanted = list(_wanted(archive, within))
            size = sum(member.file_size for member in wanted)
            if size > min(_MOST, _RATIO * max(file.stat().st_size, 2**20)):
                raise DataError(f"{file} says that it unpacks to {size:,} bytes: refused; {again}")
            if not wanted:
                raise DataError(f"{file} has no folder {within}; {again}")
            place.parent.mkdir(parents=True, exist_ok=True)
            with written_whole(place) as partial:
                partial.mkdir()
                for member in wanted:
                    name = member.filename.removeprefix(f"{within}/")
                    path = inside(partial, name)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    _write(archive, member, path)
                modes = {m.filename.removeprefix(f"{within}/"): m.external_attr for m in wanted}
                if tree and git_tree(partial, modes) != tree:
                    raise DataError(
                        f"{file} has other contents than the commit that bayessel knows; {again}"
                    )
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DataError(f"{file} is not a whole ZIP file ({error}): {again}") from error
    except OSError as error:
        raise DataError(f"cannot unpack {file}: {reason(error)}") from error


def _wanted(archive: zipfile.ZipFile, within: str) -> Iterator[zipfile.ZipInfo]:
    """Files of the folder; names and kinds are looked at before anything is written."""
    for member in archive.infolist():
        name = member.filename
        if not name.startswith(f"{within}/") or member.is_dir():
            continue
        if ".." in PurePosixPath(name).parts or stat.S_ISLNK(member.external_attr >> 16):
            raise DataError(f"{archive.filename} names {name!r}, a link or outside its folder")
        yield member


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
    """Write a file; one that is longer than its header says is refused."""
    with archive.open(member) as read, path.open("xb") as write:
        shutil.copyfileobj(read, write)
        if write.tell() > member.file_size:
            remove(path)
            raise zipfile.BadZipFile(f"{member.filename!r} is longer than its header says")


def git_tree(folder: Path, modes: dict[str, int]) -> str:
    """The name that git gives to a folder's contents.

    Parameters
    ----------
    folder
        Files and folders; no links.
    modes
        A ZIP file's attributes of each file, by its path: git knows who may run a file.
    """
    return _tree(folder, folder, modes).hex()


def _tree(folder: Path, root: Path, modes: dict[str, int]) -> bytes:
    entries = []
    for path in folder.iterdir():
        name = path.name.encode()
        if path.is_dir():
            entries.append((name + b"/", b"40000 " + name + b"\0" + _tree(path, root, modes)))
            continue
        data = path.read_bytes()
        runs = (modes.get(path.relative_to(root).as_posix(), 0) >> 16) & 0o100
        mode = b"100755 " if runs else b"100644 "
        blob = _sha1(b"blob %d\0" % len(data) + data)
        entries.append((name, mode + name + b"\0" + blob))
    body = b"".join(entry for _, entry in sorted(entries))
    return _sha1(b"tree %d\0" % len(body) + body)


def _sha1(data: bytes) -> bytes:
    return hashlib.sha1(data, usedforsecurity=False).digest()
