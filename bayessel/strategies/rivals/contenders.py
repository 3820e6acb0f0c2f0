r"""Contenders: only the candidates that may win are judged, by a normal model's posterior draws.

With half outcomes (loss -1/2, draw 0, win 1/2) the model is

``y[q, j] = mean + quality_j + query_q + noise[q, j]``

all normal: the mean has variance 1, the three others have variances by moments
(:func:`variances`), which are computed anew from everything that was judged. Cells that were not
judged drop out of it. It reads no text, and nothing in it is tuned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bayessel.inference.draws import Draws, tied_shares
from bayessel.outcomes import MISSING, counts
from bayessel.priors import Prior
from bayessel.strategies.base import (
    AskInfo,
    Choice,
    Standing,
    Unit,
    not_default,
    require_draws,
    with_row,
)
from bayessel.support.compiled import compiled
from bayessel.support.ties import pick_highest
from bayessel.tasks.task import Task

DRAWN = 2
"""Posterior draws whose best candidates are contenders, beside the leader."""

MORE = 30
"""Further draws at most, where all draws named the leader."""

_NOISE, _QUERY, _QUALITY = (0.12, 10.0), (0.05, 5.0), (0.03, 2.0)
"""What each variance is taken for beforehand, and for how many observations that counts."""

_LEAST = (0.01, 0.005, 0.001)
"""Least variances of noise, queries and qualities."""

_ROUNDS = 8
"""How often variances and posterior are computed from each other."""


@dataclass(frozen=True)
class ContendersState:
    """Judged cells and the posterior of the win rates over the N queries.

    Attributes
    ----------
    outcome
        [N, M] outcomes bought so far.
    mean
        [M] of the win rates.
    root
        [M, M] lower triangular root of their covariance.
    """

    outcome: NDArray[np.int8]
    mean: NDArray[np.float64]
    root: NDArray[np.float64]

    def draw(self, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
        """[size, M] posterior draws of the win rates; normal, so a few may leave [0, 1]."""
        return _scaled(rng.standard_normal((size, len(self.mean))), self.mean, self.root)


@dataclass(frozen=True, kw_only=True)
class Contenders:
    """The leader and the best candidates of two posterior draws are judged against each other.

    Each step: the leader is the candidate with the highest expected win rate. The contenders are
    it and the best candidates of :data:`DRAWN` posterior draws; where both draws name the leader,
    up to :data:`MORE` further ones are made until one names another, and else the second is taken.
    If a contender was not judged on some query where the leader was, one such contender is drawn,
    and one such query, each with equal chances: it catches up, for one call. Otherwise a new query
    is drawn for the contenders alone. The first query is judged for all. Where no query is new,
    what is left of the contenders on a drawn query is judged, and then any cell.

    Named is the leader. P(best) and the win rates are those of the posterior, for the N queries:
    judged cells as they are, all others predicted. The normal model knows no draws; the draw rate
    that belongs to a win rate is the candidate's so far, one observation of everybody's added.

    Parameters
    ----------
    draws
        S, draws of the win rates.

    Raises
    ------
    BudgetError
        Too few draws.
    """

    name: ClassVar[str] = "contenders"
    weak_judges: ClassVar[tuple[str, ...]] = ()
    needs_weak_judges: ClassVar[bool] = False
    reads_given: ClassVar[bool] = False
    reads_costs: ClassVar[bool] = False
    carries: ClassVar[bool] = False
    unit: ClassVar[Unit] = "cells"

    draws: int = 1000

    def __post_init__(self) -> None:
        require_draws(self.draws)

    @property
    def options(self) -> dict[str, Any]:
        """The draws where they are not the default."""
        return not_default(self, "draws")

    @property
    def priors(self) -> dict[str, Prior]:
        """Nothing: the variances are found by moments."""
        return {}

    def init(
        self, rng: np.random.Generator, task: Task, outcome: NDArray[np.int8]
    ) -> ContendersState:
        """The posterior given what is judged."""
        return _state(outcome)

    def ask(
        self,
        rng: np.random.Generator,
        state: ContendersState,
        available: NDArray[np.bool_],
        cost: NDArray[np.float64],
        batch: int = 1,
    ) -> list[Choice]:
        """Contenders are drawn anew for each question of a batch; costs are not read."""
        free, judged = available, state.outcome != MISSING
        chosen: list[Choice] = []
        calls = 0
        while not chosen or (calls < batch and free.any()):
            choice = self._choose(rng, state, free, judged)
            chosen.append(choice)
            calls += len(choice.candidates)
            if calls < batch:  # for the next question these cells count as judged
                free, judged = free.copy(), judged.copy()
                free[choice.query, choice.candidates] = False
                judged[choice.query, choice.candidates] = True
        return chosen

    def _choose(
        self,
        rng: np.random.Generator,
        state: ContendersState,
        free: NDArray[np.bool_],
        judged: NDArray[np.bool_],
    ) -> Choice:
        """One question, given which cells may be asked and which count as judged; both [N, M]."""
        opened = judged.any(axis=1)
        if not opened.any():
            return _on_a_query(rng, free, np.ones_like(free), "the first query, for all")
        leader = int(state.mean.argmax())
        who = np.zeros(free.shape[1], dtype=bool)
        who[contenders(rng, state, leader)] = True
        behind = free & judged[:, [leader]] & who
        late = np.flatnonzero(behind.any(axis=0))
        if len(late):
            candidate = int(rng.choice(late))
            query = int(rng.choice(np.flatnonzero(behind[:, candidate])))
            info = AskInfo(why="catches up with the leader")
            return Choice(query, np.array([candidate]), info)
        new = free & who & ~opened[:, None]
        if new.any():
            return _on_a_query(rng, new, free, f"{who.sum()} contenders on a new query")
        rest = free & who
        if rest.any():
            return _on_a_query(rng, rest, free, "what is left of the contenders")
        cells = np.flatnonzero(free)
        query, candidate = divmod(int(rng.choice(cells)), free.shape[1])
        return Choice(query, np.array([candidate]), AskInfo(why="nothing else is left"))

    def tell(
        self,
        rng: np.random.Generator,
        state: ContendersState,
        query: int,
        outcomes: NDArray[np.int8],
    ) -> ContendersState:
        """The posterior given the new cells too."""
        return _state(with_row(state.outcome, query, outcomes))

    def recommend(self, rng: np.random.Generator, state: ContendersState) -> Standing:
        """The leader; ties are broken at random."""
        drawn = state.draw(rng, self.draws)
        win_rate = np.clip(drawn, 0.0, 1.0)
        seen = counts(state.outcome)
        pooled = (seen[:, 1].sum() + 1) / (seen.sum() + 3)
        tie = (seen[:, 1] + pooled) / (seen.sum(axis=1) + 1)
        tie = np.minimum(tie, 2 * np.minimum(win_rate, 1 - win_rate))
        rate = np.stack([1 - win_rate - tie / 2, tie, win_rate - tie / 2], axis=-1)
        shares = tied_shares(drawn)
        eps = np.einsum("sm,smk->sk", shares, rate)
        draws = Draws(win_rate, shares, rate, eps[:, 0], eps[:, 1])
        return Standing(pick_highest(rng, state.mean), shares.mean(axis=0), draws, {})


def contenders(rng: np.random.Generator, state: ContendersState, leader: int) -> NDArray[np.intp]:
    """Positions of the leader and of at least one other candidate."""
    drawn = {int(best) for best in state.draw(rng, DRAWN).argmax(axis=1)} - {leader}
    if not drawn:
        others = state.draw(rng, MORE).argmax(axis=1)
        others = others[others != leader]
        drawn = {int(others[0]) if len(others) else int(np.argsort(state.mean)[-2])}
    return np.array(sorted({leader, *drawn}))


def _on_a_query(
    rng: np.random.Generator, wanted: NDArray[np.bool_], free: NDArray[np.bool_], why: str
) -> Choice:
    """A random query of those where a cell is wanted and free, for all such cells of it."""
    cells = wanted & free
    query = int(rng.choice(np.flatnonzero(cells.any(axis=1))))
    return Choice(query, np.flatnonzero(cells[query]), AskInfo(why=why))


def _state(outcome: NDArray[np.int8]) -> ContendersState:
    mean, root, _ = posterior(outcome)
    return ContendersState(outcome, mean, root)


# ------------------------------------------------------------------ the model
@compiled
def posterior(
    outcome: NDArray[np.int8],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Posterior of the win rates over the N queries.

    Given the variances the posterior of the qualities (the mean added) is normal. A win rate is
    linear in them: on an unjudged cell of an opened query the query's effect is predicted from its
    judged cells, on other queries it is the same for all.

    Parameters
    ----------
    outcome
        [N, M] outcomes, ``MISSING`` elsewhere.

    Returns
    -------
    mean
        [M]
    root
        [M, M] lower triangular root of the covariance.
    variances
        [3] of noise, queries and qualities.
    """
    n, m = outcome.shape
    opened = np.zeros(n, dtype=np.bool_)
    for q in range(n):
        for j in range(m):
            opened[q] |= abs(outcome[q, j]) <= 1
    seen = outcome[opened]
    v = np.array([_NOISE[0], _QUERY[0], _QUALITY[0]])
    quality, covariance = qualities(seen, v)
    for _ in range(_ROUNDS):
        v = variances(seen, quality, covariance)
        quality, covariance = qualities(seen, v)
    noise, query = v[0], v[1]
    new = n - len(seen)
    weight = new * np.eye(m)  # of the qualities in the sums over queries
    known = np.zeros(m)
    rest = np.full((m, m), new * query)  # covariance of what is unknown given the qualities
    for j in range(m):
        rest[j, j] += new * noise
    for q in range(len(seen)):
        size, total = 0, 0.0
        for j in range(m):
            if abs(seen[q, j]) <= 1:
                size += 1
                total += seen[q, j] / 2
                known[j] += seen[q, j] / 2
        k = query / (noise + size * query)
        for j in range(m):
            if abs(seen[q, j]) <= 1:
                continue
            weight[j, j] += 1
            rest[j, j] += noise
            known[j] += k * total
            for i in range(m):
                if abs(seen[q, i]) <= 1:
                    weight[j, i] -= k
                else:
                    rest[j, i] += k * noise
    mean = 0.5 + (weight @ quality + known) / n
    return mean, _root((weight @ covariance @ weight.T + rest) / n**2), v


