"""The finite population of N queries: its posterior draws, and what follows from counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bayessel.models.distributions.halves import over_outcomes
from bayessel.support.ties import TIE, highest

POINTS = np.array([0.0, 0.5, 1.0])
"""[K] points of loss, draw, win."""

_ROUNDING = 1e-6
"""Share of N that half points may lose: counts may come in single precision, unlike ``TIE``."""

OWN = ("eps_loss", "eps_draw")
"""What a model may report itself instead of having it computed from counts."""


class Rates(NamedTuple):
    """What counts of a completed population say.

    Attributes
    ----------
    win_rate
        [..., M] win rates over all N queries.
    p_best
        [..., M] shares of being the best.
    outcome_rate
        [..., M, K] loss, draw and win rates.
    eps_loss, eps_draw
        [...] the best candidate's loss and draw rates.
    """

    win_rate: Any
    p_best: Any
    outcome_rate: Any
    eps_loss: Any
    eps_draw: Any


def rates(counts: Any, own: Mapping[str, Any] | None = None) -> Rates:
    """Win rates, shares of the best and eps of completed populations.

    Takes and returns arrays of numpy or of JAX.

    Parameters
    ----------
    counts
        [..., M, K] losses, draws and wins of every candidate; each candidate's sum to N.
    own
        Values that the model itself reports, by the names of :data:`OWN`; others are ignored.
    """
    own = own or {}
    rate = counts / over_outcomes(counts)[..., None]
    p_best = best_shares(counts)
    eps = (p_best[..., None, :] @ rate)[..., 0, :]
    eps_loss, eps_draw = own.get("eps_loss", eps[..., 0]), own.get("eps_draw", eps[..., 1])
    return Rates(rate[..., 2] + rate[..., 1] / 2, p_best, rate, eps_loss, eps_draw)


def best_shares(counts: Any) -> Any:
    """[..., M] shares of being the best, from counts [..., M, K]; candidates that tie share."""
    half_points = counts[..., 1] + 2 * counts[..., 2]
    return tied_shares(half_points, tolerance=_ROUNDING * over_outcomes(counts[..., :1, :]))


def tied_shares(values: Any, tolerance: Any = TIE) -> Any:
    """[..., M] equal shares for the highest values, 0 for the others; the shares sum to 1."""
    top = highest(values, tolerance=tolerance)
    return top / top.sum(axis=-1, keepdims=True)


@dataclass(frozen=True)
class Draws:
    """S joint posterior draws of the finite population.

    Attributes
    ----------
    win_rate
        [S, M] win rates over all N queries.
    p_best
        [S, M] shares of being the best in each draw; candidates that tie share. The mean over the
        draws is P(best).
    outcome_rate
        [S, M, K] loss, draw and win rates over all N queries.
    eps_loss, eps_draw
        [S] the best candidate's loss and draw rates.
    chains
        Number of Markov chains; the draws of one chain stand together. Independent draws are laid
        out as four chains, so that ArviZ's checks apply.
    """

    win_rate: NDArray[np.float64]
    p_best: NDArray[np.float64]
    outcome_rate: NDArray[np.float64]
    eps_loss: NDArray[np.float64]
    eps_draw: NDArray[np.float64]
    chains: int = 4

    @classmethod
    def of_counts(
        cls, counts: NDArray[Any], own: Mapping[str, NDArray[Any]] | None = None
    ) -> Draws:
        """Draws from counts [S, M, K] of completed populations; see :func:`rates`."""
        return cls(*rates(counts, own))

    @classmethod
    def of_chains(cls, runs: Sequence[Draws]) -> Draws:
        """Draws of several chains as one; each chain is given by its own draws."""
        return runs[0].map(lambda *chains: np.concatenate(chains), *runs[1:], chains=len(runs))

    def map(
        self, function: Callable[..., NDArray[np.float64]], *others: Draws, chains: int
    ) -> Draws:
        """Draws of ``chains`` chains whose every array is ``function`` of this array.

        Parameters
        ----------
        function
            Given an array [S, ...], and the same array of each of ``others``.
        *others
            More draws.
        chains
            Number of chains of the result.
        """
        names = (field.name for field in fields(self) if field.name != "chains")
        every = (self, *others)
        arrays = {name: function(*(getattr(draws, name) for draws in every)) for name in names}
        return Draws(**arrays, chains=chains)


def p_within(win_rate: NDArray[np.float64], delta: float) -> NDArray[np.float64]:
    """[M] probability that a candidate's win rate is within ``delta`` of the best's.

    Parameters
    ----------
    win_rate
        [S, M] posterior draws.
    delta
        Difference of win rates in [0, 1].
    """
    within: NDArray[np.bool_] = highest(win_rate, tolerance=delta + TIE)
    return within.mean(axis=0)
