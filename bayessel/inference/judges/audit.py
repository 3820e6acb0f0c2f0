r"""What cells that were judged twice say of a judge: closed forms, no sampler.

Two verdicts on a cell, in both orders or twice in the same one, are one of nine pairs. The pairs'
probabilities have a Dirichlet posterior (one cell's worth of prior, spread evenly), and what is
reported is a function of them, its interval from draws of that posterior (the Bayesian bootstrap,
Rubin 1981). With y and y' half the outcomes with the candidate first and second::

    flips          = P(y ≠ y'),   reversals = P(one is a win, the other a loss)
    position bias  = E(y - y')
    noise          = E(y - y')² / 2 - E²(y - y') / 4

``noise`` is the variance of half an outcome, given the cell, of one verdict in an order drawn at
random: half the mean square of the difference, less what a bias that is the same in every cell adds
to it. Where the bias varies over cells it is somewhat too large. Shares of verdicts have Wilson's
intervals (Wilson 1927).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayessel.inference.judges.table import VerdictTable

Z = 1.6448536269514722
"""Standard normal quantile of a 90 % interval."""

DRAWS = 4000
"""Draws of the Dirichlet posterior."""

_HALF = np.array([-0.5, 0.0, 0.5])
_GAP = _HALF[:, None] - _HALF


@dataclass(frozen=True)
class Estimate:
    """A number with its 90 % interval.

    Attributes
    ----------
    value
        The estimate; NaN where nothing tells.
    lower, upper
        Its interval.
    of
        Cells or verdicts that it comes from.
    """

    value: float
    lower: float
    upper: float
    of: int


@dataclass(frozen=True)
class Audit:
    """What is known of one judge without a sampler.

    Attributes
    ----------
    judge
        Its name.
    verdicts, cells
        How many verdicts it gave, and on how many cells.
    first_place
        Share of the decided verdicts that are for the response shown first, the mean over the two
        orders: half where the place does not matter.
    flips, reversals
        Shares of the cells judged in both orders where the verdicts differ, and where one is a win
        and the other a loss.
    position_bias
        Points that a candidate gains by being shown first instead of second, from -1 to 1.
    repeatability
        Share of the cells judged twice in the same order where the verdicts are alike.
    noise
        Variance of half an outcome of one verdict given the cell. From both orders; where no cell
        has them, from repeats, which leave out what the order does.
    agreement, agreement_decided
        Share of the gold judge's verdicts that are this judge's too, and where both decide.
    """

    judge: str
    verdicts: int
    cells: int
    first_place: Estimate
    flips: Estimate
    reversals: Estimate
    position_bias: Estimate
    repeatability: Estimate
    noise: Estimate
    agreement: Estimate
    agreement_decided: Estimate


def audit(table: VerdictTable) -> list[Audit]:
    """[J] what is known of each judge."""
    return [_of_judge(table, k) for k in range(len(table.judges))]


def share(hits: int, of: int) -> Estimate:
    """A share with Wilson's interval.

    Examples
    --------
    >>> found = share(9, 10)
    >>> round(found.lower, 3), round(found.upper, 3)
    (0.651, 0.978)
    """
    if not of:
        return Estimate(np.nan, 0.0, 1.0, 0)
    p, weight = hits / of, Z**2 / of
    middle = (p + weight / 2) / (1 + weight)
    half = Z * np.sqrt(p * (1 - p) / of + weight / (4 * of)) / (1 + weight)
    lower, upper = max(middle - half, 0.0), min(middle + half, 1.0)
    return Estimate(p, float(lower), float(upper), of)


def _of_judge(table: VerdictTable, k: int) -> Audit:
    mine = np.flatnonzero(table.judge == k)
    said: dict[tuple[int, int], list[int]] = {}
    for v in mine:
        at = int(table.cell[v]), int(table.side[v])
        said.setdefault(at, []).append(int(table.outcome[v]))
    both = _pairs((first[0], said[c, -1][0]) for (c, s), first in said.items()
                  if s == 1 and (c, -1) in said)  # fmt: skip
    again = _pairs((these[0], these[1]) for these in said.values() if len(these) > 1)
    agreement, decided = _with_gold(table, mine)
    return Audit(
        table.judges[k],
        len(mine),
        len({c for c, _ in said}),
        _first_place(table.side[mine], table.outcome[mine]),
        share(int(both.sum() - both.trace()), int(both.sum())),
        share(int(both[0, 2] + both[2, 0]), int(both.sum())),
        _of_pairs(both, _bias, (-1.0, 1.0)),
        share(int(again.trace()), int(again.sum())),
        _of_pairs(both if both.any() else again, _noise, (0.0, 0.25)),
        agreement,
        decided,
    )


def _first_place(side: NDArray[np.int8], outcome: NDArray[np.int8]) -> Estimate:
    """Mean over the two orders of the share for the response shown first, each a Beta posterior."""
    decided = side * outcome != 0
    number = [int((decided & (side == s)).sum()) for s in (1, -1)]
    if not all(number):
        return Estimate(np.nan, 0.0, 1.0, 0)
    for_first = [int((side * outcome == 1)[side == s].sum()) for s in (1, -1)]
    rng = np.random.default_rng(0)
    both = zip(for_first, number, strict=True)
    draws = sum(rng.beta(hits + 0.5, of - hits + 0.5, DRAWS) for hits, of in both) / 2
    lower, upper = np.quantile(draws, (0.05, 0.95))
    return Estimate(float(np.mean(draws)), float(lower), float(upper), sum(number))


def _pairs(found: Iterable[tuple[int, int]]) -> NDArray[np.int64]:
    """[K, K] how often a first and a second verdict were said."""
    counts = np.zeros((3, 3), dtype=np.int64)
    for one, other in found:
        counts[one + 1, other + 1] += 1
    return counts


def _bias(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """[...] difference of half the outcomes, of probabilities [..., K, K] of pairs."""
    found: NDArray[np.float64] = (p * _GAP).sum(axis=(-2, -1))
    return found


def _noise(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """[...] variance of one verdict, of probabilities [..., K, K] of pairs."""
    found: NDArray[np.float64] = (p * _GAP**2).sum(axis=(-2, -1)) / 2 - _bias(p) ** 2 / 4
    return found


def _of_pairs(
    pairs: NDArray[np.int64],
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    limits: tuple[float, float],
) -> Estimate:
    """Posterior mean and interval of a function of the pairs' probabilities."""
    if not pairs.any():
        return Estimate(np.nan, *limits, 0)
    weight = pairs.ravel() + 1 / pairs.size
    draws = np.random.default_rng(0).dirichlet(weight, DRAWS).reshape(-1, *pairs.shape)
    value = function(draws)
    lower, upper = np.quantile(value, (0.05, 0.95))
    return Estimate(float(value.mean()), float(lower), float(upper), int(pairs.sum()))


def _with_gold(table: VerdictTable, mine: NDArray[np.intp]) -> tuple[Estimate, Estimate]:
    """Agreement of a judge's first verdict on each cell with the gold judge's."""
    if table.gold is None or table.judges[table.judge[mine[0]]] == table.gold:
        return share(0, 0), share(0, 0)
    gold = np.flatnonzero(table.judge == table.judges.index(table.gold))
    # the first verdict of a cell is written last
    first = {int(table.cell[v]): int(table.outcome[v]) for v in gold[::-1]}
    said = {int(table.cell[v]): int(table.outcome[v]) for v in mine[::-1]}
    both = _pairs((said[c], first[c]) for c in said if c in first)
    decided = both[::2, ::2]
    return (
        share(int(both.trace()), int(both.sum())),
        share(int(decided.trace()), int(decided.sum())),
    )
