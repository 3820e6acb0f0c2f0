r"""The Gibbs step of ``models/regression.py``, compiled: each conditional is one function.

One step, :func:`step`, draws in this order, with Φ[q] the [M, D] design of a row, c its
coefficients with variances t, and Ω = Σ^-1::

    draw_unjudged       y | c, Σ     Normal, given the row's judged cells
    draw_coefficients   c | Ω, t     Normal, precision diag(1/t) + Σ_q Φ[q]' Ω Φ[q]
    draw_variances      t_g | c      InverseGamma(a_g + d_g / 2, b_g + |c_g|² / 2)
                        t_g | c_g / √t_g, Ω   by slice sampling
    draw_scales         contrast, common | c    by slice sampling, Σ integrated out
    draw_covariance     Ω | c, contrast, common
                        Wishart, ν + R degrees, scale ((ν - M - 1) S + Σ_q e_q e_q')^-1

Sources: Gelman et al., Bayesian Data Analysis, chapter 15; the Wishart by Bartlett's decomposition;
the two moves of t are interwoven as in Yu and Meng (2011); slices as in Neal (2003). The sums over
rows are formed once, so the time of a step hardly depends on R.

Shapes are those of :mod:`bayessel.inference.gibbs.state`.
Numba keeps compiled code by the file of the caller: after a change in ``scales.py`` or
``triangular.py`` save this file too.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bayessel.inference.gibbs.scales import prior_scale, slice_effects, slice_part
from bayessel.inference.gibbs.state import Kept, PriorTable, Rows, State, Unjudged
from bayessel.inference.gibbs.triangular import (
    inverse,
    lower_half,
    solve_lower,
    solve_transposed,
)
from bayessel.models.regression import DEGREES
from bayessel.support.compiled import compiled


# ------------------------------------------------------------------ the whole
@compiled
def run(
    rng: Any,
    rows: Rows,
    unjudged: Unjudged,
    prior: PriorTable,
    draws: int,
    burn_in: int,
    copies: int,
    every: int,
) -> Kept:
    """Take ``burn_in + draws * every`` steps from the prior's centre and keep every one so many."""
    m, size = len(rows.same), rows.groups[3, 1]
    kept = Kept(
        np.empty((draws, size)),
        np.empty((draws, 4)),
        np.empty((draws, 2)),
        np.empty((draws, m, m)),
        np.empty((draws * copies, m)),
        np.empty((draws, m)),
    )
    state = first_state(rows, prior)
    for _ in range(burn_in):
        step(rng, rows, prior, state)
    for at in range(draws):
        for _ in range(every):
            step(rng, rows, prior, state)
        kept.coefficients[at] = state.coefficients
        kept.variances[at] = state.variances
        kept.scales[at] = state.scales
        kept.covariance[at] = state.covariance
        complete(rng, rows, unjudged, state, kept.half_points[at * copies : (at + 1) * copies])
        kept.expected[at] = state.in_part + unjudged_sum(rows, unjudged, state.centre)
    return kept


@compiled
def first_state(rows: Rows, prior: PriorTable) -> State:
    """The centre of the prior."""
    (n, m), size = rows.y.shape, rows.groups[3, 1]
    variances, scales = np.empty(4), np.empty(2)
    for g in range(4):
        shape, rate = prior.variances[g]
        variances[g] = shape if rate < 0 else rate / shape
    for k in range(2):
        shape, rate = prior.scales[k]
        scales[k] = shape if rate < 0 else shape / rate
    contrast, common = scales
    return State(
        np.zeros(size),
        variances,
        scales,
        np.eye(m) / contrast + (1 / (common * (m + 1)) - 1 / contrast) / m,
        np.eye(m) * contrast + (common * (m + 1) - contrast) / m,
        np.zeros((m, m)),
        np.zeros(m),
        np.full((n, m), prior.level[0]),
        np.zeros((size, size)),
        np.zeros(size),
        np.zeros(size),
        np.zeros(m),
    )


@compiled
def step(rng: Any, rows: Rows, prior: PriorTable, state: State) -> None:
    """One Gibbs step: every unknown once, given the others."""
    draw_unjudged(rng, rows, state)
    sum_rows(rows, state)
    if len(rows.y) == 0:
        draw_variances_from_prior(rng, prior, state)
    draw_coefficients(rng, rows, prior, state)
    if len(rows.y) > 0:
        draw_variances(rng, rows, prior, state)
    predict_rows(rows, state)
    residual = rows.y - state.mean
    squares = residual.T @ residual
    draw_scales(rng, prior, residual, squares, state)
    draw_covariance(rng, squares, len(residual), state)


