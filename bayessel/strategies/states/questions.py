"""From an acquisition's scores of cells to the questions that are asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from bayessel.acquisition import top_two
from bayessel.acquisition.base import CellOutlook, CellScores
from bayessel.errors import DataError
from bayessel.inference.evidence import Evidence
from bayessel.outcomes import MISSING
from bayessel.strategies.base import AskInfo, Choice
from bayessel.strategies.states.reasons import DRAWN_CLOSE, DRAWN_FLAT, DRAWN_REST, explained
from bayessel.support.ties import TIE, highest

NEW = 4
"""New queries that are looked at in each step, drawn; without weak judges they are all alike."""


class Cells(CellOutlook, Protocol):
    """Cells of some queries as an acquisition sees them, and as if more had been judged."""

    @property
    def leading(self) -> NDArray[np.intp]:
        """[L] positions of the leading candidates."""

    @property
    def queries(self) -> NDArray[np.intp]:
        """[Q] positions of the queries."""

    def with_cells(
        self, rng: np.random.Generator, query: int, candidates: NDArray[np.intp]
    ) -> Cells:
        """The same as if these cells had been judged, with the outcomes that were expected."""


class State(Protocol):
    """What a sampler knows."""

    @property
    def evidence(self) -> Evidence:
        """The judged cells."""

    @property
    def leading(self) -> NDArray[np.intp]:
        """[L] positions of the leading candidates."""

    @property
    def expected(self) -> NDArray[np.float64]:
        """[M] expected win rates; the highest is the leader's."""

    def seeing(self, most: int) -> State:
        """The same with ``most`` leading candidates; as it is where their number is fixed."""

    def cells(self, queries: NDArray[np.intp], available: NDArray[np.bool_]) -> Cells:
        """What an acquisition sees of some queries [Q]; ``available`` [N, M] may be asked."""


class _Ranked(NamedTuple):
    """Questions side by side: each is one cell, or two of a new query.

    Attributes
    ----------
    query
        [V] places among the queries that are looked at.
    first, second
        [V] places among the leading candidates; ``second`` is -1 for a single cell.
    value, error
        [V] per unit of cost; where questions are drawn, per mean cost of their calls. Errors are
        NaN where they are not known.
    """

    query: NDArray[np.intp]
    first: NDArray[np.intp]
    second: NDArray[np.intp]
    value: NDArray[np.float64]
    error: NDArray[np.float64]


def choose_cells(
    rng: np.random.Generator,
    score: Callable[[CellOutlook], CellScores],
    state: State,
    available: NDArray[np.bool_],
    cost: NDArray[np.float64],
    batch: int,
) -> list[Choice]:
    """Questions with the highest value per unit of cost, each given those before it.

    Where Monte Carlo errors exceed the differences, a question is drawn as by
    :mod:`bayessel.acquisition.top_two`.

    While nothing is judged, all candidates are asked on one query: none leads yet. Where no leading
    candidate has a cell left, any cell may be asked.

    Parameters
    ----------
    rng
        Breaks ties, draws the new queries that are looked at, and draws where the acquisition does.
    score
        Of an acquisition that chooses cells.
    state
        What is known.
    available, cost, batch
        As in :meth:`bayessel.strategies.base.Strategy.ask`.
    """
    outcome = state.evidence.outcome
    judged = outcome != MISSING
    if not judged.any():
        return list(first_queries(rng, available, batch))
    parts: list[Choice] = []
    calls = 0
    if batch > 1:  # nobody takes the place of one that falls behind until the batch is told
        state = state.seeing(len(state.leading) + batch - 1)
    leading = state.leading
    opened = judged.any(axis=1)
    may = available[:, leading].any(axis=1)
    new = np.flatnonzero(may & ~opened)
    alike = _same_rows(available[np.ix_(new, leading)]) and _same_rows(cost[np.ix_(new, leading)])
    looked = rng.choice(new, min(len(new), NEW + batch - 1), replace=False)
    unseen = _Unseen(len(new) - len(looked), alike)
    queries = np.concatenate([np.flatnonzero(may & opened), looked])
    seen = state.cells(queries, available)
    left = available.copy()
    while calls < batch and seen.available.any():
        choice = _choose_one(rng, score, seen, cost, unseen)
        parts.append(choice)
        calls += len(choice.candidates)
        left[choice.query, choice.candidates] = False
        if calls < batch:
            seen = seen.with_cells(rng, choice.query, choice.candidates)
    if calls < batch:
        parts += _rest(rng, left, batch - calls)
    leader = int(state.expected.argmax())
    return [explained(choice, judged, leader, leading) for choice in _merged(parts, cost)]


