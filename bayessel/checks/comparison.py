"""Which of several results best predicts a query that it has not seen."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import arviz_stats as azs
import pandas as pd
import xarray as xr

from bayessel.checks.base import Check, not_run
from bayessel.checks.draws import values
from bayessel.checks.leave_one_out import leave_one_out
from bayessel.errors import DataError

NAME = "comparison"
_CLEAR = 4.0
"""Difference in elpd below which models hardly differ (Sivula et al., arXiv 2008.10296)."""


def compare_results(trees: Mapping[str, xr.DataTree]) -> Check:
    """Compare results of different models on the same judged rows, by leaving one query out.

    Parameters
    ----------
    trees
        Results by name, at least two.

    Raises
    ------
    DataError
        Fewer than two results.
    """
    if len(trees) < 2:
        raise DataError(f"{len(trees)} result(s) to compare: give at least two")
    found = {label: leave_one_out(tree) for label, tree in trees.items()}
    without = [label for label, loo in found.items() if loo is None]
    if without:
        return not_run(NAME, f"No log-likelihood of judged queries in {', '.join(without)}.")
    first = next(iter(trees))
    for label, tree in trees.items():
        if not _same_rows(trees[first], tree):
            return not_run(
                NAME,
                f"{first} and {label} were fitted to different judged rows: only fits to the same "
                "judgments can be compared.",
            )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Estimated shape parameter of Pareto")
        table: pd.DataFrame = azs.compare(found, round_to="none")
    table.index.name = "result"
    columns = ["rank", "elpd", "se", "p", "elpd_diff", "dse", "weight"]
    table = table[columns].rename(columns={"p": "effective_parameters"})
    trusted = {label: bool((loo.pareto_k <= loo.good_k).all()) for label, loo in found.items()}
    table["trusted"] = [trusted[str(label)] for label in table.index]
    best, second = table.index[0], table.iloc[1]
    gap = f"{-second['elpd_diff']:.1f} ± {second['dse']:.1f} above {table.index[1]}"
    clear = -second["elpd_diff"] > max(_CLEAR, 2 * second["dse"])
    text = (
        f"{best} predicts a query that it has not seen best, elpd {gap}"
        + ("." if clear else ": too close to tell them apart.")
        + ("" if all(trusted.values()) else " Some Pareto k are too high to trust this.")
    )
    return Check(NAME, all(trusted.values()), text, table, {"errors": 2.0})


def _same_rows(first: xr.DataTree, second: xr.DataTree) -> bool:
    one, two = (values(t, "observed_data", "outcome") for t in (first, second))
    return one is not None and two is not None and one.equals(two)
