"""Long tables, one row for each query and candidate, whether from a file or a DataFrame."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from bayessel.errors import DataError
from bayessel.support.text import count, listing, short
from bayessel.tasks.readers.base import ReadOptions, refuse_unused
from bayessel.tasks.readers.parts import compare, values, weak
from bayessel.tasks.readers.parts.rows import Rows
from bayessel.tasks.tables import Tables

COLUMNS = (
    "query_id",
    "candidate",
    "outcome",
    "score",
    "text",
    "cost",
    "query_text",
    "query",
    "category",
    "baseline",
)


def long_tables(rows: Rows, options: ReadOptions) -> Tables:
    """Split rows with ``query_id``, ``candidate`` (or ``model``) and ``outcome`` or ``score``.

    Further columns: ``text`` (the response), ``cost`` (of a call), ``query_text`` or ``query``,
    ``category``, ``baseline``, and ``weak:NAME`` for what a weak judge says. An empty outcome is
    not judged. A score is compared with the baseline's.

    Parameters
    ----------
    rows
        As they were written.
    options
        The baseline's name and the tolerance of scores.

    Raises
    ------
    DataError
        A column is missing or misspelled, a cell has two rows, or a value has no meaning; the
        message says where.
    """
    rows = replace(rows, frame=values.with_candidate(rows.frame, rows.source))
    notes = _validate_columns(rows)
    frame = rows.frame.assign(row=range(len(rows.frame)))
    for column in values.CELL:
        frame[column] = values.names(rows.frame[column].tolist(), column, rows.at)
        notes += values.spaced_note(rows.frame[column], column)
    frame = values.refuse_duplicates(frame, "the table", rows.source)

    baseline = _one_name(rows, "baseline")
    if "score" in frame and "outcome" not in frame:
        said, baseline = baseline, options.baseline or baseline
        judgments = _compared(frame, rows, baseline, options.tolerance or 0.0)
        if said is not None and said != baseline:
            notes.append(f"scores are compared with {baseline!r}, not with the file's {said!r}")
    else:
        if options.tolerance is not None:
            raise refuse_unused("tolerance", f"{rows.source} has no scores to compare")
        judgments = _judged(frame, rows)
        if "score" in frame:
            notes.append("the column 'score' was not used: outcomes are given")
    responses, queries = _responses(frame, rows), _queries(frame, rows)
    return Tables(
        judgments,
        responses,
        queries,
        baseline,
        notes=tuple(notes),
        weak_judges=weak.columns_of(rows, _cells(frame)),
    )


def _validate_columns(rows: Rows) -> list[str]:
    """Refuse columns that are missing or misspelled; a note on those that are not used."""
    found = [str(c) for c in rows.frame]
    values.require(values.CELL, found, rows.source)
    absent = [c for c in COLUMNS if c not in found]
    unused = [c for c in found if c not in COLUMNS and not c.startswith(weak.PREFIX)]
    for column in unused:
        close = difflib.get_close_matches(column.strip().lower(), absent, n=1, cutoff=0.8)
        if close:
            raise DataError(
                f"{rows.source} has a column {column!r}, which is not read: did you mean "
                f"{close[0]!r}? rename it, or drop it"
            )
    if not {"outcome", "score", "text"} & set(found):
        values.require(["outcome"], found, rows.source)
    if "query" in found and "query_text" in found:
        raise DataError(f"{rows.source} has both 'query' and 'query_text': keep one of them")
    return [f"columns that were not used: {', '.join(unused)}"] if unused else []


def _empty(column: pd.Series) -> pd.Series:
    """[R] whether a value is null or blank."""
    blank = [v is None or (isinstance(v, str) and not v.strip()) for v in column]
    return pd.Series(blank, column.index, dtype=bool)


def _judged(frame: pd.DataFrame, rows: Rows) -> pd.DataFrame:
    if "outcome" not in frame:
        return values.no_judgments()
    judged = frame[~_empty(frame["outcome"])]
    places: Sequence[int] = judged["row"].tolist()
    parsed = values.outcomes(judged["outcome"].tolist(), lambda i: rows.at(places[i]))
    return _cells(judged).assign(outcome=parsed).reset_index(drop=True)


def _compared(
    frame: pd.DataFrame, rows: Rows, baseline: str | None, tolerance: float
) -> pd.DataFrame:
    """Judgments from scores: each candidate's against the baseline's on the same query."""
    scored = frame[~_empty(frame["score"])]
    numbers = [
        values.number(v, "score", rows.at(i))
        for v, i in zip(scored["score"], scored["row"], strict=True)
    ]
    scored = _cells(scored).assign(score=numbers)
    if baseline is None:
        raise DataError(
            f"{rows.source} has scores, which are compared with the baseline's: name the baseline "
            "with baseline= (--baseline NAME); LLMs: " + listing(sorted(set(frame["candidate"])))
        )
    judged = compare.against_baseline(scored, baseline, tolerance)
    lacking = judged.loc[judged["baseline_score"].isna(), "query_id"].unique()
    if len(lacking):
        raise DataError(
            f"{rows.source}: baseline {baseline!r} has no score for {len(lacking)} of "
            f"{scored['query_id'].nunique()} scored queries, the first {lacking[0]!r}: the "
            "baseline must have a score wherever a candidate has one"
        )
    return judged


def _responses(frame: pd.DataFrame, rows: Rows) -> pd.DataFrame:
    responses = _cells(frame)
    if "cost" in frame:
        responses = responses.assign(cost=_costs(frame, rows))
    if "text" not in frame:  # the rows still say which candidates and queries there are
        return responses.assign(text=None)
    texts = [values.text(v, "text", rows.at(i)) for i, v in enumerate(frame["text"])]
    responses = responses.assign(text=pd.Series(texts, frame.index, dtype=object))
    return responses[responses["text"].notna()].reset_index(drop=True)


def _costs(frame: pd.DataFrame, rows: Rows) -> list[float]:
    """[R] cost of each row's call, NaN where it is empty."""
    costs = []
    for i, (value, empty) in enumerate(zip(frame["cost"], _empty(frame["cost"]), strict=True)):
        cost = float("nan") if empty else values.number(value, "cost", rows.at(i))
        if cost <= 0:
            raise DataError(f"{rows.at(i)}: cost is {short(value)}; write a number above 0")
        costs.append(cost)
    return costs


