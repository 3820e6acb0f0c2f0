"""What every acquisition sees of the posterior, and what it returns.

A new one is one file of this folder that defines ``ACQUISITION``.

An acquisition is one function from an :class:`Outlook` to :class:`Scores`. It uses no random
numbers: the strategy turns the scores into a query.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # the names of the acquisitions are listed before anything else is imported
    import numpy as np
    from numpy.typing import NDArray


class Outlook(Protocol):
    """What an acquisition sees of the posterior after some answers.

    Every part is computed when it is first read. S are the states of the sampler. L are the leading
    candidates, those that are most likely to be the best: cells of other candidates are not shown.
    """

    @property
    def spread(self) -> NDArray[np.float64]:
        """[N] how much the weak judges' scores vary over the candidates; zeros without any."""

    @property
    def leading(self) -> NDArray[np.intp]:
        """[L] positions of the leading candidates among the M."""

    @property
    def win_rate(self) -> NDArray[np.float64]:
        """[S, L] win rates over all N queries."""

    @property
    def p_best(self) -> NDArray[np.float64]:
        """[S, L] shares of being the best; candidates that tie share."""

    @property
    def points(self) -> NDArray[np.floating]:
        """[S, N, L] expected points of a cell."""

    @property
    def noise(self) -> NDArray[np.floating]:
        """Variance of the points of a cell in a given state.

        [N, L] where the cells of a query are independent in a given state, or [1, L, L], their
        covariance, which is the same for every query.
        """

    @property
    def loss(self) -> NDArray[np.floating]:
        """[S, N, L] probability that a cell is a loss."""

    @property
    def win(self) -> NDArray[np.floating]:
        """[S, N, L] probability that a cell is a win."""


@dataclass(frozen=True)
class Scores:
    """What an acquisition says of the queries.

    Attributes
    ----------
    value
        [N], finite. The available query with the highest value is asked; where ``drawn``, a query
        is drawn with chances proportional to the values, which are then not negative.
    error
        [N] Monte Carlo standard errors of the values; None where they are not known.
    drawn
        Whether the next query is drawn.
    """

    value: NDArray[np.float64]
    error: NDArray[np.float64] | None = None
    drawn: bool = False


@dataclass(frozen=True)
class Acquisition:
    """One way to choose the next query.

    Attributes
    ----------
    description
        One line for people, without a full stop.
    score
        From the outlook to the scores of all N queries, also of those that were judged. The
        strategy chooses among the available ones.
    """

    description: str
    score: Callable[[Outlook], Scores]
