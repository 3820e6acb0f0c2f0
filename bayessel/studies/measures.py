"""Tables of a study, one a question, as tidy frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import beta

from bayessel.studies.curves import (
    CRITERIA,
    mean_and_error,
    needed,
    quantile_and_error,
    resamples,
    right,
    spread,
)
from bayessel.studies.rows import Runs
from bayessel.studies.specs import BASELINES

LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Probabilities whose price in annotations is reported."""

STOP = 0.95
"""Level of the stopping rules in the Markdown tables."""

STOPS = (0.8, 0.9, 0.95, 0.99)
"""Levels of the stopping rules that are measured."""

FEW = 10
"""Levels that Random reaches earlier say nothing about a strategy."""


def by_budget(data: Sequence[Runs]) -> pd.DataFrame:
    """Every measure at every budget, one row a strategy and budget.

    Columns ``data``, ``strategy``, ``annotations``, ``cells``; each of ``identified``, ``within 1
    %``, ``within 2.5 %``, ``within 5 %`` (probabilities), ``gap`` (mean, points), ``gap p95`` (95th
    percentile, points) and ``P(best)`` (mean reported) with its standard error ``... se``.
    """
    frames = []
    for runs in data:
        columns: dict[str, NDArray] = {"cells": runs.cells.mean(axis=0)}
        for criterion in CRITERIA:
            mean, error = mean_and_error(right(runs, criterion))
            columns |= {criterion: mean, f"{criterion} se": error}
        for name, (value, error) in {
            "gap": mean_and_error(100 * runs.gap),
            "gap p95": quantile_and_error(100 * runs.gap),
            "P(best)": mean_and_error(runs.p_best),
        }.items():
            columns |= {name: value, f"{name} se": error}
        frame = pd.DataFrame(columns)
        frame.insert(0, "data", runs.data)
        frame.insert(1, "strategy", runs.strategy)
        frame.insert(2, "annotations", np.arange(1, len(frame) + 1))
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def annotations_needed(data: Sequence[Runs], seed: int = 0) -> pd.DataFrame:
    """Price of every level, and the reduction against Random, best baseline and grid search.

    One data set. Columns ``data``, ``criterion``, ``level``, ``strategy``, ``budget`` (T),
    ``needed`` (NaN: not within the budget) and ``less than random``, ``less than best baseline``,
    ``less than llm-selector-grid`` (1 - ratio, negative where more are needed), each with ``...
    se`` from a bootstrap over realizations that all strategies share.
    """
    weights = resamples(len(data[0].gap), seed)
    rows = []
    for criterion in CRITERIA:
        curves = {runs.strategy: right(runs, criterion).astype(np.float64) for runs in data}
        means = {name: values.mean(axis=0) for name, values in curves.items()}
        copies = {name: weights @ values for name, values in curves.items()}
        for level in LEVELS:
            point = {name: needed(mean, level) for name, mean in means.items()}
            boot = {name: needed(copy, level) for name, copy in copies.items()}
            references = _references(point)
            for name in curves:
                row: dict[str, object] = {
                    "data": data[0].data,
                    "criterion": criterion,
                    "level": level,
                    "strategy": name,
                    "budget": data[0].gap.shape[1],
                    "needed": float(point[name]),
                    "needed se": spread(boot[name]),
                }
                for what, reference in references.items():
                    less, error = float("nan"), float("nan")
                    if reference is not None:
                        less = float(1 - point[name] / point[reference])
                        error = spread(1 - boot[name] / boot[reference])
                    row |= {f"less than {what}": less, f"less than {what} se": error}
                rows.append(row)
    return pd.DataFrame(rows)


def _references(point: dict[str, NDArray[np.float64]]) -> dict[str, str | None]:
    """Whom each reduction is measured against, where they are in the study."""
    baselines = {n: p for n, p in point.items() if n in BASELINES and np.isfinite(p)}
    return {
        "random": "random" if "random" in point else None,
        "best baseline": min(baselines, key=lambda n: float(baselines[n])) if baselines else None,
        "llm-selector-grid": "llm-selector-grid" if "llm-selector-grid" in point else None,
    }


