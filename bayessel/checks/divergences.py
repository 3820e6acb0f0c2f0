"""Whether Hamiltonian Monte Carlo left out a part of the posterior that matters to the decision.

A transition diverges where the posterior curves too sharply for the step: that region, often the
neck of a funnel at a small scale, holds fewer draws than it should (Betancourt 2017,
https://arxiv.org/abs/1701.02434). How many are missing is not known. So the draws of the diverging
transitions stand for the region, and it is given ten times as many draws as it got. The check fails
where this would move P(best) or a win rate by more than the Monte Carlo error that is allowed
(:mod:`bayessel.checks.monte_carlo_error`), and where more than 1 % of the transitions diverge: then
the region that is left out is not small. Ten and 1 % are our conventions. Independent draws have no
transitions.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bayessel.checks.base import Check, not_run
from bayessel.checks.draws import flat, values
from bayessel.checks.monte_carlo_error import P_BEST_ERROR, SHARE_OF_SD, WIN_RATE_ERROR

NAME = "divergences"
MOST = 0.01
"""Share of the transitions that may diverge."""
TIMES = 10
"""How many times as many draws the region may have to hold."""
NO_TRANSITIONS = (
    "The result has no sampler statistics: its draws are independent, or they were not kept."
)


def check_divergences(tree: xr.DataTree) -> Check:
    """Diverging transitions, and how far the decision would move with the region they leave out."""
    diverging = values(tree, "sample_stats", "diverging")
    if diverging is None:
        return not_run(NAME, NO_TRANSITIONS)
    bad = flat(diverging).astype(bool)
    each = diverging.sum("draw").to_numpy().astype(int)
    table = pd.DataFrame(
        {"divergences": each, "draws": diverging.sizes["draw"]},
        index=pd.Index(diverging["chain"].to_numpy(), name="chain"),
    )
    eps = [values(tree, "posterior", v) for v in ("eps_loss", "eps_draw")]
    numbers = {"diverging": bad}
    numbers |= {str(e.name): flat(e) for e in eps if e is not None}
    if not bad.any():
        text = f"None of {bad.size} transitions diverged."
        return Check(NAME, True, text, table, numbers)
    found = f"{bad.sum()} of {bad.size} transitions diverged"
    rewrite = (
        "Run a longer warm-up, or rewrite the model (effects in units of their scale where few "
        "cells tell of them, as they are where many do)."
    )
    if bad.mean() > MOST:
        text = f"{found}, more than {MOST:.0%}: parts of the posterior were not explored. {rewrite}"
        return Check(NAME, False, text, table, numbers)
    moved = _moved(tree, bad)
    if moved is None:
        text = f"{found}, and the posterior has no p_best and win_rate to see what it means."
        return Check(NAME, False, f"{text} {rewrite}", table, numbers)
    p_best, win_rate, small = moved
    text = (
        f"{found}. If the part of the posterior where they did holds {TIMES} times as many draws "
        f"as it got, P(best) moves by {p_best:.3f} at most and a win rate by "
        f"{100 * win_rate:.2f} points"
    )
    if small:
        text += ": the decision does not depend on it. Do not report nuisance parameters from this."
    else:
        text += f": too much to decide. {rewrite}"
    return Check(NAME, small, text, table, numbers)


def _moved(tree: xr.DataTree, bad: NDArray[np.bool_]) -> tuple[float, float, bool] | None:
    """How far P(best) and a win rate move at most, and whether that is little; None if unknown.

    Parameters
    ----------
    tree
        A result.
    bad
        [S] draws of diverging transitions, some and not all.
    """
    variables = [values(tree, "posterior", v) for v in ("p_best", "win_rate")]
    if any(v is None for v in variables):
        return None
    p_best, win_rate = (flat(v) for v in variables if v is not None)
    weight = np.where(bad, float(TIMES), 1.0)
    weight /= weight.sum()
    moved_p = np.abs(weight @ p_best - p_best.mean(axis=0))
    moved_rate = np.abs(weight @ win_rate - win_rate.mean(axis=0))
    allowed = np.maximum(WIN_RATE_ERROR, SHARE_OF_SD * win_rate.std(axis=0))
    small = bool((moved_p <= P_BEST_ERROR).all() and (moved_rate <= allowed).all())
    return float(moved_p.max()), float(moved_rate.max()), small
