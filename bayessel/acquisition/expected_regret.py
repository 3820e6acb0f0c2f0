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

from typing import Any

import numpy as np


def expected_regret(win_rate: Any, loss: Any, win: Any) -> Any:
    """Score of each row, the higher the more it is expected to lower the regret.

    Takes and gives arrays of numpy or of JAX.

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
    xp = win_rate.__array_namespace__()
    s, n, m = loss.shape
    dtype = win_rate.dtype
    points = (1 + xp.astype(win, dtype) - xp.astype(loss, dtype)) / 2  # [S, N, M] expected points
    within = (win + loss - (win - loss) ** 2).mean(axis=0) / 4  # [N, M]
    rate = win_rate - win_rate.mean(axis=0)
    centred = (points - points.mean(axis=0)).reshape(s, n * m)
    mean, covariance = win_rate.mean(axis=0), rate.T @ rate / s
    cross = (rate.T @ centred).reshape(m, n, m) / s  # of the win rate of i with the points of j
    centred = centred.reshape(s, n, m)
    i, j = np.tril_indices(m, -1)
    variance = covariance[i, i] + covariance[j, j] - 2 * covariance[i, j]
    sd = xp.sqrt(xp.maximum(variance, 1e-12))
    density = xp.exp(-0.5 * ((mean[i] - mean[j]) / sd) ** 2) / sd * (variance > 1e-12)
    c = cross[i, :, i] - cross[i, :, j] - cross[j, :, i] + cross[j, :, j]  # [pairs, N]
    alone = (within[:, i] + within[:, j]).T
    between = xp.stack(
        [
            ((centred[:, :, a] - centred[:, :, b]) ** 2).mean(axis=0)
            for a, b in zip(i, j, strict=True)
        ]
    )
    gain = (c + alone / n) ** 2 / (between + alone + 1e-12)  # the row is a part of the population
    return density @ gain
