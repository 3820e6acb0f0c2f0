"""A report as Markdown."""

from __future__ import annotations

import re

from bayessel.reports.blocks import Block, Chart, Code, Folded, Grid, Section, Text, Words
from bayessel.reports.report import Report
from bayessel.support.text import printable

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~$&])")


def markdown(report: Report) -> str:
    """The whole report; names and texts from data are escaped."""
    lines = [f"# {escape(report.title)}", ""]
    for name, sections in report.parts:
        if name:
            lines += [f"# {escape(name)}", ""]
        for section in sections:
            lines += _section(section)
    return "\n".join(lines).rstrip() + "\n"


def escape(text: str) -> str:
    """A text on one line in which no character is markup."""
    return _SPECIAL.sub(r"\\\1", printable(" ".join(text.split())))


def _section(section: Section) -> list[str]:
    lines = [f"## {section.title}", ""]
    for block in section.blocks:
        lines += _block(block)
    return lines


def _block(block: Block) -> list[str]:
    if isinstance(block, Words):
        said = escape(block.text)
        return [f"**{said}**" if block.kind == "lead" else said, ""]
    if isinstance(block, Grid):
        return _grid(block)
    if isinstance(block, Chart):
        if block.numbers is None:
            return []
        return [escape(block.caption), "", *_grid(block.numbers)]
    if isinstance(block, Code):
        return [*_fenced(block.text), ""]
    if isinstance(block, Text):
        return [f"#### {escape(block.title)}", "", *_fenced(block.text), ""]
    if isinstance(block, Folded):
        return [
            f"### {escape(block.title)}",
            "",
            *(line for b in block.blocks for line in _block(b)),
        ]
    raise TypeError(f"no Markdown of {block!r}")


def _grid(grid: Grid) -> list[str]:
    marks = ["---" if k in grid.texts else "---:" for k in range(len(grid.head))]
    rows = [[escape(cell) for cell in row] for row in (grid.head, *grid.rows)]
    lines = ["| " + " | ".join(row) + " |" for row in (rows[0], marks, *rows[1:])]
    caption = [escape(grid.caption), ""] if grid.caption else []
    return [*caption, *lines, ""]


def _fenced(text: str) -> list[str]:
    """A text as it is, in a fence that nothing in it can close."""
    text = printable(text)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [fence, text, fence]
