"""One colour a strategy, the same in every picture of a study."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from bayessel.pictures.style import BLUE, MORE, MUTED, ORANGE
from bayessel.studies.specs import CELL_RIVALS, CONTENDERS

GRID_SEARCH = "#b91c1c"
"""Of ``llm-selector-grid``, and of the eps that its search chose."""
_PAPER = {
    "random": MUTED,
    "bradley-terry": "#a16207",
    "most-draws": "#7c3aed",
    "uncertainty": "#0f766e",
    "confidence": "#be185d",
    "llm-selector": ORANGE,
    "llm-selector-grid": GRID_SEARCH,
}
_CELLS = {
    "random-cells": MUTED,
    "racing": "#a16207",
    "successive-halving": "#0f766e",
    "ucb-e": "#be185d",
    "contenders": "#581c87",
}
_OTHERS = (BLUE, *MORE)
_MAIN = ("random", CONTENDERS, "bayessel")
_MOST_MAIN = 5


def colours(strategies: Sequence[str]) -> dict[str, str]:
    """One colour a strategy; the paper's strategies and the rivals have their own."""
    own = _PAPER | _CELLS
    others = [name for name in strategies if name not in own]
    return own | {name: _OTHERS[i % len(_OTHERS)] for i, name in enumerate(others)}


def line_of(strategy: str) -> str:
    """Style of a strategy's line: dashed for the rivals that choose cells, solid for all others."""
    return "--" if strategy.partition(":")[0] in CELL_RIVALS else "-"


def palette_of(settings: pd.DataFrame, shown: pd.DataFrame) -> dict[str, str]:
    """Colour of each label: all settings of one strategy have the same.

    Parameters
    ----------
    settings
        Of the whole study.
    shown
        Those in pictures of all strategies; they choose their colours first.
    """
    plain = list(dict.fromkeys([*shown["plain"], *settings["plain"]]))
    colour = colours(plain)
    labels = zip(settings["strategy"], settings["plain"], strict=True)
    return colour | {str(label): colour[str(name)] for label, name in labels}


def main_of(strategies: Sequence[str]) -> tuple[str, ...]:
    """At most five strategies that a reader looks for first; the first five where none is there."""
    found = [name for name in strategies if name.partition(":")[0] in _MAIN]
    return tuple((found or list(strategies))[:_MOST_MAIN])
