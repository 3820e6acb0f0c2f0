"""Judged cells of the two-way model with its variances and scales taken as known: closed forms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayessel.inference.two_way import moments
from bayessel.inference.two_way.rows import PriorTable, Rows
from bayessel.inference.two_way.step import first_state, gaussian


@dataclass(frozen=True)
class Known:
    """What is judged, and the normal law of everything else.

    Attributes
    ----------
    rows
        The judged cells.
    prior
        Priors as numbers.
    variance, scales
        [M] and [3] of :class:`~bayessel.inference.two_way.step.State`.
    """

    rows: Rows
    prior: PriorTable
    variance: NDArray[np.float64]
    scales: NDArray[np.float64]

    @cached_property
    def law(self) -> moments.Law:
        """The law given the judged cells."""
        state = first_state(self.rows, self.prior)
        state.variance[:] = self.variance
        state.scales[:] = self.scales
        gaussian(self.rows, self.prior, state)
        return moments.law(self.rows, state)

    @cached_property
    def win_rate(self) -> NDArray[np.float64]:
        """[M] expected win rates."""
        found: NDArray[np.float64] = moments.expected_win_rates(self.rows, self.law)
        return found

    @cached_property
    def slot(self) -> NDArray[np.intp]:
        """[N] place of a query among the opened ones, -1 where it is not opened."""
        found = np.full(self.rows.queries, -1, dtype=np.intp)
        found[self.rows.position] = np.arange(len(self.rows.position))
        return found

    def leading(self, most: int) -> NDArray[np.intp]:
        """[L] positions, increasing, of the candidates that may most easily be the best.

        Those whose expected win rate is the fewest standard deviations of the difference below the
        highest one.

        Parameters
        ----------
        most
            L is ``most``, or M where that is less.
        """
        mean = self.win_rate
        _, covariance = moments.win_rates(self.rows, self.law, np.arange(len(mean)))
        top = int(mean.argmax())
        apart = covariance[top, top] + covariance.diagonal() - 2 * covariance[top]
        behind = (mean[top] - mean) / np.sqrt(np.maximum(apart, 1e-12))
        behind[top] = -1.0
        return np.sort(np.argsort(behind, kind="stable")[:most])

    def moments(
        self,
        queries: NDArray[np.intp],
        candidates: NDArray[np.intp],
        features: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], ...]:
        """Means and covariances; see :class:`bayessel.acquisition.base.Moments`.

        Parameters
        ----------
        queries, candidates
            [Q] and [L] positions.
        features
            [Q, L, P] features within of their cells.
        """
        direction, covariance = moments.win_rates(self.rows, self.law, candidates)
        of_cells = moments.cells(
            self.rows, self.law, direction, candidates, self.slot[queries], features
        )
        return self.win_rate[candidates], covariance, *of_cells

    def with_cells(
        self, query: int, candidates: NDArray[np.intp], features: NDArray[np.float64]
    ) -> Known:
        """The same with more cells judged, their outcomes as expected: no mean changes.

        Parameters
        ----------
        query
            Its position.
        candidates
            [L] positions of candidates that are not judged on it.
        features
            [L, P] features within of the cells.
        """
        rows, law, m = self.rows, self.law, len(self.variance)
        r = int(self.slot[query])
        expected = law.mean[candidates] + features @ law.mean[m:]
        position, first = rows.position, rows.first
        if r < 0:
            r = len(position)
            position, first = np.append(position, query), np.append(first, first[-1])
        else:
            at = slice(first[r], first[r + 1])
            residual = rows.y[at] - law.mean[rows.who[at]] - rows.x[at] @ law.mean[m:]
            expected = expected + law.shrink[r] * (residual / self.variance[rows.who[at]]).sum()
        at = slice(first[r], first[r + 1])
        order = np.argsort(np.concatenate([rows.who[at], candidates]), kind="stable")

        def merged(old: NDArray, new: NDArray) -> NDArray:
            here = np.concatenate([old[at], new])[order]
            return np.concatenate([old[: at.start], here, old[at.stop :]])

        first = first.copy()
        first[r + 1 :] += len(candidates)
        number, total, x_left = rows.number.copy(), rows.total.copy(), rows.x_left.copy()
        number[candidates] += 1
        total[candidates] += expected
        x_left[candidates] -= features
        more = Rows(
            first,
            merged(rows.who, candidates.astype(np.int64)),
            merged(rows.y, expected),
            merged(rows.x, features),
            position,
            number,
            total,
            x_left,
            rows.design,
            rows.squares,
            rows.queries,
            rows.verdict_noise,
        )
        return replace(self, rows=more)
