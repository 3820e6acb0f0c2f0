"""What a notebook shows of an object: a line and a small table, every text escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

MOST = 12
"""Rows that are shown."""


def notebook_table(said: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A sentence and a table as HTML, for ``_repr_html_``.

    Parameters
    ----------
    said
        The sentence.
    head
        Heads of the columns; the first holds names, the others numbers.
    rows
        Their cells; at most :data:`MOST` are shown, and how many more there are.
    """
    every = [[escape(str(cell)) for cell in row] for row in rows]
    heads = "".join(f"<th>{escape(name)}</th>" for name in head)
    lines = [
        f'<tr><th style="text-align:left">{row[0]}</th>'
        + "".join(f"<td>{cell}</td>" for cell in row[1:])
        + "</tr>"
        for row in every[:MOST]
    ]
    more = f"<p>and {len(every) - MOST} more</p>" if len(every) > MOST else ""
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    return f"<div><p>{escape(said)}</p>{table}{more}</div>"
