r"""Information gain about the best candidate F, from posterior draws.

``I(F; Y_q) = E[ log p(Y_q | F) - log p(Y_q) ]``

Given a draw s of the parameters, the cells of a query are taken as independent, and p_s(y | q, j)
is the law of one cell. The law of a cell given F = f is the mean of p_s over the draws, weighted by
their shares of f being the best. ``I(F; Y_qj)`` is therefore a sum over f and y, and no outcome
needs to be drawn. For one cell it is exact, but for the number of draws and for what the cell
itself adds to its win rate, one N-th: near the end of a small table expected regret sees more.

The gain of a cell is that sum. Of two cells of a new query it is the sum over f and the nine
outcomes of both: what the two have in common, such as how hard the query is, must not count twice.

The gain of a whole query is taken as the sum over its cells. This is right to second order in the
spread of p_s between draws, where the cells do not interact. It is close for a few candidates. For
many candidates it is too low at the start, when one query tells much about the best; queries are
only compared with each other, and their order changes little.

With S draws the plug-in value is too high, by about half the variance of p_s given F, divided by S
p(y) and summed over y and over all candidates that may be the best but one. The jackknife over
batches of draws removes most of this bias and gives the error.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayessel.acquisition.base import Acquisition, CellOutlook, CellScores, Outlook, Scores

_BATCHES = 8


def information_gain(
    p_best: NDArray[np.float64], loss: NDArray[np.floating], win: NDArray[np.floating]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Information about F in each query, and its Monte Carlo error.

    Parameters
    ----------
    p_best
        [S, F] shares of being the best in each draw, for the candidates that may be the best.
    loss, win
        [S, N, M] probabilities of a loss and a win of each cell given the draw.

    Returns
    -------
    gain
        [N] in nats, corrected for bias; may be negative where there is nothing to learn.
    error
        [N] jackknife standard error over draws.
    """
    gain, without = jackknifed_gain(p_best, loss, win)
    return gain, jackknife_error(without)


def jackknife_error(without: NDArray[np.float64]) -> NDArray[np.float64]:
    """[...] standard errors of estimates, from the estimates without each batch [batches, ...]."""
    error: NDArray[np.float64] = np.sqrt((len(without) - 1) * without.var(axis=0))
    return error


def jackknifed_gain(
    p_best: NDArray[np.float64], loss: NDArray[np.floating], win: NDArray[np.floating]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """[N] gain, as :func:`information_gain`, and [batches, N] gains without each batch of draws.

    All queries share the draws: the error of the difference of two gains is the jackknife error of
    the differences, not the sum of the two errors.
    """
    gain, without = _jackknifed(p_best, np.stack([loss, 1 - loss - win, win], axis=1, dtype=float))
    return gain.sum(axis=-1), without.sum(axis=-1)


def _jackknifed(
    p_best: NDArray[np.float64], law: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """[...] gains, and [batches, ...] without each batch, of observations of law [S, k, ...]."""
    s, outcomes, *shape = law.shape
    p = np.asarray(p_best, dtype=float)
    held = p.sum(axis=0) > 0
    p = p[:, held]
    cell = law.reshape(s, -1)
    batch = np.arange(s) % _BATCHES
    joints = np.stack([p[batch == b].T @ cell[batch == b] for b in range(_BATCHES)])
    priors = np.stack([p[batch == b].sum(axis=0) for b in range(_BATCHES)])

    def plug_in(joint: NDArray[np.float64], prior: NDArray[np.float64]) -> NDArray[np.float64]:
        total = prior.sum()
        joint, prior = np.maximum(joint / total, 0.0), prior / total
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = joint / (prior[:, None] * joint.sum(axis=0))
            terms = np.where(joint > 0, joint * np.log(ratio), 0.0)
        found: NDArray[np.float64] = terms.sum(axis=0).reshape(outcomes, *shape).sum(axis=0)
        return found

    joint, prior = joints.sum(axis=0), priors.sum(axis=0)
    whole = plug_in(joint, prior)
    without = np.stack([plug_in(joint - j, prior - w) for j, w in zip(joints, priors, strict=True)])
    gain = _BATCHES * whole - (_BATCHES - 1) * without.mean(axis=0)
    return gain, without


def score(outlook: Outlook) -> Scores:
    """[N] gains in nats, and their errors."""
    return Scores(*information_gain(outlook.p_best, outlook.loss, outlook.win))


def cells(outlook: CellOutlook) -> CellScores:
    """Gains of cells, and of two cells of a new query, in nats, and their errors."""
    p_best, loss, win = outlook.p_best, outlook.loss, outlook.win
    law = np.stack([loss, 1 - loss - win, win], axis=1, dtype=float)  # [S, K, Q, L]
    single, single_without = _jackknifed(p_best, law)
    count = loss.shape[2]
    pair = np.zeros((*single.shape, count))
    pair_error = np.zeros_like(pair)
    a, b = np.tril_indices(count, -1)
    for q in np.flatnonzero(outlook.new):
        both = law[:, :, None, q, a] * law[:, None, :, q, b]
        gain, without = _jackknifed(p_best, both.reshape(len(both), -1, len(a)))
        pair[q, a, b], pair_error[q, a, b] = np.maximum(gain, 0.0), jackknife_error(without)
    error = jackknife_error(single_without)
    return CellScores(np.maximum(single, 0.0), pair, error, pair_error)


ACQUISITION = Acquisition("the most information about the best candidate", score, cells)
