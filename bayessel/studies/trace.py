"""What one selection said after each answered question, and where a stopping rule stops it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bayessel.studies.axis import Axis
from bayessel.support.ties import TIE

STOPS = (0.8, 0.9, 0.95, 0.99)
"""Levels of the stopping rules that are measured."""

PROMISES = {"P(best)": 0.0, "P(within 1 %)": 0.01}
"""Probabilities that a rule reads, with how far below the best the named candidate may then be."""


@dataclass(frozen=True)
class Trace:
    """What one selection said; entry 0 is what it says before the first question.

    Attributes
    ----------
    spent, opened
        [E] calls made and queries opened so far.
    best
        [E] position of the named candidate.
    p_best, p_within
        [E] its reported P(best) and P(within 1 %); NaN where the strategy reports none.
    """

    spent: NDArray[np.int64]
    opened: NDArray[np.int64]
    best: NDArray[np.intp]
    p_best: NDArray[np.float64]
    p_within: NDArray[np.float64]

    def within(self, axis: Axis) -> Trace:
        """The questions that fit into the last budget."""
        last = int(axis.look(self.spent, self.opened)[-1]) + 1
        return Trace(
            self.spent[:last],
            self.opened[:last],
            self.best[:last],
            self.p_best[:last],
            self.p_within[:last],
        )

    def stops(self, gap: NDArray[np.float64]) -> pd.DataFrame:
        """Where each rule stops: after the first question at which its promise reaches the level.

        Parameters
        ----------
        gap
            [M] how far each candidate's win rate is below the best's.

        Returns
        -------
        DataFrame
            ``promise`` and ``level``; ``stopped``; ``spent``, ``queries``, ``reported`` (the
            probability) and ``right`` (whether the promise is kept) there, or at the end where the
            rule never held. No rows for a probability that is not reported.
        """
        rows = []
        for promise, delta in PROMISES.items():
            p = self.p_best if promise == "P(best)" else self.p_within
            if np.isnan(p).all():
                continue
            for level in STOPS:
                held = np.flatnonzero(p[1:] >= level) + 1
                at = int(held[0]) if len(held) else len(p) - 1
                rows.append(
                    {
                        "promise": promise,
                        "level": level,
                        "stopped": bool(len(held)),
                        "spent": int(self.spent[at]),
                        "queries": int(self.opened[at]),
                        "reported": float(p[at]),
                        "right": bool(gap[self.best[at]] <= delta + TIE),
                    }
                )
        columns = ["promise", "level", "stopped", "spent", "queries", "reported", "right"]
        return pd.DataFrame(rows, columns=columns)