class _Unseen(NamedTuple):
    """New queries that are not looked at.

    Attributes
    ----------
    queries
        How many there are.
    alike
        Whether all new queries have the same cells to ask, at the same costs.
    """

    queries: int
    alike: bool


def _choose_one(
    rng: np.random.Generator,
    score: Callable[[CellOutlook], CellScores],
    seen: Cells,
    cost: NDArray[np.float64],
    unseen: _Unseen,
) -> Choice:
    """The question with the highest value per unit of cost, or one that is drawn.

    Its ``why`` says no more than how it was drawn; it is empty where it was picked.
    """
    scores = score(seen)
    ranked = _ranked(seen, scores, cost)
    why = "drawn" if scores.drawn else ""
    if not scores.drawn and (not ranked.value.max() > 0 or _undecided(ranked)):
        flat = not ranked.value.max() > 0
        why = DRAWN_FLAT if flat else DRAWN_CLOSE
        scores = top_two.cells(seen)
        ranked = _ranked(seen, scores, cost)
    if scores.drawn:
        chances = ranked.value / ranked.value.sum()
        at = int(rng.choice(len(chances), p=chances))
        info = AskInfo(chance=_chance(float(chances[at]), at, ranked, seen, unseen), why=why)
    else:
        tied = np.flatnonzero(highest(ranked.value, tolerance=TIE * ranked.value.max()))
        at = int(rng.choice(tied))
        chance = _chance(1 / len(tied), at, ranked, seen, unseen)
        info = AskInfo(float(ranked.value[at]), float(ranked.error[at]), chance)
    places = [int(ranked.first[at])] + [int(ranked.second[at])] * int(ranked.second[at] >= 0)
    return Choice(int(seen.queries[ranked.query[at]]), np.sort(seen.leading[places]), info)


def _chance(given: float, at: int, ranked: _Ranked, seen: Cells, unseen: _Unseen) -> float:
    """Probability of the question at place ``at``, from that ``given`` the queries looked at.

    New queries that are alike are looked at with equal chances, whatever is asked on them. Where
    they are not alike, it depends on all of them what is asked: NaN.
    """
    if not unseen.queries:
        return given
    if not (unseen.alike and _alike(ranked, seen.new)):
        return float("nan")
    looked = int(seen.new.sum())
    return given * looked / (looked + unseen.queries) if seen.new[ranked.query[at]] else given


def _alike(ranked: _Ranked, new: NDArray[np.bool_]) -> bool:
    """Whether the same questions have the same values on every new query that is looked at."""
    on_new = np.flatnonzero(new[ranked.query])
    on_new = on_new[np.argsort(ranked.query[on_new], kind="stable")]
    _, counts = np.unique(ranked.query[on_new], return_counts=True)
    if len(set(counts.tolist())) != 1:
        return not len(counts)
    rows = on_new.reshape(len(counts), -1)
    apart = np.ptp(ranked.value[rows], axis=0).max()
    return (
        _same_rows(ranked.first[rows])
        and _same_rows(ranked.second[rows])
        and bool(apart <= 1e-9 * ranked.value.max())
    )


def _same_rows(table: NDArray[np.generic]) -> bool:
    """Whether all rows of a table are the same; there may be none."""
    return bool((table == table[:1]).all())


