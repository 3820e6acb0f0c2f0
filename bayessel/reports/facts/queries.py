"""Part 7 of a report: decisive queries, divided ones, all draws; and responses on request."""

from __future__ import annotations

import numpy as np

from bayessel.outcomes import NAMES
from bayessel.reports.facts.parts import Judged, Queries, QueryLine, Response
from bayessel.reports.facts.source import Source

_SHOWN = 6
_RIVALS = 5  # the leader is compared with as many others
_TEXT = 160


def queries_of(source: Source) -> Queries:
    """Queries of each kind, those that say most first."""
    score, order = source.points, source.order
    first, rivals = order[0], order[1 : 1 + _RIVALS]
    both = ~np.isnan(score[:, rivals]) & ~np.isnan(score[:, [first]])
    difference = np.where(both, score[:, [first]] - score[:, rivals], 0.0)
    swing = difference.sum(axis=1)  # in points, for the leader
    judged = source.judged.sum(axis=1)
    wins, losses = ((source.outcome == side).sum(axis=1) for side in (1, -1))
    split = np.minimum(wins, losses) / np.maximum(judged, 1)
    several = judged >= 2
    kinds = {
        "decisive": (np.abs(swing), np.abs(swing) > 0),
        "divided": (split * np.sqrt(judged), several & (wins > 0) & (losses > 0)),
        "drawn": (judged.astype(float), several & (wins + losses == 0)),
    }
    why = {
        "decisive": lambda q: _swing(float(swing[q]), source.best, int(both[q].sum())),
        "divided": lambda q: f"{wins[q]} won, {losses[q]} lost of {judged[q]} judged",
        "drawn": lambda q: f"all {judged[q]} judged are draws",
    }
    found, counts = {}, {}
    for kind, (value, inside) in kinds.items():
        at = np.flatnonzero(inside)
        counts[kind] = len(at)
        top = at[np.argsort(-value[at], kind="stable")][:_SHOWN]
        found[kind] = tuple(_line(source, int(q), why[kind](int(q))) for q in top)
    return Queries(**found, counts=counts)


def _swing(points: float, best: str, rivals: int) -> str:
    side = "for" if points > 0 else "against"
    among = "one close rival" if rivals == 1 else f"{rivals} close rivals"
    unit = "point" if abs(points) == 1 else "points"
    return f"{abs(points):g} {unit} {side} {best}, beside {among}"


def _line(source: Source, q: int, why: str) -> QueryLine:
    named = {
        side: tuple(source.candidates[j] for j in source.order if source.outcome[q, j] == side)
        for side in (1, 0, -1)
    }
    text = " ".join(_query_text(source, source.queries[q]).split())
    text = text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"
    return QueryLine(source.queries[q], text, named[1], named[0], named[-1], why)


def _query_text(source: Source, query: str) -> str:
    if source.task is None:
        return ""
    said = source.task.data["query_text"].values[source.task.query_index(query)]
    return said if isinstance(said, str) else ""


def responses_of(source: Source, queries: Queries) -> tuple[Judged, ...]:
    """The judged responses to the queries that part 7 names; empty where there are no texts."""
    task = source.task
    if task is None or not task.has_texts:
        return ()
    lines = (*queries.decisive, *queries.divided, *queries.drawn)
    found = []
    for query in dict.fromkeys(line.query for line in lines):
        texts = task.responses_to(query)
        row = source.outcome[source.queries.index(query)]
        own = [Response(task.baseline, "", texts[task.baseline])]
        for j in source.order:
            if source.judged[source.queries.index(query), j]:
                name = source.candidates[j]
                own.append(Response(name, NAMES[int(row[j]) + 1], texts[name]))
        found.append(Judged(query, _query_text(source, query), tuple(own)))
    return tuple(found)
