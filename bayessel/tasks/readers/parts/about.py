"""What long tables and votes have alike: queries, judges, the baseline's name, unused columns."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayessel.errors import DataError, did_you_mean
from bayessel.support.text import listing
from bayessel.tasks.readers.base import refuse_unused
from bayessel.tasks.readers.parts import headers, values, verdicts
from bayessel.tasks.readers.parts.columns import Column
from bayessel.tasks.readers.parts.rows import Rows

# ``called`` is the header of each column that is read, by its meaning.


def queries(rows: Rows, called: Mapping[str, str], query: Column) -> pd.DataFrame:
    """Each query once, with its text and category where these are given.

    Raises
    ------
    DataError
        A query has two texts or categories.
    """
    found = pd.DataFrame({"query_id": pd.Series(query.values, dtype=object)})
    for meaning, column in (("query_text", "text"), ("category", "category")):
        if meaning not in called:
            continue
        header = called[meaning]
        said = rows.columns[header].read(_text(header), rows.at)

        def refuse(_: int, first: int, header: str = header) -> DataError:
            name = query.values[query.codes[first]]
            return DataError(
                f"{rows.source}: query {name!r} has different values in {header!r} "
                f"({rows.at(first)}): give every query one, or leave it empty in all rows but one"
            )

        kept = verdicts.once(query.codes.astype(np.int64), said.codes, refuse)
        texts = np.full(len(found), None, dtype=object)
        texts[query.codes[kept]] = said.take(kept).tolist()
        found[column] = pd.Series(texts, dtype=object)
    return found


def with_query_ids(rows: Rows, names: Mapping[str, tuple[str, ...]]) -> Rows:
    """The rows with a column ``query_id``: where there is none, a query is its text.

    Parameters
    ----------
    rows
        As they were written.
    names
        By what names each column is read.
    """
    called = headers.meanings(rows.columns, names, rows.source)
    if "query_id" in called or "query_text" not in called:
        return rows
    header = called["query_text"]

    def read(value: object, where: object) -> str:
        text = values.text(value, header, where)
        if text is None or not text.strip():
            raise DataError(f"{where}: {header} is empty, and there is no column query_id; add it")
        return "q" + hashlib.sha256(text.strip().encode("utf-8", "replace")).hexdigest()[:12]

    note = f"there is no column query_id: rows with the same {header} are one query"
    columns = {**rows.columns, "query_id": rows.columns[header].read(read, rows.at)}
    return replace(rows, columns=columns, notes=(*rows.notes, note))


def judge_name(value: object, where: object) -> str | None:
    """Read a judge's name; None where it is empty."""
    return None if values.is_blank(value) else values.name(value, "judge", where)


def of_judge(rows: Rows, judges: Column | None, chosen: str | None) -> NDArray[np.bool_]:
    """[R] the rows of the judge that was chosen; all where none was.

    Raises
    ------
    DataError
        There is no column of judges.
    UnknownNameError
        There is no such judge.
    """
    if chosen is None:
        return np.ones(len(rows), dtype=bool)
    if judges is None:
        raise refuse_unused("judge", f"{rows.source} has no column judge")
    if chosen not in judges.values:
        raise did_you_mean(chosen, judges.values, "judge")
    return np.asarray(judges.codes == judges.values.index(chosen))


def judges_note(judges: Column | None) -> list[str]:
    """Note on who the judges are, where there are several."""
    if judges is None or len(judges.values) < 2:
        return []
    return [f"judges: {listing(judges.values, 10)}; read one alone with --judge NAME"]


def unused_note(rows: Rows, called: Mapping[str, str]) -> list[str]:
    """Note on columns that were not used."""
    used = set(called.values())
    unused = [
        name
        for name, column in rows.columns.items()
        if not (name in used or headers.is_weak(name) or column.blank().all())
    ]
    return [f"columns that were not used: {', '.join(unused)}"] if unused else []


def _text(header: str) -> Callable[[object, object], str | None]:
    def read(value: object, where: object) -> str | None:
        text = values.text(value, header, where)
        return text if text is not None and text.strip() else None

    return read
