"""How good the named candidate is at each budget."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayessel.studies.measures.estimates import (
    CRITERIA,
    mean_and_error,
    quantile_and_error,
    right,
)
from bayessel.studies.rows import Runs


def by_budget(data: Sequence[Runs]) -> pd.DataFrame:
    """Every measure at every budget, one row a strategy and budget.

    Columns ``data``, ``strategy``; the budget as ``calls / M`` (whole-query equivalents) and
    ``calls``; ``queries`` (mean number opened); each of ``identified``, ``within 1 %``, ``within
    2.5 %``, ``within 5 %`` (probabilities), ``gap`` (mean, points), ``gap p95`` (95th percentile,
    points) and ``P(best)`` (mean reported) with its standard error ``... se``.
    """
    frames = []
    for runs in data:
        columns: dict[str, NDArray] = {
            "calls / M": runs.budgets,
            "calls": np.rint(runs.budgets * runs.candidates).astype(int),
            "queries": runs.queries.mean(axis=0),
        }
        for criterion in CRITERIA:
            mean, error = mean_and_error(right(runs, criterion))
            columns |= {criterion: mean, f"{criterion} se": error}
        for name, (value, error) in {
            "gap": mean_and_error(100 * runs.gap),
            "gap p95": quantile_and_error(100 * runs.gap),
            "P(best)": mean_and_error(runs.p_best),
        }.items():
            columns |= {name: value, f"{name} se": error}
        frame = pd.DataFrame(columns)
        frame.insert(0, "data", runs.data)
        frame.insert(1, "strategy", runs.strategy)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)