# ------------------------------------------------------------------ its parts
@compiled
def draw_unjudged(rng: Any, rows: Rows, state: State) -> None:
    """Unjudged cells of a row judged in part, given its judged ones: Normal."""
    y, judged, mean, covariance = rows.y, rows.judged, state.mean, state.covariance
    state.in_part[:] = 0.0
    for q in rows.in_part:
        known, new = np.flatnonzero(judged[q]), np.flatnonzero(~judged[q])
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
        expected = slope.T @ residual
        noise = root @ rng.standard_normal(len(new))
        for b in range(len(new)):
            state.in_part[new[b]] += mean[q, new[b]] + expected[b]
            y[q, new[b]] = mean[q, new[b]] + (expected[b] + noise[b])


@compiled
def sum_rows(rows: Rows, state: State) -> None:
    """Likelihood of the coefficients: ``precision`` and ``pull`` of all rows."""
    weighted, y_omega = state.omega @ rows.same, rows.y @ state.omega
    row_sum, a = np.zeros(len(rows.same)), rows.same.shape[1]
    for q in range(len(y_omega)):
        row_sum += y_omega[q]
    state.precision[:a, :a] = len(rows.y) * (rows.same.T @ weighted)
    state.pull[:a] = rows.same.T @ row_sum
    if rows.x.shape[2]:
        sum_precision(rows, weighted, state)
        sum_pull(rows, y_omega, state)


@compiled
def sum_precision(rows: Rows, weighted: Any, state: State) -> None:
    """Rows and columns of ``precision`` that belong to features, which differ from row to row.

    ``weighted`` is Ω times ``rows.same``.
    """
    features, of_query, a = rows.x.shape[2], rows.z.shape[1], rows.same.shape[1]
    b = a + features
    precision, omega, z_sum, x_z = state.precision, state.omega, rows.z_sum, rows.x_z
    one = omega.sum(axis=1)
    cross = weighted.T @ rows.x_sum
    precision[:a, a:b] = cross
    precision[a:b, :a] = cross.T
    own, place = lower_half(omega) @ rows.x_x, 0
    for p in range(features):
        for r in range(p + 1):
            precision[a + p, a + r] = precision[a + r, a + p] = own[place]
            place += 1
    ones = weighted.T @ np.ones(len(omega))
    for i in range(a):
        for g in range(of_query):
            precision[i, b + g] = precision[b + g, i] = ones[i] * z_sum[g]
    for p in range(features):
        for g in range(of_query):
            total = 0.0
            for j in range(len(omega)):
                total += one[j] * x_z[j, p, g]
            precision[a + p, b + g] = precision[b + g, a + p] = total
    precision[b:, b:] = one.sum() * rows.z_z


@compiled
def sum_pull(rows: Rows, y_omega: Any, state: State) -> None:
    """Entries of ``pull`` that belong to features; ``y_omega`` is y Ω."""
    features, of_query, a = rows.x.shape[2], rows.z.shape[1], rows.same.shape[1]
    b, x, z, pull = a + features, rows.x, rows.z, state.pull
    pull[a:] = 0.0
    for q in range(len(y_omega)):
        row = 0.0
        for j in range(y_omega.shape[1]):
            row += y_omega[q, j]
            for p in range(features):
                pull[a + p] += x[q, j, p] * y_omega[q, j]
        for g in range(of_query):
            pull[b + g] += z[q, g] * row


@compiled
def draw_variances_from_prior(rng: Any, prior: PriorTable, state: State) -> None:
    """Variances where nothing is judged: InverseGamma, the prior, so draws are independent."""
    for g in range(4):
        shape, rate = prior.variances[g]
        if rate > 0:
            state.variances[g] = rate / rng.standard_gamma(shape)


@compiled
def draw_coefficients(rng: Any, rows: Rows, prior: PriorTable, state: State) -> None:
    """Coefficients given Ω and their variances: Normal."""
    precision, pull, level = state.precision.copy(), state.pull.copy(), len(rows.same)
    for g in range(4):
        for i in range(rows.groups[g, 0], rows.groups[g, 1]):
            precision[i, i] += 1 / state.variances[g]
    location, scale = prior.level
    precision[level, level] += 1 / scale**2
    pull[level] += location / scale**2
    lower = np.linalg.cholesky(precision)
    unit = solve_lower(lower, pull)
    state.centre[:] = solve_transposed(lower, unit.copy())
    unit += rng.standard_normal(len(pull))
    state.coefficients[:] = solve_transposed(lower, unit)


