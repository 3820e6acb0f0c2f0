"""Whether judged rows differ from each other as much as the model expects.

The statistics are the standard deviations between rows of their shares of losses, draws and wins
and of their win rate. A query that is hard for one candidate is often hard for all: a model whose
cells are independent given the candidate replicates rows that are too much alike.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bayessel.checks.base import Check, not_run
from bayessel.checks.judged_rows import replicated_rows
from bayessel.checks.predictive import SHARES, Compared, another_model, shares
from bayessel.outcomes import counts

NAME = "posterior predictive: shared difficulty"
_FEWEST_CELLS, _FEWEST_ROWS = 2, 3


def check_difficulty(tree: xr.DataTree) -> Check:
    """Spread between judged rows: whether the model knows that queries differ."""
    rows = replicated_rows(tree)
    if isinstance(rows, str):
        return not_run(NAME, rows)
    n = rows.judged.sum(axis=1)
    kept = n >= _FEWEST_CELLS
    if kept.sum() < _FEWEST_ROWS:
        return not_run(
            NAME,
            f"At least {_FEWEST_ROWS} rows with {_FEWEST_CELLS} judged cells each are needed.",
        )

    def spread(outcome: NDArray[np.int8]) -> NDArray[np.float64]:
        """[S, 4] standard deviation between rows of [S, n, M]."""
        found: NDArray[np.float64] = shares(counts(outcome[:, kept], axis=2), n[kept]).std(axis=1)
        return found

    observed, replicated = spread(rows.observed[None])[0], spread(rows.replicated)
    compared = Compared.of(observed, replicated, pd.Index(SHARES, name="statistic"))
    if compared.more:
        differ = (
            "more from each other than the model expects: P(best) is too modest where candidates "
            "win and lose together, and win rates too sure; use a model with a difficulty of each "
            f"query{another_model(tree)}"
        )
    else:
        differ = (
            "less from each other than the model expects: P(best) is too sure or too modest; look "
            "at how the queries were chosen"
        )
    return compared.check(
        NAME,
        "judged rows differ from each other as much as the model expects",
        f"judged rows differ {differ}",
        replicated=replicated,
    )
