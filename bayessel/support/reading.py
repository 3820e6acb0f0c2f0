"""Read text files, plain or compressed, or say in one line why they cannot be read."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TextIO, cast

from bayessel.errors import DataError
from bayessel.support.files import reason
from bayessel.support.progress import tell_progress

COMPRESSED = (".gz", ".zst")
"""Endings of compressed files; what is in a file decides, not its ending."""

_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_POINTER = b"version https://git-lfs"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins with the mark of UTF-16
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def bare_name(path: Path) -> str:
    """Name of a file without the ending of a compression: ``A.csv`` of ``A.csv.gz``."""
    name = path.name
    for ending in COMPRESSED:
        if name.lower().endswith(ending):
            name = name[: -len(ending)]
    return name


def bare_suffix(path: Path) -> str:
    """Ending of a file in lower case, without that of a compression: ``.csv`` of ``A.CSV.gz``."""
    return Path(bare_name(path).lower()).suffix


def bare_stem(path: Path) -> str:
    """Name of a file without its endings: ``a.b`` of ``a.b.csv.gz``."""
    name, ending = bare_name(path), bare_suffix(path)
    return name[: len(name) - len(ending)]


def as_stored(path: Path) -> Path:
    """The file itself, or the compressed one in its place; the path as it is where neither is."""
    if path.is_file():
        return path
    packed = (path.with_name(path.name + ending) for ending in COMPRESSED)
    return next((file for file in packed if file.is_file()), path)


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for reading bytes; gzip and Zstandard are unpacked.

    Raises
    ------
    DataError
        No such file, a folder, or damaged compressed data, also while it is read in the block.
    """
    if "\0" in str(path):
        raise DataError(f"cannot read {path}: a path has no NUL; give a file")
    if path.is_dir():
        raise DataError(f"cannot read {path}: it is a directory; give a file")
    try:
        with path.open("rb") as raw:
            start = raw.read(len(_POINTER))
            raw.seek(0)
            if start == _POINTER:
                raise _pointer(path)
            counted = cast(IO[bytes], io.BufferedReader(_Counted(raw, path), 1 << 20))
            packing = next((name for magic, name in _MAGIC.items() if start.startswith(magic)), "")
            if not packing:
                yield counted
                return
            import pyarrow as pa

            with pa.CompressedInputStream(pa.PythonFile(counted, mode="r"), packing) as unpacked:
                yield unpacked
    except OSError as error:
        raise DataError(
            f"cannot read {path}: {reason(error)}; give a file that is whole"
        ) from error


@contextmanager
def opened_text(path: Path, newline: str = "") -> Iterator[TextIO]:
    r"""Open a text file: strict UTF-8, or UTF-16 or UTF-32 with a mark; line ends are kept.

    Parameters
    ----------
    path
        The file.
    newline
        What ends a line, as in :func:`open`.

    Raises
    ------
    DataError
        As :func:`opened`, or bytes that are no text, also while it is read in the block.
    """
    with opened(path) as probe:
        encoding = _encoding(probe.read(64))
    try:
        with opened(path) as raw, io.TextIOWrapper(raw, encoding, newline=newline) as text:
            yield text
    except UnicodeDecodeError as error:
        raise _undecodable(path, encoding) from error


def beginning(path: Path, size: int) -> str:
    """The first part of a text file; bytes that are no text are replaced.

    Parameters
    ----------
    path
        The file.
    size
        Bytes that are read at most.

    Raises
    ------
    DataError
        As :func:`opened`.
    """
    with opened(path) as raw:
        start = raw.read(size)
    return start.decode(_encoding(start[:64]), "replace")


def read_text(path: Path) -> str:
    """Read a text file whole; a byte order mark is dropped.

    Raises
    ------
    DataError
        As :func:`opened_text`, or an empty file.
    """
    with opened_text(path) as lines:
        text = lines.read()
    if not text.strip():
        raise empty(path)
    return text


def empty(path: Path) -> DataError:
    """Build the error for a file without text."""
    return DataError(f"{path} is empty: expected at least one record")


def _pointer(path: Path) -> DataError:
    """Build the error for what Git has in place of a large file."""
    return DataError(
        f"{path} is a pointer of Git LFS, not the data: fetch them with 'git lfs pull', and give "
        "the file again"
    )


def _encoding(start: bytes) -> str:
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    pairs = start[: len(start) // 2 * 2]
    if len(pairs) >= 8 and not any(pairs[1::2]):  # ASCII in UTF-16 without a mark
        return "utf-16-le"
    if len(pairs) >= 8 and not any(pairs[0::2]):
        return "utf-16-be"
    return "utf-8"


def _undecodable(path: Path, encoding: str) -> DataError:
    """Build the error for bytes that are no text: the file is read again to find the place."""
    name = encoding.removesuffix("-sig").upper()
    decoder, done = codecs.getincrementaldecoder(encoding)("strict"), 0
    with opened(path) as raw:
        while True:
            chunk = raw.read(1 << 20)
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                at = done - pending + error.start
                byte = error.object[error.start]
                return DataError(
                    f"{path} is not {name}: byte 0x{byte:02x} at offset {at}; convert the file to "
                    "UTF-8"
                )
            done += len(chunk)
            if not chunk:
                return DataError(f"{path} is not {name}; convert the file to UTF-8")


class _Counted(io.RawIOBase):
    """A file that tells how far it was read."""

    def __init__(self, raw: IO[bytes], path: Path) -> None:
        self._raw, self._path = raw, path
        self._size = path.stat().st_size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self._raw.read(len(buffer))
        buffer[: len(found)] = found
        tell_progress(self._path, self._raw.tell(), self._size)
        return len(found)
