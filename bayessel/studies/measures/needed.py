"""How many annotations a strategy needs, and how many fewer than others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayessel.studies.measures.estimates import CRITERIA, needed, resamples, right, spread
from bayessel.studies.rows import Runs
from bayessel.studies.specs import RIVALS

LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Probabilities whose price in annotations is reported."""

FEW = 10
"""Levels that Random reaches earlier do not tell strategies apart."""


def annotations_needed(data: Sequence[Runs], seed: int = 0) -> pd.DataFrame:
    """Annotations to reach each level, and how many fewer than others need.

    Parameters
    ----------
    data
        Runs of all strategies on one data set.
    seed
        Of the bootstrap.

    Returns
    -------
    DataFrame
        ``data``, ``criterion``, ``level``, ``strategy``, ``budget`` (T), ``needed`` (NaN: not
        within the budget) and ``less than random``, ``less than best rival``, ``less than
        llm-selector-grid`` (1 - ratio, negative where more are needed), each with ``... se`` from
        a bootstrap over realizations that all strategies share.
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
                for other, reference in references.items():
                    less, error = float("nan"), float("nan")
                    if reference is not None:
                        less = float(1 - point[name] / point[reference])
                        error = spread(1 - boot[name] / boot[reference])
                    row |= {f"less than {other}": less, f"less than {other} se": error}
                rows.append(row)
    return pd.DataFrame(rows)


def _references(point: dict[str, NDArray[np.float64]]) -> dict[str, str | None]:
    """The strategies that all are compared with; None where one is not in the study."""
    rivals = {n: p for n, p in point.items() if n in RIVALS and np.isfinite(p)}
    return {
        "random": "random" if "random" in point else None,
        "best rival": min(rivals, key=lambda n: float(rivals[n])) if rivals else None,
        "llm-selector-grid": "llm-selector-grid" if "llm-selector-grid" in point else None,
    }


def overall(prices: pd.DataFrame) -> pd.DataFrame:
    """Annotations needed, as shares of Random's and of grid search's: means over data sets.

    Levels that Random reaches in fewer than :data:`FEW` annotations, or not at all, are left out.
    A strategy that does not reach a level counts with the whole budget: its share is then a lower
    bound, and ``not reached`` counts these ``data sets``. Data sets on which grid search does not
    reach the level are left out of the share of grid search only.

    Parameters
    ----------
    prices
        :func:`annotations_needed` of all data sets.
    """
    rows = []
    price = {
        name: prices[prices["strategy"] == name].set_index(["data", "criterion", "level"])["needed"]
        for name in ("random", "llm-selector-grid")
    }
    for (strategy, criterion, level), group in prices.groupby(
        ["strategy", "criterion", "level"], sort=False
    ):
        keys = pd.MultiIndex.from_frame(group[["data", "criterion", "level"]])
        of_random = price["random"].reindex(keys).to_numpy()
        of_grid = price["llm-selector-grid"].reindex(keys).to_numpy()
        own = group["needed"].fillna(group["budget"]).to_numpy()
        counted = of_random >= FEW  # false where it is NaN
        both = counted & np.isfinite(of_grid)
        rows.append(
            {
                "strategy": strategy,
                "criterion": criterion,
                "level": level,
                "data sets": int(counted.sum()),
                "not reached": int(group["needed"].isna().to_numpy()[counted].sum()),
                "share of random's": _mean((own / of_random)[counted]),
                "share of llm-selector-grid's": _mean((own / of_grid)[both]),
            }
        )
    return pd.DataFrame(rows)


def _mean(values: NDArray[np.float64]) -> float:
    """The mean; NaN of nothing."""
    return float(values.mean()) if len(values) else float("nan")
