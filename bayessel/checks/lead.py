"""Whether replicated rows agree that the candidate called best is ahead.

A likelihood that only asks which candidate is unlike the others can call the worst one best, and
then replicates its losses faithfully: observed and replicated outcomes agree, and both say that it
is behind. So two things are asked of the candidate with the highest P(best), or P(F) where F is a
parameter of the model, on the rows that were judged for it and for the other candidate:

- its lead in win rate over the strongest other candidate is like the replicated leads (false-alarm
  rate 0.01, :mod:`bayessel.checks.discrepancy`);
- P(best) is possible. Let p be P(best), and h the share of replicates in which it is ahead of the
  other candidate or level with it. Given that it is the best, it is so with probability h / p at
  most. The check fails if h / p is below 0.01.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bayessel.checks.base import Check, not_run
from bayessel.checks.discrepancy import ALPHA, SAME, compare_statistics, say_p
from bayessel.checks.draws import called_best, candidates, flat
from bayessel.checks.judged_rows import (
    FEWEST_REPLICATES,
    NO_REPLICATES,
    NOTHING_JUDGED,
    judged_rows,
)
from bayessel.outcomes import MISSING

NAME = "posterior predictive: lead"


def check_lead(tree: xr.DataTree) -> Check:
    """Lead of the candidate that is called best, observed and replicated."""
    rows, (called, p_best) = judged_rows(tree), called_best(tree)
    if rows is None:
        return not_run(NAME, NOTHING_JUDGED)
    if p_best is None or len(rows.replicated) < FEWEST_REPLICATES:
        return not_run(NAME, NO_REPLICATES)
    chance = dict(zip(candidates(tree), flat(p_best).mean(axis=0), strict=True))
    who = max(chance, key=lambda c: chance[c])
    leader, p = rows.candidates.index(who), float(chance[who])
    observed = _leads(rows.observed[None], leader)[0]
    others = np.flatnonzero(np.isfinite(observed))
    others = others[others != leader]
    if len(others) == 0:
        return not_run(NAME, f"No row of {who} and of another candidate is judged.")
    observed, replicated = observed[others], _leads(rows.replicated, leader)[:, others]
    table = _table(observed, replicated, p, [rows.candidates[k] for k in others])
    faults = []
    first = table.iloc[0]
    if first["possible"] < ALPHA:
        faults.append(
            f"it is level with {table.index[0]} or ahead in a share of {first['p_ahead']:.3f} of "
            "the replicated data sets only"
        )
    found = compare_statistics(observed.min(keepdims=True), replicated.min(axis=1)[:, None])
    if found.p <= ALPHA:
        faults.append(
            f"its lead over the strongest other, {observed.min():+.2f}, is not like the replicated "
            f"ones ({found.lower[0]:+.2f} to {found.upper[0]:+.2f}, {say_p(found.p)})"
        )
    if faults:
        text = (
            f"{who} has {called} {p:.3f}, but {' and '.join(faults)}: the model does not call best "
            "what wins most; do not use its recommendation."
        )
    else:
        text = (
            f"The lead of {who} over the strongest other on the judged rows ({observed.min():+.2f})"
            f" is like the replicated ones ({say_p(found.p)}), which allow its {called} of {p:.3f}."
        )
    return Check(NAME, not faults, text, table, {"leader": who, "alpha": ALPHA})


def _table(
    observed: NDArray[np.float64], replicated: NDArray[np.float64], p: float, names: list[str]
) -> pd.DataFrame:
    """Leads [M] and [S, M] over the other candidates, the least replicated first.

    ``possible`` is at most the probability of the replicated lead where the leader, of P(best) p,
    is best; one replicate more is counted, so that it is not 0.
    """
    lower, median, upper = np.quantile(replicated, [0.025, 0.5, 0.975], axis=0)
    ahead = (replicated >= -SAME).mean(axis=0)
    size = len(replicated)
    return pd.DataFrame(
        {
            "lead": observed,
            "lower": lower,
            "median": median,
            "upper": upper,
            "p_ahead": ahead,
            "possible": (ahead * size + 1) / (size + 1) / p,
        },
        index=pd.Index(names, name="over"),
    ).sort_values("p_ahead", kind="stable")


def _leads(outcome: NDArray[np.int8], leader: int) -> NDArray[np.float64]:
    """[S, M] mean lead in points over each candidate on rows [S, n, M] judged for both; or NaN."""
    own = outcome[:, :, [leader]]
    both = (own[0] != MISSING) & (outcome[0] != MISSING)
    lead = np.full((len(outcome), outcome.shape[2]), np.nan)
    for k in np.flatnonzero(both.any(axis=0)):
        kept = both[:, k]
        lead[:, k] = (own[:, kept, 0] - outcome[:, kept, k]).mean(axis=1) / 2
    return lead
