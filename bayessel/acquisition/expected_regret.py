r"""How much a question is expected to lower the regret of the decision.

For two candidates i and j let D = WR_i - WR_j, taken as normal with mean d and variance V. Whoever
must choose one of the two now, and takes the one that leads, loses ``E[max(-D, 0)]`` on average if
d > 0. Cells y are jointly normal with D. They lower the variance of D by
``ΔV = Cov(D, y) Var(y)^-1 Cov(y, D)``, and the expected loss by::

    f(d, √ΔV) = √ΔV · (φ(z) - z · (1 - Φ(z)))     z = |d| / √ΔV

This is the value of information in a choice between two normal means (Raiffa and Schlaifer 1961;
Frazier, Powell and Dayanik 2009, the knowledge gradient for correlated beliefs).

**Cells.** The score of a question is the sum over the candidates that challenge the leading one.
The sum is an upper bound of the loss in the choice among all, and it does not stay with one pair:
a challenger far behind adds little and one close behind much, whoever else there is. One question
alone may be unable to turn the decision while many like it are not (Frazier and Powell 2010). So a
question is taken to be the first of h that are alike, and counts as one h-th of what they lower the
loss by together; h is the number for which this is most (their KG(*)). The reduction of all h is,
with ρ = ΔV / V of one, ``V u`` where ``u = ρ h / (1 + (h - 1) ρ)``; put by u, the score is::

    ρ / (1 - ρ) · max { f(d, √(V u)) · (1 - u) / u : ρ <= u < 1 }

The function of u rises to one maximum u* and falls, so a question with ρ < u* needs no search of
its own: see :func:`best_share`.

**Whole queries.** To second order in √ΔV the loss falls by ΔV times half the density of D at 0. The
score is the sum over the pairs of leading candidates::

    score_q = Σ_ij p(D_ij = 0) · Cov(WR_i - WR_j, y_qi - y_qj)^2 / Var(y_qi - y_qj)

``Cov`` and ``Var(d_q)`` have two parts: the spread between draws, and the spread of the outcomes
given a draw. One N-th of the second part enters the covariance with a win rate over N queries; it
is added here, of a noisy judge too, where it should be less. The variance of D is that of the win
rates as they are given. A strategy gives the mean over c completions of the population for each
draw, which holds one c-th of the outcomes' spread; this is little where the draws differ more.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from bayessel.acquisition.base import Acquisition, CellOutlook, CellScores, Outlook, Scores
from bayessel.support.compiled import compiled
from bayessel.support.ties import TIE


def expected_regret(win_rate: Any, points: Any, noise: Any) -> Any:
    """Score of each query; judging one with a higher score is expected to lower the regret more.

    Takes and returns arrays of numpy or of JAX.

    Parameters
    ----------
    win_rate
        [S, M] win rates of the leading candidates in each draw.
    points
        [S, N, M] expected points of their cells given the draw.
    noise
        [N, M] variances of the points given a draw, where the cells of a query are independent; or
        [1, M, M], their covariance, which is the same for every query.

    Returns
    -------
    ndarray
        [N], not negative; 0 everywhere if no pair of candidates is undecided.
    """
    xp = win_rate.__array_namespace__()
    s, n, m = points.shape
    mean, centred = win_rate.mean(axis=0), points - points.mean(axis=0)
    rate = win_rate - mean
    covariance = rate.T @ rate / s
    cross = (rate.T @ centred.reshape(s, n * m)).reshape(m, n, m).transpose(0, 2, 1) / s
    i, j = np.tril_indices(m, -1)
    variance = covariance[i, i] + covariance[j, j] - 2 * covariance[i, j]
    sd = xp.sqrt(xp.maximum(variance, TIE))
    density = xp.exp(-0.5 * ((mean[i] - mean[j]) / sd) ** 2) / sd * (variance > TIE)
    c = cross[i, i] - cross[i, j] - cross[j, i] + cross[j, j]  # win rates, points: [pairs, N]
    if noise.ndim == 2:
        alone = (noise[:, i] + noise[:, j]).T
    else:
        alone = (noise[:, i, i] + noise[:, j, j] - 2 * noise[:, i, j]).T
    by_row = centred.transpose(1, 2, 0)
    within = (by_row @ by_row.transpose(0, 2, 1) / s).transpose(1, 2, 0)  # points, points
    apart = within[i, i] + within[j, j]
    # where points move together, rounding may leave a negative difference
    rounding = 8 * xp.finfo(points.dtype).eps * apart
    between = xp.maximum(apart - 2 * within[i, j], rounding)
    gain = (c + alone / n) ** 2 / (between + alone + TIE)  # the row is a part of the population
    return density @ gain


def points_and_noise(loss: Any, win: Any) -> tuple[Any, Any]:
    """Expected points [S, N, M] of cells with these probabilities, and their variances [N, M]."""
    balance = win - loss
    return (1 + balance) / 2, (win + loss - balance**2).mean(axis=0) / 4


def score(outlook: Outlook) -> Scores:
    """[N] expected lowering of the regret; its Monte Carlo error is not known."""
    found = expected_regret(outlook.win_rate, outlook.points, outlook.noise)
    return Scores(np.asarray(found, dtype=float))


@compiled
def loss_lowered(lead: float, sd: float) -> float:
    """f(d, √ΔV): how far the expected loss of a choice between two falls.

    Parameters
    ----------
    lead
        d, not negative.
    sd
        √ΔV.
    """
    if sd < 1e-12:
        return 0.0
    z = lead / sd
    return sd * (
        math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi) - 0.5 * z * math.erfc(z / math.sqrt(2))
    )


@compiled
def loss_lowered_by(lead: float, variance: float, u: float) -> float:
    """What questions that lower the variance of D by the share ``u`` count, but for ρ / (1 - ρ)."""
    return loss_lowered(lead, math.sqrt(variance * u)) * (1 - u) / u


@compiled
def best_share(lead: float, variance: float) -> float:
    """u*: share of the variance of D that the best number of questions takes away.

    By golden section on the logarithm of u, from 1e-9 to 1.

    Parameters
    ----------
    lead
        d, not negative.
    variance
        V of D.
    """
    low, high = math.log(1e-9), 0.0
    part = (math.sqrt(5.0) - 1) / 2
    left, right = high - part * (high - low), low + part * (high - low)
    at_left = loss_lowered_by(lead, variance, math.exp(left))
    at_right = loss_lowered_by(lead, variance, math.exp(right))
    while high - low > 1e-3:
        if at_left >= at_right and at_left > 0:
            high, right, at_right = right, left, at_left
            left = high - part * (high - low)
            at_left = loss_lowered_by(lead, variance, math.exp(left))
        else:
            low, left, at_left = left, right, at_right
            right = low + part * (high - low)
            at_right = loss_lowered_by(lead, variance, math.exp(right))
    return math.exp((low + high) / 2)


@compiled
def regret_lowered(
    mean: Any, covariance: Any, cross: Any, within: Any, available: Any, new: Any
) -> tuple[Any, Any]:
    """Scores of cells, and of two cells of a new query.

    Parameters
    ----------
    mean, covariance, cross, within
        See :class:`~bayessel.acquisition.base.Moments`.
    available
        [Q, L] cells that may be asked.
    new
        [Q] queries on which pairs are scored.

    Returns
    -------
    single
        [Q, L], 0 where a cell may not be asked.
    pair
        [Q, L, L] below the diagonal, 0 where one of the two may not be asked or the query is not
        new.
    """
    queries, count = available.shape
    single = np.zeros((queries, count))
    pair = np.zeros((queries, count, count))
    top = np.argmax(mean)
    lead, apart = mean[top] - mean, np.zeros(count)
    share, most = np.ones(count), np.zeros(count)  # u*, and the function of u there
    for i in range(count):
        apart[i] = covariance[top, top] + covariance[i, i] - 2 * covariance[top, i]
        if i != top and apart[i] > 1e-12:
            share[i] = best_share(lead[i], apart[i])
            most[i] = loss_lowered_by(lead[i], apart[i], share[i])
    for q in range(queries):
        for a in range(count):
            if not available[q, a]:
                continue
            for b in range(-1, a if new[q] else 0):
                if b >= 0 and not available[q, b]:
                    continue
                gain = 0.0
                va = within[q, a, a]
                for i in range(count):
                    if i == top or apart[i] <= 1e-12:
                        continue
                    ca = cross[q, top, a] - cross[q, i, a]
                    lowered = ca * ca / va
                    if b >= 0:
                        vb, vab = within[q, b, b], within[q, a, b]
                        cb = cross[q, top, b] - cross[q, i, b]
                        lowered = vb * ca * ca - 2 * vab * ca * cb + va * cb * cb
                        lowered /= max(va * vb - vab * vab, 1e-12)
                    rho = min(lowered / apart[i], 1.0)
                    if rho < share[i]:
                        gain += rho / (1 - rho) * most[i]
                    else:
                        gain += loss_lowered(lead[i], math.sqrt(apart[i] * rho))
                if b < 0:
                    single[q, a] = gain
                else:
                    pair[q, a, b] = gain
    return single, pair


def cells(outlook: CellOutlook) -> CellScores:
    """Expected lowering of the regret by each question; closed forms have no Monte Carlo error."""
    return CellScores(*regret_lowered(*outlook.moments, outlook.available, outlook.new))


ACQUISITION = Acquisition("the largest expected lowering of the decision's regret", score, cells)
