r"""Means and covariances of win rates and cells in the two-way model, variances and scales known.

Given these the coefficients φ are normal, and so is everything else. A cell of an opened query is
``y[q,a] = g'φ + (what is left of the query's effect) + noise`` with ``g = a[q,a] - B_q``, where
``B_q = c_q Σ_l a[q,l] / v_l`` is how the query's effect follows φ (see
:mod:`bayessel.inference.two_way.step`). A win rate is the mean of the N cells of a candidate, the
judged ones as they are; it is linear in φ too.

Where the judge is noisy a win rate is the mean of what it is *expected* to say. Of the variance v_j
the share ``1 - k`` is its noise, new in each verdict, and a judged cell is expected to be
``(1 - k) m + k y``, with m its mean and y its verdict, and has the variance ``k (1 - k) v_j``. So
wherever a judged cell would drop out of a sum over the unjudged ones, only k of it does.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from bayessel.inference.gibbs.triangular import solve_columns, solve_lower, solve_transposed
from bayessel.inference.two_way.rows import Rows
from bayessel.inference.two_way.step import State, own_share, unjudged_features
from bayessel.models.two_way import LEAST
from bayessel.support.compiled import compiled


class Law(NamedTuple):
    """The normal law of φ and of the query effects given φ.

    Attributes
    ----------
    mean
        [D] of φ.
    lower
        [D, D] Cholesky factor of the precision of φ.
    shrink
        [R] variance of an opened query's effect given φ: c_q.
    sd_query
        Standard deviation of the query effects.
    variance
        [M] variances of the candidates' cells.
    share
        k, the share of the variance that is not the judge's noise.
    """

    mean: Any
    lower: Any
    shrink: Any
    sd_query: float
    variance: Any
    share: float


@compiled
def law(rows: Rows, state: State) -> Law:
    """The law after :func:`bayessel.inference.two_way.step.gaussian`."""
    mean = solve_transposed(state.lower, solve_lower(state.lower, state.shift))
    sd_query = max(state.scales[1], LEAST)
    shrink = np.empty(len(rows.position))
    for r in range(len(rows.position)):
        total = 1 / sd_query**2
        for c in range(rows.first[r], rows.first[r + 1]):
            total += 1 / state.variance[rows.who[c]]
        shrink[r] = 1 / total
    share = own_share(rows, state.variance)
    return Law(mean, state.lower, shrink, sd_query, state.variance, share)


@compiled
def follows(rows: Rows, of: Law, r: int, into: Any) -> None:
    """Write B_q of the opened query r into ``into`` [D]."""
    m = len(of.variance)
    into[:] = 0.0
    for c in range(rows.first[r], rows.first[r + 1]):
        j = rows.who[c]
        w = of.shrink[r] / of.variance[j]
        into[j] += w
        for i in range(rows.x.shape[1]):
            into[m + i] += w * rows.x[c, i]


@compiled
def win_rates(rows: Rows, of: Law, candidates: Any) -> Any:
    """Directions [L, D] of the win rates of some candidates, and their covariance [L, L]."""
    m, p = rows.x_left.shape
    n, count, opened = rows.queries, len(candidates), len(rows.position)
    place = np.full(m, -1)
    for k in range(count):
        place[candidates[k]] = k
    every = np.zeros(m + p)  # Σ_q B_q
    judged = np.zeros((count, m + p))  # of the queries that a candidate is judged on
    left = np.zeros((count, count))  # Σ_q c_q of the queries that both are judged on
    total = (n - opened) * of.sd_query**2
    for r in range(opened):
        total += of.shrink[r]
        for c in range(rows.first[r], rows.first[r + 1]):
            j = rows.who[c]
            w = of.shrink[r] / of.variance[j]
            every[j] += w
            for i in range(p):
                every[m + i] += w * rows.x[c, i]
            for d in range(rows.first[r], rows.first[r + 1]):
                k = place[rows.who[d]]
                if k >= 0:
                    judged[k, j] += w
                    for i in range(p):
                        judged[k, m + i] += w * rows.x[c, i]
                    if place[j] >= 0:
                        left[k, place[j]] += of.shrink[r]
    share, x_left = of.share, unjudged_features(rows, of.share)
    direction = share * judged - every
    covariance = total + share**2 * left
    for k in range(count):
        j = candidates[k]
        unjudged = n - share * rows.number[j]
        direction[k, j] += unjudged
        direction[k, m:] += x_left[j]
        for other in range(count):
            covariance[k, other] -= share * (left[k, k] + left[other, other])
        covariance[k, k] += unjudged * share * of.variance[j]
    direction /= n
    root = solve_columns(of.lower, direction.T)
    return direction, root.T @ root + covariance / n**2


@compiled
def expected_win_rates(rows: Rows, of: Law) -> Any:
    """[M] expected win rates."""
    m, p = rows.x_left.shape
    total = np.zeros(m)
    share, x_left = of.share, unjudged_features(rows, of.share)
    common = 0.0
    for r in range(len(rows.position)):
        pull = 0.0
        for c in range(rows.first[r], rows.first[r + 1]):
            j = rows.who[c]
            residual = rows.y[c] - of.mean[j]
            for i in range(p):
                residual -= rows.x[c, i] * of.mean[m + i]
            pull += residual / of.variance[j]
        effect = of.shrink[r] * pull
        common += effect
        for c in range(rows.first[r], rows.first[r + 1]):
            total[rows.who[c]] -= share * effect
    for j in range(m):
        unjudged = rows.queries - share * rows.number[j]
        total[j] += share * rows.total[j] + unjudged * of.mean[j] + common
        for i in range(p):
            total[j] += x_left[j, i] * of.mean[m + i]
    return 0.5 + total / rows.queries


@compiled
def cells(
    rows: Rows, of: Law, direction: Any, candidates: Any, slot: Any, features: Any
) -> tuple[Any, Any, Any]:
    """How the cells of some queries vary with the win rates and with each other.

    Parameters
    ----------
    rows, of
        What is judged, and the law given it.
    direction
        [L, D] of :func:`win_rates`.
    candidates
        [L] positions.
    slot
        [Q] places of the queries among the opened ones; -1 for one that is not opened.
    features
        [Q, L, P] features within of their cells.

    Returns
    -------
    cross
        [Q, L, L] covariances of the win rate of the first candidate with the cell of the second.
    within
        [Q, L, L] covariances of the cells of a query.
    common
        [Q, L, L] covariances of these with the cells of another query on which the same cells are
        judged.
    """
    m, p = rows.x_left.shape
    n, count = rows.queries, len(candidates)
    cross = np.zeros((len(slot), count, count))
    within = np.zeros((len(slot), count, count))
    common = np.zeros((len(slot), count, count))
    root = solve_columns(of.lower, np.eye(m + p))
    covariance = root.T @ root
    of_rates = direction @ covariance
    support = np.empty(m + p, np.int64)  # coefficients that a cell depends on, beside its ability
    for i in range(p):
        support[i] = m + i
    b = np.zeros(m + p)
    judged = np.zeros(m, np.bool_)
    g = np.zeros((count, m + p))  # g on the support, the cell's own ability left out
    moved = np.zeros((count, m + p))  # its covariances with the coefficients of the support
    for q in range(len(slot)):
        r = slot[q]
        judged[:] = False
        left, size = of.sd_query**2, p
        b[m:] = 0.0
        if r >= 0:
            left = of.shrink[r]
            follows(rows, of, r, b)
            for c in range(rows.first[r], rows.first[r + 1]):
                judged[rows.who[c]] = True
                support[size] = rows.who[c]
                size += 1
        for k in range(count):
            for u in range(size):
                g[k, u] = -b[support[u]]
                if u < p:
                    g[k, u] += features[q, k, u]
            for u in range(size):
                moved[k, u] = 0.0
                for v in range(size):
                    moved[k, u] += covariance[support[u], support[v]] * g[k, v]
        for k in range(count):
            j = candidates[k]
            for i in range(count):
                other = candidates[i]
                both, rate = covariance[other, j], of_rates[i, j]
                for u in range(size):
                    at = support[u]
                    both += g[i, u] * (covariance[at, j] + moved[k, u])
                    both += g[k, u] * covariance[at, other]
                    rate += g[k, u] * of_rates[i, at]
                common[q, i, k] = both
                within[q, i, k] = both + left
                cross[q, i, k] = rate + (1 - of.share if judged[other] else 1.0) * left / n
            cross[q, k, k] += of.share * of.variance[j] / n
            within[q, k, k] += of.variance[j]
    return cross, within, common