def overall(prices: pd.DataFrame) -> pd.DataFrame:
    """Annotations needed over those of Random and of grid search, as means over data sets.

    Levels that Random reaches in fewer than :data:`FEW` annotations, or not at all, are left out.
    A strategy that does not reach a level counts with the whole budget, which makes its share a
    lower bound: ``not reached`` counts those among the ``data sets``. Data sets on which grid
    search does not reach the level are left out of its share only.
    """
    rows = []
    reference = prices[prices["strategy"] == "random"]
    price = reference.set_index(["data", "criterion", "level"])["needed"]
    grid = prices[prices["strategy"] == "llm-selector-grid"]
    grid_price = grid.set_index(["data", "criterion", "level"])["needed"]
    for (strategy, criterion, level), group in prices.groupby(
        ["strategy", "criterion", "level"], sort=False
    ):
        keys = pd.MultiIndex.from_frame(group[["data", "criterion", "level"]])
        of_random = price.reindex(keys).to_numpy()
        of_grid = grid_price.reindex(keys).to_numpy()
        own = group["needed"].fillna(group["budget"]).to_numpy()
        told = of_random >= FEW  # false where it is NaN
        both = told & np.isfinite(of_grid)
        rows.append(
            {
                "strategy": strategy,
                "criterion": criterion,
                "level": level,
                "data sets": int(told.sum()),
                "not reached": int(group["needed"].isna().to_numpy()[told].sum()),
                "share of random's": float((own / of_random)[told].mean())
                if told.any()
                else np.nan,
                "share of llm-selector-grid's": (
                    float((own / of_grid)[both].mean()) if both.any() else np.nan
                ),
            }
        )
    return pd.DataFrame(rows)


def differences(data: Sequence[Runs]) -> pd.DataFrame:
    """Paired differences to Random and to the best of the paper's five, at every budget from 5 on.

    One data set. Columns ``strategy``, ``against``, ``measure``, ``annotations``, ``difference``
    (positive: the strategy is better), its standard error ``se`` and ``worse``: by more than two
    standard errors.
    """
    five = [runs for runs in data if runs.strategy in BASELINES]
    frames = []
    for measure in ("identified", "within 1 %", "gap"):
        value = {
            id(runs): -100 * runs.gap if measure == "gap" else right(runs, measure).astype(float)
            for runs in data
        }
        against: dict[str, NDArray[np.float64]] = {}
        for runs in five:
            if runs.strategy == "random":
                against["random"] = value[id(runs)]
        if five:
            stack = np.stack([value[id(runs)] for runs in five])
            top = stack.mean(axis=1).argmax(axis=0)
            against["best baseline"] = stack[top, :, np.arange(len(top))].T
        for runs in data:
            for name, reference in against.items():
                difference, error = mean_and_error(value[id(runs)] - reference)
                frame = pd.DataFrame(
                    {
                        "annotations": np.arange(1, len(difference) + 1),
                        "difference": difference,
                        "se": error,
                        "worse": difference < -2 * error - 1e-12,
                    }
                )[4:]
                for at, (column, entry) in enumerate(
                    {
                        "data": runs.data,
                        "strategy": runs.strategy,
                        "against": name,
                        "measure": measure,
                    }.items()
                ):
                    frame.insert(at, column, entry)
                frames.append(frame)
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def calibration(data: Sequence[Runs], budgets: Sequence[int] = ()) -> pd.DataFrame:
    """Reported P(best) against how often it is right, in tenths.

    Columns ``data``, ``strategy``, ``annotations`` (0: all budgets together), ``from``, ``to``,
    ``cases``, ``reported`` (mean), ``right`` (share), ``error``: its standard error over
    realizations, which the budgets of one realization do not make smaller; and ``low`` and
    ``high``: one standard error to each side, or, where all cases are right or all are wrong and
    the standard error says nothing, Jeffreys' interval of the same 68 % for as many realizations.
    """
    rows = []
    for runs in data:
        if np.isnan(runs.p_best).all():
            continue
        for budget in (0, *(b for b in budgets if b <= runs.gap.shape[1])):
            at = slice(None) if budget == 0 else slice(budget - 1, budget)
            p, correct = runs.p_best[:, at], runs.correct[:, at]
            tenth = np.minimum((p * 10 + 1e-9).astype(int), 9)
            for i in range(10):
                inside = tenth == i
                cases = int(inside.sum())
                if cases == 0:
                    continue
                share = correct[inside].mean()
                residual = np.where(inside, correct - share, 0.0).sum(axis=1)
                error = float(np.sqrt((residual**2).sum()) / cases)
                low, high = share - error, share + error
                if share in (0, 1):
                    n = int(inside.any(axis=1).sum())
                    low, high = _jeffreys(n if share else 0, n, 0.683)
                rows.append(
                    {
                        "data": runs.data,
                        "strategy": runs.strategy,
                        "annotations": budget,
                        "from": i / 10,
                        "to": (i + 1) / 10,
                        "cases": cases,
                        "reported": p[inside].mean(),
                        "right": share,
                        "error": error,
                        "low": low,
                        "high": high,
                    }
                )
    return pd.DataFrame(rows)


