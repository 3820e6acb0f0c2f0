"""Readers: one file for each format of files with responses, judgments or both.

A reader turns files into :class:`bayessel.tasks.tables.Tables` and refuses what its format does not
allow. Whether the tables make a task is checked where the task is built. A new format is one file
here, or an entry point of the group ``bayessel.readers``; both define a
:class:`~bayessel.tasks.readers.base.Reader`. ``parts/`` holds what several formats share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bayessel.errors import DataError
from bayessel.support.registry import Registry
from bayessel.tasks.readers.base import Reader, ReadOptions
from bayessel.tasks.readers.parts.known import known_as

if TYPE_CHECKING:  # pandas would make every '--help' that lists the formats slow
    from bayessel.tasks.tables import Tables

__all__ = ["FORMATS", "ReadOptions", "Reader", "detect_format", "read_tables"]

FORMATS: Registry[Reader] = Registry(
    "bayessel.tasks.readers",
    attribute="READER",
    group="bayessel.readers",
    what="format",
    kind=Reader,
)
"""Readers by the names of their formats."""


def read_tables(
    path: str | Path,
    *,
    format: str | None = None,
    baseline: str | None = None,
    null: str = "missing",
    draw_band: float | None = None,
    judge: str | None = None,
    tolerance: float | None = None,
    rules: Mapping[str, str] | None = None,
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
    rules
        Readings of the format's rules by their names, such as ``{"games": "agree"}``; docs/files.md
        lists them.

    Raises
    ------
    DataError
        The files cannot be read; one line says what was given, expected, and what to do.
    UnknownNameError
        An unknown format, judge, baseline, rule or reading.
    BudgetError
        A draw band or tolerance out of its range.
    """
    from bayessel.tasks.baseline import agreed_baseline
    from bayessel.tasks.readers.parts.spelling import one_spelling

    path = Path(path).expanduser()
    options = ReadOptions(baseline, null, draw_band, judge, tolerance, rules or {})
    if format is not None:
        _ = FORMATS[format]  # an unknown format is refused before the path is looked at
    _require_content(path)
    name = detect_format(path) if format is None else format
    reader = FORMATS[name]
    for option in options.given():
        if option not in reader.uses:
            users = ", ".join(other for other, r in FORMATS.items() if option in r.uses)
            raise DataError(
                f"the option {option} was given, but {path} is read as {name!r}, which "
                f"does not use it (used by: {users}): leave it out, or insist on a format"
            )
    reader.require_rules(options.rules, name)
    tables = one_spelling(reader.read(path, options))
    return replace(agreed_baseline(tables, baseline), format=name)


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
    known = known_as(path)
    if known is not None:
        raise DataError(f"{path} is not read, since it is {known}")
    accepted = "; ".join(f"{name}: {reader.description}" for name, reader in FORMATS.items())
    raise DataError(
        f"{path} is in no known format: give one of these, or insist with format= "
        f"(--format NAME) -- {accepted}"
    )


def _require_content(path: Path) -> None:
    if not path.exists():
        raise DataError(f"{path} does not exist: give a file or folder with judgments or responses")
    if path.is_dir() and not any(path.iterdir()):
        raise DataError(f"{path} is an empty folder: give one with judgments or responses")
    if path.is_file() and path.stat().st_size == 0:
        raise DataError(f"{path} is an empty file: give one with judgments or responses")
