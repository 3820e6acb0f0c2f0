r"""The Gibbs step of ``models/two_way.py``, compiled: each conditional is one function.

One step, :func:`step`, draws in this order, with φ the coefficients (abilities and slopes within),
a[q,j] a cell's row of their design, v_j the variances of the candidates' cells and t the sd_query::

    draw_spread         v, noise and t² times one factor       φ and query effects integrated out
    draw_sd_quality     sd_quality | v, t                      φ and query effects integrated out
    draw_coefficients   φ | v, t, sd_quality                   query effects integrated out
    draw_expected       level, between | φ, sd_quality
    draw_effects        t | φ, v                               query effects integrated out
                        query effects | φ, v, t
    draw_variances      noise | residuals                      v integrated out
                        v_j | residuals, noise

The first two take no φ or query effect, and these are drawn before they are used: partial collapse
(van Dyk and Park 2008). Scales are drawn by slices (:mod:`bayessel.inference.two_way.scales`), all
else is normal or inverse gamma.

The likelihood of φ with the query effects integrated out is that of a row with covariance
``diag(v) + t² 11'``: by the Sherman-Morrison formula its precision is
``Σ_l a_l a_l' / v_l - c A A'`` with ``A = Σ_l a_l / v_l`` and ``c = 1 / (1 / t² + Σ_l 1 / v_l)``.

Shapes are those of :mod:`bayessel.inference.two_way.rows`.
Numba keeps compiled code by the file of the caller: after a change in ``triangular.py`` or
``scales.py`` save this file too.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from bayessel.inference.gibbs.triangular import solve_lower, solve_transposed
from bayessel.inference.two_way.rows import PriorTable, Rows
from bayessel.inference.two_way.scales import (
    Likelihood,
    OfNoise,
    OfSdQuality,
    OfSdQuery,
    OfSpread,
    joined,
    sliced,
)
from bayessel.models.two_way import FLOOR, LEAST, SHAPE
from bayessel.support.compiled import compiled


class State(NamedTuple):
    """Where the sampler is; the arrays are changed in place.

    Attributes
    ----------
    coefficients
        [D] φ.
    expected
        [1 + P] level and slopes between.
    effects
        [R] query effects.
    variance
        [M] v.
    scales
        [3] sd_quality, sd_query, noise.
    likelihood
        What the judged cells say of φ given variances and scales.
    shift, lower
        [D] and [D, D]: φ given variances and scales is Normal(precision^-1 shift, precision^-1),
        and ``lower`` is the Cholesky factor of that precision.
    """

    coefficients: Any
    expected: Any
    effects: Any
    variance: Any
    scales: Any
    likelihood: Likelihood
    shift: Any
    lower: Any


class Kept(NamedTuple):
    """S states, and what each says of the population.

    Attributes
    ----------
    coefficients
        [S, D] φ.
    effects
        [S, R] query effects.
    half_points
        [S, M] sums over the cells of half the expected outcome, drawn, less the share
        :func:`own_share` of what the judged cells got.
    expected
        [S, 1 + P] level and slopes between.
    variance
        [S, M] variances of the candidates' cells.
    scales
        [S, 3] sd_quality, sd_query, noise.
    """

    coefficients: Any
    effects: Any
    half_points: Any
    expected: Any
    variance: Any
    scales: Any


# ------------------------------------------------------------------ the whole
@compiled
def run(rng: Any, rows: Rows, prior: PriorTable, draws: int, burn_in: int, every: int) -> Kept:
    """Take ``burn_in + draws * every`` steps from the prior's centre and keep every one so many."""
    m, p = rows.x_left.shape
    opened = len(rows.position)
    kept = Kept(
        np.empty((draws, m + p)),
        np.empty((draws, opened)),
        np.empty((draws, m)),
        np.empty((draws, 1 + p)),
        np.empty((draws, m)),
        np.empty((draws, 3)),
    )
    state = first_state(rows, prior)
    for _ in range(burn_in):
        step(rng, rows, prior, state)
    for at in range(draws):
        for _ in range(every):
            step(rng, rows, prior, state)
        kept.coefficients[at] = state.coefficients
        kept.effects[at] = state.effects
        kept.expected[at] = state.expected
        kept.variance[at] = state.variance
        kept.scales[at] = state.scales
        complete(rng, rows, state, kept.half_points[at])
    return kept


