"""Win rates given each state's variances and scales: closed forms, and draws of these, compiled."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from bayessel.inference.two_way.moments import expected_win_rates, law, win_rates
from bayessel.inference.two_way.rows import PriorTable, Rows
from bayessel.inference.two_way.step import first_state, step
from bayessel.support.compiled import compiled


class KeptRates(NamedTuple):
    """What S states of the variances and scales say of the win rates.

    Attributes
    ----------
    variance
        [S, M] variances of the candidates' cells.
    scales
        [S, 3] sd_quality, sd_query, noise.
    mean
        [S, M] expected win rates.
    drawn
        [S x copies, M] independent draws of the win rates of the completed population.
    """

    variance: Any
    scales: Any
    mean: Any
    drawn: Any


@compiled
def run_rates(
    rng: Any, rows: Rows, prior: PriorTable, draws: int, burn_in: int, copies: int
) -> KeptRates:
    """Take ``burn_in + draws`` steps from the prior's centre.

    Given the variances and scales the win rates are normal: their draws need no draw of a
    coefficient or of a query effect.
    """
    m = len(rows.number)
    kept = KeptRates(
        np.empty((draws, m)),
        np.empty((draws, 3)),
        np.empty((draws, m)),
        np.empty((draws * copies, m)),
    )
    every = np.arange(m)
    state = first_state(rows, prior)
    for _ in range(burn_in):
        step(rng, rows, prior, state)
    for at in range(draws):
        step(rng, rows, prior, state)
        kept.variance[at] = state.variance
        kept.scales[at] = state.scales
        given = law(rows, state)
        kept.mean[at] = expected_win_rates(rows, given)
        covariance = win_rates(rows, given, every)[1]
        for j in range(m):
            covariance[j, j] += 1e-12
        root = np.linalg.cholesky(covariance)
        unit = rng.standard_normal((copies, m))
        kept.drawn[at * copies : (at + 1) * copies] = kept.mean[at] + unit @ root.T
    return kept
