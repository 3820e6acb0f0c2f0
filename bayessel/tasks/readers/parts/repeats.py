"""Rows that say the same again, and several samples of one candidate to one query."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from bayessel.errors import DataError
from bayessel.support.text import count, short
from bayessel.tasks.readers.parts import values

SAMPLES = {
    "repeats": "every further sample of a candidate to a query is read as a repeat of the query",
    "first": "only the first sample is read",
}
"""Readings of the rule ``samples``."""

CELL = list(values.CELL)


def without_repeats(
    frame: pd.DataFrame, what: str, where: str | Path, says: str, about: Sequence[str] = CELL
) -> tuple[pd.DataFrame, list[str]]:
    """Leave out rows that say again what an earlier one says of the same.

    Parameters
    ----------
    frame
        Rows.
    what
        What they are, plural.
    where
        The file or folder.
    says
        Column that must be the same.
    about
        What a row is about; the message names the first two of these columns.

    Returns
    -------
    frame, notes
        With a new index; a note with the count, if there were any.

    Raises
    ------
    DataError
        Two rows say different things of the same.
    """
    about = list(about)
    kept = frame[~frame.duplicated([*about, says])]
    twice = kept.duplicated(about)
    if twice.any():
        one = kept[twice].iloc[0]
        same = kept[(kept[about] == one[about]).all(axis=1)]
        spelled = {"query_id": "query"}
        of = " and ".join(f"{spelled.get(c, c)} {short(one[c])}" for c in about[:2])
        said = " and ".join(_said(v) for v in same[says].tolist()[:2])
        raise DataError(
            f"{where}: {count(int(twice.sum()), 'row')} of {what} say something else than an "
            f"earlier row on the same, the first of {of} ({says} {said}): keep the right one"
        )
    left = len(frame) - len(kept)
    notes = [f"left out {count(left, 'row')} of {what} that only repeat another"] if left else []
    return kept.reset_index(drop=True), notes


def _said(value: Any) -> str:
    known: dict[Any, str] = {-1: "loss", 0: "draw", 1: "win"}
    return known[value] if isinstance(value, int | float) and value in known else short(value, 30)


def samples(
    responses: pd.DataFrame, reading: str, baseline: str | None = None
) -> tuple[pd.DataFrame, list[str]]:
    """Read several responses of a candidate to a query as repeats of the query.

    The k-th different response is the response to ``QUERY#k``. The first keeps the query's name:
    benchmarks judge the first.

    Parameters
    ----------
    responses
        Columns ``query_id``, ``candidate``, ``text``.
    reading
        One of :data:`SAMPLES`.
    baseline
        Where it has one response only, that is its response to the repeats too.

    Returns
    -------
    responses, notes
        No cell has two rows. A cell without any text keeps one row.
    """
    told = responses["text"].notna()
    silent = responses[~told].drop_duplicates(CELL)
    cells = pd.MultiIndex.from_frame(responses.loc[told, CELL])
    silent = silent[~pd.MultiIndex.from_frame(silent[CELL]).isin(cells)]
    alone = responses[told & ~responses.duplicated([*CELL, "text"])]
    left, notes = int(told.sum()) - len(alone), list[str]()
    if left:
        notes.append(f"left out {count(left, 'response')} that only repeat another")
    alone = pd.concat([alone, silent]).sort_index() if len(silent) else alone
    order = alone.groupby(CELL, sort=False).cumcount()
    further = order > 0
    if not further.any():
        return alone.reset_index(drop=True), notes
    many = f"{count(int(further.sum()), 'further response')} of a candidate to the same query"
    if reading == "first":
        return alone[~further].reset_index(drop=True), [*notes, f"left out {many}"]
    original = alone["query_id"]
    alone = alone.assign(query_id=repeat_names(original, order))
    if baseline is not None:
        alone = _with_baseline(alone, original, baseline)
    example = alone.loc[further[further].index[0], "query_id"]
    notes.append(
        f"{many}: each is read as a repeat of the query, such as {example!r} (the rule "
        "samples=first leaves them out)"
    )
    return values.refuse_duplicates(alone, "responses", "the responses"), notes


def repeat_names(queries: pd.Series, order: pd.Series, mark: str = "#") -> pd.Series:
    """Names of repeats: the query's own where ``order`` is 0, else with a number from 2."""
    return queries.where(order == 0, queries + mark + (order + 1).astype(str))


def with_repeats(queries: pd.DataFrame | None, responses: pd.DataFrame) -> pd.DataFrame | None:
    """The table of queries with a row for each repeat that has responses."""
    if queries is None:
        return None
    named = pd.Series(responses["query_id"].unique(), dtype=object)
    named = named[~named.isin(queries["query_id"]) & named.str.contains(r"#\d+$")]
    source = named.str.replace(r"#\d+$", "", regex=True)
    described = queries.set_index("query_id").reindex(source).reset_index(drop=True)
    described.insert(0, "query_id", named.tolist())
    described = described[source.isin(queries["query_id"]).tolist()]
    return pd.concat([queries, described], ignore_index=True) if len(described) else queries


def _with_baseline(named: pd.DataFrame, original: pd.Series, baseline: str) -> pd.DataFrame:
    """Responses with the baseline's first one wherever a repeat has none of its own."""
    theirs = named[named["candidate"] == baseline]
    first = theirs.assign(query=original)[["query", "text"]].drop_duplicates("query")
    repeats = pd.DataFrame({"query_id": named["query_id"], "query": original}).drop_duplicates()
    repeats = repeats[~repeats["query_id"].isin(theirs["query_id"])]
    filled = repeats.merge(first, on="query").assign(candidate=baseline)
    return pd.concat([named, filled[[*CELL, "text"]]], ignore_index=True)


def answered_only(
    queries: pd.DataFrame | None, responses: pd.DataFrame, judgments: pd.DataFrame
) -> tuple[pd.DataFrame | None, list[str]]:
    """The queries that an LLM answered or that were judged, and a note on the others."""
    if queries is None:
        return None, []
    there = {*responses["query_id"], *judgments["query_id"]}
    kept = queries["query_id"].isin(there)
    if kept.all() or not kept.any():
        return queries, []
    left = count(int((~kept).sum()), "query", "queries")
    note = f"left out {left} that no LLM answered and nobody judged"
    return queries[kept].reset_index(drop=True), [note]
