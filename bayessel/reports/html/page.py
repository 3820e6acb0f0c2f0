"""The page: a report's sections in a template, its style sheet and its numbers inside."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from bayessel.reports.blocks import Chart
from bayessel.reports.html.charts import CHARTS, NARROW, WIDE
from bayessel.reports.report import Report
from bayessel.support.text import printable

GENERATOR = "bayessel report"
"""Says in a page's head who wrote it: only such a file is written over."""

_LONG_WORD = re.compile(r"\S{100}")


def page(report: Report) -> str:
    """The whole page as one text; it needs no other file and runs no script."""
    return (
        _environment()
        .get_template("page.html")
        .render(
            title=report.title,
            generator=GENERATOR,
            parts=report.parts,
            style=Markup(_style()),  # our own file
            numbers=embedded(_without_responses(report.numbers)),
        )
    )


def embedded(numbers: Any) -> Markup:
    """JSON that can stand in a ``script`` element: nothing in it can end the element."""
    text = json.dumps(numbers, ensure_ascii=True, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # escaped above


def _without_responses(numbers: dict[str, Any]) -> dict[str, Any]:
    """The numbers; texts of responses stand in the page already."""
    return {**numbers, "results": [{**one, "responses": None} for one in numbers["results"]]}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("bayessel.reports.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["drawn"] = _drawn
    environment.filters["kind"] = lambda block: type(block).__name__
    environment.filters["kept"] = _kept_together
    environment.filters["breakable"] = _breakable
    environment.finalize = lambda value: printable(value) if type(value) is str else value
    return environment


def _drawn(chart: Chart, *, wide: bool) -> Markup:
    """A chart as SVG; its texts were escaped by the XML library."""
    drawing = CHARTS[chart.name](chart.data, WIDE if wide else NARROW)
    return Markup(str(drawing))


def _kept_together(text: str) -> str:
    """Numbers stay on the line of their signs."""
    for before, after in ((" %", "\N{NO-BREAK SPACE}%"), ("P(best) ", "P(best)\N{NO-BREAK SPACE}")):
        text = text.replace(before, after)
    return text


def _breakable(text: str) -> Markup:
    """A text whose very long words may be broken: Chromium hangs on drawing one of thousands."""
    words = _LONG_WORD.sub(lambda word: f"{word.group()}\0", printable(text)).split("\0")
    return Markup("<wbr>").join(escape(word) for word in words)


@cache
def _style() -> str:
    return (files("bayessel.reports.html") / "templates" / "style.css").read_text(encoding="utf-8")
