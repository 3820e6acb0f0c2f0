"""Whether there are enough draws: bulk and tail effective sample sizes.

What is decided on must be within the strict limit. A nuisance parameter below that limit is named,
and fails only below the loose one (:mod:`bayessel.checks.convergence` states and defends both).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from bayessel.checks.base import Check
from bayessel.checks.convergence import (
    ESS_PER_CHAIN,
    MOST_CHAINS,
    NUISANCE_ESS_PER_CHAIN,
    ess_table,
)
from bayessel.checks.scalars import Scalars

NAME = "effective sample size"


def check_effective_sample_size(tree: xr.DataTree) -> Check:
    """Bulk and tail effective sample size of every scalar of the posterior."""
    scalars = Scalars.of(tree)
    refused = scalars.refusal(NAME)
    if refused is not None:
        return refused
    table = ess_table(scalars)
    chains, draws, _ = scalars.draws.shape
    strict, loose = (
        each * min(chains, MOST_CHAINS) for each in (ESS_PER_CHAIN, NUISANCE_ESS_PER_CHAIN)
    )
    least = table[["bulk", "tail"]].min(axis=1)
    needed = np.where(table["decided"], strict, loose)
    beyond = ~(least.to_numpy() > needed)
    text = _text(table.assign(least=least, beyond=beyond), strict, loose, chains * draws)
    numbers = {"strict": strict, "loose": loose, "beyond": beyond}
    return Check(NAME, not beyond.any(), text, table, numbers)


def _text(table: pd.DataFrame, strict: int, loose: int, draws: int) -> str:
    """What was found, and what to do."""
    decided, others = table[table["decided"]], table[~table["decided"]]
    parts = []
    for kind, part, needed in (
        ("quantities that are decided on", decided, strict),
        ("nuisance parameters", others, loose),
    ):
        failed = part[part["beyond"]]
        if len(failed):
            parts.append(
                f"{len(failed)} of {len(part)} {kind} have an effective sample size of at most "
                f"{needed}, {_worst(failed)} of {draws} draws"
            )
    if parts:
        return f"{'; '.join(parts)}: draw more."
    if len(decided):
        text = (
            f"Enough draws for what is decided on: {_worst(decided)}, the smallest effective "
            f"sample size; more than {strict} are needed."
        )
    else:
        text = "Nothing that is decided on varies."
    noisy = others[~(others["least"] > strict)]
    if len(noisy):
        text += (
            f" {len(noisy)} of {len(others)} nuisance parameters have fewer, {_worst(noisy)} (more "
            f"than {loose} are needed): do not report them from these draws."
        )
    return text


def _worst(table: pd.DataFrame) -> str:
    return f"{table.index[0]} has {table['least'].iloc[0]:.0f}"
