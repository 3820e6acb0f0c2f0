"""Whether Hamiltonian Monte Carlo explored the whole posterior.

Divergent transitions, of which there should be none, and the energy's Bayesian fraction of missing
information, above 0.3 in every chain (Betancourt 2016, https://arxiv.org/abs/1604.00695; 2017,
https://arxiv.org/abs/1701.02434). Independent draws have neither.
"""

from __future__ import annotations

import arviz_stats as azs
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from bayessel.checks.base import Check, not_run
from bayessel.checks.groups import flat, values
from bayessel.pictures import style as pictures

BFMI = 0.3
_ABSENT = "The result has no sampler statistics: its draws are independent, or they were not kept."


def check_divergences(tree: xr.DataTree) -> Check:
    """No transition may diverge."""
    name = "divergences"
    diverging = values(tree, "sample_stats", "diverging")
    if diverging is None:
        return not_run(name, _ABSENT)
    each = diverging.sum("draw").to_numpy().astype(int)
    total = int(each.sum())
    table = pd.DataFrame(
        {"divergences": each, "draws": diverging.sizes["draw"]},
        index=pd.Index(diverging["chain"].to_numpy(), name="chain"),
    )
    if total == 0:
        return Check(name, True, f"None of {diverging.size} transitions diverged.", table)
    text = (
        f"{total} of {diverging.size} transitions diverged: parts of the posterior were not "
        "explored. Run a longer warm-up, or rewrite the model (effects in units of their scale "
        "where few cells tell of them, as they are where many do)."
    )
    loss, draw = (values(tree, "posterior", v) for v in ("eps_loss", "eps_draw"))
    if loss is None or draw is None:
        return Check(name, False, text, table)

    def plot() -> Figure:
        drawn = pictures.figure(4.8, 4.6)
        axes = drawn.axes[0]
        x, y = flat(loss), flat(draw)
        bad = flat(diverging).astype(bool)
        axes.scatter(
            x[~bad], y[~bad], s=6, alpha=0.3, color=pictures.BLUE, edgecolors="none", label="draws"
        )
        axes.scatter(x[bad], y[bad], s=18, color=pictures.ORANGE, label="diverged")
        axes.set(xlabel="eps_loss: the best loses", ylabel="eps_draw: the best draws")
        pictures.title(drawn, f"{total} divergent transitions")
        pictures.legend(drawn)
        return drawn

    return Check(name, False, text, table, plot)


def check_energy(tree: xr.DataTree) -> Check:
    """Bayesian fraction of missing information of each chain."""
    name = "energy"
    energy = values(tree, "sample_stats", "energy")
    if energy is None:
        return not_run(name, _ABSENT)
    if energy.sizes["draw"] < 8:
        return not_run(name, f"{energy.sizes['draw']} draws a chain: at least 8 are needed.")
    draws = energy.to_numpy().astype(np.float64)
    if not (np.isfinite(draws).all() and (np.ptp(draws, axis=1) > 0).all()):
        return Check(name, False, "A chain's energy is constant or not finite: it did not move.")
    bfmi = azs.bfmi(energy.to_dataset(name="energy"))["energy"].to_numpy()
    table = pd.DataFrame({"bfmi": bfmi}, index=pd.Index(energy["chain"].to_numpy(), name="chain"))
    low = int((~(bfmi > BFMI)).sum())
    if low:
        text = (
            f"{low} of {len(bfmi)} chains have a BFMI of at most {BFMI} (lowest {bfmi.min():.2f}): "
            "the sampler moves too slowly between energies, so tails are missed. Rewrite the model "
            "(non-centred scales, lighter-tailed priors)."
        )
    else:
        text = f"Every chain's BFMI is above {BFMI} (lowest {bfmi.min():.2f})."

    def plot() -> Figure:
        drawn = pictures.figure(6.0, 4.0)
        axes = drawn.axes[0]
        centred = (draws - draws.mean(axis=1, keepdims=True)).ravel()
        steps = np.diff(draws, axis=1).ravel()
        reach = np.quantile(np.abs(np.concatenate([centred, steps])), 0.999)
        bins = np.linspace(-reach, reach, 61).tolist()
        axes.hist(
            centred, bins, density=True, alpha=0.45, color=pictures.BLUE, label="energy - mean"
        )
        axes.hist(
            steps,
            bins,
            density=True,
            histtype="step",
            lw=1.5,
            color=pictures.ORANGE,
            label="change in one transition",
        )
        axes.set(xlabel="energy", ylabel="density")
        each = ", ".join(f"{b:.2f}" for b in bfmi[:8])
        pictures.title(drawn, f"Energy; BFMI by chain: {each}{' ...' if len(bfmi) > 8 else ''}")
        pictures.legend(drawn)
        return drawn

    return Check(name, low == 0, text, table, plot)
