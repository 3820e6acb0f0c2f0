"""What Gibbs states say of the finite population and of its cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayessel.inference.draws import POINTS, Draws
from bayessel.inference.gibbs.sweeps import Sweeps, split
from bayessel.models.distributions.halves import completed
from bayessel.models.regression import Data
from bayessel.outcomes import counts


def population(outcome: NDArray[np.int8], sweeps: Sweeps) -> Draws:
    """Draws of the finite population: judged cells as they are, the others from the states.

    The share ``drawing`` of the unjudged cells are draws, of the most that the points allow.

    Parameters
    ----------
    outcome
        [N, M] judgments, ``MISSING`` elsewhere.
    sweeps
        States given these judgments.
    """
    half = sweeps.half_points
    drawing = np.repeat(sweeps.drawing, len(half) // len(sweeps.drawing))
    return Draws.of_counts(completed(counts(outcome), half, drawing[:, None], len(outcome)))


def expected_win_rates(outcome: NDArray[np.int8], sweeps: Sweeps) -> NDArray[np.float64]:
    """[M] expected win rates, no coefficient and no cell drawn (Rao and Blackwell).

    Their Monte Carlo error is that of the states' variances and Σ alone. Parameters as
    :func:`population`.
    """
    known = counts(outcome)
    left = len(outcome) - known.sum(axis=-1)
    half = np.clip(sweeps.expected, -left / 2, left / 2).mean(axis=0)
    found: NDArray[np.float64] = (known @ POINTS + left / 2 + half) / len(outcome)
    return found


def expected_points(
    data: Data, sweeps: Sweeps, candidates: NDArray[np.intp]
) -> NDArray[np.float64]:
    """[S, N, len(candidates)] points that each state expects of cells, judged or not.

    Parameters
    ----------
    data
        What the regression reads.
    sweeps
        S states.
    candidates
        Positions of candidates.
    """
    n, features = len(data.within), data.between.shape[1]
    quality, level, between, within, query = split(sweeps.coefficients, data)
    ability = 0.5 + quality + level + between @ data.between.T
    x = data.within[:, candidates].reshape(n * len(candidates), features)
    points = (within @ x.T).reshape(len(quality), n, len(candidates))
    points += ability[:, None, candidates]
    points += (query @ data.z.T)[:, :, None]
    return points
