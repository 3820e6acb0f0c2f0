"""Whether the model replicates each candidate's losses, draws, wins and win rate."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from bayessel.checks.base import Check, not_run
from bayessel.checks.judged_rows import replicated_rows
from bayessel.checks.predictive import SHARES, Compared, by_candidate

NAME = "posterior predictive: candidates"


def check_candidates(tree: xr.DataTree) -> Check:
    """Losses, draws, wins and win rate of each candidate on the judged rows."""
    rows = replicated_rows(tree)
    if isinstance(rows, str):
        return not_run(NAME, rows)
    judged = np.flatnonzero(rows.judged.any(axis=0))
    names = [rows.candidates[j] for j in judged]
    index = pd.MultiIndex.from_product([names, SHARES], names=["candidate", "statistic"])
    return Compared.of(*by_candidate(rows, judged), index).check(
        NAME,
        "the observed outcomes of each candidate are like those that the model replicates",
        "the model does not replicate the outcomes of these candidates: use a model that can fit "
        "them, and do not trust its P(best)",
        judged=np.repeat(rows.judged.sum(axis=0)[judged], len(SHARES)),
    )
