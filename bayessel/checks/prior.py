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
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bayessel.checks.base import Check, not_run
from bayessel.checks.discrepancy import ALPHA, compare_statistics, say_p
from bayessel.checks.groups import Rows, flat, judged_rows, values
from bayessel.outcomes import NAMES, counts
from bayessel.pictures import style as pictures

WIDTH = 0.3
APART = 0.1
EXTREME = 0.95
_PLURAL = ("losses", "draws", "wins")
_POINTS = np.array([0.0, 0.5, 1.0])


def check_prior(tree: xr.DataTree) -> Check:
    """Prior-predictive check of losses, draws and wins."""
    name = "prior predictive"
    rate = values(tree, "prior_predictive", "outcome_rate")
    rate = values(tree, "prior", "outcome_rate") if rate is None else rate
    if rate is None:
        return not_run(
            name, "The result has no prior draws of the outcome rates: 'fit' keeps them."
        )
    level = next(d for d in rate.dims if d not in ("chain", "draw", "candidate"))
    share = flat(rate.transpose("chain", "draw", "candidate", level))
    low, mid, high = np.quantile(share, [0.025, 0.5, 0.975], axis=(0, 1))
    table = pd.DataFrame(
        {"low": low, "median": mid, "high": high}, index=pd.Index(NAMES, name="outcome")
    )
    wins = share @ _POINTS
    apart = float(np.quantile(np.ptp(wins, axis=1), 0.975)) if wins.shape[1] > 1 else np.nan
    same = float((share.max(axis=-1) > EXTREME).mean())
    faults = [
        f"it pins the share of {plural} to {a:.2f}-{b:.2f}, narrower than {WIDTH}"
        for plural, a, b in zip(_PLURAL, low, high, strict=True)
        if b - a < WIDTH
    ]
    if apart < APART:
        faults.append(f"it holds all candidates' win rates within {apart:.2f} of each other")
    if same > 0.5:
        faults.append(f"for {same:.0%} of the candidates it expects nearly always one outcome")
    rows = judged_rows(tree, "prior_predictive")
    seen = None
    if rows is not None and len(rows.replicated):
        seen = counts(rows.observed).sum(axis=0) / rows.judged.sum()
        table["observed"] = seen
        p, worst = _observed(rows)
        if p <= ALPHA:
            faults.append(f"it does not expect what was observed ({say_p(p)}; {worst})")
    spans = ", ".join(f"{k} {a:.2f}-{b:.2f}" for k, a, b in zip(NAMES, low, high, strict=True))
    if faults:
        text = (
            f"The prior is at odds with what could happen or did: {'; '.join(faults)}. Change the "
            "priors, or say why they are meant."
        )
    else:
        inside = "" if seen is None else "; what was observed is inside"
        text = f"A candidate's share of outcomes, 95 % of the prior: {spans}{inside}."

    def plot() -> Figure:
        drawn = pictures.figure(9.0, 3.4, columns=3)
        bins = _bins(tree)
        observed = None
        if rows is not None and seen is not None:
            n = np.maximum(rows.judged.sum(axis=0), 1)
            observed = counts(rows.observed) / n[:, None]
        for k, axes in enumerate(drawn.axes):
            axes.hist(
                share[..., k].ravel(), bins, density=True, color=pictures.BLUE, alpha=0.45,
                label="prior, one candidate",
            )  # fmt: skip
            if observed is not None:
                axes.plot(
                    observed[:, k], np.zeros(len(observed)), "|", ms=12, color=pictures.ORANGE,
                    clip_on=False, label="observed, each candidate",
                )  # fmt: skip
            axes.set(xlabel=f"share of {NAMES[k]} outcomes", xlim=(0, 1), yticks=[])
        drawn.axes[0].set_ylabel("prior density")
        pictures.title(drawn, "Outcomes that the prior predicts over all queries")
        pictures.legend(drawn)
        return drawn

    return Check(name, not faults, text, table, plot)


def _bins(tree: xr.DataTree) -> list[float]:
    """Edges of about 40 bins, each with as many of the shares 0/N, 1/N, ..., N/N."""
    n_queries = values(tree, "constant_data", "n_queries")
    n = 1000 if n_queries is None else int(n_queries)
    step = -(-n // 40)
    return [float(e) for e in (np.arange(0, n + step + 1, step) - 0.5) / n]


def _observed(rows: Rows) -> tuple[float, str]:
    """p-value of the observed counts, and the statistic that is farthest out."""
    candidates = [*rows.candidates, "all candidates"]
    found = compare_statistics(_counts(rows.observed[None])[0], _counts(rows.replicated))
    names = [f"{k} of {c}" for c in candidates for k in _PLURAL]
    return found.p, names[int(np.argmin(found.adjusted))]


def _counts(outcome: NDArray[np.int8]) -> NDArray[np.float64]:
    """[S, (M + 1) K] losses, draws and wins by candidate and of all, from [S, n, M]."""
    each = counts(outcome, axis=1).astype(np.float64)
    return np.concatenate([each, each.sum(axis=1, keepdims=True)], axis=1).reshape(len(each), -1)
