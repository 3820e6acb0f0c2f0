"""What a report is made of: sections of blocks, which are shown as HTML or as Markdown alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bayessel.support.text import shorten


@dataclass(frozen=True)
class Words:
    """A paragraph; ``lead`` is said large, a ``note`` small."""

    text: str
    kind: Literal["plain", "lead", "note"] = "plain"


@dataclass(frozen=True)
class Grid:
    """A table.

    Attributes
    ----------
    head
        Heads of the columns.
    rows
        Cells as text, one a column.
    texts
        Positions of the columns that hold words; the others hold numbers, aligned to the right.
    caption
        What it shows.
    marked
        Positions of the rows that stand out.
    shades
        A share in [0, 1] behind a cell by row and column, or None: the cells of a heat map.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    texts: tuple[int, ...] = (0,)
    caption: str = ""
    marked: tuple[int, ...] = ()
    shades: tuple[tuple[float | None, ...], ...] = ()


@dataclass(frozen=True)
class Chart:
    """A picture of ``data``, drawn by :mod:`bayessel.reports.html.charts` under its name.

    ``numbers`` says the same where pictures are not shown.
    """

    name: str
    data: Any
    caption: str
    numbers: Grid | None = None


@dataclass(frozen=True)
class Code:
    """Lines to be copied as they are."""

    text: str


@dataclass(frozen=True)
class Text:
    """Somebody's text, shown as it is: nothing in it is markup."""

    title: str
    text: str


@dataclass(frozen=True)
class Folded:
    """Blocks behind a title, opened by whoever wants them."""

    title: str
    blocks: tuple[Block, ...]


Block = Words | Grid | Chart | Code | Text | Folded


@dataclass(frozen=True)
class Section:
    """A part of a report under a title."""

    title: str
    blocks: tuple[Block, ...]


def some(names: Sequence[str], most: int = 3) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(shorten(name, 30) for name in names[:most]) + more if names else "–"


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 90:
        return f"{seconds:.3g} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