@compiled
def qualities(
    outcome: NDArray[np.int8], v: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Posterior mean [M] and covariance [M, M] of the qualities with the mean, given variances."""
    n, m = outcome.shape
    noise, query, quality = v
    # inverse of the prior covariance, quality on the diagonal and the mean's variance 1 everywhere
    precision = np.full((m, m), -1 / (quality * (quality + m)))
    shift = np.zeros(m)
    inside = np.empty(m, dtype=np.int64)
    for j in range(m):
        precision[j, j] += 1 / quality
    for q in range(n):
        size, total = 0, 0.0
        for j in range(m):
            if abs(outcome[q, j]) <= 1:
                inside[size] = j
                size += 1
                total += outcome[q, j] / 2
        k = query / (noise + size * query)
        for a in range(size):
            i = inside[a]
            precision[i, i] += 1 / noise
            shift[i] += (outcome[q, i] / 2 - k * total) / noise
            for b in range(size):
                precision[i, inside[b]] -= k / noise
    covariance = np.linalg.inv(precision)
    return covariance @ shift, covariance


@compiled
def variances(
    outcome: NDArray[np.int8], quality: NDArray[np.float64], covariance: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Variances of noise, queries and qualities by moments.

    With residuals ``y - quality``: noise from the squares within queries; queries from the squared
    means of the queries, less what noise adds to them; qualities from the spread of their
    posterior means and its variance. Each is shrunk to what it is taken for beforehand.
    """
    n, m = outcome.shape
    within, between, free, opened, cells = 0.0, 0.0, 0, 0, 0
    for q in range(n):
        size, total, square = 0, 0.0, 0.0
        for j in range(m):
            if abs(outcome[q, j]) <= 1:
                residual = outcome[q, j] / 2 - quality[j]
                size += 1
                total += residual
                square += residual * residual
        if size > 0:
            opened += 1
            cells += size
            free += size - 1
            between += (total / size) ** 2
            within += square - total * total / size
    noise = (within + _NOISE[0] * _NOISE[1]) / (free + _NOISE[1])
    query = (between + _QUERY[0] * _QUERY[1]) / (opened + _QUERY[1])
    if opened > 0:
        query -= noise * opened / cells
    centred = quality - quality.mean()
    spread = (centred**2).sum() + np.trace(covariance) - covariance.sum() / m
    spread = (spread + _QUALITY[0] * _QUALITY[1]) / (m + _QUALITY[1])
    return np.array([max(noise, _LEAST[0]), max(query, _LEAST[1]), max(spread, _LEAST[2])])


@compiled
def _scaled(
    unit: NDArray[np.float64], mean: NDArray[np.float64], root: NDArray[np.float64]
) -> NDArray[np.float64]:
    """[S, M] draws from independent normals; on one core, where a matrix product would use all."""
    found = np.empty_like(unit)
    for s in range(len(unit)):
        for j in range(len(mean)):
            value = mean[j]
            for i in range(j + 1):
                value += root[j, i] * unit[s, i]
            found[s, j] = value
    return found


@compiled
def _root(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """[M, M] lower triangular root; a direction without variance gets none."""
    m = len(covariance)
    root = np.zeros((m, m))
    least = 1e-12 * (np.trace(covariance) / m + 1e-12)
    for j in range(m):
        left = covariance[j, j]
        for k in range(j):
            left -= root[j, k] * root[j, k]
        if left <= least:
            continue
        root[j, j] = np.sqrt(left)
        for i in range(j + 1, m):
            value = covariance[i, j]
            for k in range(j):
                value -= root[i, k] * root[j, k]
            root[i, j] = value / root[j, j]
    return root


STRATEGY = Contenders
