"""From long tables to a task's dataset, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bayessel.errors import DataError
from bayessel.outcomes import MISSING
from bayessel.support.text import listing
from bayessel.tasks.given import long_weak_judges, of_rows, with_given
from bayessel.tasks.readers.parts.columns import categorical
from bayessel.tasks.readers.parts.weak import rows_of
from bayessel.tasks.tables import Tables, has_texts
from bayessel.tasks.votes import long_votes, with_votes

MOST_CELLS = 50_000_000
"""Largest N x M that is accepted."""


def build_dataset(tables: Tables, baseline: str) -> xr.Dataset:
    """Lay the tables out over queries and candidates.

    Queries keep the order of their first appearance, candidates are sorted by name.

    Parameters
    ----------
    tables
        What a reader returned.
    baseline
        Name of the baseline, which has no judgments.

    Returns
    -------
    Dataset
        See :class:`bayessel.tasks.task.Task`; not validated.

    Raises
    ------
    DataError
        More than :data:`MOST_CELLS` cells, or a candidate without any cost where there are costs.
    """
    judgments, responses = tables.judgments, tables.responses
    sources = [tables.queries, responses, judgments]
    every = [t["query_id"].unique() for t in sources if t is not None]
    queries = list(dict.fromkeys(str(name) for names in every for name in names))
    answering = set() if responses is None else set(responses["candidate"].unique())
    candidates = sorted({*judgments["candidate"].unique(), *(answering - {baseline})})
    if len(queries) * len(candidates) > MOST_CELLS:
        raise DataError(
            f"{len(queries)} queries x {len(candidates)} candidates are more than {MOST_CELLS} "
            "cells: select from a sample of the queries"
        )
    cells = _Cells(queries, candidates)
    recorded = cells.lay_out(judgments, "outcome", np.full(cells.shape, MISSING, np.int8))
    variables: dict[str, Any] = {"recorded": (("query", "candidate"), recorded)}
    notes = list(tables.notes)
    if responses is not None and "cost" in responses:
        own = responses[responses["candidate"] != baseline]
        try:
            own = own.assign(cost=own["cost"].astype(float))
        except (TypeError, ValueError) as error:
            raise DataError(f"the responses' column cost holds no numbers: {error}") from error
        cost = cells.lay_out(own, "cost", np.full(cells.shape, np.nan))
        variables["cost"] = (("query", "candidate"), _completed(cost, candidates, notes))
    if responses is not None and has_texts(responses):
        known = responses.dropna(subset=["text"])
        known = known.assign(text=[_encodable(t) for t in known["text"]])
        is_baseline = known["candidate"] == baseline
        response = cells.lay_out(known[~is_baseline], "text", np.full(cells.shape, None, object))
        variables["response"] = (("query", "candidate"), response)
        theirs = cells.of_queries(known[is_baseline], "text", None)
        variables["baseline_response"] = (("query",), theirs)
        if not is_baseline.any():  # then no response can be compared with it
            del variables["response"], variables["baseline_response"]
            notes.append(
                f"the responses are not used: the baseline {baseline!r} has none to compare with"
            )
    for name, column in (("query_text", "text"), ("category", "category")):
        about = tables.queries
        if about is None or column not in about:
            about = pd.DataFrame({"query_id": [], column: []}, dtype=object)
        about = about.dropna(subset=[column])
        about = about.assign(**{column: [_encodable(str(t)) for t in about[column]]})
        variables[name] = (("query",), cells.of_queries(about, column, ""))
    if tables.queries is not None and "baseline" in tables.queries:
        own = tables.queries.dropna(subset=["baseline"])
        variables["own_baseline"] = (("query",), cells.of_queries(own, "baseline", baseline))
    data = xr.Dataset(
        variables,
        coords={
            "query": np.array(queries, dtype=object),
            "candidate": np.array(candidates, dtype=object),
        },
        attrs={"baseline": baseline, "format": tables.format, "notes": notes},
    )
    data = with_votes(data, tables.votes)
    if tables.weak_judges is None:
        return data
    said = rows_of(tables.weak_judges, "the table of weak judges")
    own_baselines = own_baselines_of(data)
    judges = [of_rows(rows, queries, candidates, baseline, own_baselines) for rows in said]
    return with_given(data, judges)


def own_baselines_of(data: xr.Dataset) -> list[str] | None:
    """[N] the baseline of each query of a task's dataset; None where they have the same."""
    return [str(name) for name in data["own_baseline"].values] if "own_baseline" in data else None


