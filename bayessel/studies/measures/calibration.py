"""Whether a strategy is right as often as its P(best) says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayessel.studies.measures.estimates import jeffreys
from bayessel.studies.rows import Runs

ONE_ERROR = 0.683
"""Probability within one standard error of a normal mean."""

CASES, APART = 50, 0.05
"""What a tenth needs to be called off: so many cases, and so far from what is reported."""


def calibration(data: Sequence[Runs], budgets: Sequence[float] = ()) -> pd.DataFrame:
    """Reported P(best), in tenths, against how often the named candidate is a best one.

    Parameters
    ----------
    data
        Runs of all strategies; those that report no P(best) have no rows.
    budgets
        Whole-query equivalents that are shown apart, beside all of them together.

    Returns
    -------
    DataFrame
        ``data``, ``strategy``, ``calls / M`` (0: all budgets together), ``queries`` (mean number
        opened; NaN for all together), ``from``, ``to``, ``cases``, ``reported`` (mean), ``right``
        (share) and ``error``, its standard error over realizations: more budgets of one
        realization do not make it smaller. ``lower`` and ``upper`` are one standard error to each
        side. Where all cases are right or all are wrong the standard error is 0 and says nothing:
        there they are Jeffreys' interval of the same 68 % for as many realizations. ``off``: there
        are at least :data:`CASES` cases, and right and reported are apart by more than
        :data:`APART` and by more than twice the distance to ``lower`` or ``upper``.
    """
    rows = []
    for runs in data:
        if np.isnan(runs.p_best).all():
            continue
        places = {float(b): i for i, b in enumerate(runs.budgets)}
        for budget in (0.0, *(b for b in budgets if b in places)):
            at = slice(places[budget], places[budget] + 1) if budget else slice(None)
            found = _tenths(runs.p_best[:, at], runs.correct[:, at])
            queries = float(runs.queries[:, at].mean()) if budget else float("nan")
            labels = {"data": runs.data, "strategy": runs.strategy, "calls / M": budget}
            rows += [labels | {"queries": queries} | row for row in found]
    return pd.DataFrame(rows)


def _tenths(p: NDArray[np.float64], correct: NDArray[np.bool_]) -> Iterator[dict[str, float]]:
    """One row a tenth of P(best) [R, G] that has cases."""
    tenth = np.minimum((p * 10 + 1e-9).astype(int), 9)
    for i in range(10):
        inside = tenth == i
        cases = int(inside.sum())
        if cases == 0:
            continue
        share = correct[inside].mean()
        residual = np.where(inside, correct - share, 0.0).sum(axis=1)
        error = float(np.sqrt((residual**2).sum()) / cases)
        lower, upper = share - error, share + error
        if share in (0, 1):
            n = int(inside.any(axis=1).sum())
            lower, upper = jeffreys(n if share else 0, n, ONE_ERROR)
        reported = float(p[inside].mean())
        allowed = 2 * ((upper - share) if reported > share else (share - lower))
        yield {
            "from": i / 10,
            "to": (i + 1) / 10,
            "cases": cases,
            "reported": reported,
            "right": share,
            "error": error,
            "lower": lower,
            "upper": upper,
            "off": cases >= CASES and abs(reported - share) > max(APART, allowed),
        }
