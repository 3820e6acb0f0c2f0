r"""What cells that were judged twice say of a judge: closed forms, no sampler.

Two verdicts on a cell, in both orders or twice in the same one, are one of nine pairs. The pairs'
probabilities have a Dirichlet posterior (one cell's worth of prior, spread evenly), and what is
reported is a function of them, its interval from draws of that posterior (the Bayesian bootstrap,
Rubin 1981). With y and y' half the outcomes with the candidate first and second, and a and a' of
two verdicts in the same order::

    flips          = P(y ≠ y'),   reversals = P(one is a win, the other a loss)
    position bias  = E(y - y')
    noise          = E(y - y')² / 4 + E(a - a')² / 4

``noise`` is the variance of half an outcome, given the cell, of one verdict in an order drawn at
random. If the order adds ±g to a cell's expected verdict, and chance the variance e², it is
E g² + e², and the two terms are (2 E g² + e²) / 2 and e² / 2. Without repeats the first term is
doubled, and what a bias that is the same in every cell adds to it is taken off: up to twice too
large, and never too small. Without cells in both orders the second is doubled: what the order does
is then left out. Shares of cells have Wilson's intervals (Wilson 1927).
"""

from __future__ import annotations

from collections.abc import Iterable
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

    @property
    def hits(self) -> int:
        """Of a share, how many it counts."""
        return round(self.value * self.of) if self.of else 0


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
        Variance of half an outcome of one verdict given the cell, in an order drawn at random.
        From both orders alone it may be up to twice too large, from repeats alone too small.
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
        _position_bias(both),
        share(int(again.trace()), int(again.sum())),
        _noise(both, again),
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


def _drawn(pairs: NDArray[np.int64], seed: int = 0) -> NDArray[np.float64]:
    """[DRAWS, K, K] probabilities of pairs from their posterior."""
    weight = pairs.ravel() + 1 / pairs.size
    return np.random.default_rng(seed).dirichlet(weight, DRAWS).reshape(-1, *pairs.shape)


def _summed(draws: NDArray[np.float64], of: int) -> Estimate:
    """Posterior mean and interval of draws."""
    lower, upper = np.quantile(draws, (0.05, 0.95))
    return Estimate(float(draws.mean()), float(lower), float(upper), of)


def _position_bias(both: NDArray[np.int64]) -> Estimate:
    if not both.any():
        return Estimate(np.nan, -1.0, 1.0, 0)
    return _summed((_drawn(both) * _GAP).sum(axis=(-2, -1)), int(both.sum()))


def _noise(both: NDArray[np.int64], again: NDArray[np.int64]) -> Estimate:
    p, repeated = _drawn(both), _drawn(again, 1)
    square, chance = ((x * _GAP**2).sum(axis=(-2, -1)) / 4 for x in (p, repeated))
    if both.any() and again.any():
        found = square + chance
    elif both.any():
        found = 2 * square - (p * _GAP).sum(axis=(-2, -1)) ** 2 / 4
    elif again.any():
        found = 2 * chance
    else:
        return Estimate(np.nan, 0.0, 0.25, 0)
    return _summed(found, int(both.sum() + again.sum()))


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
