"""Whether what the other rows predict for a row is calibrated.

The points in each row are compared with what the other rows predict for it (LOO-PIT, ties broken at
random). That the ranks are uniform is tested by the pointwise order-statistic test of Tesso and
Vehtari (POT-C in ArviZ, which allows for the ranks' dependence), at 0.01.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from arviz_stats.base import array_stats
from numpy.typing import NDArray

from bayessel.checks.base import Check, not_run
from bayessel.checks.discrepancy import ALPHA, say_p
from bayessel.checks.draws import SAMPLE
from bayessel.checks.judged_rows import Rows, judged_rows
from bayessel.checks.leave_one_out import NO_LIKELIHOOD, leave_one_out
from bayessel.outcomes import MISSING

NAME = "leave-one-out calibration"
_FEWEST = 8  # judged queries
_WEIGHTS = 50  # effective draws that a leave-one-out prediction needs
_KOLMOGOROV = 1.63  # the 99 % bound on sqrt(n) times the distance from the uniform distribution


def check_leave_one_out_calibration(tree: xr.DataTree) -> Check:
    """Whether the points in a row are calibrated, given the other rows."""
    found = leave_one_out(tree)
    if found is None:
        return not_run(NAME, NO_LIKELIHOOD)
    rows = judged_rows(tree, most=None)
    if rows is None or len(rows.replicated) != found.log_weights[0].size:
        return not_run(NAME, "The result has no replicated outcomes for every posterior draw.")
    if len(rows.queries) < _FEWEST:
        return not_run(NAME, f"{len(rows.queries)} judged queries: at least {_FEWEST} are needed.")
    weights = _weights(found, len(rows.queries))
    effective = 1 / (weights**2).sum(axis=0)
    trusted = (found.pareto_k.to_numpy() <= found.good_k) & (effective >= _WEIGHTS)
    if not trusted.all():
        return not_run(
            NAME,
            f"{int((~trusted).sum())} of {len(trusted)} queries cannot be left out by reweighting "
            "these draws: each row tells the model much. More draws or judged rows are needed.",
        )
    table = _table(rows, weights, effective)
    p = float(array_stats.uniformity_test(table["loo_pit"].to_numpy())[0])
    table = table.sort_values("loo_pit")
    if p > ALPHA:
        text = f"What the other rows predict for a row is calibrated ({say_p(p)})."
    else:
        text = (
            f"What the other rows predict for a row is {_how(table['loo_pit'])} ({say_p(p)}): win "
            "rates and P(best) inherit it; use a model with a difficulty of each query, or look at "
            "how queries were chosen."
        )
    return Check(NAME, p > ALPHA, text, table, {"band": _KOLMOGOROV / np.sqrt(len(table))})


def _weights(found: Any, n: int) -> NDArray[np.float64]:
    """[S, n] weights that leave each query out, summing to 1."""
    log_weights = found.log_weights.transpose(*SAMPLE, "query").to_numpy()
    weights: NDArray[np.float64] = np.exp(log_weights.reshape(-1, n))
    weights /= weights.sum(axis=0)
    return weights


def _table(
    rows: Rows, weights: NDArray[np.float64], effective: NDArray[np.float64]
) -> pd.DataFrame:
    """Points of each row, as observed and as the other rows predict them, and their LOO-PIT.

    Parameters
    ----------
    rows
        n judged rows with S replicates.
    weights
        [S, n]
    effective
        [n] effective draws.
    """
    observed = _half_points(rows.observed[None])[0]
    replicated = _half_points(rows.replicated)
    below = (weights * (replicated < observed)).sum(axis=0)
    equal = (weights * (replicated == observed)).sum(axis=0)
    ties = np.random.default_rng(0).random(len(observed))
    # The row itself is one more draw: no rank is closer to 0 or 1 than the draws can tell.
    pit = (effective * (below + ties * equal) + ties) / (effective + 1)
    return pd.DataFrame(
        {
            "points": observed / 2,
            "expected": (weights * replicated).sum(axis=0) / 2,
            "loo_pit": pit,
            "judged": rows.judged.sum(axis=1),
        },
        index=pd.Index(rows.queries, name="query"),
    )


def _half_points(outcome: NDArray[np.int8]) -> NDArray[np.int32]:
    """[S, n] half points (0 a loss, 1 a draw, 2 a win) in each row of [S, n, M]."""
    half = np.where(outcome == MISSING, 0, outcome + 1)
    total: NDArray[np.int32] = half.sum(axis=2, dtype=np.int32)
    return total


def _how(pit: pd.Series) -> str:
    """In what way the ranks are not uniform."""
    outer = float(((pit - 0.5).abs() > 0.4).mean())
    if outer > 0.3:
        return "too sure: rows are more extreme than predicted"
    if outer < 0.1:
        return "too modest: rows are less extreme than predicted"
    return "shifted"
