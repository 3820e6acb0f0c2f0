"""P(best) against calls, one named line a candidate."""

from __future__ import annotations

from bayessel.reports.facts.parts import Course
from bayessel.reports.facts.standing import short_p
from bayessel.reports.html.charts.svg import Drawing, apart, fit, ticks

_HEIGHT, _TOP, _LEFT, _NAMES = 250, 22, 34, 250
_ROW = 17


def course(data: Course, width: int) -> Drawing:
    """Names stand at the ends of the lines, or below where there is little room."""
    narrow = width < 500
    names = list(data.p_best)
    below = _ROW * len(names) + 8 if narrow else 0
    bottom = _TOP + _HEIGHT
    drawn = Drawing(width, bottom + 40 + below, "P(best) of the leading candidates against calls")
    right = width - 12 if narrow else width - _NAMES
    last = max(data.stopped_at, data.calls[-1], 1)

    def x(call: float) -> float:
        return _LEFT + (right - _LEFT) * call / last

    def y(p: float) -> float:
        return bottom - _HEIGHT * p

    for p in (0, 0.2, 0.4, 0.6, 0.8, 1):
        drawn.line("grid", _LEFT, y(p), right, y(p))
        drawn.text("axis", _LEFT - 6, y(p) + 4, f"{p:g}".removeprefix("0") or "0", "end")
    for call in ticks(0, last, 4 if narrow else 7):
        drawn.line("grid", x(call), _TOP, x(call), bottom)
        drawn.text("axis", x(call), bottom + 16, f"{call:,.0f}", "middle")
    drawn.text("axis", (_LEFT + right) / 2, bottom + 34, "calls", "middle")
    drawn.text("head", 0, 12, "P(best)")
    if data.level is not None:
        drawn.line("level", _LEFT, y(data.level), right, y(data.level))
        drawn.text("axis", _LEFT + 4, y(data.level) - 4, f"to stop at {data.level:g}")
    drawn.line("stop", x(data.stopped_at), _TOP - 4, x(data.stopped_at), bottom)
    drawn.text("axis", x(data.stopped_at), 12, f"stopped at {data.stopped_at:,}", "end")
    for k in reversed(range(len(names))):  # the leader's lies on top
        points = [(x(c), y(p)) for c, p in zip(data.calls, data.p_best[names[k]], strict=True)]
        drawn.path(f"course c{k}", points)
        if len(points) == 1:
            drawn.add("circle", f"end c{k}", cx=points[0][0], cy=points[0][1], r=4)
    ends = [y(data.p_best[name][-1]) for name in names]
    places = apart(ends, _ROW, _TOP + 4, bottom - 2)
    for k, (name, end, place) in enumerate(zip(names, ends, places, strict=True)):
        said = short_p(data.p_best[name][-1])
        if narrow:
            row = bottom + 52 + _ROW * k
            drawn.line(f"course c{k}", 4, row - 4, 24, row - 4)
            drawn.text("name", 30, row, fit(name, width - 100))
            drawn.text("number", width - 12, row, said, "end")
        else:
            drawn.line(f"leader c{k}", x(data.calls[-1]) + 2, end, right + 14, place)
            drawn.text(f"name c{k}", right + 18, place + 4, f"{said} {fit(name, _NAMES - 80)}")
    return drawn
