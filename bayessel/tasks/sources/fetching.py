"""Fetch one file from the web, as large and as long as a limit allows; keep its hash."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bayessel.errors import DataError
from bayessel.support.files import reason, write_text

RECORD = "downloaded.json"
"""File in a data set's folder: size and SHA-256 of each file as it was downloaded."""


class TooMuchError(Exception):
    """A download is larger, or takes longer, than a data set may."""


@dataclass
class Limits:
    """What one call of ``get`` may take.

    Attributes
    ----------
    bytes
        All files together.
    seconds
        All files together.
    """

    bytes: int = 4 * 2**30
    seconds: float = 3600.0
    _began: float = field(default_factory=time.monotonic)

    def take(self, size: int) -> None:
        """Count bytes that arrived.

        Raises
        ------
        TooMuchError
            Too many, or too late.
        """
        self.bytes -= size
        if self.bytes < 0:
            raise TooMuchError("it is larger than a data set may be")
        if time.monotonic() - self._began > self.seconds:
            raise TooMuchError("it takes longer than a data set may")


class Streamed:
    """Downloads as pooch asks for it, and stops at the limits.

    Parameters
    ----------
    limits
        What is left.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def __call__(self, url: str, output_file: Any, pooch: Any) -> None:
        """Write what is at ``url`` into a file; only http and https are read."""
        import requests

        with requests.get(url, stream=True, timeout=(10, 60)) as answer:
            answer.raise_for_status()
            with Path(output_file).open("wb") as file:
                # what has arrived, however little: a server that trickles is stopped in time
                while part := answer.raw.read1(2**16, decode_content=True):
                    self._limits.take(len(part))
                    file.write(part)
            expected = answer.headers.get("Content-Length", "")
            whole = "Content-Encoding" in answer.headers or not expected.isdigit()
            if not whole and Path(output_file).stat().st_size != int(expected):
                raise requests.ConnectionError("the connection broke off")


class Record:
    """Hashes of the files of a data set, as they were downloaded first.

    Parameters
    ----------
    folder
        The data set's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / RECORD
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
            self._known = {str(k): str(v["sha256"]) for k, v in found.items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            self._known = {}

    def require(self, name: str, path: Path) -> None:
        """Refuse a file that is not what was downloaded.

        Raises
        ------
        DataError
            Its SHA-256 is another, or it cannot be read.
        """
        known = self._known.get(name)
        if known is not None and sha256(path) != known:
            raise DataError(
                f"{path} is not what was downloaded (its SHA-256 is another): delete it, and "
                "'bayessel data get' downloads it again"
            )

    def keep(self, name: str, path: Path) -> None:
        """Remember a file that was just downloaded."""
        self._known[name] = sha256(path)
        sizes = {key: (self._path.parent / key) for key in self._known}
        found = {
            key: {"bytes": file.stat().st_size, "sha256": self._known[key]}
            for key, file in sizes.items()
            if file.is_file()
        }
        write_text(self._path, json.dumps(found, indent=1) + "\n")


def sha256(path: Path) -> str:
    """SHA-256 of a file.

    Raises
    ------
    DataError
        It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"cannot read {path}: {reason(error)}") from error


def git_blob(path: Path) -> str:
    """The name that git gives to a file's contents."""
    data = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def read_json(path: Path, what: str) -> Any:
    """Read a JSON file that was downloaded.

    Raises
    ------
    DataError
        It is none.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            f"{what}: {path} is not JSON: delete it and try again, or give another address with "
            "--url"
        ) from error
