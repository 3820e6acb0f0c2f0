"""At which budgets a strategy is better or worse than Random, the best rival and the contenders."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayessel.studies.measures.estimates import mean_and_error, right
from bayessel.studies.rows import Runs
from bayessel.studies.specs import CONTENDERS, RIVALS
from bayessel.support.ties import TIE

MEASURES = ("identified", "within 1 %", "gap")
"""What is compared."""

FIRST = 1.0
"""First budget that is compared, in whole-query equivalents."""


def differences(data: Sequence[Runs]) -> pd.DataFrame:
    """Paired differences to Random, to the best rival and to ``contenders`` at each budget.

    Parameters
    ----------
    data
        Runs of all strategies on one data set.

    Returns
    -------
    DataFrame
        ``data``, ``strategy``, ``against`` (``random``, ``best rival`` or ``contenders``),
        ``measure``, ``calls / M``, ``difference`` (positive: the strategy is better), its standard
        error ``se`` and ``worse``: by more than two standard errors. The best rival is picked at
        each budget. No rows where the study has none of them.
    """
    frames = []
    budgets = data[0].budgets
    compared = budgets >= FIRST
    for measure in MEASURES:
        values = [_value(runs, measure) for runs in data]
        references = _references(data, values)
        for runs, value in zip(data, values, strict=True):
            for against, reference in references.items():
                difference, error = mean_and_error(value - reference)
                frame = pd.DataFrame(
                    {
                        "data": runs.data,
                        "strategy": runs.strategy,
                        "against": against,
                        "measure": measure,
                        "calls / M": budgets,
                        "difference": difference,
                        "se": error,
                        "worse": difference < -2 * error - TIE,
                    }
                )
                frames.append(frame[compared])
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _value(runs: Runs, measure: str) -> NDArray[np.float64]:
    """[R, G] values of a measure; higher is better."""
    return -100 * runs.gap if measure == "gap" else right(runs, measure).astype(float)


def _references(
    data: Sequence[Runs], values: Sequence[NDArray[np.float64]]
) -> dict[str, NDArray[np.float64]]:
    """[R, G] values that all strategies are compared with; the best rival is picked by budget."""
    by_name = {runs.strategy: value for runs, value in zip(data, values, strict=True)}
    found = {}
    if "random" in by_name:
        found["random"] = by_name["random"]
    rivals = [value for name, value in by_name.items() if name in RIVALS]
    if rivals:
        stack = np.stack(rivals)
        top = stack.mean(axis=1).argmax(axis=0)
        found["best rival"] = stack[top, :, np.arange(len(top))].T
    if CONTENDERS in by_name:
        found[CONTENDERS] = by_name[CONTENDERS]
    return found
