"""Compiled arithmetic of lower triangular matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from bayessel.support.compiled import compiled


@compiled
def solve_lower(lower: Any, b: Any) -> Any:
    """``lower^-1 b`` of a vector."""
    found = b.copy()
    for i in range(len(b)):
        for k in range(i):
            found[i] -= lower[i, k] * found[k]
        found[i] /= lower[i, i]
    return found


@compiled
def solve_transposed(lower: Any, b: Any) -> Any:
    """``lower'^-1 b`` of a vector."""
    found = b.copy()
    for i in range(len(b) - 1, -1, -1):
        for k in range(i + 1, len(b)):
            found[i] -= lower[k, i] * found[k]
        found[i] /= lower[i, i]
    return found


@compiled
def solve_columns(lower: Any, b: Any) -> Any:
    """``lower^-1 b`` of the columns of a matrix."""
    size, count = b.shape
    found = np.empty((size, count))
    for i in range(size):
        for c in range(count):
            found[i, c] = b[i, c]
        for k in range(i):
            for c in range(count):
                found[i, c] -= lower[i, k] * found[k, c]
        for c in range(count):
            found[i, c] /= lower[i, i]
    return found


@compiled
def inverse(lower: Any) -> Any:
    """Inverse of a lower triangular matrix."""
    size = len(lower)
    found = np.zeros((size, size))
    for j in range(size):
        found[j, j] = 1.0 / lower[j, j]
        for i in range(j + 1, size):
            total = 0.0
            for k in range(j, i):
                total += lower[i, k] * found[k, j]
            found[i, j] = -total / lower[i, i]
    return found


@compiled
def lower_half(symmetric: Any) -> Any:
    """[M (M + 1) / 2] the lower triangle of a symmetric matrix, row by row."""
    size = len(symmetric)
    found = np.empty(size * (size + 1) // 2)
    place = 0
    for i in range(size):
        for j in range(i + 1):
            found[place] = symmetric[i, j]
            place += 1
    return found
