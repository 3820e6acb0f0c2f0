"""Read text files, or say in one line why they cannot be read."""

from __future__ import annotations

from pathlib import Path

from bayessel.errors import DataError
from bayessel.support.files import reason


def read_text(path: Path) -> str:
    """Read a file as strict UTF-8; a byte order mark is dropped.

    Raises
    ------
    DataError
        No such file, a folder, an empty file, or bytes that are not UTF-8.
    """
    try:
        raw = path.read_bytes()
    except (OSError, ValueError) as error:  # also a NUL in the path
        why = reason(error) if isinstance(error, OSError) else error
        raise DataError(f"cannot read {path}: {why}; give a file") from error
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path} is not UTF-8: byte 0x{raw[error.start]:02x} at offset {error.start}; "
            "convert the file to UTF-8"
        ) from error
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise DataError(f"{path} is empty: expected at least one record")
    return text