def _queries(frame: pd.DataFrame, rows: Rows) -> pd.DataFrame:
    queries = frame[["query_id"]].drop_duplicates(ignore_index=True)
    for source, column in (("query_text", "text"), ("query", "text"), ("category", "category")):
        if source not in frame:
            continue
        texts = [values.text(v, source, rows.at(i)) for i, v in enumerate(frame[source])]
        frame = frame.assign(**{source: pd.Series(texts, frame.index, dtype=object)})
        known = frame.loc[~_empty(frame[source]), ["query_id", source]].drop_duplicates()
        twice = known["query_id"].duplicated()
        if twice.any():
            query = known["query_id"][twice].iloc[0]
            raise DataError(
                f"{rows.source}: query {query!r} has different values in {source!r}: give every "
                "query one, or leave it empty in all rows but one"
            )
        queries[column] = queries["query_id"].map(known.set_index("query_id")[source])
    return queries


def _one_name(rows: Rows, column: str) -> str | None:
    """The only name in a column; None where it has none."""
    if column not in rows.frame:
        return None
    given = rows.frame.loc[~_empty(rows.frame[column]), column]
    found = list(dict.fromkeys(values.names(given.tolist(), column, lambda _: str(rows.source))))
    if len(found) > 1:
        raise DataError(
            f"{rows.source}: column {column!r} names {count(len(found), 'LLM')} "
            f"({listing(found)}): a task has one baseline, so keep the rows of one"
        )
    return found[0] if found else None


def _cells(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[list(values.CELL)]
