"""Text as people read it: names and lists cut to a length, on one line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def shorten(name: str, most: int) -> str:
    """Cut a name in its middle: checkpoints of one family differ at the end.

    Parameters
    ----------
    name
        A name.
    most
        Characters that may be shown, the ellipsis included; at least 3.
    """
    if len(name) <= most:
        return name
    tail = (most - 1) // 2
    return name[: most - 1 - tail] + "…" + name[-tail:]


def listing(names: Iterable[Any], most: int = 5) -> str:
    """The first few names in quotes, and how many more there are."""
    quoted = [repr(str(name)) for name in names]
    more = f" and {len(quoted) - most} more" if len(quoted) > most else ""
    return ", ".join(quoted[:most]) + more


def short(value: Any, most: int = 60) -> str:
    """A value as Python writes it, on one line, cut to ``most`` characters."""
    shown = repr(value)
    return shown if len(shown) <= most else shown[: most - 3] + "..."


def one_line(text: object, most: int = 200) -> str:
    """A message folded into one line of at most ``most`` characters, without its full stop."""
    return " ".join(str(text).split()).rstrip(".")[:most]


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: ``1 query``, ``2 queries``."""
    return f"{number} {one if number == 1 else (many or one + 's')}"
