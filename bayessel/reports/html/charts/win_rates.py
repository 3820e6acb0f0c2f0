"""Win rates with intervals, P(best) in a column of its own."""

from __future__ import annotations

from collections.abc import Sequence

from bayessel.reports.facts.parts import Row
from bayessel.reports.facts.standing import short_p
from bayessel.reports.html.charts.svg import Drawing, column, fit, ticks

_MOST = 30
_NAMES, _P = 240, 70  # pixels of the two columns of a wide picture


def win_rates(rows: Sequence[Row], width: int) -> Drawing:
    """One row a candidate: where there is little room its name stands above its interval."""
    shown = sorted(rows, key=lambda row: -row.win_rate)[:_MOST]
    narrow = width < 500
    height, top = (34, 22) if narrow else (20, 24)
    bottom = top + height * len(shown)
    drawn = Drawing(width, bottom + 38, "Win rates with 90 % intervals, and P(best)")
    names = column((row.candidate for row in shown), _NAMES)
    left, right = (16, width - 16) if narrow else (names + _P + 14, width - 20)
    ends = [value for row in shown for value in (row.lower, row.upper, row.recorded)]
    low, high = _limits([value for value in ends if value is not None])

    def x(value: float) -> float:
        return left + (right - left) * (value - low) / (high - low)

    for tick in ticks(low, high):
        drawn.line("grid", x(tick), top, x(tick), bottom)
        drawn.text("axis", x(tick), bottom + 15, f"{100 * tick:.0f} %", "middle")
    head = "P(best)"
    drawn.text("head", width - 10 if narrow else names + _P - 4, 14, head, "end")
    drawn.text("axis", (left + right) / 2, bottom + 33, "win rate (a draw counts half)", "middle")
    best = rows[0].candidate
    for k, row in enumerate(shown):
        y = top + height * (k + (0.74 if narrow else 0.5))
        kind = "best" if row.candidate == best else "other"
        if narrow:
            drawn.text(f"name {kind}", 4, y - 10, fit(row.candidate, width - 80))
            drawn.text("number", width - 10, y - 10, short_p(row.p_best), "end")
        else:
            drawn.text(f"name {kind}", names, y + 4, fit(row.candidate, names - 12), "end")
            drawn.text("number", names + _P - 4, y + 4, short_p(row.p_best), "end")
        drawn.line(f"interval {kind}", x(row.lower), y, x(row.upper), y)
        drawn.add("circle", f"dot {kind}", cx=x(row.win_rate), cy=y, r=4)
        if row.recorded is not None:
            drawn.line("tick", x(row.recorded), y - 6, x(row.recorded), y + 6)
    if len(rows) > len(shown):
        drawn.text("head", 0 if narrow else left, 14, f"the highest {len(shown)} of {len(rows)}")
    return drawn


def _limits(ends: Sequence[float]) -> tuple[float, float]:
    """Ends of the axis: round, with a little room, inside [0, 1]."""
    low, high = min(ends), max(ends)
    room = max(0.02, 0.05 * (high - low))
    return max(0.0, low - room), min(1.0, high + room)
