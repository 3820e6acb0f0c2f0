"""The judged rows of a result, and the rows that its model replicates for them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from bayessel.checks.draws import SAMPLE, values
from bayessel.outcomes import MISSING, Outcome

MOST_REPLICATES = 2000
"""Replicated data sets that a predictive check looks at, evenly spaced among the draws."""
FEWEST_REPLICATES = 100
"""Replicated data sets that a predictive check needs."""
NOTHING_JUDGED = "Nothing was judged yet."
NO_REPLICATES = "The result has no replicated outcomes (posterior_predictive): 'fit' keeps them."


@dataclass(frozen=True)
class Rows:
    """Judged rows and, where the result has them, data sets that the model replicates for them.

    Attributes
    ----------
    observed
        [n, M] outcomes, ``MISSING`` where a cell was not judged.
    replicated
        [S, n, M] likewise; S = 0 where the result has none.
    queries, candidates
        [n] and [M] names.
    """

    observed: NDArray[np.int8]
    replicated: NDArray[np.int8]
    queries: list[str]
    candidates: list[str]

    @property
    def judged(self) -> NDArray[np.bool_]:
        """[n, M] which cells were judged."""
        return self.observed != MISSING


def judged_rows(
    tree: xr.DataTree, group: str = "posterior_predictive", most: int | None = MOST_REPLICATES
) -> Rows | None:
    """Judged rows and their replicates; None where nothing was judged.

    Parameters
    ----------
    tree
        A result.
    group
        Where the replicates are.
    most
        Replicates to keep, evenly spaced; all where None.
    """
    observed = values(tree, "observed_data", "outcome")
    if observed is None or observed.ndim != 2 or observed.size == 0:
        return None
    observed = observed.transpose("query", "candidate")
    y = _coded(observed.to_numpy())
    if not (y != MISSING).any():
        return None
    replicated = values(tree, group, "outcome")
    draws = np.zeros((0, *y.shape), dtype=np.int8)
    if replicated is not None:
        raw = replicated.transpose(*SAMPLE, "query", "candidate").to_numpy()
        raw = raw.reshape(-1, *y.shape)
        if most is not None and len(raw) > most:
            raw = raw[np.linspace(0, len(raw) - 1, most).astype(int)]
        draws = _coded(raw)
        draws[:, y == MISSING] = MISSING
    names = [[str(v) for v in observed[d].to_numpy()] for d in ("query", "candidate")]
    return Rows(y, draws, *names)


def replicated_rows(tree: xr.DataTree) -> Rows | str:
    """Judged rows with enough replicates, or a sentence that says why there are none."""
    rows = judged_rows(tree)
    if rows is None:
        return NOTHING_JUDGED
    return rows if len(rows.replicated) >= FEWEST_REPLICATES else NO_REPLICATES


def _coded(outcome: NDArray[np.generic]) -> NDArray[np.int8]:
    """Outcomes as int8, from integers or floats; any other number is ``MISSING``."""
    known = np.isin(outcome, [int(o) for o in Outcome])
    return np.where(known, outcome, MISSING).astype(np.int8)
