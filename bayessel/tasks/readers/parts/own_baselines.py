"""Queries that have different baselines, such as one for each category.

Each query is compared with its own. The task's baseline then has the names of all, and each of
them is a candidate where it is not the baseline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayessel.errors import DataError, UnknownNameError, did_you_mean
from bayessel.support.text import count, listing
from bayessel.tasks.readers.parts import values
from bayessel.tasks.readers.parts.columns import Column
from bayessel.tasks.readers.parts.rows import Rows


@dataclass(frozen=True)
class OwnBaselines:
    """The baselines that a source names.

    Attributes
    ----------
    names
        All of them, in order.
    of_query
        [N] each query's own, None where the source names none.
    """

    names: tuple[str, ...]
    of_query: NDArray[np.object_]

    @property
    def joined(self) -> str | None:
        """What the task's baseline is called; None where nothing names one."""
        return joined_name(self.names)

    @property
    def differ(self) -> bool:
        """Whether there are several."""
        return len(self.names) > 1

    def chosen(self, given: str | None) -> str | None:
        """The one that the user wants; None for each query's own.

        Raises
        ------
        UnknownNameError
            Several are there, and the user names none of them.
        """
        if given is None or not self.differ or given == self.joined:
            return None
        if given not in self.names:
            raise unknown(given, self.names)
        return given


def joined_name(names: Sequence[str]) -> str | None:
    """One name for several baselines; None for none."""
    return " / ".join(names) or None


def unknown(given: str, names: Sequence[str]) -> UnknownNameError:
    """Build the error for a name that is none of the baselines'."""
    return did_you_mean(given, names, "baseline")


def differ_note(queries: Mapping[str, int]) -> str:
    """Note on how many queries each of several baselines has."""
    listed = ", ".join(
        f"{name!r} on {count(n, 'query', 'queries')}" for name, n in sorted(queries.items())
    )
    return (
        f"the baseline is {listed}: each query is compared with its own (--baseline NAME reads "
        "the judgments against one)"
    )


def in_rows(rows: Rows, called: Mapping[str, str], query: Column) -> OwnBaselines:
    """The baselines that a column ``baseline`` names.

    A query without one has that of its category, if the category has only one; where the source
    names one baseline alone, all queries have it.

    Parameters
    ----------
    rows
        As they were written.
    called
        Header of each column that is read, by its meaning.
    query
        [R] names of the queries.

    Raises
    ------
    DataError
        A query has two, or none where others have different ones.
    """
    of_query = np.full(len(query.values), None, dtype=object)
    if "baseline" not in called:
        return OwnBaselines((), of_query)
    column = rows.columns[called["baseline"]]
    read = column.read(_name_or_none, rows.at)
    names = tuple(sorted(read.values))
    if len(names) < 2:
        of_query[:] = names[0] if names else None
        return OwnBaselines(names, of_query)
    said = np.flatnonzero(read.codes >= 0)
    pairs = pd.DataFrame({"query": query.codes[said], "name": read.codes[said]}, index=said)
    pairs = pairs.drop_duplicates()
    twice = pairs["query"].duplicated()
    if twice.any():
        first = int(pairs.index[twice][0])
        raise DataError(
            f"{rows.at(first)}: query {query.values[query.codes[first]]!r} has more than one "
            f"baseline (the column names {listing(names)}): keep the rows of one for each query"
        )
    of_query[pairs["query"].to_numpy()] = [read.values[code] for code in pairs["name"]]
    _by_category(rows, called, query, of_query)
    lacking = [query.values[i] for i, name in enumerate(of_query) if name is None]
    if lacking:
        raise DataError(
            f"{rows.source} names {len(names)} baselines ({listing(names)}), and none for "
            f"{count(len(lacking), 'query', 'queries')}, the first {lacking[0]!r}: name one in a "
            "row of each query"
        )
    return OwnBaselines(names, of_query)


def sizes(of_query: NDArray[np.object_]) -> dict[str, int]:
    """How many queries each baseline has."""
    found, numbers = np.unique(of_query.astype(str), return_counts=True)
    return dict(zip(found.tolist(), numbers.tolist(), strict=True))


def under_joined(llm: Column, query: Column, own: OwnBaselines) -> Column:
    """[R] names of LLMs, with each query's own baseline under the name of the task's.

    Parameters
    ----------
    llm, query
        [R] names.
    own
        The baselines of the queries.
    """
    place = {name: i for i, name in enumerate(llm.values)}
    theirs = np.array([place.get(name, -2) for name in own.of_query], np.int64)[query.codes]
    codes = np.where(llm.codes == theirs, len(llm.values), llm.codes).astype(np.int32)
    return Column(codes, [*llm.values, own.joined]).take(np.ones(len(codes), dtype=bool))


def _name_or_none(value: object, where: object) -> str | None:
    return None if values.is_blank(value) else values.name(value, "baseline", where)


def _by_category(
    rows: Rows, called: Mapping[str, str], query: Column, of_query: NDArray[np.object_]
) -> None:
    """Give the queries without a baseline that of their category, if it has only one."""
    if "category" not in called or all(name is not None for name in of_query):
        return
    category = rows.columns[called["category"]]
    of = np.full(len(of_query), -1, np.int64)
    told = category.codes >= 0
    of[query.codes[told]] = category.codes[told]
    known: dict[int, set[str]] = {}
    for code, name in zip(of.tolist(), of_query, strict=True):
        if name is not None and code >= 0:
            known.setdefault(code, set()).add(name)
    for i, code in enumerate(of.tolist()):
        found = known.get(code, set())
        if of_query[i] is None and len(found) == 1:
            of_query[i] = next(iter(found))
