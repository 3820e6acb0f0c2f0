"""What given weak judges say of cells, in the parts whose worth models learn apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bayessel.tasks.readers.parts.weak import VERDICT

FEW = 4.0
"""Cells that weigh as much as the mean of all, where a weak judge says nothing of some cells."""

CLIP = 4.0
"""Standardised scores farther out than this are taken to be this far out."""

_ROUNDS = 50
_CLOSE = 1e-9


class Parts(NamedTuple):
    """What a weak judge says, of responses and of candidates.

    Attributes
    ----------
    within
        [N, M] of a response, less what is said of the candidate.
    between
        [M] of a candidate, less what is said of all.
    """

    within: NDArray[np.float64]
    between: NDArray[np.float64]


class Effects(NamedTuple):
    """A weak judge's scores as a sum of these, and of what is left to a cell.

    Attributes
    ----------
    overall
        Mean of the known cells.
    of_query
        [N] of a query, less the overall mean; 0 where nothing is known.
    of_candidate
        [M] the same of a candidate, drawn towards 0 where it has few known cells.
    """

    overall: float
    of_query: NDArray[np.float64]
    of_candidate: NDArray[np.float64]


@dataclass(frozen=True)
class Given:
    """Given weak judges.

    Attributes
    ----------
    said
        [G, N, M] what they say of cells: scores as they are, verdicts -1, 0, 1; NaN where one says
        nothing.
    names, kinds
        [G] their names, and ``verdict`` or ``score``.
    """

    said: NDArray[np.float64]
    names: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    @cached_property
    def parts(self) -> tuple[Parts, ...]:
        """[G] what each says, in parts."""
        both = zip(self.said, self.kinds, strict=True)
        return tuple(
            verdict_parts(said) if kind == VERDICT else score_parts(said) for said, kind in both
        )

    def parts_of(self, kind: str) -> Parts:
        """[N, M, P] and [M, P] parts of the weak judges of a kind, side by side."""
        found = [parts for parts, one in zip(self.parts, self.kinds, strict=True) if one == kind]
        if not found:
            n, m = self.said.shape[1:]
            return Parts(np.zeros((n, m, 0)), np.zeros((m, 0)))
        return Parts(*(np.stack(part, axis=-1) for part in zip(*found, strict=True)))


def effects(score: NDArray[np.float64]) -> Effects:
    """Means of queries and candidates, each of what the other leaves.

    With gaps they are found in turn until they stay (backfitting: Buja, Hastie and Tibshirani
    1989): a candidate that is known on easy queries only is compared with others there.

    Parameters
    ----------
    score
        [N, M], NaN where nothing is said.
    """
    known = ~np.isnan(score)
    number, on_query = known.sum(axis=0), known.sum(axis=1)
    overall = float(score[known].mean()) if known.any() else 0.0
    rest = np.where(known, score - overall, 0.0)
    weight = np.maximum(number + FEW * (number < len(score)), 1)
    of_query, of_candidate = np.zeros(len(score)), np.zeros(len(number))
    for _ in range(_ROUNDS):
        of_query = (rest.sum(axis=1) - known @ of_candidate) / np.maximum(on_query, 1)
        before, of_candidate = of_candidate, (rest.sum(axis=0) - of_query @ known) / weight
        if np.abs(of_candidate - before).max(initial=0.0) < _CLOSE:
            break
    return Effects(overall, of_query, of_candidate)


def score_parts(score: NDArray[np.float64]) -> Parts:
    """Parts of scores [N, M], standardised: how they compare the candidates on a query.

    Their level on a query is left out: a score need not mean the same on two queries.
    """
    overall, of_query, of_candidate = effects(score)
    apart = score - overall - of_query[:, None]
    spread = np.nanstd(apart) if not np.isnan(apart).all() else 0.0
    if not spread > 0:
        return Parts(np.zeros(score.shape), np.zeros(score.shape[1]))
    unit = np.clip(apart / spread, -CLIP, CLIP)
    between = of_candidate / spread
    return Parts(np.where(np.isnan(unit), 0.0, unit - between), between)


def verdict_parts(verdict: NDArray[np.float64]) -> Parts:
    """Parts of verdicts -1, 0, 1 [N, M], in halves.

    Verdicts are of the same scale on every query. What they say of a query, how hard it is to win,
    is said of all its cells alike, also of those of which they say nothing; it is drawn towards the
    mean of all where few cells are known.
    """
    overall, of_query, of_candidate = effects(verdict / 2)
    known = ~np.isnan(verdict)
    on_query = known.sum(axis=1)
    whole = on_query / np.maximum(on_query + FEW * (on_query < verdict.shape[1]), 1)
    left = np.where(known, verdict / 2 - overall - of_query[:, None] - of_candidate, 0.0)
    return Parts(left + (whole * of_query)[:, None], of_candidate)
