"""From long tables to a task's dataset and back, and what makes a dataset a task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bayessel.errors import DataError, UnknownNameError, did_you_mean
from bayessel.outcomes import MISSING
from bayessel.support.text import listing
from bayessel.tasks.tables import Tables

MOST_CELLS = 50_000_000
"""Largest N x M that is accepted."""

_SCARCE = 0.1  # share of the judged queries


def _encodable(text: str) -> str:
    """Replace half surrogate pairs, which some exports of broken emoji hold, by "?"."""
    return text.encode("utf-8", "replace").decode("utf-8")


def unique_names(values: pd.Series) -> list[str]:
    """Names in the order of their first appearance."""
    return [str(v) for v in pd.unique(values)]


def _has_texts(responses: pd.DataFrame | None) -> bool:
    return responses is not None and bool(responses["text"].notna().any())


def _unknown_baseline(name: str, known: Sequence[str]) -> UnknownNameError:
    error = did_you_mean(name, sorted(known), "baseline")
    return UnknownNameError(
        f"{error}; the baseline needs its responses, in rows without an outcome"
    )


def choose_baseline(tables: Tables, given: str | None) -> str:
    """Name of the baseline: the one given, or the one that the tables tell.

    Raises
    ------
    DataError, UnknownNameError
        It cannot be told, or the name given does not fit the tables.
    """
    judged = unique_names(tables.judgments["candidate"])
    with_texts = _has_texts(tables.responses)
    answering = judged if tables.responses is None else unique_names(tables.responses["candidate"])
    if given is not None:
        if tables.baseline is not None and given != tables.baseline:
            error = did_you_mean(given, [tables.baseline], "baseline")
            raise type(error)(f"{error} (the files were judged against {tables.baseline!r})")
        if tables.baseline is None and with_texts and given not in answering:
            raise _unknown_baseline(given, answering)
        if given in judged:
            raise DataError(
                f"baseline {given!r} has judgments of its own, so it was judged against another "
                "baseline: name the LLM that all the others were compared with"
            )
        return given
    if tables.baseline is not None:
        return tables.baseline
    unjudged = sorted(set(answering) - set(judged))
    if len(unjudged) == 1 and judged:
        return unjudged[0]
    if not with_texts:
        return "baseline"
    if not judged:
        why = "nothing was judged yet"
    elif not unjudged:
        why = "every LLM with responses was also judged (the baseline has rows of its own, with "
        why += "its responses and no outcome)"
    else:
        why = f"{len(unjudged)} LLMs have responses and no judgments ({listing(unjudged)})"
    raise DataError(f"cannot tell which LLM is the baseline: {why}; name it with --baseline NAME")


def build_dataset(tables: Tables, baseline: str) -> xr.Dataset:
    """Lay the tables out over queries and candidates.

    Queries keep the order of their first appearance, candidates are sorted by name.

    Raises
    ------
    DataError
        More than :data:`MOST_CELLS` cells, or judgments of a candidate without responses.
    """
    judgments, responses = tables.judgments, tables.responses
    judgments = judgments[judgments["candidate"] != baseline]
    sources = [tables.queries, responses, judgments]
    queries = unique_names(pd.concat([t["query_id"].astype(str) for t in sources if t is not None]))
    judged = unique_names(judgments["candidate"])
    answering = [] if responses is None else unique_names(responses["candidate"])
    candidates = sorted((set(judged) | set(answering)) - {baseline})
    if len(queries) * len(candidates) > MOST_CELLS:
        raise DataError(
            f"{len(queries)} queries x {len(candidates)} candidates are more than {MOST_CELLS} "
            "cells: select from a sample of the queries"
        )
    with_texts = _has_texts(responses)
    if with_texts:
        silent = sorted(set(judged) - set(answering))
        if silent:
            raise DataError(
                f"{len(silent)} candidate(s) have judgments but no responses ({listing(silent)}): "
                "add their responses or leave out their judgments"
            )
        if baseline not in answering:
            raise DataError(f"baseline {baseline!r} has no responses: add them, or name another")
    rows, columns = pd.Index(queries), pd.Index(candidates)

    def fill(blank: NDArray[Any], table: pd.DataFrame, values: Any) -> NDArray[Any]:
        blank[
            rows.get_indexer(pd.Index(table["query_id"])),
            columns.get_indexer(pd.Index(table["candidate"])),
        ] = values
        return blank

    shape = (len(queries), len(candidates))
    outcome = fill(np.full(shape, MISSING, np.int8), judgments, judgments["outcome"].to_numpy())
    variables: dict[str, Any] = {"recorded": (("query", "candidate"), outcome)}
    notes = [*tables.notes, *_unjudged(outcome != MISSING, candidates)]
    if responses is not None and with_texts:
        responses = responses.dropna(subset=["text"])
        responses = responses.assign(text=[_encodable(t) for t in responses["text"]])
        theirs = responses[responses["candidate"] != baseline]
        ours = responses[responses["candidate"] == baseline]
        text = fill(np.full(shape, None, dtype=object), theirs, theirs["text"].to_numpy(object))
        base = np.full(len(queries), None, dtype=object)
        base[rows.get_indexer(pd.Index(ours["query_id"]))] = ours["text"].to_numpy(object)
        variables["response"] = (("query", "candidate"), text)
        variables["baseline_response"] = (("query",), base)
        notes += _unanswered(pd.isna(text), candidates)
    for name, column in (("query_text", "text"), ("category", "category")):
        value = np.full(len(queries), "", dtype=object)
        if tables.queries is not None and column in tables.queries:
            known = tables.queries.dropna(subset=[column])
            value[rows.get_indexer(pd.Index(known["query_id"]))] = [
                _encodable(str(t)) for t in known[column]
            ]
        variables[name] = (("query",), value)
    return xr.Dataset(
        variables,
        coords={
            "query": np.array(queries, dtype=object),
            "candidate": np.array(candidates, dtype=object),
        },
        attrs={"baseline": baseline, "format": tables.format, "notes": list(dict.fromkeys(notes))},
    )


def long_tables(data: xr.Dataset) -> Tables:
    """Long tables of a task's dataset, from which :func:`build_dataset` lays out the same.

    Parameters
    ----------
    data
        See :class:`bayessel.tasks.task.Task`.
    """
    baseline = str(data.attrs["baseline"])
    query, candidate = (
        np.array([str(name) for name in data[dim].values], dtype=object)
        for dim in ("query", "candidate")
    )
    recorded = data["recorded"].values
    rows, columns = np.nonzero(recorded != MISSING)
    judgments = pd.DataFrame(
        {
            "query_id": query[rows],
            "candidate": candidate[columns],
            "outcome": recorded[rows, columns].astype(np.int64),
        }
    )
    names = np.append(candidate, baseline)
    text = np.full((len(query), len(names)), None, dtype=object)
    if "response" in data:
        text = np.column_stack([data["response"].values, data["baseline_response"].values])
    responses = pd.DataFrame(
        {
            "query_id": np.repeat(query, len(names)),
            "candidate": np.tile(names, len(query)),
            "text": pd.Series(text.ravel(), dtype="str"),
        }
    )
    queries = pd.DataFrame(
        {
            "query_id": query,
            "text": data["query_text"].values,
            "category": data["category"].values,
        }
    )
    notes = tuple(data.attrs.get("notes", ()))
    return Tables(judgments, responses, queries, baseline, "parquet-folder", notes)


def _unjudged(judged: NDArray[np.bool_], candidates: Sequence[str]) -> list[str]:
    """Notes on outcomes that are missing where others are not; ``judged`` is [N, M]."""
    rows, columns = judged.any(axis=1), judged.any(axis=0)
    notes = []
    if rows.any() and not rows.all():
        notes.append(f"{(~rows).sum()} of {len(rows)} queries have no outcome")
    missing = ~judged[np.ix_(rows, columns)]
    if not missing.any():
        return notes
    names = np.array(candidates, dtype=object)[columns]
    notes.append(
        f"{missing.sum()} of {missing.size} outcomes are missing on queries that were judged for "
        f"others, and are never read as draws; {_most(missing, names)}"
    )
    n, few = len(missing), (~missing).sum(axis=0)
    scarce = [f"{m!r} ({k} of {n})" for m, k in zip(names, few, strict=True) if k < _SCARCE * n]
    if scarce:
        notes.append(
            f"hardly judged, or spelled in two ways: {', '.join(scarce[:5])}"
            + (f" and {len(scarce) - 5} more" if len(scarce) > 5 else "")
        )
    return notes


def _unanswered(missing: NDArray[np.bool_], candidates: Sequence[str]) -> list[str]:
    """Note on responses that are missing, [N, M]."""
    if not missing.any():
        return []
    return [
        f"{missing.sum()} of {missing.size} responses are missing; "
        f"{_most(missing, np.array(candidates, dtype=object))}"
    ]


def _most(missing: NDArray[np.bool_], names: NDArray[Any]) -> str:
    each = missing.sum(axis=0)
    at = int(each.argmax())
    return f"most of {str(names[at])!r}: {each[at]} of {len(missing)}"


def validate_dataset(data: xr.Dataset) -> None:
    """Refuse a dataset that is not a task; see :class:`bayessel.tasks.task.Task`.

    Raises
    ------
    DataError
        With the reason.
    """
    if "baseline" not in data.attrs or "recorded" not in data:
        raise DataError("a task needs a variable 'recorded' and an attribute 'baseline'")
    queries, candidates = data["query"].values, data["candidate"].values
    if len(queries) == 0:
        raise DataError("the task has no queries: give at least one judged or answered query")
    if len(candidates) < 2:
        given = f"one candidate ({candidates[0]!r})" if len(candidates) else "no candidate"
        raise DataError(f"the task has {given}: at least two are needed to choose between")
    for names, what in ((queries, "query"), (candidates, "candidate")):
        if len(set(map(str, names))) != len(names):
            raise DataError(f"duplicate {what} names: every {what} needs a name of its own")
        if any(not str(name).strip() for name in names):
            raise DataError(f"a {what} has an empty name: give every {what} a name")
        spaced = [str(name) for name in names if str(name) != str(name).strip()]
        if spaced:
            raise DataError(
                f"{what} names that begin or end with a space: {listing(spaced)}; take it away"
            )
    if str(data.attrs["baseline"]) in set(map(str, candidates)):
        raise DataError(f"baseline {data.attrs['baseline']!r} is also a candidate")
    recorded = data["recorded"].values
    if recorded.dtype != np.int8 or not np.isin(recorded, (-1, 0, 1, MISSING)).all():
        raise DataError("outcomes must be int8 and -1, 0, 1 or MISSING (-9)")
    if "response" not in data:
        return
    response = pd.notna(data["response"].values)
    silent = [str(m) for m in candidates[~response.any(axis=0)]]
    if silent:
        raise DataError(
            f"{len(silent)} candidate(s) have no responses ({listing(silent)}): "
            "add their responses or leave them out"
        )
    nobody = [str(q) for q in queries[~response.any(axis=1)]]
    if nobody:
        raise DataError(
            f"{len(nobody)} quer(ies) that no candidate answered ({listing(nobody)}): "
            "add responses or leave them out"
        )
    unanswered = [
        str(q)
        for q, missing in zip(queries, pd.isna(data["baseline_response"].values), strict=True)
        if missing
    ]
    if unanswered:
        raise DataError(
            f"the baseline has no response to {len(unanswered)} quer(ies) ({listing(unanswered)}): "
            "add them or leave those queries out"
        )
