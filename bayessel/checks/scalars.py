"""Every number that the posterior is made of, one column each, under the name that people read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bayessel.checks.base import Check, not_run
from bayessel.checks.draws import FEWEST, SAMPLE, values, varies
from bayessel.support.text import listing

DECIDED = ("p_best", "win_rate", "eps_loss", "eps_draw")
"""Variables that the decision is read from; every other one is a nuisance parameter."""


@dataclass(frozen=True)
class Scalars:
    """Every scalar of the posterior that is not the same in every draw.

    Attributes
    ----------
    draws
        [C, n, P], C chains of n draws.
    names
        [P] such as ``win_rate[gpt-x]``.
    decided
        [P] whether it belongs to a variable of :data:`DECIDED`.
    broken
        Names of the scalars with draws that are not finite; they are in no other field.
    """

    draws: NDArray[np.float64]
    names: list[str]
    decided: NDArray[np.bool_]
    broken: list[str]

    @classmethod
    def of(cls, tree: xr.DataTree) -> Scalars:
        """The scalars of a result."""
        kept: list[NDArray[np.float64]] = []
        names: list[str] = []
        decided: list[bool] = []
        broken: list[str] = []
        posterior = tree["posterior"]
        shape = tuple(posterior.sizes[d] for d in SAMPLE)
        for name in map(str, posterior.data_vars):
            array = values(tree, "posterior", name)
            if array is None or not set(SAMPLE) <= set(array.dims):
                continue
            if array.dtype.kind not in "fiub":
                continue
            raw = array.to_numpy().astype(np.float64).reshape(*shape, -1)
            labels = _labels(array)
            finite = np.isfinite(raw).all(axis=(0, 1))
            broken += [labels[i] for i in np.flatnonzero(~finite)]
            moves = finite & varies(np.where(finite, raw, 0.0))
            kept.append(raw[..., moves])
            names += [labels[i] for i in np.flatnonzero(moves)]
            decided += [name in DECIDED] * int(moves.sum())
        draws = np.concatenate(kept, axis=-1) if kept else np.zeros((*shape, 0))
        return cls(draws, names, np.array(decided, dtype=bool), broken)

    def refusal(self, name: str, fewest_chains: int = 1) -> Check | None:
        """The check called ``name`` where its diagnostic cannot be computed, else None."""
        chains, draws, _ = self.draws.shape
        if self.broken:
            listed = listing(self.broken, 3)
            return Check(
                name,
                False,
                f"{len(self.broken)} parameter(s) have draws that are not finite ({listed}): the "
                "model's program is at fault; do not use this result.",
                pd.DataFrame(index=pd.Index(self.broken, name="parameter")),
            )
        if chains < fewest_chains or draws < FEWEST:
            return not_run(
                name,
                f"{chains} chain(s) of {draws} draws: at least {fewest_chains} of {FEWEST} draws "
                "are needed.",
            )
        if not self.names:
            return Check(
                name, True, "Every variable is the same in every draw: nothing is uncertain."
            )
        return None


def _labels(array: xr.DataArray) -> list[str]:
    """[P] names of a variable's scalars, in the order of its memory."""
    labels = [""]
    for dim in array.dims[2:]:
        levels = array[dim].to_numpy() if dim in array.coords else np.arange(array.sizes[dim])
        labels = [
            f"{label}, {level}" if label else str(level) for label in labels for level in levels
        ]
    return [f"{array.name}[{label}]" if label else str(array.name) for label in labels]
