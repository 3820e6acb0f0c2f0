"""Tables with several outcomes in a row: a column for each LLM, or for each judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bayessel.errors import BayesselError, DataError
from bayessel.support.text import listing
from bayessel.tasks.readers.parts import headers, scales, values
from bayessel.tasks.readers.parts.columns import Column, joined_columns
from bayessel.tasks.readers.parts.rows import Rows


def as_long(rows: Rows, scale: str | None) -> Rows:
    """The rows with one outcome or score in each; as they are where they have that.

    Parameters
    ----------
    rows
        As they were written.
    scale
        How outcomes are written, if the user said it.

    Raises
    ------
    DataError
        Columns look like LLMs, but not what their values are; it says how to melt them.
    """
    found = headers.meanings(rows.columns, headers.CELLS, rows.source)
    said = {"outcome", "score"} & set(found)
    judges = headers.judge_columns(rows.columns)
    if judges and not said and "judge" not in found and "candidate" in found:
        return melted(rows, judges, "judge", _kind(rows, judges, scale) or "outcome")
    if "query_id" not in found or "candidate" in found or said or "text" in found:
        return rows
    others = [name for name in _others(rows, found) if not rows.columns[name].blank().all()]
    if len(others) < 2:
        return rows
    kind = _kind(rows, others, scale)
    if kind is None:
        query = found["query_id"]
        raise DataError(
            f"{rows.source} has no column candidate; if {listing(others, 3)} are LLMs, melt the "
            f"table: frame.melt(id_vars=[{query!r}], var_name='candidate', value_name='outcome') "
            "in pandas, or 'score' or 'text' in place of 'outcome'; outcomes are also read as they "
            "are with --outcomes"
        )
    long = melted(rows, others, "candidate", kind)
    note = f"read {len(others)} columns as LLMs, their values as {kind}s: {listing(others)}"
    return replace(long, notes=(*long.notes, note))


def melted(rows: Rows, names: Sequence[str], variable: str, value: str) -> Rows:
    """One row for each of the columns ``names``, in place of these columns.

    Parameters
    ----------
    rows
        R rows.
    names
        L columns.
    variable, value
        What to call the column of their names, and of their values.
    """
    kept = [name for name in rows.columns if name not in names]
    columns = {}
    for name in kept:
        column = rows.columns[name]
        columns[name] = Column(np.tile(column.codes, len(names)), column.values)
    which = np.repeat(np.arange(len(names), dtype=np.int32), len(rows))
    told = joined_columns(rows.columns[name] for name in names)
    columns |= {variable: Column(which, list(names)), value: told}
    return Rows(columns, rows.parts * len(names), rows.notes)


def _others(rows: Rows, found: dict[str, str]) -> list[str]:
    known = set(found.values())
    return [name for name in rows.columns if name not in known and not headers.is_weak(name)]


def _kind(rows: Rows, names: Sequence[str], scale: str | None) -> str | None:
    """``outcome`` or ``score``, as the values of some columns say; None where they don't."""
    if scale is not None:
        return "outcome"
    found = [v for name in names for v in rows.columns[name].values]
    given = [v for v in found if not (isinstance(v, str) and not v.strip())]
    outcomes = [_outcome(v) for v in given]
    if None not in outcomes:
        words = any(isinstance(v, str) and not _is_number(v) for v in given)
        return "outcome" if words or -1 in outcomes else None
    return "score" if all(_is_number(v) for v in given) else None


def _outcome(value: Any) -> int | None:
    try:
        return scales.read_outcome(value, "", None)
    except BayesselError:
        return None


def _is_number(value: Any) -> bool:
    try:
        values.number(value, "", "")
    except BayesselError:
        return False
    return True
