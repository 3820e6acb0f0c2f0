"""What the Gibbs step reads, changes and keeps: named tuples of arrays, as Numba takes them.

Shapes: R judged rows, M candidates, P features of a response, G features of a query, and
D = M + 1 + 2 P + G coefficients: quality (M), level (1), between (P), within (P), query (G).
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Rows(NamedTuple):
    """Judged rows, and the sums over them that every step needs.

    Attributes
    ----------
    y
        [R, M] half outcomes; the unjudged cells of a row are drawn anew at each step.
    judged
        [R, M] which cells are judged.
    in_part
        Positions of the rows with judged and unjudged cells.
    x
        [R, M, P] features of the responses.
    z
        [R, G] features of the queries.
    same
        [M, M + 1 + P] the columns of the design that are the same in every row: quality, level,
        between.
    x_sum, z_sum
        [M, P] and [G] sums over the rows.
    x_x
        [M (M + 1) / 2, P (P + 1) / 2] sums of products of ``x`` by pair of candidates and of
        features; see :func:`bayessel.inference.gibbs.sweeps.products_by_pair`.
    x_z
        [M, P, G] sums of products of ``x`` and ``z``.
    z_z
        [G, G] sums of products of ``z``.
    groups
        [4, 2] first coefficient, and the one after the last, of quality, between, within, query.
    """

    y: Any
    judged: Any
    in_part: Any
    x: Any
    z: Any
    same: Any
    x_sum: Any
    z_sum: Any
    x_x: Any
    x_z: Any
    z_z: Any
    groups: Any


class Unjudged(NamedTuple):
    """Sums over the rows without any judgment.

    Attributes
    ----------
    number
        How many rows.
    x, z
        [M, P] and [G] sums of their features.
    """

    number: int
    x: Any
    z: Any


class PriorTable(NamedTuple):
    """Parameters of the priors.

    Attributes
    ----------
    level
        [2] location and scale of a Normal.
    variances
        [4, 2] concentration and rate of the InverseGamma of quality, between, within, query;
        (value, -1) of a known one.
    scales
        [2, 2] concentration and rate of the Gamma of contrast and common; (value, -1) of a known
        one.
    """

    level: Any
    variances: Any
    scales: Any


class State(NamedTuple):
    """What a step changes, in place.

    Attributes
    ----------
    coefficients
        [D]
    variances
        [4] of quality, between, within, query.
    scales
        [2] contrast and common.
    omega, covariance, factor
        [M, M] Ω, Σ and a factor with Σ = factor factor'.
    ability
        [M] what ``Rows.same`` and its coefficients predict.
    mean
        [R, M] what all coefficients predict.
    precision, pull
        [D, D] and [D] of the likelihood of the coefficients: Σ_q Φ[q]' Ω Φ[q] and Σ_q Φ[q]' Ω y[q].
    centre
        [D] mean of the coefficients given all else, around which they were drawn.
    in_part
        [M] sums of the expected unjudged cells of the rows judged in part.
    """

    coefficients: Any
    variances: Any
    scales: Any
    omega: Any
    covariance: Any
    factor: Any
    ability: Any
    mean: Any
    precision: Any
    pull: Any
    centre: Any
    in_part: Any


class Kept(NamedTuple):
    """States that are kept, S of them; the fields of :class:`.sweeps.Sweeps` but the last."""

    coefficients: Any
    variances: Any
    scales: Any
    covariance: Any
    half_points: Any
    expected: Any
