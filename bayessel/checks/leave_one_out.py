"""Leave one query out: how well a model predicts the M outcomes of a query that it has not seen.

The M outcomes of a query stand or fall together, so a query is what is left out. Pareto-smoothed
importance sampling stands in for the refits; it is trusted for a query where its Pareto k is at
most min(1 - 1 / log10(S), 0.7), S draws (Vehtari, Simpson, Gelman, Yao and Gabry 2024,
https://jmlr.org/papers/v25/19-556.html). A k above that is one of two things. Where all k are high,
each row tells the model much (few rows, many candidates): leave-one-out cannot be computed from
these draws, which is no fault of the model, and the check says that it cannot be run. Where a
query's k stands out from the others' (by more than 5 robust standard deviations), that query is
influential: the check fails. In likelihoods and replicates alike the row's own effects are
integrated out: they are those of a query of which nothing was judged.

A draw's weight is one over the density of the row that was fitted. Where this is not the
probability by which the prediction is judged (``regression`` fits a normal density to outcomes in
halves), the result has it as ``log_density``.
"""

from __future__ import annotations

import warnings
from typing import Any

import arviz_stats as azs
import numpy as np
import pandas as pd
import xarray as xr

from bayessel.checks.base import Check, not_run
from bayessel.checks.draws import values

NAME = "leave one query out"
NO_LIKELIHOOD = (
    "The result has no log-likelihood of the judged queries: nothing was judged, or it is not a "
    "result of 'fit'."
)
_STANDS_OUT = 5.0
_LEAST_SPREAD = 0.1  # about the sampling error of a Pareto k


def leave_one_out(tree: xr.DataTree) -> Any:
    """ArviZ's leave-one-query-out, pointwise; None where the result has no log-likelihood."""
    log_likelihood = values(tree, "log_likelihood", "outcome")
    if log_likelihood is None or log_likelihood.sizes.get("query", 0) == 0:
        return None
    fitted = values(tree, "log_density", "outcome")
    weights: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Estimated shape parameter of Pareto")
        warnings.filterwarnings("ignore", message="The point-wise LOO is the same with the sum LOO")
        if fitted is not None:
            of_density = {"outcome": fitted}
            groups = {
                "posterior": tree["posterior"].to_dataset(),
                "log_likelihood": xr.Dataset(of_density),
            }
            found = azs.loo(xr.DataTree.from_dict(groups), var_name="outcome", pointwise=True)
            weights = {"log_weights": found.log_weights, "pareto_k": found.pareto_k}
        return azs.loo(tree, var_name="outcome", pointwise=True, **weights)


def check_leave_one_out(tree: xr.DataTree) -> Check:
    """Pareto k of each judged query."""
    found = leave_one_out(tree)
    if found is None:
        return not_run(NAME, NO_LIKELIHOOD)
    k = found.pareto_k.to_numpy()
    good = float(found.good_k)
    table = pd.DataFrame(
        {"pareto_k": k, "elpd": found.elpd_i.to_numpy()},
        index=pd.Index([str(q) for q in found.pareto_k["query"].to_numpy()], name="query"),
    ).sort_values("pareto_k", ascending=False)
    high = ~(k <= good)
    centre = float(np.median(k))
    spread = 1.4826 * float(np.median(np.abs(k - centre)))
    influential = high & ~(k <= centre + _STANDS_OUT * max(spread, _LEAST_SPREAD))
    sums = f"elpd {found.elpd:.1f}, effective parameters {found.p:.1f}, {len(k)} queries"
    worst = f"highest: {table.index[0]}, {table['pareto_k'].iloc[0]:.2f}"
    passed: bool | None = True
    if influential.any():
        passed = False
        text = (
            f"{int(influential.sum())} of {len(k)} queries have a Pareto k above {good:.2f} that "
            f"stands out ({worst}): the model does not expect these rows. Look at them, and do not "
            f"compare models by leave-one-out ({sums})."
        )
    elif high.any():
        passed = None
        text = (
            f"{int(high.sum())} of {len(k)} queries have a Pareto k above {good:.2f} ({worst}), "
            "and none stands out: each row tells the model much, so leaving one out needs refits, "
            f"or more judged rows ({sums})."
        )
    else:
        text = f"Every Pareto k is at most {good:.2f}: leave-one-out can be trusted ({sums})."
    return Check(NAME, passed, text, table, {"good": good})
