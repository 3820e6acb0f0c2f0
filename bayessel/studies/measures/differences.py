"""At which budgets a strategy is better or worse than Random and than the best rival."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayessel.studies.measures.estimates import mean_and_error, right
from bayessel.studies.rows import Runs
from bayessel.studies.specs import RIVALS
from bayessel.support.ties import TIE

MEASURES = ("identified", "within 1 %", "gap")
"""What is compared."""

FIRST = 5
"""First budget that is compared."""


def differences(data: Sequence[Runs]) -> pd.DataFrame:
    """Paired differences to Random and to the best of the paper's five, at each budget from 5 on.

    Parameters
    ----------
    data
        Runs of all strategies on one data set.

    Returns
    -------
    DataFrame
        ``data``, ``strategy``, ``against`` (``random`` or ``best rival``), ``measure``,
        ``annotations``, ``difference`` (positive: the strategy is better), its standard error
        ``se`` and ``worse``: by more than two standard errors. No rows where the study has none
        of the five.
    """
    frames = []
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
                        "annotations": np.arange(1, len(difference) + 1),
                        "difference": difference,
                        "se": error,
                        "worse": difference < -2 * error - TIE,
                    }
                )
                frames.append(frame[FIRST - 1 :])
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _value(runs: Runs, measure: str) -> NDArray[np.float64]:
    """[R, T] values of a measure; higher is better."""
    return -100 * runs.gap if measure == "gap" else right(runs, measure).astype(float)


def _references(
    data: Sequence[Runs], values: Sequence[NDArray[np.float64]]
) -> dict[str, NDArray[np.float64]]:
    """[R, T] values that all strategies are compared with; the best rival is picked by budget."""
    five = {r.strategy: v for r, v in zip(data, values, strict=True) if r.strategy in RIVALS}
    if not five:
        return {}
    stack = np.stack(list(five.values()))
    top = stack.mean(axis=1).argmax(axis=0)
    best = stack[top, :, np.arange(len(top))].T
    return ({"random": five["random"]} if "random" in five else {}) | {"best rival": best}
