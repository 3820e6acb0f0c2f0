"""Outcomes in halves: from points to losses, draws and wins, for models that know points only.

A normal model of half outcomes says how many points are expected. Of the cells that these points
allow to be draws, the share ``drawing`` are. Arrays are of numpy or of JAX.
"""

from __future__ import annotations

from typing import Any

LEAST = 0.005
"""Expected points stay this far from 0 and 1, and a draw has at least this probability."""


def outcome_law(points: Any, drawing: Any) -> Any:
    """[..., K] probabilities of loss, draw and win of cells of these expected points [...]."""
    xp = points.__array_namespace__()
    points = xp.clip(points, LEAST, 1 - LEAST)
    tie = drawing * (1 - 2 * LEAST) * 2 * xp.minimum(points, 1 - points)
    tie = xp.maximum(tie, LEAST)
    return xp.stack([1 - points - tie / 2, tie, points - tie / 2], axis=-1)


def over_outcomes(counts: Any) -> Any:
    """[...] sums over the last axis, K; several times as fast as a sum along so short an axis."""
    return counts[..., 0] + counts[..., 1] + counts[..., 2]


def completed(known: Any, half: Any, drawing: Any, n: int) -> Any:
    """[..., M, K] losses, draws and wins of a population, judged cells as they are.

    Parameters
    ----------
    known
        [..., M, K] counts of the judged cells.
    half
        [..., M] sums over the unjudged cells of half the outcome; rounded to halves, so that some
        candidates tie.
    drawing
        [..., 1], or one number.
    n
        N.
    """
    xp = half.__array_namespace__()
    left = n - over_outcomes(known)
    half = xp.clip(xp.round(2 * half) / 2, -left / 2, left / 2)
    ties = drawing * (left - 2 * xp.abs(half))
    parts = [(left - ties) / 2 - half, ties, (left - ties) / 2 + half]
    return known + xp.stack(parts, axis=-1)
