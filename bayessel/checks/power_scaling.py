r"""Power-scaling: how far prior and likelihood each move the decision, from one fit.

Both are raised to powers near one by importance weights (Kallioinen et al. 2024,
https://doi.org/10.1007/s11222-023-10366-5). The likelihood is that of the judged rows; the weak
judges' votes are not scaled. Weights by a likelihood in which F is summed out would not move F
given the parameters. There an F is drawn with each draw of the parameters, and the likelihood is
that given both. P(best) is then how often the leader is drawn.
"""

from __future__ import annotations

import logging

import arviz_stats as azs
import numpy as np
import pandas as pd
import xarray as xr

from bayessel.checks.draws import candidates, flat, posterior_of, varies


def power_scaling(tree: xr.DataTree) -> tuple[pd.DataFrame, str]:
    """``arviz.psense_summary`` of the decision's quantities.

    Parameters
    ----------
    tree
        A result with ``log_prior`` and ``joint``.

    Returns
    -------
    table
        Sensitivity to ``prior`` and ``likelihood`` and ArviZ's diagnosis (above 0.05 matters) of
        P(best) of the leader, its lead in win rate over the second, and eps; of those that vary.
        Empty where it cannot be computed.
    note
        Why it is empty.
    """
    for group, lacks in (("joint", "no likelihood of judged rows"), ("log_prior", "no priors")):
        if group not in tree.children:
            return pd.DataFrame(), f"power-scaling: the result has {lacks} to scale"
    if all(float(np.ptp(v.to_numpy())) == 0 for v in tree["log_prior"].data_vars.values()):
        return pd.DataFrame(), "power-scaling: the prior is flat, all its powers are the same"
    rate = posterior_of(tree, "win_rate")
    chance = flat(posterior_of(tree, "p_best")).mean(axis=0)
    best = tree["joint"]["best"].transpose("chain", "draw", "candidate")
    names = candidates(tree)
    first, second = (int(j) for j in np.argsort(-chance, kind="stable")[:2])
    quantities = {
        f"P(best) of {names[first]}": best[..., first],
        f"win rate of {names[first]} - {names[second]}": rate[..., first] - rate[..., second],
        "eps_loss": posterior_of(tree, "eps_loss"),
        "eps_draw": posterior_of(tree, "eps_draw"),
    }
    kept = {
        k: (("chain", "draw"), v.to_numpy()) for k, v in quantities.items() if varies(v.to_numpy())
    }
    if not kept:
        return pd.DataFrame(), (
            "power-scaling: every quantity of the decision is known, as where all is judged; there "
            "is nothing to scale"
        )
    scaled = xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset(kept, {d: tree["posterior"][d] for d in ("chain", "draw")}),
            "log_prior": tree["log_prior"].to_dataset(),
            "log_likelihood": tree["joint"].to_dataset()[["log_likelihood"]],
        }
    )
    log = logging.getLogger("arviz_stats")
    level = log.level
    log.setLevel(logging.ERROR)  # what it warns of is a column of the table
    try:
        return azs.psense_summary(scaled).rename_axis("quantity"), ""
    finally:
        log.setLevel(level)
