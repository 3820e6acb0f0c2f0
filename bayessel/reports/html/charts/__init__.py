"""Pictures of a page as small SVG, which takes its colours from the page's style sheet.

A chart is a function from data and a width in pixels to an :class:`~.svg.Drawing`. Each is drawn
twice, for wide and for narrow screens; the style sheet shows one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bayessel.reports.html.charts.budget import identified
from bayessel.reports.html.charts.course import course
from bayessel.reports.html.charts.race import race
from bayessel.reports.html.charts.svg import Drawing
from bayessel.reports.html.charts.win_rates import win_rates

CHARTS: dict[str, Callable[[Any, int], Drawing]] = {
    "win_rates": win_rates,
    "course": course,
    "race": race,
    "identified": identified,
}
"""Every chart by the name that a :class:`~bayessel.reports.blocks.Chart` gives."""

WIDE, NARROW = 760, 330
"""Widths in pixels."""
