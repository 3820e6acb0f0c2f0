"""Readers: one file for each format of files with responses, judgments or both.

A reader turns files into :class:`bayessel.tasks.tables.Tables` and refuses what its format does not
allow. Whether the tables make a task is checked where the task is built. A new format is one file
here, or an entry point of the group ``bayessel.readers``; both define a
:class:`~bayessel.tasks.readers.base.Reader`. ``parts/`` holds what several formats share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from bayessel.errors import DataError
from bayessel.support.reading import beginning
from bayessel.support.registry import Registry
from bayessel.tasks.readers.base import Reader, ReadOptions
from bayessel.tasks.readers.parts.known import known_as
from bayessel.tasks.readers.parts.marks import MOST_FILES, files_under
from bayessel.tasks.readers.parts.unread import why_unread

if TYPE_CHECKING:  # pandas would make every '--help' that lists the formats slow
    from bayessel.tasks.tables import Tables

__all__ = ["FORMATS", "ReadOptions", "Reader", "detect_format", "read_tables", "require_used"]

_TRIED = 5
"""Files of a folder that are looked at to say of which format they are."""

FORMATS: Registry[Reader] = Registry(
    "bayessel.tasks.readers",
    attribute="READER",
    group="bayessel.readers",
    what="format",
    kind=Reader,
)
"""Readers by the names of their formats."""


def read_tables(
    path: str | Path | Sequence[str | Path],
    *,
    format: str | None = None,
    baseline: str | None = None,
    null: str = "missing",
    draw_band: float | None = None,
    judge: str | None = None,
    tolerance: float | None = None,
    rules: Mapping[str, str] | None = None,
    outcomes: str | None = None,
) -> Tables:
    """Read judgments, responses and queries from a file or a folder, or from several as one task.

    Parameters
    ----------
    path
        A file or folder in one of :data:`FORMATS`, or several of one format.
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
    rules
        Readings of the format's rules by their names, such as ``{"games": "agree"}``; docs/files.md
        lists them.
    outcomes
        How the outcomes of a table are written: ``"-1-0-1"`` (loss, draw, win; the default),
        ``"0-1"`` (loss 0, draw 0.5, win 1), or ``"pass-fail"`` (of each LLM by itself, compared
        with the baseline's).

    Raises
    ------
    DataError
        The files cannot be read; one line says what was given, expected, and what to do.
    UnknownNameError
        An unknown format, judge, baseline, rule or reading.
    BudgetError
        A draw band or tolerance out of its range.
    """
    from bayessel.tasks.readers.parts.finish import finished

    given = [path] if isinstance(path, str | Path) else path
    paths = [Path(one).expanduser() for one in given]
    options = ReadOptions(
        baseline, null, draw_band, judge, tolerance, rules=rules or {}, outcomes=outcomes
    )
    if format is not None:
        _ = FORMATS[format]  # an unknown format is refused before the path is looked at
    if not paths:
        raise DataError("no path was given: give a file or folder with judgments or responses")
    for one in paths:
        _require_content(one)
    paths = [file for one in paths for file in _meant(one, format)]
    name = _one_format(paths) if format is None else format
    require_used(options, name, paths[0])
    FORMATS[name].require_rules(options.rules, name)
    return finished(lambda: _read(name, paths, options), options, name)


def require_used(options: ReadOptions, name: str, source: Path | str) -> None:
    """Refuse options that a format does not use.

    Parameters
    ----------
    options
        What the user gave.
    name
        The format.
    source
        What is read, for the message.

    Raises
    ------
    DataError
        With the formats that use it.
    """
    for option in options.given():
        if option not in FORMATS[name].uses:
            users = ", ".join(other for other, r in FORMATS.items() if option in r.uses)
            raise DataError(
                f"the option {option} was given, but {source} is read as {name!r}, which "
                f"does not use it (used by: {users}): leave it out, or insist on a format"
            )


def _read(name: str, paths: Sequence[Path], options: ReadOptions) -> Tables:
    reader = FORMATS[name]
    if len(paths) == 1:
        return reader.read(paths[0], options)
    if reader.read_many is None:
        raise DataError(
            f"{len(paths)} paths were given, which are read as {name!r}, a format of one path: "
            "give the one folder that holds these files"
        )
    return reader.read_many(paths, options)


def _meant(path: Path, format: str | None) -> list[Path]:
    """The path itself, or the files of a folder that no format knows but by its files.

    Such as a folder with one file of judgments for each LLM.
    """
    named = FORMATS.items() if format is None else [(format, FORMATS[format])]
    if not path.is_dir() or any(r.detect(path) and not r.fallback for _, r in named):
        return [path]
    readers = [r for _, r in named if r.read_many is not None and not r.fallback]
    files = sorted(f for f in path.iterdir() if f.is_file() and not f.name.startswith("."))
    tried = files[:_TRIED]
    for reader in readers:
        if any(reader.detect(file) for file in tried):
            return [file for file in files if reader.detect(file)]
    return [path]


def _one_format(paths: Sequence[Path]) -> str:
    """The format that all paths have.

    Raises
    ------
    DataError
        They have several, or one has none.
    """
    names = {path: detect_format(path) for path in paths}
    first, name = next(iter(names.items()))
    for path, other in names.items():
        if other != name:
            raise DataError(
                f"{first} looks like {name} and {path} like {other}: one task has one format; "
                "give each its own command, or insist with format= (--format NAME)"
            )
    return name


def detect_format(path: Path) -> str:
    """Name of the format of a file or folder.

    Raises
    ------
    DataError
        No format fits, or several do.
    """
    found = [name for name, reader in FORMATS.items() if reader.detect(path)]
    if len(found) > 1:
        found = [name for name in found if not FORMATS[name].fallback]
    if len(found) == 1:
        return found[0]
    if found:
        raise DataError(
            f"{path} looks like {' and like '.join(found)}: say which with format= (--format NAME)"
        )
    for file in islice(files_under(path, "*"), MOST_FILES):
        beginning(file, 1)  # a pointer, or damaged
    known = known_as(path)
    if known is not None:
        raise DataError(f"{path} is not read, since it is {known}")
    why = why_unread(path)
    if why is not None:
        raise DataError(f"{path} is in no known format, since {why}")
    raise DataError(
        f"{path} is in no known format: give a table (CSV, JSONL, Parquet or Excel with query_id, "
        f"candidate and outcome or score), or files of {FORMATS.listed()} (docs/files.md), and "
        "insist on a format with format= (--format NAME)"
    )


def _require_content(path: Path) -> None:
    if not path.exists():
        raise DataError(f"{path} does not exist: give a file or folder with judgments or responses")
    if path.is_dir() and not any(path.iterdir()):
        raise DataError(f"{path} is an empty folder: give one with judgments or responses")
    if path.is_file() and path.stat().st_size == 0:
        raise DataError(f"{path} is an empty file: give one with judgments or responses")
    if path.is_file():
        beginning(path, 1)  # damaged compressed data look like no format
