"""Checks that every format shares: names, outcomes, columns, duplicates, the baseline."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from bayessel.errors import DataError, OutcomeError, UnknownNameError, did_you_mean
from bayessel.outcomes import parse_outcome
from bayessel.support.text import listing, short
from bayessel.tasks.tables import Tables

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
        f"left out the spaces around {len(spaced)} name(s) in the column {column}: "
        f"{listing(dict.fromkeys(spaced), 3)}"
    ]


def outcomes(values: Sequence[Any], at: At) -> list[int]:
    """Read a column of outcomes with :func:`bayessel.outcomes.parse_outcome`.

    Raises
    ------
    DataError
        An unknown outcome; names its place.
    """
    found = []
    for i, value in enumerate(values):
        try:
            found.append(int(parse_outcome(value)))
        except OutcomeError as error:
            raise DataError(f"{at(i)}: {error}") from error
    return found


def text(value: Any, column: str, where: str) -> str | None:
    """Read a text that may be absent.

    Raises
    ------
    DataError
        Something that is neither text nor null.
    """
    if value is None or isinstance(value, str):
        return value
    raise DataError(f"{where}: {column} is {short(value)} ({type(value).__name__}); expected text")


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


def no_duplicates(frame: pd.DataFrame, what: str, where: str | Path) -> None:
    """Raise DataError where a (query, candidate) pair stands in more than one row."""
    twice = frame.duplicated(["query_id", "candidate"])
    if twice.any():
        query, candidate = frame[twice][["query_id", "candidate"]].iloc[0]
        raise DataError(
            f"{where}: {int(twice.sum())} duplicate row(s) of {what}, the first for query "
            f"{query!r} and candidate {candidate!r}; keep one row for each query and candidate"
        )


def agreed_baseline(
    given: str | None,
    said: str | None,
    judgments: pd.DataFrame,
    responses: pd.DataFrame | None,
) -> str | None:
    """Settle the baseline's name between the user and the files.

    Parameters
    ----------
    given
        The user's.
    said
        The files'.
    judgments, responses
        As in :class:`bayessel.tasks.tables.Tables`.

    Raises
    ------
    UnknownNameError
        The user's name is not the files', or no LLM with responses has it.
    DataError
        The baseline has judgments of its own.
    """
    if given is not None and said is not None and given != said:
        raise did_you_mean(given, [said], "baseline")
    baseline = said if given is None else given
    if baseline is None:
        return None
    if (judgments["candidate"] == baseline).any():
        raise DataError(
            f"baseline {baseline!r} has judgments of its own: name the LLM that the others "
            "were compared with, and leave its own outcomes empty"
        )
    known: set[str] = set()
    if responses is not None:
        known = set(responses.loc[responses["text"].notna(), "candidate"])
    if known and baseline not in known:
        error = did_you_mean(baseline, sorted(known), "baseline")
        raise UnknownNameError(
            f"{error}; the baseline needs its responses, in rows without an outcome"
        )
    return baseline


def assemble(
    judgments: pd.DataFrame,
    responses: pd.DataFrame | None,
    queries: pd.DataFrame | None,
    *,
    baseline: str | None,
    format: str,
    notes: Iterable[str],
    where: str | Path,
) -> Tables:
    """Build the tables after the checks that hold in every format.

    Raises
    ------
    DataError
        Duplicate (query, candidate) rows.
    """
    no_duplicates(judgments, "judgments", where)
    judgments = judgments.astype({"query_id": str, "candidate": str, "outcome": "int8"})
    if responses is not None:
        no_duplicates(responses, "responses", where)
        responses = responses.astype({"query_id": str, "candidate": str}).reset_index(drop=True)
    if queries is not None:
        queries = queries.astype({"query_id": str}).reset_index(drop=True)
    return Tables(
        judgments.reset_index(drop=True), responses, queries, baseline, format, tuple(notes)
    )
