"""Numbers with a decimal comma, as spreadsheets of many languages write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bayessel.support.text import listing
from bayessel.tasks.readers.parts.columns import Column
from bayessel.tasks.readers.parts.headers import CELLS, VOTES, plain

_NUMBER = re.compile(r"[+-]?\d+(?:,\d+)?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
_NUMBERS = {"score", "cost", "outcome"}
_WORDS = {
    word
    for meaning, others in (*CELLS.items(), *VOTES.items())
    if meaning not in _NUMBERS
    for word in ((meaning, *others) if len(meaning) > 1 else others)
}
"""Headers of names and texts, in which a comma is a comma."""


def with_points(columns: Mapping[str, Column]) -> tuple[dict[str, Column], tuple[str, ...]]:
    """The columns with decimal points, where all values of one are numbers with decimal commas.

    A column is left as it is where a value is something else, also a number with a point, or where
    every comma may stand between thousands.

    Parameters
    ----------
    columns
        By their headers, of a file that is not separated by commas.

    Returns
    -------
    columns, notes
        The notes name the columns.
    """
    found, changed = dict(columns), []
    for header, column in columns.items():
        written = [v for v in column.values if v.strip()]
        commas = [v for v in written if "," in v]
        if not commas or plain(header) in _WORDS or not all(map(_is_number, written)):
            continue
        if all(_THOUSANDS.fullmatch(v.strip()) for v in commas):
            continue
        found[header] = Column(column.codes, [_pointed(v) for v in column.values])
        changed.append(header)
    if not changed:
        return found, ()
    example = next(v for v in columns[changed[0]].values if "," in v).strip()
    note = f"read decimal commas in {listing(changed)}: {example!r} is {_pointed(example)}"
    return found, (note,)


def _is_number(value: str) -> bool:
    return _NUMBER.fullmatch(value.strip()) is not None


def _pointed(value: Any) -> str:
    return str(value).strip().replace(",", ".")
