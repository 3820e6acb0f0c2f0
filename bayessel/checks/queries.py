"""Whether the model replicates the losses, draws and wins of each judged query."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from bayessel.checks.base import Check, not_run
from bayessel.checks.judged_rows import replicated_rows
from bayessel.checks.predictive import COUNTED, Compared, another_model
from bayessel.outcomes import counts

NAME = "posterior predictive: queries"


def check_queries(tree: xr.DataTree) -> Check:
    """Losses, draws and wins of each judged query."""
    rows = replicated_rows(tree)
    if isinstance(rows, str):
        return not_run(NAME, rows)
    observed, replicated = (
        counts(outcome, axis=-1).astype(np.float64) for outcome in (rows.observed, rows.replicated)
    )
    index = pd.MultiIndex.from_product([rows.queries, COUNTED], names=["query", "statistic"])
    return Compared.of(observed, replicated, index).check(
        NAME,
        "the outcomes in each row are like those that the model replicates",
        "the model does not expect rows like these: look at the queries, and use a model in which "
        f"queries differ{another_model(tree)}",
        judged=np.repeat(rows.judged.sum(axis=1), len(COUNTED)),
        candidates=np.array(len(rows.candidates)),
    )
