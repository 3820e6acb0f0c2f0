"""How often the best candidate is named against calls, one panel a data set."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bayessel.reports.facts.bench import Panel
from bayessel.reports.html.charts.svg import Drawing, fit

_HEIGHT, _TOP, _LEFT, _GAP = 170, 26, 30, 26
_ROW = 16
_TICKS = (0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)


def identified(panels: Sequence[Panel], width: int) -> Drawing:
    """Two panels beside each other, or one below the other where there is little room.

    Lines of the strategies that matter most are coloured and named below; all others are grey.
    """
    across = 1 if width < 500 or len(panels) == 1 else 2
    down = math.ceil(len(panels) / across)
    size = (width - _GAP * (across - 1)) / across
    tall = _TOP + _HEIGHT + 40
    every = [curve for panel in panels for curve in panel.curves]
    main = list(dict.fromkeys(curve.strategy for curve in every if curve.main))
    others = any(not curve.main for curve in every)
    columns = 1 if width < 500 else 3
    lines = math.ceil((len(main) + others) / columns)
    height = tall * down + _ROW * lines + 6
    drawn = Drawing(width, height, "How often the best candidate is named, against calls / M")
    for k, panel in enumerate(panels):
        _panel(drawn, panel, main, (k % across) * (size + _GAP), (k // across) * tall, size)
    keys = [(name, f"c{k}") for k, name in enumerate(main)] + [("others", "faint")] * others
    for k, (name, kind) in enumerate(keys):
        at = (k % columns) * width / columns
        y = tall * down + _ROW * (k // columns) + 12
        drawn.line(f"course {kind}", at + 2, y - 4, at + 26, y - 4)
        drawn.text("name", at + 32, y, fit(name, width / columns - 40))
    return drawn


def _panel(
    drawn: Drawing, panel: Panel, main: Sequence[str], x0: float, y0: float, size: float
) -> None:
    left, right = x0 + _LEFT, x0 + size - 8
    top, bottom = y0 + _TOP, y0 + _TOP + _HEIGHT
    budgets = [b for curve in panel.curves for b in curve.budgets if b > 0]
    low, high = math.log(min(budgets)), math.log(max(budgets))
    span = max(high - low, 1e-9)

    def x(budget: float) -> float:
        return left + (right - left) * (math.log(budget) - low) / span

    def y(p: float) -> float:
        return bottom - _HEIGHT * min(max(p, 0.0), 1.0)

    drawn.text("head", left, y0 + 15, fit(panel.data, size - _LEFT))
    for p in (0, 0.25, 0.5, 0.75, 1):
        drawn.line("grid", left, y(p), right, y(p))
        drawn.text("axis", left - 5, y(p) + 4, f"{p:g}".removeprefix("0") or "0", "end")
    for tick in _TICKS:
        if low - 1e-9 <= math.log(tick) <= high + 1e-9:
            drawn.line("grid", x(tick), top, x(tick), bottom)
            drawn.text("axis", x(tick), bottom + 15, f"{tick:g}", "middle")
    drawn.text("axis", (left + right) / 2, bottom + 32, "calls / M", "middle")
    order = sorted(panel.curves, key=lambda curve: curve.main)
    for curve in order:
        points = [
            (b, p, e)
            for b, p, e in zip(curve.budgets, curve.right, curve.error, strict=True)
            if b > 0
        ]
        kind = f"c{main.index(curve.strategy)}" if curve.strategy in main else "faint"
        if curve.main:
            band = [(x(b), y(p + e)) for b, p, e in points]
            band += [(x(b), y(p - e)) for b, p, e in reversed(points)]
            drawn.path(f"band {kind}", band)
        drawn.path(f"course {kind}", [(x(b), y(p)) for b, p, _ in points])
