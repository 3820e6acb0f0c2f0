"""Download a source with pooch into the user's cache; a file that is there is kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from bayessel.errors import DataError
from bayessel.support.files import inside, reason
from bayessel.support.marker import claim
from bayessel.tasks.sources import helm
from bayessel.tasks.sources.archives import unpack
from bayessel.tasks.sources.catalogue import Source
from bayessel.tasks.sources.fetching import (
    Limits,
    Record,
    Streamed,
    TooMuchError,
    git_blob,
    read_json,
    sha256,
)


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
    limits: Limits | None = None,
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
    limits
        Bytes and seconds that it may take; 4 GiB and an hour where None.
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
    own = inside(folder, source.name)
    fetch = _Fetch(own, source, limits or Limits(), progress)

    if source.kind == "archive":
        unpack(fetch(source.files[0]), own, source.inside, source.tree if url is None else "")
    elif source.kind == "files":
        for name in source.files:
            fetch(name)
    elif source.kind == "listing":
        listed = source.files[0] if url is None else f"{source.url}/listing.json"
        for name, has in _names(fetch(".listing.json", listed, fresh=True), source).items():
            path = fetch(name, f"{source.url}/resolve/{source.commit}/{name}")
            if has and has not in (sha256(path), git_blob(path)):
                raise DataError(
                    f"{path} is not the file of the list at {source.url} (its hash is another): "
                    "delete it and try again"
                )
    else:
        index = fetch(f"releases/{source.release}/runs_to_run_suites.json")
        table = own / f"{source.name}.jsonl"
        claim(own, [table.name])
        return helm.convert(source, index, fetch, table)
    path = own / source.inside
    if not path.exists():
        raise DataError(f"{source.name}: the download from {source.url} has no {source.inside}")
    return path


def _names(listing: Path, source: Source) -> dict[str, str]:
    """Names in a listing with the hash that it says, if any; only of the source's folder."""
    entries = read_json(listing, source.name)
    try:
        found = {
            str(e["path"]): str((e.get("lfs") or {}).get("oid") or e.get("oid") or "")
            for e in entries
            if e["type"] == "file"
        }
    except (KeyError, TypeError, AttributeError):
        raise DataError(
            f"{source.name}: the list of files at {source.url} is not one: expected a JSON list of "
            "objects with path and type"
        ) from None
    for name in found:
        if ".." in PurePosixPath(name).parts or not name.startswith(f"{source.inside}/"):
            raise DataError(f"{source.name}: the list of files names {name!r}, outside its folder")
    return found


class _Fetch:
    """``fetch(name, address)``: downloads a file of a source, once, and returns where it lies."""

    def __init__(
        self,
        own: Path,
        source: Source,
        limits: Limits,
        progress: Callable[[str], None] | None,
    ) -> None:
        self._own = own
        self._source = source
        self._limits = limits
        self._progress = progress
        self._record = Record(own)

    def __call__(self, name: str, address: str = "", fresh: bool = False) -> Path:
        """Download a file if it is not there, or where ``fresh``.

        Raises
        ------
        DataError
            It cannot be downloaded, is not what was downloaded before, or its name leads out of
            the data set's folder.
        """
        pooch, source = _pooch(), self._source
        address = address or f"{source.url}/{name}"
        path = inside(self._own, name)
        if path.exists() and not fresh:
            self._record.require(name, path)
            return path
        if self._progress is not None:
            self._progress(name)
        pooch.get_logger().setLevel("ERROR")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            pooch.retrieve(
                address,
                known_hash=None,
                fname=path.name,
                path=path.parent,
                downloader=Streamed(self._limits),
            )
            if not fresh:
                self._record.keep(name, path)
        except TooMuchError as error:
            raise DataError(
                f"{source.name}: {address} was stopped: {error}; give another address with --url"
            ) from None
        except Exception as error:  # whatever requests and the network make of it
            why = type(error).__name__
            if isinstance(error, OSError) and error.errno is not None:
                why = reason(error)
            raise DataError(
                f"{source.name}: cannot download {address} ({why}): check the connection, or give "
                "another address with --url"
            ) from None
        return path


def _pooch() -> Any:
    try:
        import pooch
    except ImportError:
        raise DataError("downloads need pooch: pip install 'bayessel[data]'") from None
    return pooch