class _Cells:
    """Where a table's rows go in arrays over N queries and M candidates."""

    def __init__(self, queries: list[str], candidates: list[str]) -> None:
        self.shape = (len(queries), len(candidates))
        self._queries = pd.Index(queries, dtype=object)
        self._candidates = pd.Index(candidates, dtype=object)

    def lay_out(self, table: pd.DataFrame, column: str, blank: NDArray[Any]) -> NDArray[Any]:
        """[N, M] ``blank`` with a column's values in the cells that the table has."""
        rows = _places(self._queries, table["query_id"])
        columns = _places(self._candidates, table["candidate"])
        blank[rows, columns] = table[column].to_numpy(blank.dtype)
        return blank

    def of_queries(self, table: pd.DataFrame, column: str, empty: Any) -> NDArray[np.object_]:
        """[N] a column's values for the queries that the table has, ``empty`` for the others."""
        values = np.full(self.shape[0], empty, dtype=object)
        values[_places(self._queries, table["query_id"])] = table[column].to_numpy(object)
        return values


def _places(known: pd.Index, names: pd.Series) -> NDArray[np.intp]:
    """[R] positions of names; each category is looked up once."""
    if isinstance(names.dtype, pd.CategoricalDtype):
        found = known.get_indexer(pd.Index(names.cat.categories.astype(object)))
        return found[names.cat.codes.to_numpy()]
    return known.get_indexer(pd.Index(names))


def _completed(
    cost: NDArray[np.float64], candidates: list[str], notes: list[str]
) -> NDArray[np.float64]:
    """[N, M] costs where each that is missing is its candidate's mean, which is noted."""
    known = ~np.isnan(cost)
    without = [
        name for name, any_known in zip(candidates, known.any(axis=0), strict=True) if not any_known
    ]
    if without:
        raise DataError(
            f"no cost is given of {listing(without)}: give a cost for each candidate, or drop the "
            "column 'cost'"
        )
    if known.all():
        return cost
    notes.append(
        f"{(~known).sum()} of {known.size} cells have no cost: each takes its candidate's mean"
    )
    mean = np.where(known, cost, 0.0).sum(axis=0) / known.sum(axis=0)
    return np.where(known, cost, mean)


def _encodable(text: str) -> str:
    """Replace half surrogate pairs, which some exports of broken emoji hold, by "?"."""
    return text.encode("utf-8", "replace").decode("utf-8")


def long_tables(data: xr.Dataset) -> Tables:
    """Long tables of a task's dataset; :func:`build_dataset` makes the same dataset of them.

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
            "query_id": categorical(rows, query.tolist()),
            "candidate": categorical(columns, candidate.tolist()),
            "outcome": recorded[rows, columns],
        }
    )
    responses = _long_responses(data, query, candidate, baseline)
    queries = pd.DataFrame(
        {
            "query_id": query,
            "text": data["query_text"].values,
            "category": data["category"].values,
        }
    )
    if "own_baseline" in data:
        queries["baseline"] = data["own_baseline"].values
    notes = tuple(data.attrs.get("notes", ()))
    weak, votes = long_weak_judges(data), long_votes(data)
    return Tables(
        judgments, responses, queries, baseline, notes=notes, weak_judges=weak, votes=votes
    )


def _long_responses(
    data: xr.Dataset,
    query: NDArray[np.object_],
    candidate: NDArray[np.object_],
    baseline: str,
) -> pd.DataFrame:
    """The responses and costs of all cells; without any, one row for each LLM."""
    names = np.append(candidate, baseline)
    if "response" not in data and "cost" not in data:
        return pd.DataFrame(
            {
                "query_id": query[np.zeros(len(names), int)],
                "candidate": names,
                "text": pd.Series([None] * len(names), dtype="str"),
            }
        )
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
    if "cost" in data:
        own = np.column_stack([data["cost"].values, np.full(len(query), np.nan)])
        responses["cost"] = own.ravel()
    return responses
