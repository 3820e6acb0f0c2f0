"""What an acquisition of cells sees, for any model: from states of a sampler."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayessel.acquisition.base import Moments, Outlook
from bayessel.inference.draws import tied_shares
from bayessel.outcomes import MISSING


@dataclass(frozen=True)
class SampledCells:
    """Draws of win rates and of cells; a :class:`~bayessel.acquisition.base.CellOutlook`.

    Attributes
    ----------
    queries
        [Q] positions.
    leading
        [L] positions.
    judged, available
        [Q, L] which cells are judged, and which may be asked.
    win_rate
        [S, L] win rates.
    p_best
        [S, L] shares of being the best.
    points
        [S, Q, L] expected points of the cells.
    noise
        [Q, L, L] covariance of the points in a given state.
    loss, win
        [S, Q, L] probabilities of the cells.
    n_queries
        N.
    opened
        [Q] queries with a judged cell.
    """

    queries: NDArray[np.intp]
    leading: NDArray[np.intp]
    judged: NDArray[np.bool_]
    available: NDArray[np.bool_]
    win_rate: NDArray[np.float64]
    p_best: NDArray[np.float64]
    points: NDArray[np.float64]
    noise: NDArray[np.float64]
    loss: NDArray[np.floating]
    win: NDArray[np.floating]
    n_queries: int
    opened: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        state: Outlook,
        outcome: NDArray[np.int8],
        queries: NDArray[np.intp],
        available: NDArray[np.bool_],
    ) -> SampledCells:
        """What the states of a sampler say of some queries.

        Parameters
        ----------
        state
            What an acquisition of whole queries sees.
        outcome
            [N, M] judgments, ``MISSING`` elsewhere.
        queries
            [Q] positions.
        available
            [N, M] cells that may be asked.
        """
        leading = state.leading
        cells = np.ix_(queries, leading)
        noise = state.noise
        if noise.ndim == 2:
            count = len(leading)
            apart = np.zeros((len(queries), count, count))
            apart[:, np.arange(count), np.arange(count)] = noise[queries]
        else:
            apart = np.broadcast_to(noise, (len(queries), *noise.shape[1:]))
        return cls(
            queries,
            leading,
            outcome[cells] != MISSING,
            available[cells],
            state.win_rate,
            state.p_best,
            np.asarray(state.points, dtype=float)[:, queries],
            np.asarray(apart, dtype=float),
            state.loss[:, queries],
            state.win[:, queries],
            len(outcome),
            (outcome != MISSING).any(axis=1)[queries],
        )

    @property
    def new(self) -> NDArray[np.bool_]:
        """[Q] queries without any judged cell."""
        return ~self.opened

    @cached_property
    def moments(self) -> Moments:
        """Means and covariances over the states, and the cells' own noise."""
        s, (n_cells, count) = len(self.win_rate), self.available.shape
        mean = self.win_rate.mean(axis=0)
        rate, points = self.win_rate - mean, self.points - self.points.mean(axis=0)
        cross = (rate.T @ points.reshape(s, -1) / s).reshape(count, n_cells, count)
        by_query = points.transpose(1, 2, 0)
        within = by_query @ by_query.transpose(0, 2, 1) / s + self.noise
        own = ~self.judged[:, :, None] & ~self.judged[:, None, :]
        part = np.where(own, self.noise, 0.0) / self.n_queries  # the cell is a part of its win rate
        return Moments(
            mean,
            rate.T @ rate / s,
            cross.transpose(1, 0, 2) + part,
            within,
            _common(points, self.opened),
        )

    def with_cells(
        self, rng: np.random.Generator, query: int, candidates: NDArray[np.intp]
    ) -> SampledCells:
        """The same as if cells had been judged with the outcomes that were expected.

        The draws are moved by a regression on the cells' points, their noise drawn, as in an
        ensemble Kalman filter (Evensen 2003): means stay as they are, and covariances fall.

        Parameters
        ----------
        rng
            Random numbers.
        query
            Position of the query.
        candidates
            [k] positions of the candidates.
        """
        q = int(np.flatnonzero(self.queries == query)[0])
        at = np.flatnonzero(np.isin(self.leading, candidates))
        judged, available, opened = self.judged.copy(), self.available.copy(), self.opened.copy()
        judged[q, at], available[q, at], opened[q] = True, False, True
        root = np.linalg.cholesky(self.noise[q][np.ix_(at, at)] + 1e-9 * np.eye(len(at)))
        seen = self.points[:, q, at] + rng.standard_normal((len(self.points), len(at))) @ root.T
        seen = seen - seen.mean(axis=0)
        inverse = np.linalg.inv(seen.T @ seen + 1e-9 * np.eye(len(at)))

        def moved(values: NDArray[np.float64]) -> NDArray[np.float64]:
            flat = values.reshape(len(values), -1)
            found: NDArray[np.float64] = (flat - seen @ (inverse @ (seen.T @ flat))).reshape(
                values.shape
            )
            return found

        win_rate, points = moved(self.win_rate), moved(self.points)
        drawn = 1 - self.loss - self.win  # shares of draws stay, points move between loss and win
        win = np.clip(points - drawn / 2, 0, 1 - drawn)
        return replace(
            self,
            judged=judged,
            available=available,
            opened=opened,
            win_rate=win_rate,
            p_best=tied_shares(win_rate),
            points=points,
            loss=1 - drawn - win,
            win=win,
        )


def _common(points: NDArray[np.float64], opened: NDArray[np.bool_]) -> NDArray[np.float64]:
    """[Q, L, L] covariances of a query's points with those of another like it.

    The mean over the others that are opened, or new, as it is; over all others where it is the only
    one of its kind, and its own covariances, which are more, where there is no other.

    Parameters
    ----------
    points
        [S, Q, L], of mean 0 over the states.
    opened
        [Q] queries with a judged cell.
    """
    others = np.empty_like(points)
    for kind in (opened, ~opened):
        like = kind if kind.sum() > 1 else np.ones_like(kind)
        rest = max(int(like.sum()) - 1, 1)
        apart = points[:, kind] if rest < like.sum() else 0.0
        others[:, kind] = (points[:, like].sum(axis=1, keepdims=True) - apart) / rest
    found = points.transpose(1, 2, 0) @ others.transpose(1, 0, 2) / len(points)
    both: NDArray[np.float64] = (found + found.transpose(0, 2, 1)) / 2
    return both
