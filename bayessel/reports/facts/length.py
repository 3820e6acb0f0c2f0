"""Part 4 of a report: does length explain the lead."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayessel.reports.facts.parts import Length
from bayessel.reports.facts.source import Source
from bayessel.tasks.task import Task

_FEWEST = 30  # judged cells
_STEADY = 2.0  # standard errors from which a slope is said to be there


def length_of(source: Source) -> Length | None:
    """The lead at equal length, from a linear regression on the judged cells.

    ``points = candidate's own level + slope x log2(length / baseline's length)``. The slope comes
    from differences within candidates, so a good candidate that writes much does not make it.
    None without texts, or with too few judged cells.
    """
    task = source.task
    if task is None or not task.has_texts or len(source.candidates) < 2:
        return None
    rows, columns = np.nonzero(source.judged)
    if len(rows) < _FEWEST:
        return None
    ratio = _log_ratio(task, source.queries)
    x, y = ratio[rows, columns], source.points[rows, columns]
    own, level = np.unique(columns, return_inverse=True)
    x_within = x - (np.bincount(level, x) / np.bincount(level))[level]
    y_within = y - (np.bincount(level, y) / np.bincount(level))[level]
    free = len(x) - len(own) - 1
    sum_x = float((x_within**2).sum())
    if free < 10 or sum_x <= 1e-9:
        return None
    slope = float((x_within * y_within).sum() / sum_x)
    rest = y_within - slope * x_within
    error = float(np.sqrt((rest**2).sum() / free / sum_x))
    first, second = (int(j) for j in source.order[:2])
    middle = np.median(ratio, axis=0)
    lead = float(source.table["win_rate"].iloc[0] - source.table["win_rate"].iloc[1])
    mean = ratio.mean(axis=0)
    equal = lead - slope * float(mean[first] - mean[second])
    other = source.candidates[second]
    return Length(
        slope=slope,
        error=error,
        cells=len(x),
        ratio=float(2 ** middle[first]),
        other=other,
        other_ratio=float(2 ** middle[second]),
        lead=lead,
        lead_equal=equal,
        text=_text(source.best, other, slope, error, lead, equal),
    )


def _log_ratio(task: Task, queries: tuple[str, ...]) -> NDArray[np.float64]:
    """[R, M] log2 of a response's length over the baseline's, in characters."""
    texts = task.texts
    at = [task.query_index(query) for query in queries]
    size = np.vectorize(len, otypes=[float])
    own, baseline = size(texts.responses[at]), size(texts.baseline[at])
    found: NDArray[np.float64] = np.log2(own + 1) - np.log2(baseline + 1)[:, None]
    return found


def _text(best: str, other: str, slope: float, error: float, lead: float, equal: float) -> str:
    points = f"{100 * slope:+.1f} points (± {100 * error:.1f})"
    if abs(slope) < _STEADY * error:
        return (
            f"Length does not explain the lead: a response twice as long gains {points}, which may "
            "be chance."
        )
    likes = "longer" if slope > 0 else "shorter"
    head = f"The {likes} response wins more often: twice as long gains {points}. "
    now = f"At equal length {best} would lead {other} by {100 * equal:.1f} points"
    now += f" instead of {100 * lead:.1f}"
    if lead > 0 >= equal:
        return head + f"Length explains the whole lead: {now[0].lower()}{now[1:]}."
    if lead > 0 and equal < lead / 2:
        return head + f"Length explains more than half of the lead: {now[0].lower()}{now[1:]}."
    return head + now + "."
