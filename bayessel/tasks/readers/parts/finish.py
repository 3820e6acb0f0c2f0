"""What is done with tables however they were read: one baseline, and notes on names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bayessel.tasks.baseline import agreed_baseline, unseen_note
from bayessel.tasks.readers.base import ReadOptions
from bayessel.tasks.readers.parts.spelling import one_spelling
from bayessel.tasks.readers.parts.values import changed_names
from bayessel.tasks.tables import Tables


def finished(read: Callable[[], Tables], options: ReadOptions, format: str = "") -> Tables:
    """Read tables and agree on their baseline; notes say what was changed in names.

    Parameters
    ----------
    read
        Reads them.
    options
        The baseline's name, if the user gave one.
    format
        Name of the format.
    """
    with changed_names() as changed:
        tables = read()
    tables = one_spelling(tables)
    notes = [
        *tables.notes,
        *changed.notes(),
        *_pointed_note(tables),
        *unseen_note(tables, options.baseline),
    ]
    tables = agreed_baseline(replace(tables, notes=tuple(notes)), options.baseline)
    return replace(tables, format=format, notes=tuple(dict.fromkeys(tables.notes)))


def _pointed_note(tables: Tables) -> list[str]:
    """Note on queries that are called by a number with and without its decimal point."""
    parts = [t for t in (tables.judgments, tables.responses, tables.queries) if t is not None]
    known = {str(name) for part in parts for name in part["query_id"].unique()}
    both = sorted(name for name in known if name.endswith(".0") and name[:-2] in known)
    if not both:
        return []
    return [
        f"{both[0]!r} and {both[0][:-2]!r} are read as two queries, as are {len(both)} such pairs "
        "in all: write the names in one form if they are one"
    ]
