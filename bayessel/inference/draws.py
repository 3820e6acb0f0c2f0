"""Posterior draws of the finite population of N queries: win rates and the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

POINTS = np.array([0.0, 0.5, 1.0])
"""[K] points of loss, draw, win."""


@dataclass(frozen=True)
class Draws:
    """S joint posterior draws of the finite population.

    Attributes
    ----------
    win_rate
        [S, M] win rates over all N queries.
    p_best
        [S, M] shares of being the best in each draw; candidates that tie share. Its mean over
        draws is P(best).
    outcome_rate
        [S, M, K] loss, draw and win rates over all N queries.
    eps_loss, eps_draw
        [S] the best candidate's loss and draw rates.
    chains
        Markov chains that the draws are of, one chain after another; independent draws are laid out
        as four, so that ArviZ's checks apply.
    """

    win_rate: NDArray[np.float64]
    p_best: NDArray[np.float64]
    outcome_rate: NDArray[np.float64]
    eps_loss: NDArray[np.float64]
    eps_draw: NDArray[np.float64]
    chains: int = 4


def by_chain(runs: Sequence[Draws]) -> Draws:
    """Draws of several chains, each given by its own, as one."""
    return Draws(
        np.concatenate([run.win_rate for run in runs]),
        np.concatenate([run.p_best for run in runs]),
        np.concatenate([run.outcome_rate for run in runs]),
        np.concatenate([run.eps_loss for run in runs]),
        np.concatenate([run.eps_draw for run in runs]),
        chains=len(runs),
    )


def p_within(win_rate: NDArray[np.float64], delta: float) -> NDArray[np.float64]:
    """[M] probability that a candidate's win rate is within ``delta`` of the best's.

    Parameters
    ----------
    win_rate
        [S, M] posterior draws.
    delta
        Difference of win rates in [0, 1].
    """
    return (win_rate >= win_rate.max(axis=1, keepdims=True) - delta - 1e-12).mean(axis=0)
