"""Names in any script: each character is drawn by an installed font that has it, or spelled out."""

from __future__ import annotations

import warnings
from functools import cache

from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter

_OWN = "DejaVu Sans"  # comes with matplotlib
_FIRST = ("Noto Sans CJK", "Noto Sans SC", "Source Han Sans", "Noto Sans", "WenQuanYi", "Hiragino")
"""Beginnings of the families that are tried first."""


def make_legible(drawn: Figure) -> None:
    """Let every text of a figure be drawn by fonts that have its characters.

    A character that no installed font has is spelled out as its number, ``65E5``, so that names
    stay apart.
    """
    formatters = [
        formatter
        for axes in drawn.axes
        for axis in (axes.xaxis, axes.yaxis)
        if isinstance(formatter := axis.get_major_formatter(), FixedFormatter)
    ]
    texts = drawn.findobj(Text)
    said = "".join([text.get_text() for text in texts if isinstance(text, Text)])
    said += "".join(label for formatter in formatters for label in formatter.seq)
    own = _codes(font_manager.findfont(_OWN))
    unusual = {c for c in said if ord(c) > 127 and ord(c) not in own}
    if not unusual:
        return
    found = {c: _family_of(c) for c in sorted(unusual)}
    families = [_OWN, *dict.fromkeys(family for family in found.values() if family)]
    lost = {c: f"{ord(c):04X}" for c, family in found.items() if not family and c.isprintable()}
    lost |= {c: "" for c in unusual if not c.isprintable()}
    spelled = str.maketrans(lost)
    for formatter in formatters:
        formatter.seq = [label.translate(spelled) for label in formatter.seq]
    for text in texts:
        if isinstance(text, Text):
            text.set_fontfamily(families)
            if lost:
                text.set_text(text.get_text().translate(spelled))
    for axes in drawn.axes:
        axes.tick_params(labelfontfamily=families)


@cache
def _family_of(character: str) -> str:
    """A family that has a character; empty where there is none."""
    fonts = sorted(
        font_manager.fontManager.ttflist,
        key=lambda font: (not font.name.startswith(_FIRST), font.style != "normal", font.name),
    )
    for font in fonts:
        if not font.name.startswith("Last Resort") and ord(character) in _codes(font.fname):
            return str(font.name)
    return ""


@cache
def _codes(path: str) -> frozenset[int]:
    """Code points that a font file has; none where it cannot be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return frozenset(FT2Font(path).get_charmap())
    except (OSError, RuntimeError):
        return frozenset()
