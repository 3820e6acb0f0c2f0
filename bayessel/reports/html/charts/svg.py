"""A drawing in SVG: elements, scales and ticks. Text is escaped by the XML library."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree

from bayessel.support.text import printable

CHARACTER = 7.0
"""Pixels that a character of a name takes; a wide one takes twice as many."""


class Drawing:
    """An SVG element of a width and a height in pixels; what is drawn later lies above.

    Parameters
    ----------
    width, height
        Of the drawing.
    label
        What it shows, for those who do not see it.
    """

    def __init__(self, width: float, height: float, label: str) -> None:
        self.width = width
        self.root = ElementTree.Element(
            "svg",
            {
                "viewBox": f"0 0 {width:g} {height:g}",
                "width": f"{width:g}",
                "height": f"{height:g}",
                "role": "img",
                "aria-label": clean(label),
            },
        )

    def add(self, tag: str, kind: str, text: str = "", **attributes: float | str) -> None:
        """Draw one element of a class of the style sheet; ``_`` in names stands for ``-``."""
        given = {k.replace("_", "-"): number(v) for k, v in attributes.items()}
        element = ElementTree.SubElement(self.root, tag, {"class": kind, **given})
        if text:
            element.text = clean(text)

    def line(self, kind: str, x1: float, y1: float, x2: float, y2: float) -> None:
        """A straight line."""
        self.add("line", kind, x1=x1, y1=y1, x2=x2, y2=y2)

    def text(self, kind: str, x: float, y: float, said: str, anchor: str = "start") -> None:
        """A text whose baseline begins, ends or has its middle at a point."""
        self.add("text", kind, said, x=x, y=y, text_anchor=anchor)

    def path(self, kind: str, points: Iterable[tuple[float, float]]) -> None:
        """A line through points."""
        said = "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)
        self.add("path", kind, d=said)

    def __str__(self) -> str:
        return ElementTree.tostring(self.root, encoding="unicode")


def number(value: float | str) -> str:
    """A coordinate with one decimal, without zeros that say nothing."""
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")


def clean(text: str) -> str:
    """A text on one line without characters that XML cannot hold."""
    return printable(" ".join(text.split()))


def fit(name: str, pixels: float) -> str:
    """A name cut in its middle to the pixels that there are."""
    name, most = clean(name), int(pixels / CHARACTER)
    if _cells(name) <= most:
        return name
    head, tail = name[: most // 2], name[-(most // 2) :]
    while head and _cells(head) > most // 2:
        head = head[:-1]
    while tail and _cells(tail) > most // 2 - 1:
        tail = tail[1:]
    return f"{head}…{tail}"


def column(names: Iterable[str], most: float) -> float:
    """Pixels of a column that holds the names, at most so many."""
    return min(most, max(_cells(clean(name)) for name in names) * CHARACTER + 14)


def _cells(text: str) -> int:
    """How many Latin characters are as wide."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers between two ends, at most so many."""
    span = max(high - low, 1e-9)
    power = 10 ** math.floor(math.log10(span / most))
    step = next(power * k for k in (1, 2, 5, 10, 20) if span / (power * k) <= most)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(k * step, 10) for k in range(first, last + 1)]


def apart(wanted: Sequence[float], least: float, low: float, high: float) -> list[float]:
    """Places as near to those wanted as may be, ``least`` apart and between two ends."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    place: list[float] = []
    for i in order:
        at = min(max(wanted[i], low), high)
        place.append(max(at, place[-1] + least) if place else at)
    if place and place[-1] > high:
        place[-1] = high
        for k in range(len(place) - 2, -1, -1):
            place[k] = min(place[k], place[k + 1] - least)
    found = [0.0] * len(wanted)
    for i, at in zip(order, place, strict=True):
        found[i] = at
    return found
