r"""How much a question is expected to lower the regret of the decision.

For two candidates i and j let D = WR_i - WR_j, taken as normal with mean d and variance V. Whoever
must choose one of the two now, and takes the one that leads, loses ``E[max(-D, 0)]`` on average if
d > 0. Cells y are jointly normal with D. They lower the variance of D by
``ΔV = Cov(D, y) Var(y)^-1 Cov(y, D)``, and the expected loss by::

    f(d, √ΔV) = √ΔV · (φ(z) - z · (1 - Φ(z)))     z = |d| / √ΔV

This is the value of information in a choice between two normal means (Raiffa and Schlaifer 1961;
Frazier, Powell and Dayanik 2009, the knowledge gradient for correlated beliefs).

**Cells.** The score of a question is the sum over the candidates that challenge the leading one,
among the leading candidates. Their losses add up to an upper bound of the loss in the choice among
all; the score says how far they fall. It does not stay with one pair: a challenger far behind adds
little and one close behind much, whoever else there is. One question alone may be unable to turn
the decision while many like it are not (Frazier and Powell 2010). So a question is taken to be the
first of h that are alike, on as many queries, and counts as one h-th of what they lower the loss by
together; h is the number for which this is most (their KG(*)). How many such cells are left is not
looked at.

With c = Cov(D, y), W the covariance of the cells of one question and B that with the cells of
another one like it, h of them lower V by ``c' (W / h + (1 - 1 / h) B)^-1 c``. Without end it would
be ``V' = c' B^-1 c``, at most V: cells of one candidate tell nothing of the other's part of V. With
ρ = ΔV / V' of one question, it is ``V' u`` where ``u = ρ h / (1 + (h - 1) ρ)``; exactly so for one
cell, and for a pair at h = 1 and without end. Put by u, the score is::

    ρ / (1 - ρ) · max { f(d, √(V' u)) · (1 - u) / u : ρ <= u < 1 }

The function of u rises to one maximum u* and falls (where d = 0 it falls, and h is 1). u* depends
on d / √V' alone, so that a table of it serves every question: see :func:`best_shares`.

**Whole queries.** A query alone can hardly turn the decision, and f is then nearly 0. So a query is
scored by how fast the loss falls with the variance of D while its mean stays, which is half the
density of D at 0 for each unit of ΔV. But for one factor that is the same for every query, the
score is the sum over the pairs of leading candidates::

    score_q = Σ_ij p(D_ij = 0) · Cov(WR_i - WR_j, y_qi - y_qj)^2 / Var(y_qi - y_qj)

``Cov`` and ``Var(y_qi - y_qj)`` have two parts: the spread between draws, and the spread of the
outcomes given a draw. One N-th of the second part enters the covariance with a win rate over N
queries; it is added here, of a noisy judge too, where it should be less. The variance of D is that
of the win rates as they are given. A strategy gives the mean over c completions of the population
for each draw, which holds one c-th of the outcomes' spread; this is little where the draws differ
more.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

from bayessel.acquisition.base import Acquisition, CellOutlook, CellScores, Outlook, Scores
from bayessel.support.compiled import compiled
from bayessel.support.ties import TIE

_LEAST_Z, _APART, _PLACES = 1e-4, 0.005, 2304
"""Places of a table by z, from 1e-4 to 10: the first, the step of log z, and how many."""


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
    """[N] proportional to the expected lowering of the regret; its error is not known."""
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
def loss_lowered_by(z: float, u: float) -> float:
    """What questions that lower V' to 1 - u of it count, but for ρ / (1 - ρ) and √V'."""
    return loss_lowered(z, math.sqrt(u)) * (1 - u) / u


@compiled
def best_share(z: float) -> float:
    """u*: share of V' that the best number of questions takes away.

    By golden section on the logarithm of u, from 1e-9 to 1.

    Parameters
    ----------
    z
        d / √V', not negative.
    """
    low, high = math.log(1e-9), 0.0
    part = (math.sqrt(5.0) - 1) / 2
    left, right = high - part * (high - low), low + part * (high - low)
    at_left = loss_lowered_by(z, math.exp(left))
    at_right = loss_lowered_by(z, math.exp(right))
    while high - low > 1e-4:
        if at_left >= at_right and at_left > 0:
            high, right, at_right = right, left, at_left
            left = high - part * (high - low)
            at_left = loss_lowered_by(z, math.exp(left))
        else:
            low, left, at_left = left, right, at_right
            right = low + part * (high - low)
            at_right = loss_lowered_by(z, math.exp(right))
    return math.exp((low + high) / 2)


@compiled
def best_shares() -> Any:
    """[_PLACES, 2] logarithms of u* and of :func:`loss_lowered_by` there, by log z."""
    found = np.empty((_PLACES, 2))
    for at in range(_PLACES):
        z = _LEAST_Z * math.exp(_APART * at)
        share = best_share(z)
        found[at, 0] = math.log(share)
        found[at, 1] = math.log(max(loss_lowered_by(z, share), 1e-300))
    return found


@compiled
def lowered_loss(lead: float, most: float, lowered: float, shares: Any) -> float:
    """How much of the expected loss a question takes away, by the best number of questions like it.

    Parameters
    ----------
    lead
        d, not negative.
    most
        V', not less than ``lowered``.
    lowered
        ΔV.
    shares
        Of :func:`best_shares`.
    """
    if lowered <= 1e-16:
        return 0.0
    sd, rho = math.sqrt(most), lowered / most
    z = max(lead / sd, _LEAST_Z)
    place = math.log(z / _LEAST_Z) / _APART
    at = int(place)
    if at >= len(shares) - 1:
        return 0.0
    part = place - at
    if rho >= math.exp((1 - part) * shares[at, 0] + part * shares[at + 1, 0]):
        return loss_lowered(lead, math.sqrt(lowered))
    there = math.exp((1 - part) * shares[at, 1] + part * shares[at + 1, 1])
    return rho / (1 - rho) * sd * there


@compiled
def regret_lowered(
    mean: Any,
    covariance: Any,
    cross: Any,
    within: Any,
    common: Any,
    available: Any,
    new: Any,
    shares: Any,
) -> tuple[Any, Any]:
    """Scores of cells, and of two cells of a new query.

    Parameters
    ----------
    mean, covariance, cross, within, common
        See :class:`~bayessel.acquisition.base.Moments`.
    available
        [Q, L] cells that may be asked.
    new
        [Q] queries on which pairs are scored.
    shares
        Of :func:`best_shares`.

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
    for i in range(count):
        apart[i] = covariance[top, top] + covariance[i, i] - 2 * covariance[top, i]
    for q in range(queries):
        for a in range(count):
            if not available[q, a]:
                continue
            for b in range(-1, a if new[q] else 0):
                if b >= 0 and not available[q, b]:
                    continue
                gain = 0.0
                for i in range(count):
                    if i == top or apart[i] <= 1e-12:
                        continue
                    ca, cb = cross[q, top, a] - cross[q, i, a], 0.0
                    if b >= 0:
                        cb = cross[q, top, b] - cross[q, i, b]
                    lowered = min(explained(within[q], a, b, ca, cb), apart[i])
                    most = min(max(explained(common[q], a, b, ca, cb), lowered), apart[i])
                    gain += lowered_loss(lead[i], most, lowered, shares)
                if b < 0:
                    single[q, a] = gain
                else:
                    pair[q, a, b] = gain
    return single, pair


@compiled
def explained(covariance: Any, a: int, b: int, ca: float, cb: float) -> float:
    """The form c' C^-1 c of cell a, or of a and b where b >= 0; infinite where C has no inverse.

    Parameters
    ----------
    covariance
        [L, L] C, of the cells or of their means over many queries.
    a, b
        Places of the cells.
    ca, cb
        c: their covariances with D.
    """
    va = covariance[a, a]
    if b < 0:
        return ca * ca / va if va > 1e-12 else np.inf
    vb, vab = covariance[b, b], covariance[a, b]
    left = va * vb - vab * vab
    if va <= 1e-12 or vb <= 1e-12 or left <= 1e-9 * va * vb:
        return np.inf
    return (vb * ca * ca - 2 * vab * ca * cb + va * cb * cb) / left


_shares = cache(best_shares)


def cells(outlook: CellOutlook) -> CellScores:
    """Expected lowering of the regret by each question; closed forms have no Monte Carlo error."""
    return CellScores(*regret_lowered(*outlook.moments, outlook.available, outlook.new, _shares()))


ACQUISITION = Acquisition("the largest expected lowering of the decision's regret", score, cells)
