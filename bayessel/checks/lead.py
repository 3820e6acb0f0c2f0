"""Whether replicated rows agree that the candidate called best is ahead.

A likelihood that only asks which candidate is unlike the others can call the worst one best, and
then replicates its losses faithfully: observed and replicated outcomes agree, and both say that it
is behind. So two things are asked of the candidate with the highest P(best), on the judged rows,
its own and the other's cells being judged:

- its lead in win rate over the strongest other candidate is like the replicated leads (false-alarm
  rate 0.01, :mod:`bayessel.checks.discrepancy`);
- P(best) is possible: if it is best with probability p and level with or ahead of another candidate
  in a share h of the replicates, then where it is best it is so with probability h / p at most.
  This fails below 0.01.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bayessel.checks.base import Check, not_run
from bayessel.checks.discrepancy import ALPHA, compare_statistics, say_p
from bayessel.checks.groups import candidates, flat, judged_rows, values
from bayessel.outcomes import MISSING
from bayessel.pictures import style as pictures


def check_lead(tree: xr.DataTree) -> Check:
    """Lead of the candidate with the highest P(best), observed and replicated."""
    name = "posterior predictive: lead"
    rows, p_best = judged_rows(tree), values(tree, "posterior", "p_best")
    if rows is None:
        return not_run(name, "Nothing was judged yet.")
    if p_best is None or len(rows.replicated) < 100:
        return not_run(
            name, "The result has no replicated outcomes (posterior_predictive): 'fit' keeps them."
        )
    chance = dict(zip(candidates(tree), flat(p_best).mean(axis=0), strict=True))
    who = max(chance, key=lambda c: chance[c])
    leader, p = rows.candidates.index(who), float(chance[who])
    observed = _leads(rows.observed[None], leader)[0]
    others = np.flatnonzero(np.isfinite(observed))
    others = others[others != leader]
    if len(others) == 0:
        return not_run(name, f"No row of {who} and of another candidate is judged.")
    observed, replicated = observed[others], _leads(rows.replicated, leader)[:, others]
    found = compare_statistics(observed.min(keepdims=True), replicated.min(axis=1)[:, None])
    ahead = (replicated >= -1e-9).mean(axis=0)
    size = len(replicated)
    possible = (ahead * size + 1) / (size + 1) / p
    table = pd.DataFrame(
        {
            "lead": observed,
            "low": np.quantile(replicated, 0.025, axis=0),
            "median": np.quantile(replicated, 0.5, axis=0),
            "high": np.quantile(replicated, 0.975, axis=0),
            "p_ahead": ahead,
        },
        index=pd.Index([rows.candidates[k] for k in others], name="over"),
    ).sort_values("p_ahead", kind="stable")
    faults = []
    if possible.min() < ALPHA:
        second = rows.candidates[int(others[np.argmin(ahead)])]
        faults.append(
            f"it is level with {second} or ahead in a share of {ahead.min():.3f} of the replicated "
            "data sets only"
        )
    if found.p <= ALPHA:
        faults.append(
            f"its lead over the strongest other, {observed.min():+.2f}, is not like the replicated "
            f"ones ({found.low[0]:+.2f} to {found.high[0]:+.2f}, {say_p(found.p)})"
        )
    if faults:
        text = (
            f"{who} has P(best) {p:.3f}, but {' and '.join(faults)}: the model does not call best "
            "what wins most; do not use its recommendation."
        )
    else:
        text = (
            f"The lead of {who} over the strongest other on the judged rows ({observed.min():+.2f})"
            f" is like the replicated ones ({say_p(found.p)}), which allow its P(best) of {p:.3f}."
        )

    def plot() -> Figure:
        shown = table.iloc[: pictures.MOST_ROWS]
        drawn = pictures.tall(len(shown))
        axes = drawn.axes[0]
        y = pictures.name_rows(axes, [str(c) for c in shown.index])
        share = shown["p_ahead"].to_numpy()
        bad = (share * size + 1) / (size + 1) / p < ALPHA
        pictures.intervals(
            axes, y, shown["low"], shown["median"], shown["high"], shown["lead"], bad
        )
        axes.axvline(0, color=pictures.MUTED, lw=1)
        axes.set_xlabel(f"lead of {who} in win rate")
        pictures.title(drawn, "Lead of the highest P(best) on the judged rows")
        pictures.legend(drawn)
        return drawn

    return Check(name, not faults, text, table, plot)


def _leads(outcome: NDArray[np.int8], leader: int) -> NDArray[np.float64]:
    """[S, M] mean lead in points over each candidate on rows [S, n, M] judged for both; or NaN."""
    own = outcome[:, :, [leader]]
    both = (own[0] != MISSING) & (outcome[0] != MISSING)
    lead = np.full((len(outcome), outcome.shape[2]), np.nan)
    for k in np.flatnonzero(both.any(axis=0)):
        kept = both[:, k]
        lead[:, k] = (own[:, kept, 0] - outcome[:, kept, k]).mean(axis=1) / 2
    return lead