@compiled
def draw_variances(rng: Any, rows: Rows, prior: PriorTable, state: State) -> None:
    """Variances of the groups, by two moves: given the effects, and given the effects' units.

    The first is InverseGamma. It is slow where effects are small: small effects call for a small
    variance, and that for small effects. The second keeps the units, ``c_g / √t_g``, and so changes
    the variance and the effects together.
    """
    c, t, precision = state.coefficients, state.variances, state.precision
    for g in range(4):
        (first, last), (shape, rate) = rows.groups[g], prior.variances[g]
        if rate < 0:
            continue
        total = 0.0
        for i in range(first, last):
            total += c[i] ** 2
        t[g] = (rate + total / 2) / rng.standard_gamma(shape + (last - first) / 2)
        if last == first:
            continue
        s, curve, slope = np.sqrt(t[g]), 0.0, 0.0
        for i in range(first, last):
            pull = state.pull[i]
            for k in range(len(c)):
                if first <= k < last:
                    curve += c[i] * precision[i, k] * c[k]
                else:
                    pull -= precision[i, k] * c[k]
            slope += c[i] * pull
        moved = slice_effects(rng, np.log(s), curve / t[g], slope / s, shape, rate)
        t[g] = np.exp(2 * moved)
        for i in range(first, last):
            c[i] *= np.exp(moved) / s


@compiled
def predict_rows(rows: Rows, state: State) -> None:
    """What the coefficients predict, by candidate and by cell."""
    c, a = state.coefficients, rows.same.shape[1]
    x, z, ability, mean = rows.x, rows.z, state.ability, state.mean
    features = x.shape[2]
    ability[:] = rows.same @ c[:a]
    for q in range(len(mean)):
        common = 0.0
        for g in range(z.shape[1]):
            common += z[q, g] * c[a + features + g]
        for j in range(len(ability)):
            mean[q, j] = ability[j] + common
            for p in range(features):
                mean[q, j] += x[q, j, p] * c[a + p]


@compiled
def draw_scales(rng: Any, prior: PriorTable, residual: Any, squares: Any, state: State) -> None:
    """Contrast and common given the residuals, Σ integrated out: by slice sampling."""
    n, m = residual.shape
    cross, sums = squares, np.ones(m)
    if n < m:
        cross, sums = residual @ residual.T, residual @ np.ones(m)
    log_scales = np.log(state.scales)
    for k in range(2):
        if prior.scales[k, 1] > 0:
            slice_part(rng, log_scales, k, prior.scales, m, n, cross, sums)
            state.scales[k] = np.exp(log_scales[k])


@compiled
def draw_covariance(rng: Any, squares: Any, n: int, state: State) -> None:
    """Ω given the residuals, contrast and common: Wishart, by Bartlett's decomposition."""
    m = len(squares)
    contrast, common = state.scales
    root = np.linalg.cholesky(squares + prior_scale(contrast, common, m))
    bartlett = np.zeros((m, m))
    for i in range(m):
        bartlett[i, i] = np.sqrt(2 * rng.standard_gamma((m + DEGREES + n - i) / 2))
        for j in range(i):
            bartlett[i, j] = rng.standard_normal()
    half = inverse(root).T @ bartlett
    np.dot(half, half.T, out=state.omega)
    np.dot(root, inverse(bartlett).T, out=state.factor)
    np.dot(state.factor, state.factor.T, out=state.covariance)


@compiled
def unjudged_sum(rows: Rows, unjudged: Unjudged, c: Any) -> Any:
    """[M] half points that coefficients expect of the rows without any judgment, together."""
    a, features = rows.same.shape[1], rows.x.shape[2]
    total = unjudged.number * (rows.same @ c[:a])
    if features:
        total = total + unjudged.x @ c[a : a + features]
        total = total + (unjudged.z * c[a + features :]).sum()
    return total


@compiled
def complete(rng: Any, rows: Rows, unjudged: Unjudged, state: State, half_points: Any) -> None:
    """Half points of all unjudged cells together, into ``half_points`` [copies, M]: Normal."""
    total = unjudged_sum(rows, unjudged, state.coefficients)
    y, judged = rows.y, rows.judged
    for q in rows.in_part:
        for j in range(len(total)):
            if not judged[q, j]:
                total[j] += y[q, j]
    for k in range(len(half_points)):
        noise = state.factor @ rng.standard_normal(len(total))
        half_points[k] = total + np.sqrt(unjudged.number) * noise
