"""The draws of a result as arrays, whatever groups it has."""

from __future__ import annotations

from typing import cast

import arviz_stats as azs
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from bayessel.errors import BudgetError
from bayessel.support.ties import TIE

SAMPLE = ("chain", "draw")
FEWEST = 8
"""Draws a chain that a diagnostic of chains needs: it cuts each chain into halves."""


def values(tree: xr.DataTree, group: str, name: str) -> xr.DataArray | None:
    """A variable, its dimensions in the order chain, draw, others; None where it is absent."""
    if group not in tree.children or name not in tree[group].data_vars:
        return None
    found = cast(xr.DataArray, tree[group][name])
    first = [d for d in SAMPLE if d in found.dims]
    return found.transpose(*first, ...)


def posterior_of(tree: xr.DataTree, name: str) -> xr.DataArray:
    """A variable of the posterior that has to be there.

    Raises
    ------
    BudgetError
        The result lacks it.
    """
    found = values(tree, "posterior", name)
    if found is None:
        raise BudgetError(f"the result has no {name}: give a result of bayessel.inference.fit")
    return found


def flat(array: xr.DataArray) -> NDArray[np.float64]:
    """[S, ...] draws, chain after chain."""
    raw = array.to_numpy()
    return raw.reshape(-1, *raw.shape[2:]).astype(np.float64)


def candidates(tree: xr.DataTree) -> list[str]:
    """[M] names."""
    return [str(c) for c in tree["posterior"]["candidate"].to_numpy()]


def varies(draws: NDArray[np.float64]) -> NDArray[np.bool_]:
    """[...] whether draws [chain, draw, ...] differ by more than rounding."""
    different: NDArray[np.bool_] = np.ptp(draws, axis=(0, 1)) > TIE
    return different


def monte_carlo_error(draws: NDArray[np.float64]) -> NDArray[np.float64]:
    """[...] standard error of the mean of draws [chain, draw, ...].

    0 where all draws are the same, NaN where some are not finite.
    """
    columns = np.asarray(draws, dtype=np.float64).reshape(*draws.shape[:2], -1)
    error = np.zeros(columns.shape[-1])
    moves = varies(columns)
    if moves.any():
        error[moves] = azs.mcse(as_dataset(columns[..., moves]))["scalar"].to_numpy()
    error[~np.isfinite(columns).all(axis=(0, 1))] = np.nan
    return error.reshape(draws.shape[2:])


def as_dataset(draws: NDArray[np.float64]) -> xr.Dataset:
    """Draws [chain, draw, P] of P scalars as ArviZ reads them, in one variable ``scalar``."""
    return xr.Dataset({"scalar": ((*SAMPLE, "parameter"), draws)})


def r_hat(draws: NDArray[np.float64]) -> NDArray[np.float64]:
    """[P] rank-normalised split r-hat of draws [chain, draw, P]; 1 where all are the same."""
    found = np.ones(draws.shape[-1])
    moves = varies(draws)
    if moves.any():
        found[moves] = azs.rhat(as_dataset(draws[..., moves]))["scalar"].to_numpy()
    return found


def called_best(tree: xr.DataTree) -> tuple[str, xr.DataArray | None]:
    """What the likelihood calls best: P(F) where F is a parameter of the model, else P(best).

    Returns
    -------
    name
        ``P(F)`` or ``P(best)``.
    probability
        [chain, draw, candidate]; None where the posterior has neither.
    """
    of_f = values(tree, "posterior", "p_f")
    if of_f is not None:
        return "P(F)", of_f
    return "P(best)", values(tree, "posterior", "p_best")


def draw_best(rng: np.random.Generator, p_best: NDArray[np.float64]) -> NDArray[np.intp]:
    """[S] position of the best in each draw, drawn from its P(best) [S, M]."""
    total = p_best.cumsum(axis=1)
    best: NDArray[np.intp] = (rng.random((len(total), 1)) * total[:, -1:] >= total).sum(axis=1)
    return best
