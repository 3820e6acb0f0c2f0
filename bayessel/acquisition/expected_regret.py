r"""How much a row would lower the regret of the decision, from posterior draws.

For two candidates i and j let D = WR_i - WR_j and d_q = points_i - points_j of their cells in row
q. To second order (D and d_q jointly normal) observing d_q lowers the variance of D by
``Cov(D, d_q)^2 / Var(d_q)``, and the expected loss of choosing the worse of the two by that times
half the density of D at 0. Over the leading pairs::

    score_q = Σ_ij p(D_ij = 0) · Cov(WR_i - WR_j, y_qi - y_qj)^2 / Var(y_qi - y_qj)

The variance and the covariance have the spread between draws and that of the outcomes given a
draw, of which a win rate over N queries holds one N-th. It is the
value of information of a choice between normal means, as in Frazier, Powell and Dayanik (2009).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def expected_regret(
    win_rate: NDArray[np.float64], loss: NDArray[np.floating], win: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Score of each row, the higher the more it is expected to lower the regret.

    Parameters
    ----------
    win_rate
        [S, M] win rates of the leading candidates in each draw.
    loss, win
        [S, N, M] probabilities of a loss and a win of their cells given the draw.

    Returns
    -------
    ndarray
        [N], not negative; 0 everywhere if no pair of candidates is undecided.
    """
    s, n, m = loss.shape
    points = (1 + np.asarray(win, dtype=float) - loss) / 2  # [S, N, M] expected points
    within = (win + loss - (win - np.asarray(loss, dtype=float)) ** 2).mean(axis=0) / 4  # [N, M]
    rate = win_rate - win_rate.mean(axis=0)
    centred = points - points.mean(axis=0)
    # [M, N, M]: covariance of the win rate of i with the points of j in row q
    cross = (rate.T @ centred.reshape(s, -1)).reshape(m, n, m) / s
    between = np.einsum("sqi,sqj->qij", centred, centred, optimize=True) / s
    mean, covariance = win_rate.mean(axis=0), rate.T @ rate / s
    score = np.zeros(n)
    for i in range(m):
        for j in range(i):
            variance = covariance[i, i] + covariance[j, j] - 2 * covariance[i, j]
            if variance < 1e-12:
                continue
            sd = np.sqrt(variance)
            density = np.exp(-0.5 * ((mean[i] - mean[j]) / sd) ** 2) / sd
            c = cross[i, :, i] - cross[i, :, j] - cross[j, :, i] + cross[j, :, j]
            c = c + (within[:, i] + within[:, j]) / n  # the row is a part of the population
            v = between[:, i, i] + between[:, j, j] - 2 * between[:, i, j]
            score += density * c**2 / (v + within[:, i] + within[:, j] + 1e-12)
    return score