@compiled
def first_state(rows: Rows, prior: PriorTable) -> State:
    """The centre of the prior, and the law of φ there."""
    m, p = rows.x_left.shape
    noise = prior.noise[0] if prior.noise[1] < 0 else prior.noise[0] / prior.noise[1]
    scales = np.array([abs(prior.sd_quality), abs(prior.sd_query), noise])
    if prior.sd_quality > 0:  # what is learned starts where the sampler may be
        scales[0] = max(scales[0], 2 * LEAST)
    if prior.sd_query > 0:
        scales[1] = max(scales[1], 2 * LEAST)
    coefficients = np.zeros(m + p)
    coefficients[:m] = rows.design @ prior.design[0]
    coefficients[m:] = prior.within[0]
    state = State(
        coefficients,
        prior.design[0].copy(),
        np.zeros(len(rows.position)),
        np.full(m, noise + FLOOR),
        scales,
        Likelihood(np.zeros((m + p, m + p)), np.zeros(m + p), np.zeros(1)),
        np.zeros(m + p),
        np.zeros((m + p, m + p)),
    )
    gaussian(rows, prior, state)
    return state


@compiled
def step(rng: Any, rows: Rows, prior: PriorTable, state: State) -> None:
    """One step; the law of φ is left as it is for the new variances and scales."""
    draw_spread(rng, rows, prior, state)
    draw_sd_quality(rng, rows, prior, state)
    join(rows, prior, state)
    draw_coefficients(rng, state)
    draw_expected(rng, rows, prior, state)
    draw_effects(rng, rows, prior, state)
    draw_variances(rng, rows, prior, state)
    gaussian(rows, prior, state)


# ------------------------------------------------------------------ the parts
@compiled
def gaussian(rows: Rows, prior: PriorTable, state: State) -> None:
    """Write the normal law of φ given variances and scales."""
    sum_cells(rows, state)
    join(rows, prior, state)


@compiled
def join(rows: Rows, prior: PriorTable, state: State) -> None:
    """Write ``shift`` and ``lower``: the likelihood and the prior together."""
    both = joined(rows, prior, state.likelihood, state.scales[0], 1.0)
    state.shift[:] = both.shift
    state.lower[:] = both.lower


@compiled
def sum_cells(rows: Rows, state: State) -> None:
    """Write the likelihood of the judged cells, query effects integrated out."""
    m, p = rows.x_left.shape
    precision, shift, square = state.likelihood
    precision[:] = 0.0
    shift[:] = 0.0
    square[:] = 0.0
    variance = state.variance
    prior_weight = 1 / max(state.scales[1], LEAST) ** 2
    x, who, y = rows.x, rows.who, rows.y
    of_x = np.zeros(p)
    for r in range(len(rows.position)):
        first, last = rows.first[r], rows.first[r + 1]
        total, pull = 0.0, 0.0
        of_x[:] = 0.0
        for c in range(first, last):
            w = 1 / variance[who[c]]
            total += w
            pull += w * y[c]
            square[0] += w * y[c] * y[c]
            for i in range(p):
                of_x[i] += w * x[c, i]
        shrink = 1 / (prior_weight + total)
        square[0] -= shrink * pull * pull
        for c in range(first, last):
            j = who[c]
            w = 1 / variance[j]
            precision[j, j] += w
            shift[j] += w * y[c] - shrink * w * pull
            for d in range(first, c + 1):
                other = who[d]
                change = shrink * w / variance[other]
                precision[j, other] -= change
                if other != j:
                    precision[other, j] -= change
            for i in range(p):
                change = w * x[c, i] - shrink * w * of_x[i]
                precision[j, m + i] += change
                precision[m + i, j] += change
                shift[m + i] += w * x[c, i] * y[c]
                for k in range(p):
                    precision[m + i, m + k] += w * x[c, i] * x[c, k]
        for i in range(p):
            shift[m + i] -= shrink * of_x[i] * pull
            for k in range(p):
                precision[m + i, m + k] -= shrink * of_x[i] * of_x[k]


@compiled
def draw_spread(rng: Any, rows: Rows, prior: PriorTable, state: State) -> None:
    """Variances of the cells, their mean and that of the query effects, times one factor."""
    if prior.noise[1] < 0 or not prior.sd_query > 0:  # known; 0 has no sign
        return
    of = OfSpread(rows, prior, state.likelihood, state.scales)
    spread = np.exp(sliced(rng, 0.0, of))
    state.variance[:] *= spread
    state.scales[1] *= np.sqrt(spread)
    state.scales[2] = spread * (state.scales[2] + FLOOR) - FLOOR
    state.likelihood.precision[:] /= spread
    state.likelihood.shift[:] /= spread
    state.likelihood.square[:] /= spread


@compiled
def draw_sd_quality(rng: Any, rows: Rows, prior: PriorTable, state: State) -> None:
    """Standard deviation of the qualities given variances and the other scales."""
    if prior.sd_quality > 0:
        of = OfSdQuality(rows, prior, state.likelihood)
        state.scales[0] = np.exp(sliced(rng, np.log(state.scales[0]), of))


@compiled
def draw_coefficients(rng: Any, state: State) -> None:
    """φ given variances and scales: Normal."""
    unit = solve_lower(state.lower, state.shift) + rng.standard_normal(len(state.shift))
    state.coefficients[:] = solve_transposed(state.lower, unit)


