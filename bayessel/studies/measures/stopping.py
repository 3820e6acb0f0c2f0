"""How often the answer is right when a stopping rule stops, and what it has cost by then."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from bayessel.studies.measures.estimates import jeffreys, mean_and_error
from bayessel.studies.rows import Runs

STOP = 0.95
"""The level that the Markdown tables show."""


def stopping(data: Sequence[Runs]) -> pd.DataFrame:
    """What stopping at a probability gives: how often it stops, is right, and what it costs.

    A rule stops after the first question at which the probability is at the level, wherever that
    lies between the budgets of the other tables: what is reported there is the highest so far, and
    whether it is right as often is calibration at the moment that matters.

    Parameters
    ----------
    data
        Runs of all strategies; those that report no such probability have no rows.

    Returns
    -------
    DataFrame
        ``data``, ``strategy``, ``rule``, ``promise`` (the probability that is read), ``level``;
        ``stopped`` (share of the realizations); among them ``reported`` (mean probability) and
        ``right`` (share) with ``right se`` and Jeffreys' 95 % interval from ``right lower`` to
        ``right upper``; ``calls / M`` with ``calls / M se``, ``calls`` and ``queries`` (opened):
        means over all realizations, with what was spent at the end where the rule never held.
    """
    rows = []
    for runs in data:
        for (promise, level), part in runs.stops.groupby(["promise", "level"], sort=False):
            stopped = part["stopped"].to_numpy(dtype=bool)
            cost, error = mean_and_error(part[["spent"]].to_numpy() / runs.candidates)
            rows.append(
                {
                    "data": runs.data,
                    "strategy": runs.strategy,
                    "rule": f"{promise} >= {level:g}",
                    "promise": promise,
                    "level": level,
                    "stopped": stopped.mean(),
                    "reported": part["reported"][stopped].mean(),
                    **_share(part["right"].to_numpy(dtype=bool)[stopped]),
                    "calls / M": cost[0],
                    "calls / M se": error[0],
                    "calls": part["spent"].mean(),
                    "queries": part["queries"].mean(),
                }
            )
    return pd.DataFrame(rows)


def _share(hits: np.ndarray) -> dict[str, float]:
    """Share that is right, its standard error, and Jeffreys' 95 % interval; NaN without cases."""
    n, k = len(hits), int(hits.sum())
    if n == 0:
        return dict.fromkeys(("right", "right se", "right lower", "right upper"), float("nan"))
    lower, upper = jeffreys(k, n, 0.95)
    return {
        "right": k / n,
        "right se": float(np.sqrt(k * (n - k) / n) / n),
        "right lower": lower,
        "right upper": upper,
    }
