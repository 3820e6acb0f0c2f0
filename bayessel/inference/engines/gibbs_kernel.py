"""Sweeps of ``bayessel.inference.engines.gibbs``, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from bayessel.inference.engines.gibbs_slices import prior_scale, slice_log, slice_part
from bayessel.models.regression import DEGREES
from bayessel.support.compiled import compiled


@compiled
def _solve_lower(lower: Any, b: Any) -> Any:
    """``lower^-1 b`` of a vector."""
    found = b.copy()
    for i in range(len(b)):
        for k in range(i):
            found[i] -= lower[i, k] * found[k]
        found[i] /= lower[i, i]
    return found


@compiled
def _solve_upper(lower: Any, b: Any) -> Any:
    """``lower'^-1 b`` of a vector."""
    found = b.copy()
    for i in range(len(b) - 1, -1, -1):
        for k in range(i + 1, len(b)):
            found[i] -= lower[k, i] * found[k]
        found[i] /= lower[i, i]
    return found


@compiled
def _inverse_lower(lower: Any) -> Any:
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
def _lower_half(symmetric: Any) -> Any:
    """[M (M + 1) / 2] the lower triangle of a matrix, row by row."""
    size = len(symmetric)
    found = np.empty(size * (size + 1) // 2)
    place = 0
    for i in range(size):
        for j in range(i + 1):
            found[place] = symmetric[i, j]
            place += 1
    return found


@compiled
def _fill(rng: Any, y: Any, judged: Any, mean: Any, covariance: Any) -> None:
    """Draw the unjudged cells of rows judged in part, given their judged ones."""
    for q in range(len(y)):
        known = np.flatnonzero(judged[q])
        if len(known) == y.shape[1]:
            continue
        new = np.flatnonzero(~judged[q])
        own = np.empty((len(new), len(new)))
        cross = np.empty((len(known), len(new)))
        given = np.empty((len(known), len(known)))
        residual = np.empty(len(known))
        for a in range(len(known)):
            residual[a] = y[q, known[a]] - mean[q, known[a]]
            for b in range(len(known)):
                given[a, b] = covariance[known[a], known[b]]
            for b in range(len(new)):
                cross[a, b] = covariance[known[a], new[b]]
        for a in range(len(new)):
            for b in range(len(new)):
                own[a, b] = covariance[new[a], new[b]]
        slope = np.linalg.solve(given, cross)
        root = np.linalg.cholesky(own - slope.T @ cross + 1e-10 * np.eye(len(new)))
        value = slope.T @ residual + root @ rng.standard_normal(len(new))
        for b in range(len(new)):
            y[q, new[b]] = mean[q, new[b]] + value[b]


@compiled
def run_sweeps(
    rng: Any,
    draws: int,
    burn_in: int,
    copies: int,
    y: Any,
    judged: Any,
    x: Any,
    z: Any,
    between: Any,
    products: Any,
    with_z: Any,
    z_z: Any,
    n_rest: int,
    x_rest: Any,
    z_rest: Any,
    level: Any,
    shapes: Any,
    scale_shapes: Any,
) -> Any:
    """States after the burn-in: arrays of ``gibbs.Sweeps`` but the last; see ``gibbs.sweep``."""
    n, m = y.shape
    features, of_query = x.shape[2], z.shape[1]
    df = m + DEGREES
    fixed = m + 1 + features  # columns that are the same in every row
    size = fixed + features + of_query
    starts = np.array([0, m + 1, fixed, fixed + features])
    ends = np.array([m, fixed, fixed + features, size])
    base = np.zeros((m, fixed))
    for j in range(m):
        base[j, j] = base[j, m] = 1.0
        base[j, m + 1 :] = between[j]
    x_sum, z_sum = np.zeros((m, features)), np.zeros(of_query)
    for q in range(n):
        x_sum += x[q]
        z_sum += z[q]
    kept_c = np.empty((draws, size))
    kept_t, kept_scale = np.empty((draws, 4)), np.empty((draws, 2))
    kept_covariance, kept_points = np.empty((draws, m, m)), np.empty((draws * copies, m))
    t, scale = np.empty(4), np.empty(2)
    for g in range(4):
        t[g] = shapes[g, 0] if shapes[g, 1] < 0 else shapes[g, 1] / shapes[g, 0]
    for k in range(2):
        known = scale_shapes[k, 1] < 0
        scale[k] = scale_shapes[k, 0] if known else scale_shapes[k, 0] / scale_shapes[k, 1]
    omega = np.eye(m) / scale[0] + (1 / (scale[1] * (m + 1)) - 1 / scale[0]) / m
    covariance = np.eye(m) * scale[0] + (scale[1] * (m + 1) - scale[0]) / m
    mean = np.full((n, m), level[0])
    precision = np.empty((size, size))
    right = np.empty(size)
    without = np.empty((size, size))
    whole = judged.all()
    for step in range(burn_in + draws):
        if not whole:
            _fill(rng, y, judged, mean, covariance)
        # coefficients
        weighted = omega @ base
        precision[:fixed, :fixed] = n * (base.T @ weighted)
        y_omega = y @ omega
        row_sum = np.zeros(m)
        for q in range(n):
            row_sum += y_omega[q]
        right[:fixed] = base.T @ row_sum
        if features:
            one = omega.sum(axis=1)
            a, b = fixed, fixed + features
            cross = weighted.T @ x_sum
            precision[:fixed, a:b] = cross
            precision[a:b, :fixed] = cross.T
            own = _lower_half(omega) @ products
            place = 0
            for p in range(features):
                for r in range(p + 1):
                    precision[a + p, a + r] = precision[a + r, a + p] = own[place]
                    place += 1
            ones = weighted.T @ np.ones(m)
            for i in range(fixed):
                for g in range(of_query):
                    precision[i, b + g] = precision[b + g, i] = ones[i] * z_sum[g]
            for p in range(features):
                for g in range(of_query):
                    total = 0.0
                    for j in range(m):
                        total += one[j] * with_z[j, p, g]
                    precision[a + p, b + g] = precision[b + g, a + p] = total
            precision[b:, b:] = one.sum() * z_z
            right[a:] = 0.0
            for q in range(n):
                row = 0.0
                for j in range(m):
                    row += y_omega[q, j]
                    for p in range(features):
                        right[a + p] += x[q, j, p] * y_omega[q, j]
                for g in range(of_query):
                    right[b + g] += z[q, g] * row
        for i in range(size):
            for k in range(size):
                without[i, k] = precision[i, k]
        data_right = right.copy()
        for g in range(4):
            if n == 0 and shapes[g, 1] > 0:  # nothing to condition on: independent draws
                t[g] = shapes[g, 1] / rng.standard_gamma(shapes[g, 0])
            for i in range(starts[g], ends[g]):
                precision[i, i] += 1 / t[g]
        precision[m, m] += 1 / level[1] ** 2
        right[m] += level[0] / level[1] ** 2
        lower = np.linalg.cholesky(precision)
        c = _solve_upper(lower, _solve_lower(lower, right) + rng.standard_normal(size))
        # their variances
        for g in range(4):
            if shapes[g, 1] > 0 and n:
                total = 0.0
                for i in range(starts[g], ends[g]):
                    total += c[i] ** 2
                rate = shapes[g, 1] + total / 2
                t[g] = rate / rng.standard_gamma(shapes[g, 0] + (ends[g] - starts[g]) / 2)
                if ends[g] == starts[g]:
                    continue
                s = np.sqrt(t[g])
                curve = slope = 0.0
                for i in range(starts[g], ends[g]):
                    pull = data_right[i]
                    for k in range(size):
                        if starts[g] <= k < ends[g]:
                            curve += c[i] * without[i, k] * c[k]
                        else:
                            pull -= without[i, k] * c[k]
                    slope += c[i] * pull
                moved = slice_log(
                    rng, np.log(s), curve / t[g], slope / s, shapes[g, 0], shapes[g, 1]
                )
                t[g] = np.exp(2 * moved)
                for i in range(starts[g], ends[g]):
                    c[i] *= np.exp(moved) / s
        # residuals
        ability = base @ c[:fixed]
        for q in range(n):
            common = 0.0
            for g in range(of_query):
                common += z[q, g] * c[fixed + features + g]
            for j in range(m):
                mean[q, j] = ability[j] + common
                for p in range(features):
                    mean[q, j] += x[q, j, p] * c[fixed + p]
        residual = y - mean
        # scales of the covariance, Σ summed out
        squares = residual.T @ residual
        cross, sums = squares, np.ones(m)
        if n < m:
            cross, sums = residual @ residual.T, residual @ np.ones(m)
        log_scale = np.log(scale)
        for k in range(2):
            if scale_shapes[k, 1] > 0:
                slice_part(rng, log_scale, k, scale_shapes, m, n, cross, sums)
                scale[k] = np.exp(log_scale[k])
        # covariance
        spread = squares + prior_scale(scale[0], scale[1], m)
        root = np.linalg.cholesky(spread)
        bartlett = np.zeros((m, m))
        for i in range(m):
            bartlett[i, i] = np.sqrt(2 * rng.standard_gamma((df + n - i) / 2))
            for j in range(i):
                bartlett[i, j] = rng.standard_normal()
        half = _inverse_lower(root).T @ bartlett
        omega = half @ half.T
        factor = root @ _inverse_lower(bartlett).T  # Σ = factor factor'
        covariance = factor @ factor.T
        at = step - burn_in
        if at < 0:
            continue
        kept_c[at], kept_t[at], kept_scale[at] = c, t, scale
        kept_covariance[at] = covariance
        total_rest = n_rest * ability
        if features:
            total_rest = total_rest + x_rest @ c[fixed : fixed + features]
            total_rest = total_rest + (z_rest * c[fixed + features :]).sum()
        for q in range(n):
            for j in range(m):
                if not judged[q, j]:
                    total_rest[j] += y[q, j]
        for k in range(copies):
            noise = factor @ rng.standard_normal(m)
            kept_points[at * copies + k] = total_rest + np.sqrt(n_rest) * noise
    return kept_c, kept_t, kept_scale, kept_covariance, kept_points
