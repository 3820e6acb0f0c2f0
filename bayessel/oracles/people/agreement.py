"""How far people agree on the cells that several of them judged.

``raw`` is the share of pairs of verdicts on one cell that are equal. Cohen's kappa (two people) and
Fleiss' kappa (any number, as many verdicts on every cell) compare it with what chance would give;
Krippendorff's alpha does so for any number of people with gaps. Alpha is ordinal here: a loss and a
win differ more than a draw and a win. Intervals are percentiles of a bootstrap over cells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayessel.outcomes import MISSING, K, Outcome

REPEATS = 1_000
"""Bootstrap samples."""

LEVEL = 0.9
"""Of the intervals."""


@dataclass(frozen=True)
class Estimate:
    """A statistic with its interval.

    Attributes
    ----------
    value
        NaN where it is not defined: everybody always said the same, or there is nothing to compare.
    lower, upper
        A 90 % interval.
    """

    value: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Agreement:
    """How far people agree.

    Attributes
    ----------
    cells
        Judged by two people or more.
    raw, kappa, alpha
        See the module; ``kappa`` is None where a cell has more or fewer verdicts than another.
    """

    cells: int
    raw: Estimate
    kappa: Estimate | None
    alpha: Estimate


def agreement(
    said: NDArray[np.int8], *, rng: np.random.Generator, repeats: int = REPEATS
) -> Agreement | None:
    """How far people agree; None where no cell was judged twice.

    Parameters
    ----------
    said
        [A, C] outcomes by annotator and cell, ``MISSING`` where not judged.
    rng
        Draws the bootstrap samples.
    repeats
        Number of them.
    """
    several = said[:, (said != MISSING).sum(axis=0) > 1]
    if not several.size:
        return None
    numbers = (several != MISSING).sum(axis=0)
    people = several[(several != MISSING).any(axis=1)]
    kappa: Callable[[NDArray[np.int8]], float] | None = None
    if len(people) == 2:
        kappa = cohen_kappa
    elif (numbers == numbers[0]).all():
        kappa = fleiss_kappa

    def estimate(statistic: Callable[[NDArray[np.int8]], float]) -> Estimate:
        n = people.shape[1]
        samples = [statistic(people[:, rng.integers(0, n, size=n)]) for _ in range(repeats)]
        known = np.array(samples)[~np.isnan(samples)]
        tail = (1 - LEVEL) / 2
        bounds = np.quantile(known, [tail, 1 - tail]) if known.size else (np.nan, np.nan)
        return Estimate(statistic(people), float(bounds[0]), float(bounds[1]))

    return Agreement(
        people.shape[1],
        estimate(raw_agreement),
        None if kappa is None else estimate(kappa),
        estimate(krippendorff_alpha),
    )


def cell_counts(said: NDArray[np.int8]) -> NDArray[np.int64]:
    """[C, K] how often each outcome was said of each cell; ``said`` is [A, C]."""
    return np.stack([(said == outcome).sum(axis=0) for outcome in Outcome], axis=-1)


def raw_agreement(said: NDArray[np.int8]) -> float:
    """Share of the pairs of verdicts on one cell that are equal.

    Parameters
    ----------
    said
        [A, C] outcomes, ``MISSING`` where not judged.
    """
    counts = cell_counts(said)
    total = counts.sum(axis=1)
    pairs = (total * (total - 1)).sum()
    return float((counts * (counts - 1)).sum() / pairs) if pairs else float("nan")


def cohen_kappa(said: NDArray[np.int8]) -> float:
    """Cohen's kappa of two people (Cohen 1960), over the cells that both judged.

    Parameters
    ----------
    said
        [2, C] outcomes.
    """
    both = said[:, (said != MISSING).all(axis=0)]
    if not both.shape[1]:
        return float("nan")
    shares = np.stack([(both == outcome).mean(axis=1) for outcome in Outcome])
    return _beyond_chance(float((both[0] == both[1]).mean()), float(shares.prod(axis=1).sum()))


def fleiss_kappa(said: NDArray[np.int8]) -> float:
    """Fleiss' kappa (Fleiss 1971) of cells with as many verdicts each.

    Parameters
    ----------
    said
        [A, C] outcomes, ``MISSING`` where not judged.
    """
    counts = cell_counts(said)
    n = counts.sum(axis=1)[0]
    observed = ((counts**2).sum(axis=1) - n) / (n * (n - 1))
    shares = counts.sum(axis=0) / counts.sum()
    return _beyond_chance(float(observed.mean()), float((shares**2).sum()))


def krippendorff_alpha(said: NDArray[np.int8]) -> float:
    """Krippendorff's alpha for ordered outcomes; NaN where all verdicts are the same.

    Parameters
    ----------
    said
        [A, C] outcomes, ``MISSING`` where not judged.
    """
    import krippendorff

    counts = cell_counts(said)
    if (counts.sum(axis=0) > 0).sum() < 2 or not (counts.sum(axis=1) > 1).any():
        return float("nan")
    return float(
        krippendorff.alpha(
            value_counts=counts, value_domain=np.arange(K), level_of_measurement="ordinal"
        )
    )


def _beyond_chance(observed: float, expected: float) -> float:
    return float("nan") if expected >= 1 else (observed - expected) / (1 - expected)


def laid_out(verdicts: Sequence[tuple[str, tuple[str, str], Outcome]]) -> NDArray[np.int8]:
    """[A, C] outcomes from (annotator, cell, outcome); the last of a person counts."""
    people = {who: i for i, who in enumerate(dict.fromkeys(who for who, _, _ in verdicts))}
    cells = {cell: i for i, cell in enumerate(dict.fromkeys(cell for _, cell, _ in verdicts))}
    said = np.full((len(people), len(cells)), MISSING, dtype=np.int8)
    for who, cell, outcome in verdicts:
        said[people[who], cells[cell]] = outcome
    return said
