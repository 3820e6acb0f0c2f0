"""Enumeration of every completion of a small population: what closed forms are compared with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from bayessel.inference.engines.exact import FLAT
from bayessel.outcomes import counts
from bayessel.priors import Prior


def _log_beta(a: NDArray[np.float64]) -> NDArray[np.float64]:
    return gammaln(a).sum(axis=-1) - gammaln(a.sum(axis=-1))


def enumerate_best(outcome: NDArray[np.int8], prior: Prior = FLAT) -> NDArray[np.float64]:
    """P(best) of independent rates, by enumerating every completion of the population.

    The points of candidate j over the unjudged cells are Dirichlet-multinomial; candidates are
    independent, and those that tie share. For small N: the cost grows with N².

    Parameters
    ----------
    outcome
        [N, M] judgments, ``MISSING`` elsewhere.
    prior
        Dirichlet over the rates.

    Returns
    -------
    ndarray
        [M] probabilities.
    """
    a = np.asarray(prior.parameters["concentration"])
    n = len(outcome)
    known = counts(outcome)
    pmf = np.zeros((len(known), 2 * n + 1))  # half points
    for j, judged in enumerate(known):
        left = n - judged.sum()
        draw, win = (x.ravel() for x in np.meshgrid(np.arange(left + 1), np.arange(left + 1)))
        keep = draw + win <= left
        drawn = np.stack([left - draw - win, draw, win], axis=1)[keep]
        log_p = (
            gammaln(left + 1)
            - gammaln(drawn + 1).sum(axis=1)
            + _log_beta(a + judged + drawn)
            - _log_beta(a + judged)
        )
        total = judged + drawn
        np.add.at(pmf[j], total[:, 1] + 2 * total[:, 2], np.exp(log_p))
    below = np.cumsum(pmf, axis=1) - pmf
    best = np.zeros(len(pmf))
    for j in range(len(pmf)):
        # shares[t]: probability, by half points, that t others tie with j and none is above
        shares = np.zeros((len(pmf), 2 * n + 1))
        shares[0] = pmf[j]
        for i in range(len(pmf)):
            if i != j:
                tied = np.vstack([np.zeros_like(shares[:1]), shares[:-1]]) * pmf[i]
                shares = shares * below[i] + tied
        best[j] = (shares.sum(axis=1) / (1 + np.arange(len(pmf)))).sum()
    return best