def _ranked(seen: Cells, scores: CellScores, cost: NDArray[np.float64]) -> _Ranked:
    """Questions that may be asked, with their values per unit of cost."""
    may, leading = seen.available, seen.leading
    price = cost[np.ix_(seen.queries, leading)]
    q, a = np.nonzero(may)
    below = np.tril(np.ones((len(leading), len(leading)), dtype=bool), -1)
    both = may[:, :, None] & may[:, None, :] & seen.new[:, None, None] & below
    pq, pa, pb = np.nonzero(both)

    def errors(of: NDArray[np.float64] | None, *at: NDArray[np.intp]) -> NDArray[np.float64]:
        return np.full(len(at[0]), np.nan) if of is None else of[at]

    value = np.concatenate([scores.single[q, a], scores.pair[pq, pa, pb]])
    error = np.concatenate(
        [errors(scores.single_error, q, a), errors(scores.pair_error, pq, pa, pb)]
    )
    if not np.isfinite(value).all() or value.min() < 0 or (scores.drawn and not value.any()):
        raise DataError(
            f"an acquisition gives values of cells from {value.min():g} to {value.max():g}: "
            "expected finite values of 0 or more, and where it draws one above 0"
        )
    both_paid = price[pq, pa] + price[pq, pb]
    if scores.drawn:  # chances are those of questions: two calls are not half as likely as one
        both_paid = both_paid / 2
    paid = np.concatenate([price[q, a], both_paid])
    return _Ranked(
        np.concatenate([q, pq]),
        np.concatenate([a, pa]),
        np.concatenate([np.full(len(a), -1), pb]),
        value / paid,
        error / paid,
    )


def _undecided(ranked: _Ranked) -> bool:
    """Whether the error of the best question exceeds its lead over those of other candidates."""
    top = int(ranked.value.argmax())
    if not np.isfinite(ranked.error[top]):
        return False
    same = (ranked.first == ranked.first[top]) & (ranked.second == ranked.second[top])
    others = ranked.value[~same]
    return bool(len(others)) and bool(ranked.value[top] - others.max() < ranked.error[top])


def first_queries(
    rng: np.random.Generator, available: NDArray[np.bool_], batch: int
) -> Iterator[Choice]:
    """Queries at random, with all candidates that may be asked; those with the most come first."""
    number = available.sum(axis=1)
    calls = 0
    for most in np.unique(number[number > 0])[::-1]:
        order = rng.permutation(np.flatnonzero(number == most))
        for n, query in enumerate(order):
            info = AskInfo(
                chance=1 / (len(order) - n), why="nothing is judged yet: drawn, for all candidates"
            )
            candidates = np.flatnonzero(available[query])
            yield Choice(int(query), candidates, info)
            calls += len(candidates)
            if calls >= batch:
                return


def _rest(rng: np.random.Generator, available: NDArray[np.bool_], batch: int) -> Iterator[Choice]:
    """Cells at random, of candidates that do not lead: there are no others left."""
    query, candidate = np.nonzero(available)
    for n, at in enumerate(rng.permutation(len(query))[:batch]):
        info = AskInfo(chance=1 / (len(query) - n), why=DRAWN_REST)
        yield Choice(int(query[at]), np.array([candidate[at]]), info)


def _merged(parts: list[Choice], cost: NDArray[np.float64]) -> list[Choice]:
    """Choices on the same query as one question, in the order in which the queries first came.

    Scores, chances and reasons are put together as :class:`~bayessel.strategies.base.AskInfo` says.
    """
    found: dict[int, list[Choice]] = {}
    for part in parts:
        found.setdefault(part.query, []).append(part)
    return [
        same[0]
        if len(same) == 1
        else Choice(
            query,
            np.sort(np.concatenate([part.candidates for part in same])),
            _together([part.info for part in same], [_paid(part, cost) for part in same]),
        )
        for query, same in found.items()
    ]


def _paid(part: Choice, cost: NDArray[np.float64]) -> float:
    return float(cost[part.query, part.candidates].sum())


def _together(infos: list[AskInfo], paid: list[float]) -> AskInfo:
    """What is said of choices that are one question."""
    value = sum(info.score * cost for info, cost in zip(infos, paid, strict=True))
    ways = dict.fromkeys(info.why for info in infos)
    some = "in part " if len(ways) > 1 else ""
    return AskInfo(
        score=value / sum(paid),
        chance=prod(info.chance for info in infos),
        why="; ".join(f"{some}{way}" for way in ways if way),
    )