def stopping(data: Sequence[Runs]) -> pd.DataFrame:
    """What stopping at a probability gives: how often it stops, is right, and what it costs.

    Columns ``data``, ``strategy``, ``rule``, ``promise`` (what is said to be probable), ``level``,
    ``stopped`` (share of the realizations), ``right`` (among them) with ``right se`` and a 95 %
    interval from ``right low`` to ``right high`` (Jeffreys'), ``annotations`` and ``cells`` (means
    over all realizations; the whole budget where the rule never held) with ``annotations se``.
    """
    rows = []
    for runs in data:
        rules = {
            "P(within 1 %)": (runs.p_within, right(runs, "within 1 %")),
            "P(best)": (runs.p_best, runs.correct),
        }
        for promise, (p, good) in rules.items():
            if np.isnan(p).all():
                continue
            for level in STOPS:
                reached = p >= level
                stopped = reached.any(axis=1)
                at = np.where(stopped, reached.argmax(axis=1), p.shape[1] - 1)
                each = np.arange(len(p))
                hits = good[each, at][stopped]
                cost, error = mean_and_error((at + 1.0)[:, None])
                rows.append(
                    {
                        "data": runs.data,
                        "strategy": runs.strategy,
                        "rule": f"{promise} >= {level:g}",
                        "promise": promise,
                        "level": level,
                        "stopped": stopped.mean(),
                        **_share(hits),
                        "annotations": cost[0],
                        "annotations se": error[0],
                        "cells": runs.cells[each, at].mean(),
                    }
                )
    return pd.DataFrame(rows)


def _share(hits: NDArray[np.bool_]) -> dict[str, float]:
    """Share that is right, its standard error, and Jeffreys' 95 % interval; NaN without cases."""
    n, k = len(hits), int(hits.sum())
    if n == 0:
        return dict.fromkeys(("right", "right se", "right low", "right high"), float("nan"))
    low, high = _jeffreys(k, n, 0.95)
    return {
        "right": k / n,
        "right se": float(np.sqrt(k * (n - k) / n) / n),
        "right low": low,
        "right high": high,
    }


def _jeffreys(k: int, n: int, level: float) -> tuple[float, float]:
    """Interval of a share, k of n; it reaches 0 or 1 where all cases are alike."""
    low, high = beta.ppf([(1 - level) / 2, (1 + level) / 2], k + 0.5, n - k + 0.5)
    return 0.0 if k == 0 else float(low), 1.0 if k == n else float(high)
