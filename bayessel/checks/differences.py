"""Whether candidates differ from each other as much as the model expects.

The statistics are the mean distances of the candidates' shares of losses, draws and wins, and of
their win rates, from the median candidate's. A model in which many candidates share a rate
replicates candidates that are too much alike.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bayessel.checks.base import Check, not_run
from bayessel.checks.judged_rows import replicated_rows
from bayessel.checks.predictive import SHARES, Compared, by_candidate

NAME = "posterior predictive: differences"
_FEWEST = 3  # candidates


def check_differences(tree: xr.DataTree) -> Check:
    """How much candidates differ: mean distance from the median candidate."""
    rows = replicated_rows(tree)
    if isinstance(rows, str):
        return not_run(NAME, rows)
    judged = np.flatnonzero(rows.judged.any(axis=0))
    if len(judged) < _FEWEST:
        return not_run(NAME, f"At least {_FEWEST} judged candidates are needed.")
    each, replicates = by_candidate(rows, judged)
    observed, replicated = _distance(each[None])[0], _distance(replicates)
    compared = Compared.of(observed, replicated, pd.Index(SHARES, name="statistic"))
    return compared.check(
        NAME,
        "candidates differ from each other as much as the model expects",
        f"candidates differ {'more' if compared.more else 'less'} from each other than the model "
        "expects: use a model in which every candidate has rates of its own, and do not trust this "
        "P(best)",
        replicated=replicated,
    )


def _distance(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """[S, 4] mean distance from the median candidate of shares [S, M, 4]."""
    middle = np.median(shares, axis=1, keepdims=True)
    distance: NDArray[np.float64] = np.abs(shares - middle).mean(axis=1)
    return distance
