"""Part 3 of a report: P(best) against calls, and who was judged when."""

from __future__ import annotations

import re

import pandas as pd

from bayessel.outcomes import NAMES
from bayessel.reports.facts.parts import Course, Track
from bayessel.reports.facts.source import Source

_LINES = 6
_POINTS = 400  # of a line; more cannot be seen


def course_of(source: Source) -> Course | None:
    """P(best) of the leading candidates against calls; None where it was not kept."""
    chances = source.chances
    if chances is None or chances.empty or source.history is None:
        return None
    last = source.history.drop_duplicates("question", keep="last")["call"]
    known = chances.loc[chances.index.intersection(pd.Index(last))]
    step = -(-len(known) // _POINTS)
    if step > 1:
        known = known.iloc[sorted({*range(0, len(known), step), len(known) - 1})]
    level = source.facts.get("stop_at")
    return Course(
        calls=tuple(int(call) for call in known.index),
        p_best={name: tuple(float(p) for p in known[name]) for name in leading(source)},
        level=None if level is None else float(level),
        stopped_at=source.calls,
    )


def leading(source: Source) -> list[str]:
    """At most six candidates: those that are likeliest in the end, then those that once were."""
    table = source.table
    ends = [str(name) for name in table["p_best"].sort_values(ascending=False, kind="stable").index]
    chosen = [str(table.index[0])]
    chosen += [name for name in ends[:4] if name not in chosen]
    if source.chances is not None:
        highest = source.chances.max().sort_values(ascending=False, kind="stable")
        chosen += [str(name) for name in highest.index if str(name) not in chosen]
    return chosen[:_LINES]


def race_of(source: Source) -> tuple[Track, ...] | None:
    """When each candidate was judged, and since when it is out; None for a fit."""
    history = source.history
    if history is None or history.empty:
        return None
    tracks = []
    for name, row in source.table.iterrows():
        own = history[history["candidate"] == name]
        said = re.search(r"since call (\d+)", str(row.get("last", "")))
        tracks.append(
            Track(
                candidate=str(name),
                calls=tuple(int(call) for call in own["call"]),
                outcomes=tuple(NAMES.index(outcome) - 1 for outcome in own["outcome"]),
                out_since=int(said.group(1)) if said else 0,
            )
        )
    return tuple(tracks)
