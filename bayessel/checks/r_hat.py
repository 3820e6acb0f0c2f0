"""Whether the chains agree: r-hat.

What is decided on must be within the strict limit. A nuisance parameter beyond that limit is named,
and fails only beyond the loose one (:mod:`bayessel.checks.convergence` states and defends both).

The check also fails on two faults that r-hat may miss. Chains that hold the same draws are one
chain (a seed was used twice), but r-hat finds that they agree. A chain that stands still near the
middle of the others has a small r-hat. It is found by its number of different values: less than a
tenth of another chain's.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bayessel.checks.base import Check
from bayessel.checks.convergence import NUISANCE_RHAT, RHAT, r_hat_table, rhat_limit
from bayessel.checks.scalars import Scalars

NAME = "r-hat"
STILL = 0.1
"""Different values of a chain over those of the chain that has most, at least."""


def check_r_hat(tree: xr.DataTree) -> Check:
    """r-hat of every scalar of the posterior."""
    scalars = Scalars.of(tree)
    refused = scalars.refusal(NAME, fewest_chains=2)
    if refused is not None:
        return refused
    copies = _copies(scalars.draws)
    if copies:
        return Check(NAME, False, copies)
    table = r_hat_table(scalars)
    chains, draws, _ = scalars.draws.shape
    n_decided = int(scalars.decided.sum())
    strict = rhat_limit(chains, draws, n_decided)
    loose = rhat_limit(chains, draws, len(table) - n_decided, NUISANCE_RHAT)
    most = np.where(table["decided"], strict, loose)
    beyond = ~(table["r_hat"].to_numpy() <= most)
    still = _still(scalars)
    text = _text(table, beyond, strict, loose, draws)
    if still:
        text = f"{still} {text}"
    numbers = {"strict": strict, "loose": loose, "beyond": beyond}
    return Check(NAME, not (beyond.any() or still), text, table, numbers)


def _text(
    table: pd.DataFrame, beyond: NDArray[np.bool_], strict: float, loose: float, draws: int
) -> str:
    """What was found, and what to do."""
    raised = "" if strict == RHAT else f" ({RHAT:g}, raised for {draws} draws a chain)"
    decided, others = table[table["decided"]], table[~table["decided"]]
    failed = table[beyond]
    if len(failed):
        parts = []
        for kind, part, most in (
            (f"{len(decided)} quantities that are decided on", failed[failed["decided"]], strict),
            (f"{len(others)} nuisance parameters", failed[~failed["decided"]], loose),
        ):
            if len(part):
                shown = raised if most == strict else ""
                parts.append(
                    f"{len(part)} of {kind} have an r-hat above {most:.3f}{shown}, {_worst(part)}"
                )
        return (
            f"{'; '.join(parts)}: the chains disagree. Run longer, or change the model's "
            "parameters; do not use this result."
        )
    what = "" if len(others) == 0 else " on what is decided on"
    if len(decided):
        text = f"The chains agree{what}: {_worst(decided)}, of at most {strict:.3f}{raised}."
    else:
        text = "Nothing that is decided on varies."
    noisy = others[~(others["r_hat"] <= strict)]
    if len(noisy):
        text += (
            f" {len(noisy)} of {len(others)} nuisance parameters have more, {_worst(noisy)} (at "
            f"most {loose:.3f}): do not report them from these draws."
        )
    return text


def _worst(table: pd.DataFrame) -> str:
    return f"{table.index[0]} has {table['r_hat'].iloc[0]:.3f}"


def _copies(draws: NDArray[np.float64]) -> str:
    """What to say of chains that hold the same draws; empty where none do."""
    different = len({chain.tobytes() for chain in draws})
    if different == len(draws):
        return ""
    return (
        f"{len(draws)} chains hold the draws of {different}: the others are copies, as with a seed "
        "used twice. Their agreement means nothing; run chains with seeds of their own."
    )


def _still(scalars: Scalars) -> str:
    """What to say of a chain that stands still; empty where all move."""
    ordered = np.sort(scalars.draws, axis=1)
    different = 1 + (np.diff(ordered, axis=1) > 0).sum(axis=1)  # [C, P]
    most = different.max(axis=0)
    differs = most > scalars.draws.shape[1] / 2  # not an indicator or a count
    ratio = np.where(differs, different / most, 1.0)
    chain, worst = np.unravel_index(np.argmin(ratio), ratio.shape)
    if ratio[chain, worst] >= STILL:
        return ""
    return (
        f"Chain {chain} stands still: it has {different[chain, worst]} different value(s) of "
        f"{scalars.names[worst]}, another chain {most[worst]}. Do not use this "
        "result."
    )
