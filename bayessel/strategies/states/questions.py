"""From an acquisition's scores of cells to the questions that are asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from bayessel.acquisition import top_two
from bayessel.acquisition.base import CellOutlook, CellScores
from bayessel.errors import DataError
from bayessel.inference.evidence import Evidence
from bayessel.outcomes import MISSING
from bayessel.strategies.base import AskInfo, Choice
from bayessel.support.ties import highest

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
        [V] per unit of cost; errors are NaN where they are not known.
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
    chosen: list[Choice] = []
    calls = 0
    if batch > 1:  # nobody takes the place of one that falls behind until the batch is told
        state = state.seeing(len(state.leading) + batch - 1)
    leading = state.leading
    opened = judged.any(axis=1)
    may = available[:, leading].any(axis=1)
    new = np.flatnonzero(may & ~opened)
    new = rng.choice(new, min(len(new), NEW + batch - 1), replace=False)
    queries = np.concatenate([np.flatnonzero(may & opened), new])
    seen = state.cells(queries, available)
    left = available.copy()
    while calls < batch and seen.available.any():
        choice = _choose_one(rng, score, seen, cost, judged.any(axis=0))
        chosen.append(choice)
        calls += len(choice.candidates)
        left[choice.query, choice.candidates] = False
        if calls < batch:
            seen = seen.with_cells(rng, choice.query, choice.candidates)
    if calls < batch:
        chosen += _rest(rng, left, batch - calls)
    return _merged(chosen)


def _choose_one(
    rng: np.random.Generator,
    score: Callable[[CellOutlook], CellScores],
    seen: Cells,
    cost: NDArray[np.float64],
    known: NDArray[np.bool_],
) -> Choice:
    """The question with the highest value per unit of cost, or one that is drawn.

    ``known`` [M] are the candidates that were judged before.
    """
    scores = score(seen)
    ranked = _ranked(seen, scores, cost)
    why = ""
    if not scores.drawn and (not ranked.value.max() > 0 or _undecided(ranked)):
        flat = not ranked.value.max() > 0
        why = "nothing to gain by the score: drawn" if flat else "too close to tell apart: drawn"
        scores = top_two.cells(seen)
        ranked = _ranked(seen, scores, cost)
    if scores.drawn:
        chance = ranked.value / ranked.value.sum()
        at = int(rng.choice(len(chance), p=chance))
        info = AskInfo(chance=float(chance[at]), why=why)
    else:
        tied = np.flatnonzero(highest(ranked.value, tolerance=1e-12 * ranked.value.max()))
        at = int(rng.choice(tied))
        info = AskInfo(float(ranked.value[at]), float(ranked.error[at]), 1 / len(tied))
    places = [int(ranked.first[at])] + [int(ranked.second[at])] * int(ranked.second[at] >= 0)
    q = int(ranked.query[at])
    if not info.why:
        asked = known[seen.leading[places]]
        info = replace(info, why=_why(asked, new=bool(seen.new[q])))
    return Choice(int(seen.queries[q]), np.sort(seen.leading[places]), info)


def _why(known: NDArray[np.bool_], *, new: bool) -> str:
    """Why one candidate or two are asked for; ``known`` says which were judged before."""
    if new:
        two = "the two that are hardest to tell apart, on a new query"
        return two if len(known) == 2 else "the one whose outcome tells most, on a new query"
    what = "a candidate caught up" if known.all() else "a candidate that was not judged yet"
    return f"{what}: compared on a query that others were judged on"


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
    paid = np.concatenate([price[q, a], price[pq, pa] + price[pq, pb]])
    if scores.drawn:
        paid = np.ones(len(paid))
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
    """Queries at random, with all candidates that may be asked."""
    most = available.sum(axis=1)
    order = rng.permutation(np.flatnonzero(most == most.max()))
    calls = 0
    for query in order:
        info = AskInfo(chance=1 / len(order), why="the first query is judged for all")
        candidates = np.flatnonzero(available[query])
        yield Choice(int(query), candidates, info)
        calls += len(candidates)
        if calls >= batch:
            return


def _rest(rng: np.random.Generator, available: NDArray[np.bool_], batch: int) -> Iterator[Choice]:
    """Cells at random, of candidates that do not lead: there are no others left."""
    query, candidate = np.nonzero(available)
    for at in rng.permutation(len(query))[:batch]:
        info = AskInfo(chance=1 / len(query), why="the leading candidates have no cell left")
        yield Choice(int(query[at]), np.array([candidate[at]]), info)


def _merged(chosen: list[Choice]) -> list[Choice]:
    """Questions on the same query as one, in the order in which the queries first came."""
    found: dict[int, Choice] = {}
    for choice in chosen:
        before = found.get(choice.query)
        if before is None:
            found[choice.query] = choice
            continue
        both = np.sort(np.concatenate([before.candidates, choice.candidates]))
        found[choice.query] = replace(before, candidates=both)
    return list(found.values())
