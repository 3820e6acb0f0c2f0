"""How many calls a strategy needs, and what share of the calls of others that is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayessel.studies.measures.estimates import (
    CRITERIA,
    needed,
    reached,
    resamples,
    right,
    spread,
)
from bayessel.studies.rows import Runs
from bayessel.studies.specs import CONTENDERS, RIVALS

LEVELS = (0.5, 0.7, 0.8, 0.9)
"""Probabilities whose price in calls is reported."""

REFERENCES = ("random", "best rival", CONTENDERS, "llm-selector-grid")
"""Whose calls a strategy's are a share of."""

FEW = 2
"""Levels that the reference reaches with fewer whole-query equivalents tell nothing apart."""


def calls_needed(data: Sequence[Runs], seed: int = 0) -> pd.DataFrame:
    """Calls to reach each level and stay there, and what share of the calls of others that is.

    When a level is reached is said by :func:`bayessel.studies.measures.estimates.reached`.

    Parameters
    ----------
    data
        Runs of all strategies on one data set.
    seed
        Of the bootstrap.

    Returns
    -------
    DataFrame
        ``data``, ``criterion``, ``level``, ``strategy``, ``budget`` (the last, in whole-query
        equivalents), ``needed`` (whole-query equivalents, calls / M; NaN: not within the budget),
        the same as ``calls``, ``queries`` (mean number opened by then), and ``share of random``,
        ``share of best rival``, ``share of contenders`` and ``share of llm-selector-grid``
        (ratios; NaN where one of the two does not reach the level). ``needed`` and the shares have
        a standard error ``... se`` from a bootstrap over realizations that all strategies share.
        The best rival is the one that needs fewest.
    """
    weights = resamples(len(data[0].gap), seed)
    budgets = data[0].budgets
    rows = []
    for criterion in CRITERIA:
        curves = {runs.strategy: right(runs, criterion).astype(np.float64) for runs in data}
        means = {name: values.mean(axis=0) for name, values in curves.items()}
        copies = {name: weights @ values for name, values in curves.items()}
        for level in LEVELS:
            point = {name: needed(mean, level, budgets) for name, mean in means.items()}
            boot = {name: needed(copy, level, budgets) for name, copy in copies.items()}
            references = _references(point)
            for runs in data:
                name = runs.strategy
                at = int(reached(means[name], level, budgets))
                row: dict[str, object] = {
                    "data": runs.data,
                    "criterion": criterion,
                    "level": level,
                    "strategy": name,
                    "budget": float(budgets[-1]),
                    "needed": float(point[name]),
                    "needed se": spread(boot[name]),
                    "calls": float(point[name]) * runs.candidates,
                    "queries": float(runs.queries[:, at].mean()) if at >= 0 else float("nan"),
                }
                for other, reference in references.items():
                    share, error = float("nan"), float("nan")
                    if reference is not None:
                        share = float(point[name] / point[reference])
                        error = spread(boot[name] / boot[reference])
                    row |= {f"share of {other}": share, f"share of {other} se": error}
                rows.append(row)
    return pd.DataFrame(rows)


def _references(point: dict[str, NDArray[np.float64]]) -> dict[str, str | None]:
    """The strategies that all are compared with; None where one is not in the study."""
    rivals = {n: p for n, p in point.items() if n in RIVALS and np.isfinite(p)}
    found = {name: name if name in point else None for name in REFERENCES}
    best = min(rivals, key=lambda n: float(rivals[n])) if rivals else None
    return found | {"best rival": best}


def overall(prices: pd.DataFrame) -> pd.DataFrame:
    """Calls needed, as shares of those of others: means over data sets.

    A strategy that does not reach a level counts with the whole budget, and its share is then a
    lower bound; a reference that does not reach it counts with the whole budget too, and the share
    is then an upper bound. Data sets on which both do not, or on which the reference needs fewer
    than :data:`FEW` whole-query equivalents, are left out.

    Parameters
    ----------
    prices
        :func:`calls_needed` of all data sets.

    Returns
    -------
    DataFrame
        ``strategy``, ``criterion``, ``level`` (0: all levels together), ``against`` (one of
        :data:`REFERENCES`), ``cases`` that are counted (data sets and levels), ``share`` (the
        mean), and how many of the cases are ``lower bounds`` and ``upper bounds``.
    """
    keys = ["data", "criterion", "level"]
    price = {name: part.set_index(keys)["needed"] for name, part in prices.groupby("strategy")}
    rivals = prices[prices["strategy"].isin(RIVALS)]
    price["best rival"] = rivals.groupby(keys, sort=False)["needed"].min()
    at = pd.MultiIndex.from_frame(prices[keys])
    own, budget = prices["needed"].to_numpy(), prices["budget"].to_numpy()
    lower = np.isnan(own)
    frames = []
    for against in REFERENCES:
        reference = price.get(against)
        if reference is None or reference.empty:
            continue
        other = reference.reindex(at).to_numpy()
        upper = np.isnan(other)
        share = np.where(lower, budget, own) / np.where(upper, budget, other)
        counted = at.isin(reference.index) & ~(lower & upper) & ~(other < FEW)
        frame = prices[["strategy", "criterion", "level"]].assign(
            against=against,
            cases=counted,
            share=np.where(counted, share, np.nan),
            lower=lower & counted,
            upper=upper & counted,
        )
        frames += [frame, frame.assign(level=0.0)]
    by = ["strategy", "criterion", "level", "against"]
    columns = {"cases": "sum", "share": "mean", "lower": "sum", "upper": "sum"}
    if not frames:
        return pd.DataFrame(columns=[*by, "cases", "share", "lower bounds", "upper bounds"])
    found = pd.concat(frames, ignore_index=True).groupby(by, sort=False).agg(columns)
    names = {"lower": "lower bounds", "upper": "upper bounds"}
    return found.reset_index().rename(columns=names)
