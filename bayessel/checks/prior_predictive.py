"""Whether the prior expects outcomes that could happen, before anything is bought.

Of the shares of losses, draws and wins over all N queries that the prior predicts for a candidate:

- wide enough: the central 95 % of each share spans at least 0.3, and in some prior draws (the
  highest 2.5 %) the candidates' win rates lie at least 0.1 apart;
- plausible: at most half of the prior's candidates have nearly always (over 95 %) the same outcome;
- where rows are judged: each candidate's observed losses, draws and wins, and those of all
  candidates together, are among those that the prior replicates (see
  :mod:`bayessel.checks.discrepancy`; false-alarm rate 0.01 if the prior is right).

See Gabry et al. 2019, https://doi.org/10.1111/rssa.12378.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bayessel.checks.base import Check, not_run
from bayessel.checks.discrepancy import ALPHA, compare_statistics, say_p
from bayessel.checks.draws import flat, values
from bayessel.checks.judged_rows import Rows, judged_rows
from bayessel.checks.predictive import COUNTED
from bayessel.inference.draws import POINTS
from bayessel.outcomes import NAMES, counts

NAME = "prior predictive"
WIDTH = 0.3
APART = 0.1
EXTREME = 0.95


def check_prior_predictive(tree: xr.DataTree) -> Check:
    """Prior-predictive check of losses, draws and wins."""
    share = _shares(tree)
    if share is None:
        return not_run(
            NAME, "The result has no prior draws of the outcome rates: 'fit' keeps them."
        )
    lower, median, upper = np.quantile(share, [0.025, 0.5, 0.975], axis=(0, 1))
    table = pd.DataFrame(
        {"lower": lower, "median": median, "upper": upper}, index=pd.Index(NAMES, name="outcome")
    )
    faults = _implausible(share, table)
    numbers: dict[str, object] = {"share": share, "n_queries": _n_queries(tree)}
    rows = judged_rows(tree, "prior_predictive")
    seen = rows is not None and len(rows.replicated) > 0
    if rows is not None and seen:
        each = counts(rows.observed)
        table["observed"] = each.sum(axis=0) / rows.judged.sum()
        numbers["observed"] = each / np.maximum(rows.judged.sum(axis=0), 1)[:, None]
        p, worst = _observed(rows)
        if p <= ALPHA:
            faults.append(f"it does not expect what was observed ({say_p(p)}; {worst})")
    if faults:
        text = (
            f"The prior is at odds with what could happen or did: {'; '.join(faults)}. Change the "
            "priors, or say why they are meant."
        )
    else:
        each_span = zip(NAMES, lower, upper, strict=True)
        spans = ", ".join(f"{k} {a:.2f}-{b:.2f}" for k, a, b in each_span)
        inside = "; what was observed is inside" if seen else ""
        text = f"A candidate's share of outcomes, 95 % of the prior: {spans}{inside}."
    return Check(NAME, not faults, text, table, numbers)


def _shares(tree: xr.DataTree) -> NDArray[np.float64] | None:
    """[S, M, K] shares of outcomes over all queries in prior draws; None where there are none."""
    rate = values(tree, "prior_predictive", "outcome_rate")
    rate = values(tree, "prior", "outcome_rate") if rate is None else rate
    if rate is None:
        return None
    level = next(d for d in rate.dims if d not in ("chain", "draw", "candidate"))
    return flat(rate.transpose("chain", "draw", "candidate", level))


def _implausible(share: NDArray[np.float64], table: pd.DataFrame) -> list[str]:
    """What the prior expects that is too narrow or too extreme, from shares [S, M, K]."""
    faults = [
        f"it pins the share of {plural} to {a:.2f}-{b:.2f}, narrower than {WIDTH}"
        for plural, a, b in zip(COUNTED, table["lower"], table["upper"], strict=True)
        if b - a < WIDTH
    ]
    win_rate = share @ POINTS
    if win_rate.shape[1] > 1:
        apart = float(np.quantile(np.ptp(win_rate, axis=1), 0.975))
        if apart < APART:
            faults.append(f"it holds all candidates' win rates within {apart:.2f} of each other")
    same = float((share.max(axis=-1) > EXTREME).mean())
    if same > 0.5:
        faults.append(f"for {same:.0%} of the candidates it expects nearly always one outcome")
    return faults


def _n_queries(tree: xr.DataTree) -> int:
    """N, of which the shares are 0/N, 1/N, ...; 1,000 where the result does not say it."""
    n_queries = values(tree, "constant_data", "n_queries")
    return 1000 if n_queries is None else int(n_queries)


def _observed(rows: Rows) -> tuple[float, str]:
    """p-value of the observed counts, and the statistic that is farthest out."""
    candidates = [*rows.candidates, "all candidates"]
    found = compare_statistics(_counts(rows.observed[None])[0], _counts(rows.replicated))
    names = [f"{k} of {c}" for c in candidates for k in COUNTED]
    return found.p, names[int(np.argmin(found.adjusted))]


def _counts(outcome: NDArray[np.int8]) -> NDArray[np.float64]:
    """[S, (M + 1) K] losses, draws and wins by candidate and of all, from [S, n, M]."""
    each = counts(outcome, axis=1).astype(np.float64)
    return np.concatenate([each, each.sum(axis=1, keepdims=True)], axis=1).reshape(len(each), -1)
