"""Read judged or unjudged LLM responses from the formats that people have.

A reader parses files into :class:`bayessel.tasks.tables.Tables` and checks what the format
itself says; whether the tables make a task is for a higher layer to say.
"""

from __future__ import annotations

from pathlib import Path

from bayessel.errors import DataError, did_you_mean
from bayessel.tasks.readers import alpaca_eval, arena_hard, mt_bench, parquet_folder, table
from bayessel.tasks.readers.base import Reader, ReadOptions
from bayessel.tasks.tables import Tables

__all__ = ["FORMATS", "ReadOptions", "Reader", "Tables", "detect_format", "read_tables"]

FORMATS: dict[str, Reader] = {
    module.READER.name: module.READER
    for module in (parquet_folder, alpaca_eval, arena_hard, mt_bench, table)
}
"""Every format by its name."""


def read_tables(
    path: str | Path,
    *,
    format: str | None = None,
    baseline: str | None = None,
    null: str = "missing",
    draw_band: float | None = None,
    judge: str | None = None,
    tolerance: float | None = None,
) -> Tables:
    """Read judgments, responses and queries from a file or a folder.

    Parameters
    ----------
    path
        A file or folder in one of :data:`FORMATS`.
    format
        Name of the format; detected where it is None.
    baseline
        Name of the baseline, where the files do not say it or name several.
    null
        How a failed judgment of alpaca_eval is read: ``"missing"`` or ``"draw"``.
    draw_band
        A preference of alpaca_eval this close to 1.5 is a draw; default 0.
    judge
        Whose judgments to read, where there are several judges (annotators).
    tolerance
        Scores this close to the baseline's are a draw; default 0.

    Raises
    ------
    DataError
        The files cannot be read; one line says what was given, expected, and what to do.
    UnknownNameError
        An unknown format, judge, baseline or reading of null.
    BudgetError
        A draw band or tolerance out of its range.
    """
    path = Path(path).expanduser()
    options = ReadOptions(baseline, null, draw_band, judge, tolerance)
    if format is not None and format not in FORMATS:
        raise did_you_mean(format, FORMATS, "format")
    _check_there(path)
    reader = detect_format(path) if format is None else FORMATS[format]
    for option in options.given():
        if option not in reader.uses:
            users = ", ".join(r.name for r in FORMATS.values() if option in r.uses)
            raise DataError(
                f"the option {option} was given, but {path} is read as {reader.name!r}, which "
                f"does not use it (used by: {users}): leave it out, or insist on a format"
            )
    return reader.read(path, options)


def detect_format(path: Path) -> Reader:
    """Find the format of a file or folder.

    Raises
    ------
    DataError
        None fits, or several do.
    """
    found = [reader for reader in FORMATS.values() if reader.detect(path)]
    if len(found) > 1:  # a table is any file of a known ending: the more special one goes first
        found = [reader for reader in found if reader is not table.READER]
    if len(found) == 1:
        return found[0]
    if found:
        raise DataError(
            f"{path} looks like {' and like '.join(r.name for r in found)}: say which with "
            "format= (--format NAME)"
        )
    accepted = "; ".join(f"{r.name}: {r.description}" for r in FORMATS.values())
    raise DataError(
        f"{path} is in no known format: give one of these, or insist with format= "
        f"(--format NAME) -- {accepted}"
    )


def _check_there(path: Path) -> None:
    if not path.exists():
        raise DataError(f"{path} does not exist: give a file or folder with judgments or responses")
    if path.is_dir() and not any(path.iterdir()):
        raise DataError(f"{path} is an empty folder: give one with judgments or responses")
    if path.is_file() and path.stat().st_size == 0:
        raise DataError(f"{path} is an empty file: give one with judgments or responses")
