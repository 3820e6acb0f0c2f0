"""How often the answer is right when a stopping rule stops, and what it has cost by then."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayessel.studies.measures.estimates import jeffreys, mean_and_error, right
from bayessel.studies.rows import Runs

STOPS = (0.8, 0.9, 0.95, 0.99)
"""Levels of the stopping rules that are measured."""

STOP = 0.95
"""The level that the Markdown tables show."""


def stopping(data: Sequence[Runs]) -> pd.DataFrame:
    """What stopping at a probability gives: how often it stops, is right, and what it costs.

    Parameters
    ----------
    data
        Runs of all strategies; those that report no such probability have no rows.

    Returns
    -------
    DataFrame
        ``data``, ``strategy``, ``rule``, ``promise`` (the probability that is read), ``level``,
        ``stopped`` (share of the realizations), ``right`` (share among them) with ``right se`` and
        Jeffreys' 95 % interval from ``right lower`` to ``right upper``, ``annotations`` and
        ``cells`` (means over all realizations; the whole budget where the rule never held) with
        ``annotations se``.
    """
    rows = []
    for runs in data:
        rules = {
            "P(within 1 %)": (runs.p_within, right(runs, "within 1 %")),
            "P(best)": (runs.p_best, runs.correct),
        }
        for promise, (p, good) in rules.items():
            if np.isnan(p).all():
                continue
            for level in STOPS:
                reached = p >= level
                stopped = reached.any(axis=1)
                at = np.where(stopped, reached.argmax(axis=1), p.shape[1] - 1)
                each = np.arange(len(p))
                cost, error = mean_and_error((at + 1.0)[:, None])
                rows.append(
                    {
                        "data": runs.data,
                        "strategy": runs.strategy,
                        "rule": f"{promise} >= {level:g}",
                        "promise": promise,
                        "level": level,
                        "stopped": stopped.mean(),
                        **_share(good[each, at][stopped]),
                        "annotations": cost[0],
                        "annotations se": error[0],
                        "cells": runs.cells[each, at].mean(),
                    }
                )
    return pd.DataFrame(rows)


def _share(hits: NDArray[np.bool_]) -> dict[str, float]:
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
