"""Download a source with pooch into the user's cache; a file that is there is kept."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from bayessel.errors import DataError
from bayessel.tasks.sources import helm
from bayessel.tasks.sources.catalogue import Source


def cache_folder() -> Path:
    """The user's cache folder for data.

    Raises
    ------
    DataError
        pooch is not installed.
    """
    return Path(_pooch().os_cache("bayessel"))


def get(
    source: Source,
    folder: Path,
    *,
    url: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> Path:
    """Download a data set.

    Parameters
    ----------
    source
        Which one.
    folder
        Folder for downloads; the data set gets a folder of its own in it.
    url
        Address of a mirror with the same files, instead of the source's.
    progress
        Called with the name of each file that is downloaded.

    Returns
    -------
    Path
        What ``Task.read`` reads.

    Raises
    ------
    DataError
        No such file there, no connection, or a file that is not what the source should have.
    """
    if url is not None:
        source = dataclasses.replace(source, url=url.rstrip("/"))
    own = folder / source.name

    def fetch(name: str, address: str = "", fresh: bool = False) -> Path:
        return _fetch(own, name, address or f"{source.url}/{name}", source, progress, fresh)

    if source.kind == "archive":
        file = fetch(source.files[0])
        try:
            shutil.unpack_archive(file, own, "zip")
        except (shutil.ReadError, OSError) as error:
            raise DataError(
                f"{file} is not a ZIP file ({error}): delete it and try again"
            ) from None
    elif source.kind == "files":
        for name in source.files:
            fetch(name)
    elif source.kind == "listing":
        listed = source.files[0] if url is None else f"{source.url}/listing.json"
        for name in _names(fetch("listing.json", listed, fresh=True), source):
            fetch(name, f"{source.url}/resolve/main/{name}")
    else:
        index = fetch(f"releases/{source.release}/runs_to_run_suites.json")
        return helm.convert(source, index, fetch, own / f"{source.name}.csv")
    path = own / source.inside
    if not path.exists():
        raise DataError(f"{source.name}: the download from {source.url} has no {source.inside}")
    return path


def _names(listing: Path, source: Source) -> list[str]:
    """Names in a listing; a name outside the source's folder is refused."""
    try:
        entries = json.loads(listing.read_text(encoding="utf-8"))
        names = [str(e["path"]) for e in entries if e["type"] == "file"]
    except (ValueError, KeyError, TypeError):
        raise DataError(
            f"{source.name}: the list of files at {source.url} is not one: expected a JSON list of "
            "objects with path and type"
        ) from None
    for name in names:
        parts = PurePosixPath(name).parts
        if ".." in parts or name.startswith("/") or not name.startswith(source.inside):
            raise DataError(f"{source.name}: the list of files names {name!r}, outside its folder")
    return names


def _fetch(
    own: Path,
    name: str,
    address: str,
    source: Source,
    progress: Callable[[str], None] | None,
    fresh: bool,
) -> Path:
    pooch = _pooch()
    path = own / name
    if path.exists() and not fresh:
        return path
    if progress is not None:
        progress(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    pooch.get_logger().setLevel("ERROR")
    try:
        pooch.retrieve(address, known_hash=None, fname=path.name, path=path.parent)
    except Exception as error:  # whatever requests and the network make of it
        raise DataError(
            f"{source.name}: cannot download {address} ({type(error).__name__}): check the "
            "connection, or give another address with --url"
        ) from None
    return path


def _pooch() -> Any:
    try:
        import pooch
    except ImportError:
        raise DataError("downloads need pooch: pip install 'bayessel[data]'") from None
    return pooch
