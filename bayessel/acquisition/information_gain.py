r"""Information gain about the best candidate, from posterior draws.

``I(F; Y_q) = E[ log p(Y_q | F) - log p(Y_q) ]``

Given a draw s of the parameters the cells of a row are independent and p_s(y | q, j) is the law of
one. The law of a cell given F = f is the mean of p_s over the draws, weighted by their share of f
being the best, so ``I(F; Y_qj)`` is a sum over f and y without sampling any outcome. For one cell
this is exact but for the number of draws.

The row's gain is taken as the sum over its cells, which is right to second order in the spread of
p_s between draws, where the cells do not interact. It is close for a few candidates. For many, at
the start, when one row tells much about the best, it is too low; rows are compared with one
another, and their order changes little.

With S draws the plug-in value is too high, by about half the variance of p_s given F over S p(y),
summed. The jackknife over batches of draws takes most of that away and gives the error.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_BATCHES = 8


def information_gain(
    p_best: NDArray[np.float64], loss: NDArray[np.floating], win: NDArray[np.floating]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Information about F in each row, and its Monte Carlo error.

    Parameters
    ----------
    p_best
        [S, F] shares of being the best in each draw, of the candidates that may be it.
    loss, win
        [S, N, M] probabilities of a loss and a win of each cell given the draw.

    Returns
    -------
    gain
        [N] in nats, corrected for bias; may fall below zero where there is nothing to learn.
    error
        [N] jackknife standard error over draws.
    """
    gain, without = jackknifed_gain(p_best, loss, win)
    return gain, jackknife_error(without)


def jackknife_error(without: NDArray[np.float64]) -> NDArray[np.float64]:
    """[...] standard errors of estimates from those without each batch, [batches, ...]."""
    error: NDArray[np.float64] = np.sqrt((len(without) - 1) * without.var(axis=0))
    return error


def jackknifed_gain(
    p_best: NDArray[np.float64], loss: NDArray[np.floating], win: NDArray[np.floating]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """[N] gain, as :func:`information_gain`, and [batches, N] gains without each batch of draws.

    The same draws tell of all rows: the error of a difference is that of the rows' differences.
    """
    s, n, m = loss.shape
    p = np.asarray(p_best, dtype=float)
    held = p.sum(axis=0) > 0
    p = p[:, held]
    cell = np.stack([loss, 1 - loss - win, win], axis=1, dtype=float).reshape(s, -1)  # [S, K·N·M]
    batch = np.arange(s) % _BATCHES
    joints = np.stack([p[batch == b].T @ cell[batch == b] for b in range(_BATCHES)])
    priors = np.stack([p[batch == b].sum(axis=0) for b in range(_BATCHES)])

    def plug_in(joint: NDArray[np.float64], prior: NDArray[np.float64]) -> NDArray[np.float64]:
        total = prior.sum()
        joint, prior = np.maximum(joint / total, 0.0), prior / total
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = joint / (prior[:, None] * joint.sum(axis=0))
            terms = np.where(joint > 0, joint * np.log(ratio), 0.0)
        return terms.sum(axis=0).reshape(3, n, m).sum(axis=(0, 2))

    joint, prior = joints.sum(axis=0), priors.sum(axis=0)
    whole = plug_in(joint, prior)
    without = np.stack([plug_in(joint - j, prior - w) for j, w in zip(joints, priors, strict=True)])
    gain = _BATCHES * whole - (_BATCHES - 1) * without.mean(axis=0)
    return gain, without
