"""Values and columns that every format has: names, outcomes, texts; what is missing or double."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from bayessel.errors import DataError, OutcomeError
from bayessel.outcomes import parse_outcome
from bayessel.support.text import count, listing, short
from bayessel.tasks.readers.parts.conversation import as_text

CELL = ("query_id", "candidate")
"""Columns that name a cell."""

At = Callable[[int], str]
"""Says where the i-th value stands: file and line."""


def name(value: Any, column: str, where: str) -> str:
    """Read the name of a query or an LLM: text, or an integer as text.

    Raises
    ------
    DataError
        Null, empty, or of another type.
    """
    if isinstance(value, str) and value:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        raise DataError(f"{where}: {column} is empty; every row needs one")
    raise DataError(
        f"{where}: {column} is {short(value)} ({type(value).__name__}); write text or an integer"
    )


def names(values: Sequence[Any], column: str, at: At) -> list[str]:
    """Read a column of names, without spaces around them; see :func:`name`."""
    bare = (v.strip() if isinstance(v, str) else v for v in values)
    return [v if isinstance(v, str) and v else name(v, column, at(i)) for i, v in enumerate(bare)]


def spaced_note(values: Iterable[Any], column: str) -> list[str]:
    """Note on the spaces around names that :func:`names` leaves out, if there are any."""
    spaced = [v for v in values if isinstance(v, str) and v != v.strip()]
    if not spaced:
        return []
    return [
        f"left out the spaces around {count(len(spaced), 'name')} in the column {column}: "
        f"{listing(dict.fromkeys(spaced), 3)}"
    ]


def outcomes(values: Sequence[Any], at: At) -> list[int]:
    """Read a column of outcomes with :func:`bayessel.outcomes.parse_outcome`.

    Raises
    ------
    DataError
        An unknown outcome; the message says where it stands.
    """
    found = []
    for i, value in enumerate(values):
        try:
            found.append(int(parse_outcome(value)))
        except OutcomeError as error:
            raise DataError(f"{at(i)}: {error}") from error
    return found


def text(value: Any, column: str, where: str) -> str | None:
    """Read a text that may be absent; a list of messages is read as a conversation.

    Raises
    ------
    DataError
        Something that is neither text, nor messages, nor null.
    """
    if value is None or isinstance(value, str):
        return value
    said = as_text(value)
    if said is not None:
        return said
    raise DataError(f"{where}: {column} is {short(value)} ({type(value).__name__}); expected text")


def number(value: Any, column: str, where: str, then: str = "write a finite number") -> float:
    """Read a finite number.

    Parameters
    ----------
    value
        As it was written.
    column, where
        What it is and where it stands, for the message.
    then
        What to do about another value.

    Raises
    ------
    DataError
        Something else, NaN, infinity and booleans included.
    """
    try:
        found = float(value) if isinstance(value, str | int | float) else float("nan")
    except (ValueError, OverflowError):
        found = float("nan")
    if isinstance(value, bool) or not math.isfinite(found):
        raise DataError(f"{where}: {column} is {short(value)}; {then}")
    return found


def with_candidate(frame: pd.DataFrame, where: str | Path) -> pd.DataFrame:
    """The frame with a column ``candidate``, which files may also call ``model``.

    Raises
    ------
    DataError
        It has both.
    """
    if "model" not in frame:
        return frame
    if "candidate" in frame:
        raise DataError(f"{where} has both 'candidate' and 'model': keep one of them")
    return frame.rename(columns={"model": "candidate"})


def require(columns: Iterable[str], found: Collection[str], where: str | Path) -> None:
    """Raise DataError where a column (or a field) is missing."""
    missing = [c for c in columns if c not in found]
    if not missing:
        return
    known = [str(f) for f in found]
    spelled = [*missing, *(["model"] if "candidate" in missing else [])]
    close = [m for c in spelled for m in difflib.get_close_matches(c, known, n=1, cutoff=0.6)]
    hint = f" (is it {listing(close)}?)" if close else ""
    raise DataError(
        f"{where} lacks {', '.join(missing)}{hint}; it has {', '.join(known) or 'nothing'}: "
        "rename or add what is missing"
    )


def refuse_duplicates(
    frame: pd.DataFrame, what: str, where: str | Path, columns: Sequence[str] = CELL
) -> pd.DataFrame:
    """The frame, with a new index, if no two of its rows are about the same thing.

    Parameters
    ----------
    frame
        One row for each cell, or for each query.
    what
        What the rows are, plural, for the message.
    where
        The file.
    columns
        What a row is about: a cell, or ``query_id`` alone.

    Raises
    ------
    DataError
        Two rows have the same values in ``columns``.
    """
    twice = frame.duplicated(list(columns))
    if twice.any():
        first = frame.loc[twice, list(columns)].iloc[0]
        spelled = {"query_id": "query"}
        about = " and ".join(f"{spelled.get(c, c)} {first[c]!r}" for c in columns)
        raise DataError(
            f"{where}: {count(int(twice.sum()), 'duplicate row')} of {what}, the first for "
            f"{about}; keep one row for each {' and '.join(spelled.get(c, c) for c in columns)}"
        )
    return frame.reset_index(drop=True)


def no_judgments() -> pd.DataFrame:
    """A table of judgments without rows."""
    return pd.DataFrame({"query_id": [], "candidate": [], "outcome": []}, dtype=object)
