r"""How much judging a query is expected to lower the regret of the decision, from posterior draws.

For two candidates i and j let D = WR_i - WR_j, and let d_q = points_i - points_j of their cells in
query q. D and d_q are taken as jointly normal. Observing d_q then lowers the variance of D by
``Cov(D, d_q)^2 / Var(d_q)``. To second order it lowers the expected loss of choosing the worse of
the two by that number times half the density of D at 0. The score is the sum over the pairs of
leading candidates::

    score_q = Σ_ij p(D_ij = 0) · Cov(WR_i - WR_j, y_qi - y_qj)^2 / Var(y_qi - y_qj)

``Cov`` and ``Var(d_q)`` have two parts: the spread between draws, and the spread of the outcomes
given a draw. One N-th of the second part enters the covariance with a win rate over N queries; it
is added here. The variance of D is that of the win rates as they are given. A strategy gives the
mean over c completions of the population for each draw, which holds one c-th of the outcomes'
spread; this is little where the draws differ more. The score is the value of information in a
choice between normal means, as in Frazier, Powell and Dayanik (2009).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bayessel.acquisition.base import Acquisition, Outlook, Scores
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


ACQUISITION = Acquisition("the largest expected lowering of the decision's regret", score)
