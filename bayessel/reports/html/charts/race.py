"""Who was judged when, with which outcome, and since when each is out."""

from __future__ import annotations

from collections.abc import Sequence

from bayessel.reports.facts.parts import Track
from bayessel.reports.html.charts.svg import Drawing, column, fit, number, ticks

_MOST = 30
_NAMES = 240
_KINDS = {1: "win", 0: "draw", -1: "loss"}
_ENDS = {1: (-5.5, 0.0), 0: (-2.0, 4.0), -1: (5.5, 0.0)}
_APART = 1.6  # pixels between ticks: of those nearer, the last is drawn


def race(tracks: Sequence[Track], width: int) -> Drawing:
    """One row a candidate; where there is little room its name stands above its line."""
    shown = [track for track in tracks if track.calls][:_MOST]
    narrow = width < 500
    height = 28 if narrow else 16
    top = 20
    bottom = top + height * len(shown)
    drawn = Drawing(width, bottom + 38, "Which candidate was judged at which call, and how")
    names = column((track.candidate for track in shown), _NAMES)
    left, right = (4.0, width - 10.0) if narrow else (names + 12.0, width - 16.0)
    last = max(call for track in shown for call in track.calls)

    def x(call: float) -> float:
        return left + (right - left) * call / last

    for call in ticks(0, last, 4 if narrow else 7):
        drawn.line("grid", x(call), top, x(call), bottom)
        drawn.text("axis", x(call), bottom + 16, f"{call:,.0f}", "middle")
    drawn.text("axis", (left + right) / 2, bottom + 33, "calls", "middle")
    _key(drawn, left)
    for k, track in enumerate(shown):
        y = top + height * (k + (0.76 if narrow else 0.5))
        if narrow:
            drawn.text("name", left, y - 9, fit(track.candidate, width - 20))
        else:
            drawn.text("name", names, y + 4, fit(track.candidate, names - 12), "end")
        end = track.out_since or last
        drawn.line("track", left, y, x(end), y)
        if track.out_since:
            _out(drawn, x(end), y)
        _outcomes(drawn, track, x(1) - left, left, y)
    return drawn


def _outcomes(drawn: Drawing, track: Track, step: float, left: float, y: float) -> None:
    """Ticks of one candidate, one path an outcome."""
    for outcome, kind in _KINDS.items():
        start, length = _ENDS[outcome][0], -_ENDS[outcome][0] if outcome else _ENDS[0][1]
        parts, before = [], -10.0
        for call, said in zip(track.calls, track.outcomes, strict=True):
            at = left + step * call
            if said == outcome and at - before >= _APART:
                parts.append(f"M{number(at)} {number(y + start)}v{number(length)}")
                before = at
        if parts:
            drawn.add("path", kind, d="".join(parts))


def _key(drawn: Drawing, left: float) -> None:
    """What the ticks mean."""
    at = left
    for outcome, kind in _KINDS.items():
        start, length = _ENDS[outcome][0], -_ENDS[outcome][0] if outcome else _ENDS[0][1]
        drawn.line("track", at, 9, at + 12, 9)
        drawn.add("path", kind, d=f"M{number(at + 6)} {number(9 + start)}v{number(length)}")
        drawn.text("axis", at + 17, 13, kind)
        at += 66
    drawn.line("track", at, 9, at + 12, 9)
    _out(drawn, at + 12, 9)
    drawn.text("axis", at + 22, 13, "dropped out")


def _out(drawn: Drawing, x: float, y: float) -> None:
    """A cross where a line ends."""
    path = f"M{number(x - 3)} {number(y - 3)}l6 6m0 -6l-6 6"
    drawn.add("path", "out", d=path)
