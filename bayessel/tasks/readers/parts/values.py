"""Values and columns that every format has: names, outcomes, texts; what is missing or double."""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayessel.errors import DataError, OutcomeError
from bayessel.outcomes import parse_outcome
from bayessel.support.names import clean_name
from bayessel.support.text import count, listing, short
from bayessel.tasks.readers.parts.columns import At, Column
from bayessel.tasks.readers.parts.conversation import as_text, written_as_json

CELL = ("query_id", "candidate")
"""Columns that name a cell."""


def name(value: Any, column: str, where: object) -> str:
    """Read the name of a query or an LLM: text, or an integer as text.

    It is compared in Unicode's form NFC, without spaces around it and zero-width characters.

    Parameters
    ----------
    value
        As it was written.
    column, where
        What it is and where it stands, for the message.

    Raises
    ------
    DataError
        Null, empty, or of another type.
    """
    if isinstance(value, str) and (clean := clean_name(value)):
        if clean != value and (changed := _changed.get()) is not None:
            changed.names.setdefault(column, {})[value] = None
        return clean
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is None or isinstance(value, str) or (isinstance(value, float) and math.isnan(value)):
        raise DataError(f"{where}: {column} is empty; every row needs one")
    raise DataError(
        f"{where}: {column} is {short(value)} ({type(value).__name__}); write text or an integer"
    )


def read_names(column: Column, called: str, at: At) -> Column:
    """Read a column of names; see :func:`name`."""
    return column.read(lambda value, where: name(value, called, where), at)


def read_texts(column: Column, called: str, at: At) -> Column:
    """Read a column of texts; see :func:`text`."""
    return column.read(lambda value, where: text(value, called, where), at)


@dataclass(frozen=True)
class Changed:
    """Names as they were written, by column, that :func:`name` changed; and messages as JSON."""

    names: dict[str, dict[str, None]] = field(default_factory=dict)
    messages: dict[str, int] = field(default_factory=dict)

    def notes(self) -> list[str]:
        """What was changed."""
        return [
            *(note for column, found in self.names.items() for note in spaced_note(found, column)),
            *(
                f"read {count(n, 'text')} in the column {column} that {'is' if n == 1 else 'are'} "
                "messages written as JSON as conversations"
                for column, n in self.messages.items()
            ),
        ]


_changed: ContextVar[Changed | None] = ContextVar("changed", default=None)


@contextmanager
def changed_names() -> Iterator[Changed]:
    """Collect the names that are changed as they are read within the block, in any reader."""
    token = _changed.set(Changed())
    try:
        yield cast(Changed, _changed.get())
    finally:
        _changed.reset(token)


def names(values: Sequence[Any], column: str, at: At) -> list[str]:
    """Read a column of names; see :func:`name`."""
    return [name(v, column, at(i)) for i, v in enumerate(values)]


def spaced_note(values: Iterable[Any], column: str) -> list[str]:
    """Notes on what :func:`name` changes in names, if it changes any."""
    changed = [v for v in values if isinstance(v, str) and v != clean_name(v)]
    spaced = [v for v in changed if clean_name(v) == v.strip()]
    other = [v for v in changed if clean_name(v) != v.strip()]
    notes = []
    if spaced:
        notes.append(
            f"left out the spaces around {count(len(spaced), 'name')} in the column {column}: "
            f"{listing(dict.fromkeys(spaced), 3)}"
        )
    if other:
        notes.append(
            f"read {count(len(other), 'name')} in the column {column} in Unicode's form NFC and "
            f"without zero-width characters: {', '.join(ascii(v) for v in other[:3])}"
        )
    return notes


def outcomes(values: pd.Series, at: At) -> NDArray[np.int8]:
    """Read a column of outcomes with :func:`bayessel.outcomes.parse_outcome`.

    Raises
    ------
    DataError
        An unknown outcome; the message says where it stands.
    """

    def parse(value: Any, where: object) -> int:
        try:
            return int(parse_outcome(value))
        except OutcomeError as error:
            raise DataError(f"{where}: {error}") from error

    return Column.of_series(values).read(parse, at).array(np.int8, 0)


def text(value: Any, column: str, where: object) -> str | None:
    """Read a text that may be absent; a list of messages is read as a conversation.

    Raises
    ------
    DataError
        Something that is neither text, nor messages, nor null.
    """
    if value is None:
        return None
    if isinstance(value, str):
        said = written_as_json(value)
        if said is not None and (changed := _changed.get()) is not None:
            changed.messages[column] = changed.messages.get(column, 0) + 1
        return value if said is None else said
    said = as_text(value)
    if said is not None:
        return said
    raise DataError(f"{where}: {column} is {short(value)} ({type(value).__name__}); expected text")


def number(value: Any, column: str, where: object, then: str = "write a finite number") -> float:
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
        comma = isinstance(value, str) and "," in value
        hint = ", and a decimal point for a comma" if comma else ""
        raise DataError(f"{where}: {column} is {short(value)}; {then}{hint}")
    return found


def score(value: Any, where: object) -> float | None:
    """Read a score; None where it is empty."""
    return None if is_blank(value) else number(value, "score", where)


def cost(value: Any, where: object) -> float | None:
    """Read what a call costs; None where it is empty."""
    if is_blank(value):
        return None
    found = number(value, "cost", where)
    if found <= 0:
        raise DataError(f"{where}: cost is {short(value)}; write a number above 0")
    return found


def is_blank(value: Any) -> bool:
    """Whether a value is nothing, or a text without any letter."""
    return value is None or (isinstance(value, str) and not value.strip())


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
