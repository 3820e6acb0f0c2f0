"""``org/m`` and ``org__m`` are one LLM: a slash cannot be in the name of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from bayessel.tasks.readers.parts.values import CELL
from bayessel.tasks.tables import Tables


def one_spelling(tables: Tables) -> Tables:
    """Give an LLM that is spelled with ``/`` and with ``__`` the name with the slash.

    Both are kept as they are where they have different judgments or responses on one query.

    Parameters
    ----------
    tables
        What a reader returned.
    """
    parts = [t for t in (tables.judgments, tables.responses) if t is not None]
    known = {str(name) for part in parts for name in part["candidate"].unique()}
    known |= {tables.baseline} if tables.baseline is not None else set()
    other = {name.replace("/", "__"): name for name in sorted(known) if "/" in name}
    for short, name in other.items():
        if short not in known:
            continue
        renamed = _renamed(tables, {short: name})
        if renamed is None:
            note = f"{name!r} and {short!r} have different judgments or responses: kept as two LLMs"
            tables = replace(tables, notes=(*tables.notes, note))
        else:
            note = f"{short!r} is read as {name!r}"
            tables = replace(renamed, notes=(*tables.notes, note))
    return tables


def _renamed(tables: Tables, names: Mapping[str, str]) -> Tables | None:
    """The tables with other names; None where a cell would say two things."""
    judgments = _of(tables.judgments, names, "outcome")
    responses = None if tables.responses is None else _of(tables.responses, names, "text")
    if judgments is None or (responses is None and tables.responses is not None):
        return None
    weak = tables.weak_judges
    if weak is not None:
        weak = weak.assign(candidate=weak["candidate"].replace(dict(names)))
    baseline = tables.baseline if tables.baseline is None else names.get(tables.baseline)
    return replace(
        tables,
        judgments=judgments,
        responses=responses,
        baseline=baseline or tables.baseline,
        weak_judges=weak,
    )


def _of(table: pd.DataFrame, names: Mapping[str, str], says: str) -> pd.DataFrame | None:
    """One table with other names, each cell once; None where a cell would say two things."""
    cells = list(CELL)
    renamed = table.assign(candidate=table["candidate"].astype(object).replace(dict(names)))
    silent = renamed[says].isna() & renamed.duplicated(cells, keep=False)
    kept = renamed[~silent].drop_duplicates([*cells, says])
    return None if kept.duplicated(cells).any() else kept.reset_index(drop=True)
