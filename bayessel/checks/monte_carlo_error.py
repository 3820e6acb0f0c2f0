"""Whether the draws are enough to decide: the Monte Carlo error of P(best) and of the win rates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from bayessel.checks.base import Check, not_run
from bayessel.checks.draws import FEWEST, SAMPLE, candidates, monte_carlo_error, values

NAME = "Monte Carlo error"
P_BEST_ERROR = 0.02
WIN_RATE_ERROR = 0.01
"""Or 5 % of the win rate's posterior standard deviation, if that is more."""
SHARE_OF_SD = 0.05


def check_monte_carlo_error(tree: xr.DataTree) -> Check:
    """Monte Carlo error of P(best) and of the win rates."""
    p_best, win_rate = (values(tree, "posterior", v) for v in ("p_best", "win_rate"))
    if p_best is None or win_rate is None:
        return not_run(NAME, "The posterior has no p_best and win_rate.")
    if p_best.sizes["draw"] < FEWEST:
        return not_run(NAME, f"{p_best.sizes['draw']} draws a chain: at least {FEWEST} are needed.")
    table = pd.DataFrame(
        {
            "p_best": p_best.mean(SAMPLE).to_numpy(),
            "p_best_error": monte_carlo_error(p_best.to_numpy()),
            "win_rate": win_rate.mean(SAMPLE).to_numpy(),
            "win_rate_error": monte_carlo_error(win_rate.to_numpy()),
            "win_rate_sd": win_rate.std(SAMPLE).to_numpy(),
        },
        index=pd.Index(candidates(tree), name="candidate"),
    ).sort_values(["p_best", "win_rate"], ascending=False)
    allowed = np.maximum(WIN_RATE_ERROR, SHARE_OF_SD * table["win_rate_sd"].to_numpy())
    within = {
        "p_best": (table["p_best_error"] <= P_BEST_ERROR).to_numpy(),
        "win_rate": (table["win_rate_error"] <= allowed).to_numpy(),
    }
    passed = bool(all(each.all() for each in within.values()))
    return Check(NAME, passed, _text(table, passed), table, {"within": within})


def _text(table: pd.DataFrame, passed: bool) -> str:
    """What was found, and what to do."""
    largest = table[["p_best_error", "win_rate_error"]].max(skipna=False)
    first = table.iloc[0]
    text = (
        f"P(best) of {table.index[0]} is {first['p_best']:.3f} with a Monte Carlo error of "
        f"{first['p_best_error']:.3f}; the largest errors are {largest['p_best_error']:.3f} of "
        f"P(best) (at most {P_BEST_ERROR}) and {100 * largest['win_rate_error']:.2f} points of a "
        f"win rate (at most {100 * WIN_RATE_ERROR:g}, or {SHARE_OF_SD:.0%} of its standard "
        "deviation)."
    )
    if not passed:
        return f"{text} Draw more before deciding."
    if len(table) > 1:
        second = table.iloc[1]
        apart = first["p_best"] - second["p_best"]
        if apart <= 2 * np.hypot(first["p_best_error"], second["p_best_error"]):
            text += f" {table.index[1]} is as likely within this error: either could be named."
    return text
