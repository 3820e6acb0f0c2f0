"""Long tables: one row for each query and candidate, in CSV, TSV, JSONL or Parquet."""

from __future__ import annotations

import difflib
from dataclasses import replace
from pathlib import Path

import pandas as pd

from bayessel.errors import DataError
from bayessel.support.text import listing, short
from bayessel.tasks.readers.base import Reader, ReadOptions, refuse_unused
from bayessel.tasks.readers.parts import compare
from bayessel.tasks.readers.parts import values as checks
from bayessel.tasks.readers.parts.rows import SUFFIXES, Rows, read_rows
from bayessel.tasks.tables import Tables

NAME = "table"
COLUMNS = (
    "query_id",
    "candidate",
    "outcome",
    "score",
    "text",
    "query_text",
    "query",
    "category",
    "baseline",
)


def detect(path: Path) -> bool:
    """Whether a file has the ending of a table."""
    return path.is_file() and path.suffix.lower() in SUFFIXES


def read(path: Path, options: ReadOptions) -> Tables:
    """Read a table with ``query_id``, ``candidate`` (or ``model``) and ``outcome`` or ``score``.

    Further columns: ``text`` (the response), ``query_text`` or ``query``, ``category`` and
    ``baseline``. An empty outcome is not judged. A score is compared with the baseline's.
    """
    rows = read_rows(path)
    rows = replace(rows, frame=checks.with_candidate(rows.frame, path))
    notes = _check_columns(rows)
    frame = rows.frame.copy()
    for column in ("query_id", "candidate"):
        frame[column] = checks.names(frame[column].tolist(), column, rows.at)
        notes += checks.spaced_note(rows.frame[column], column)
    checks.no_duplicates(frame, "the table", path)
    frame["row"] = range(len(frame))

    said = _constant(rows, "baseline")
    responses = _responses(frame, rows)
    if "score" in frame and "outcome" not in frame:
        baseline = said if options.baseline is None else options.baseline
        judgments = _compared(frame, rows, baseline, options.tolerance or 0.0)
        if said is not None and said != baseline:
            notes.append(f"scores are compared with {baseline!r}, not with the file's {said!r}")
    else:
        if options.tolerance is not None:
            raise refuse_unused("tolerance", f"{path} has no scores to compare")
        judgments = _judged(frame, rows)
        baseline = checks.agreed_baseline(options.baseline, said, judgments, responses)
        if "score" in frame:
            notes.append("the column 'score' was not used: outcomes are given")
    return checks.assemble(
        judgments,
        responses,
        _queries(frame, rows),
        baseline=baseline,
        format=NAME,
        notes=notes,
        where=path,
    )


def _check_columns(rows: Rows) -> list[str]:
    found = [str(c) for c in rows.frame]
    checks.require(["query_id", "candidate"], found, rows.path)
    absent = [c for c in COLUMNS if c not in found]
    unused = [c for c in found if c not in COLUMNS]
    for column in unused:
        close = difflib.get_close_matches(column.strip().lower(), absent, n=1, cutoff=0.8)
        if close:
            raise DataError(
                f"{rows.path} has a column {column!r}, which is not read: did you mean "
                f"{close[0]!r}? rename it, or drop it"
            )
    if not {"outcome", "score", "text"} & set(found):
        checks.require(["outcome"], found, rows.path)
    if "query" in found and "query_text" in found:
        raise DataError(f"{rows.path} has both 'query' and 'query_text': keep one of them")
    return [f"columns that were not used: {', '.join(unused)}"] if unused else []


def _empty(values: pd.Series) -> pd.Series:
    blank = [v is None or (isinstance(v, str) and not v.strip()) for v in values]
    return pd.Series(blank, values.index, dtype=bool)


def _judged(frame: pd.DataFrame, rows: Rows) -> pd.DataFrame:
    if "outcome" not in frame:
        return frame.iloc[:0][["query_id", "candidate"]].assign(outcome=0)
    judged = frame[~_empty(rows.frame["outcome"])]
    place = judged["row"].tolist()
    parsed = checks.outcomes(judged["outcome"].tolist(), lambda i: rows.at(place[i]))
    return judged[["query_id", "candidate"]].assign(outcome=parsed)


def _compared(
    frame: pd.DataFrame, rows: Rows, baseline: str | None, tolerance: float
) -> pd.DataFrame:
    scored = frame[~_empty(frame["score"])]
    values = [_number(v, rows.at(i)) for v, i in zip(scored["score"], scored["row"], strict=True)]
    scored = scored[["query_id", "candidate"]].assign(score=values)
    if baseline is None:
        raise DataError(
            f"{rows.path} has scores, which are compared with the baseline's: name the baseline "
            "with baseline= (--baseline NAME); LLMs: " + listing(sorted(set(frame["candidate"])))
        )
    judged = compare.against_baseline(scored, baseline, tolerance)
    lacking = judged.loc[judged["baseline_score"].isna(), "query_id"].unique()
    if len(lacking):
        raise DataError(
            f"{rows.path}: baseline {baseline!r} has no score for {len(lacking)} of "
            f"{scored['query_id'].nunique()} scored queries, the first {lacking[0]!r}: the "
            "baseline must have a score wherever a candidate has one"
        )
    return judged


def _number(value: object, where: str) -> float:
    try:
        number = float(value) if isinstance(value, str | int | float) else float("nan")
    except (ValueError, OverflowError):
        number = float("nan")
    if isinstance(value, bool) or number - number != 0:
        raise DataError(f"{where}: score is {short(value)}; write a finite number")
    return number


def _responses(frame: pd.DataFrame, rows: Rows) -> pd.DataFrame:
    if "text" not in frame:  # the rows still say which candidates and queries there are
        return frame[["query_id", "candidate"]].assign(text=None)
    texts = [checks.text(v, "text", rows.at(i)) for i, v in enumerate(frame["text"])]
    responses = frame[["query_id", "candidate"]].assign(
        text=pd.Series(texts, frame.index, dtype=object)
    )
    return responses[responses["text"].notna()]


def _queries(frame: pd.DataFrame, rows: Rows) -> pd.DataFrame:
    queries = frame[["query_id"]].drop_duplicates()
    for source, column in (("query_text", "text"), ("query", "text"), ("category", "category")):
        if source not in frame:
            continue
        for i, value in enumerate(frame[source]):
            checks.text(value, source, rows.at(i))
        known = frame.loc[~_empty(frame[source]), ["query_id", source]].drop_duplicates()
        twice = known["query_id"].duplicated()
        if twice.any():
            query = known["query_id"][twice].iloc[0]
            raise DataError(
                f"{rows.path}: query {query!r} has different values in {source!r}: give every "
                "query one, or leave it empty in all rows but one"
            )
        queries[column] = queries["query_id"].map(known.set_index("query_id")[source])
    return queries


def _constant(rows: Rows, column: str) -> str | None:
    if column not in rows.frame:
        return None
    given = rows.frame.loc[~_empty(rows.frame[column]), column]
    values = list(dict.fromkeys(checks.names(given.tolist(), column, lambda _: str(rows.path))))
    if len(values) > 1:
        raise DataError(
            f"{rows.path}: column {column!r} names {len(values)} LLMs ({listing(values)}): "
            "a task has one baseline, so split the file"
        )
    return values[0] if values else None


READER = Reader(
    name=NAME,
    description="a CSV, TSV, JSONL or Parquet file with query_id, candidate and outcome or score",
    uses=frozenset({"tolerance"}),
    detect=detect,
    read=read,
)
