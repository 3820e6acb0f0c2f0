"""Names in any script: each character is drawn by an installed font that has it, or spelled out."""

from __future__ import annotations

import itertools
import warnings
from functools import cache

from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

_OWN = "DejaVu Sans"  # comes with matplotlib
_FIRST = ("Noto Sans CJK", "Noto Sans SC", "Source Han Sans", "Noto Sans", "WenQuanYi", "Hiragino")
"""Beginnings of the families that are tried first."""


def make_legible(drawn: Figure) -> None:
    """Let every text of a figure be drawn by fonts that have its characters.

    A character that no installed font has is spelled out as its number, ``65E5``, so that names
    stay apart; a control character becomes �.
    """
    texts = [text for text in drawn.findobj(Text) if isinstance(text, Text)]
    axes_of = [axis for axes in drawn.axes for axis in (axes.xaxis, axes.yaxis)]
    labels = {axis: [label.get_text() for label in axis.get_ticklabels()] for axis in axes_of}
    said = "".join([*(text.get_text() for text in texts), *itertools.chain(*labels.values())])
    own = _codes(font_manager.findfont(_OWN))
    unusual = {c for c in said if ord(c) not in own and c != "\n"}
    if not unusual:
        return
    found = {c: _family_of(c) for c in sorted(unusual)}
    families = [_OWN, *dict.fromkeys(family for family in found.values() if family)]
    lost = [c for c, family in found.items() if not family]
    spelled = str.maketrans({c: f"{ord(c):04X}" if c.isprintable() else "�" for c in lost})
    for text in texts:
        text.set_fontfamily(families)
        text.set_text(text.get_text().translate(spelled))
    for axes in drawn.axes:
        axes.tick_params(labelfontfamily=families)
    for axis, names in labels.items():
        named = [name.translate(spelled) for name in names]
        if named != names:
            axis.set_ticks(axis.get_ticklocs(), named, parse_math=False)


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
