"""What the Gibbs step of the two-way model reads, as arrays that Numba takes.

Shapes: R opened queries, C judged cells, M candidates, P features, D = M + P coefficients: the
abilities of the candidates (M) and the slopes within (P).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bayessel.models.two_way import KINDS, Data, prior_of_each
from bayessel.outcomes import MISSING
from bayessel.priors import Prior


class Rows(NamedTuple):
    """Judged cells, those of one query next to each other.

    Attributes
    ----------
    first
        [R + 1] place of a query's first cell, and of the one after the last.
    who
        [C] candidates, increasing within a query.
    y
        [C] half outcomes.
    x
        [C, P] features within.
    position
        [R] positions of the opened queries.
    number
        [M] judged cells of a candidate.
    total
        [M] sums of their half outcomes.
    x_left
        [M, P] sums of the features within over a candidate's unjudged cells.
    design
        [M, 1 + P] ones and the features between: what an ability is expected from.
    squares
        [1 + P, 1 + P] ``design' design``.
    queries
        N.
    verdict_noise
        Variance of half an outcome of a cell that is the judge's noise.
    """

    first: Any
    who: Any
    y: Any
    x: Any
    position: Any
    number: Any
    total: Any
    x_left: Any
    design: Any
    squares: Any
    queries: int
    verdict_noise: float


class PriorTable(NamedTuple):
    """Priors as numbers.

    Attributes
    ----------
    design
        [2, 1 + P] means and standard deviations of the level and the slopes between.
    within
        [2, P] of the slopes within.
    sd_quality, sd_query
        Scales of the half normals; a known value where negative, with its sign turned.
    noise
        [2] concentration and rate of ``noise``, the mean variance of a cell less ``FLOOR``;
        (value, -1) where it is known.
    """

    design: Any
    within: Any
    sd_quality: float
    sd_query: float
    noise: Any


def laid_out(data: Data) -> Rows:
    """Lay out what the two-way model reads."""
    used = np.asarray(data.row) < len(data.within["text"])
    position = np.asarray(data.row)[used].astype(np.int64)
    outcome = np.asarray(data.outcome)[used]
    judged = outcome != MISSING
    r, j = np.nonzero(judged)
    within = features_within(data)
    x = np.ascontiguousarray(within[position[r], j])
    y = outcome[r, j] / 2
    n, m, features = within.shape
    x_seen = np.zeros((m, features))
    np.add.at(x_seen, j, x)
    design = np.hstack([np.ones((m, 1)), *(np.asarray(data.between[kind]) for kind in KINDS)])
    return Rows(
        np.concatenate([[0], np.cumsum(judged.sum(axis=1))]).astype(np.int64),
        j.astype(np.int64),
        y,
        x,
        position,
        np.bincount(j, minlength=m).astype(float),
        np.bincount(j, weights=y, minlength=m),
        within.sum(axis=0) - x_seen,
        design,
        design.T @ design,
        n,
        float(data.verdict_noise),
    )


def features_within(data: Data) -> NDArray[np.float64]:
    """[N, M, P] features within, by kind in the order of ``KINDS``."""
    used = [np.asarray(data.within[kind]) for kind in KINDS if data.within[kind].shape[-1]]
    if len(used) == 1:
        return used[0]
    return np.concatenate(used, axis=-1) if used else np.asarray(data.within[KINDS[0]])


def prior_table(data: Data, priors: dict[str, Prior]) -> PriorTable:
    """Priors of the two-way model as numbers; conjugate ones, see the engine's ``refusal``."""

    def slopes(name: str) -> Any:
        each = []
        for kind in KINDS:
            count = np.shape(data.between[kind])[1]
            prior = prior_of_each(f"{kind}_{name}", priors, count)
            each += [[prior.parameters["loc"], prior.parameters["scale"]]] * count
        return np.array(each, dtype=float).reshape(-1, 2).T

    level = priors["level"].parameters
    return PriorTable(
        np.ascontiguousarray(np.hstack([[[level["loc"]], [level["scale"]]], slopes("between")])),
        np.ascontiguousarray(slopes("within")),
        _scale(priors["sd_quality"]),
        _scale(priors["sd_query"]),
        _pair(priors["noise"]),
    )


def _scale(prior: Prior) -> float:
    if prior.fixed:
        return -float(prior.value)
    return float(prior.parameters["scale"])


def _pair(prior: Prior) -> Any:
    if prior.fixed:
        return np.array([float(prior.value), -1.0])
    return np.array([prior.parameters["concentration"], prior.parameters["rate"]], dtype=float)
