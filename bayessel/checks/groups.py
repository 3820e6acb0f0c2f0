"""Reading a result: draws as arrays, whatever groups it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from bayessel.outcomes import MISSING, Outcome

SAMPLE = ("chain", "draw")
MOST_REPLICATES = 2000
"""Replicated data sets that a predictive check looks at, evenly spaced among the draws."""


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


def values(tree: xr.DataTree, group: str, name: str) -> xr.DataArray | None:
    """A variable, its dimensions in the order chain, draw, others; None where it is absent."""
    if group not in tree.children or name not in tree[group].data_vars:
        return None
    found = cast(xr.DataArray, tree[group][name])
    first = [d for d in SAMPLE if d in found.dims]
    return found.transpose(*first, ...)


def flat(array: xr.DataArray) -> NDArray[np.float64]:
    """[S, ...] draws, chain after chain."""
    raw = array.to_numpy()
    return raw.reshape(-1, *raw.shape[2:]).astype(np.float64)


def candidates(tree: xr.DataTree) -> list[str]:
    """[M] names."""
    return [str(c) for c in tree["posterior"]["candidate"].to_numpy()]


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


def _coded(outcome: NDArray[np.generic]) -> NDArray[np.int8]:
    """Int8 outcomes from integers or floats; whatever is not an outcome is ``MISSING``."""
    known = np.isin(outcome, [int(o) for o in Outcome])
    return np.where(known, outcome, MISSING).astype(np.int8)