@compiled
def draw_expected(rng: Any, rows: Rows, prior: PriorTable, state: State) -> None:
    """Level and slopes between given the abilities: Normal."""
    m = len(rows.design)
    weight = 1 / max(state.scales[0], LEAST) ** 2
    precision = weight * (rows.design.T @ rows.design)
    shift = weight * (rows.design.T @ state.coefficients[:m])
    for i in range(len(shift)):
        precision[i, i] += 1 / prior.design[1, i] ** 2
        shift[i] += prior.design[0, i] / prior.design[1, i] ** 2
    lower = np.linalg.cholesky(precision)
    unit = solve_lower(lower, shift) + rng.standard_normal(len(shift))
    state.expected[:] = solve_transposed(lower, unit)


@compiled
def draw_effects(rng: Any, rows: Rows, prior: PriorTable, state: State) -> None:
    """Query effects given φ and the variances, their standard deviation first."""
    m, p = rows.x_left.shape
    opened = len(rows.position)
    total, pull = np.zeros(opened), np.zeros(opened)
    for r in range(opened):
        for c in range(rows.first[r], rows.first[r + 1]):
            j = rows.who[c]
            residual = rows.y[c] - state.coefficients[j]
            for i in range(p):
                residual -= rows.x[c, i] * state.coefficients[m + i]
            total[r] += 1 / state.variance[j]
            pull[r] += residual / state.variance[j]
    if prior.sd_query > 0:
        of = OfSdQuery(total, pull, prior.sd_query)
        state.scales[1] = np.exp(sliced(rng, np.log(state.scales[1]), of))
    weight = 1 / max(state.scales[1], LEAST) ** 2
    for r in range(opened):
        precision = weight + total[r]
        state.effects[r] = pull[r] / precision + rng.standard_normal() / np.sqrt(precision)


@compiled
def draw_variances(rng: Any, rows: Rows, prior: PriorTable, state: State) -> None:
    """Variances of the candidates' cells given the residuals, and their mean."""
    m, p = rows.x_left.shape
    squares = np.zeros(m)
    for r in range(len(rows.position)):
        for c in range(rows.first[r], rows.first[r + 1]):
            j = rows.who[c]
            residual = rows.y[c] - state.coefficients[j] - state.effects[r]
            for i in range(p):
                residual -= rows.x[c, i] * state.coefficients[m + i]
            squares[j] += residual * residual
    if prior.noise[1] >= 0:
        of = OfNoise(squares, rows.number, prior.noise)
        state.scales[2] = np.exp(sliced(rng, np.log(state.scales[2]), of))
    for j in range(m):
        rate = (SHAPE - 1) * (state.scales[2] + FLOOR) + squares[j] / 2
        state.variance[j] = rate / rng.standard_gamma(SHAPE + rows.number[j] / 2)


# ------------------------------------------------------------------ the population
@compiled
def complete(rng: Any, rows: Rows, state: State, half_points: Any) -> None:
    """Draw half points of all unjudged cells together, into [M]: Normal given φ and effects.

    Of a judged cell the share k of :func:`own_share` counts as it was judged. The rest is expected
    as if it were not judged, and of the variance ``k (1 - k) v_j`` is left.
    """
    m, p = rows.x_left.shape
    k = own_share(rows, state.variance)
    x_left = unjudged_features(rows, k)
    spread = max(state.scales[1], LEAST)
    unopened = rows.queries - len(rows.position)
    common = state.effects.sum() + np.sqrt(unopened) * spread * rng.standard_normal()
    for j in range(m):
        left = rows.queries - k * rows.number[j]
        value = left * state.coefficients[j] + common
        for i in range(p):
            value += x_left[j, i] * state.coefficients[m + i]
        half_points[j] = value + np.sqrt(left * k * state.variance[j]) * rng.standard_normal()
    for r in range(len(rows.position)):
        for c in range(rows.first[r], rows.first[r + 1]):
            half_points[rows.who[c]] -= k * state.effects[r]


@compiled
def own_share(rows: Rows, variance: Any) -> float:
    """Share k of a cell's variance given φ and its query's effect that is not the judge's noise.

    It is the same for all candidates: where verdicts vary little the judge's noise is small too.
    """
    return 1.0 - min(rows.verdict_noise / variance.mean(), 1.0)


@compiled
def unjudged_features(rows: Rows, k: float) -> Any:
    """[M, P] sums of the features within, those of judged cells by ``1 - k``."""
    found = rows.x_left.copy()
    if k < 1:
        for c in range(len(rows.who)):
            for i in range(found.shape[1]):
                found[rows.who[c], i] += (1 - k) * rows.x[c, i]
    return found
