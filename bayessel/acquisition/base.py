"""What every acquisition sees of the posterior, and what it returns.

A new one is one file of this folder that defines ``ACQUISITION``.

An acquisition chooses cells, or whole queries, or both: each is one function, from a
:class:`CellOutlook` to :class:`CellScores`, or from an :class:`Outlook` to :class:`Scores`. They
use no random numbers: the strategy turns the scores into questions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:  # the names of the acquisitions are listed before anything else is imported
    import numpy as np
    from numpy.typing import NDArray


class Outlook(Protocol):
    """What an acquisition of whole queries sees of the posterior after some answers.

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


class Moments(NamedTuple):
    """Means and covariances of the win rates of the leading candidates, and of their cells.

    Attributes
    ----------
    mean, covariance
        [L] and [L, L] of the win rates.
    cross
        [Q, L, L] covariances of the win rate of one candidate with the points of a cell of the
        other on a query.
    within
        [Q, L, L] covariances of the points of the cells of a query.
    common
        [Q, L, L] covariances of these points with those of the cells of another query like it.
    """

    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]
    cross: NDArray[np.float64]
    within: NDArray[np.float64]
    common: NDArray[np.float64]


class CellOutlook(Protocol):
    """What an acquisition of cells sees of the posterior after some answers.

    Every part is computed when it is first read. Q are the queries that are considered: those that
    are opened and have a cell that may be asked, and a few that are new. L are the leading
    candidates, S the states of the sampler.
    """

    @property
    def judged(self) -> NDArray[np.bool_]:
        """[Q, L] which cells are judged."""

    @property
    def available(self) -> NDArray[np.bool_]:
        """[Q, L] which cells may be asked."""

    @property
    def new(self) -> NDArray[np.bool_]:
        """[Q] queries without any judged cell."""

    @property
    def moments(self) -> Moments:
        """Means and covariances of win rates and cells."""

    @property
    def p_best(self) -> NDArray[np.float64]:
        """[S, L] shares of being the best; candidates that tie share."""

    @property
    def loss(self) -> NDArray[np.floating]:
        """[S, Q, L] probability that a cell is a loss."""

    @property
    def win(self) -> NDArray[np.floating]:
        """[S, Q, L] probability that a cell is a win."""


@dataclass(frozen=True)
class CellScores:
    """What an acquisition says of single cells, and of two cells of a new query together.

    The question with the highest value per unit of cost is asked; where ``drawn``, a question is
    drawn with chances proportional to the values per mean cost of its calls: where all costs are
    alike, proportional to the values. Values of cells that may not be asked are not read.

    Attributes
    ----------
    single
        [Q, L] values of cells, not negative.
    pair
        [Q, L, L] values of two cells of a query, read below the diagonal and on new queries only.
    single_error, pair_error
        Monte Carlo standard errors of the values; None where they are not known or there are none.
    drawn
        Whether the next question is drawn.
    """

    single: NDArray[np.float64]
    pair: NDArray[np.float64]
    single_error: NDArray[np.float64] | None = None
    pair_error: NDArray[np.float64] | None = None
    drawn: bool = False


@dataclass(frozen=True)
class Acquisition:
    """One way to choose what to judge next.

    Attributes
    ----------
    description
        One line for people, without a full stop.
    score
        From the outlook to the scores of all N queries, also of those that were judged; the
        strategy chooses among the available ones. None where whole queries cannot be chosen.
    cells
        From the outlook to the scores of cells. None where cells cannot be chosen.
    reads_texts
        Whether it needs the scores of text statistics.
    """

    description: str
    score: Callable[[Outlook], Scores] | None = None
    cells: Callable[[CellOutlook], CellScores] | None = None
    reads_texts: bool = False
