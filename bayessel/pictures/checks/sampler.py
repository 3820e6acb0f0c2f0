"""Pictures of Hamiltonian Monte Carlo: divergent transitions and energy."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from bayessel.checks.base import Check
from bayessel.pictures import style
from bayessel.support.text import count

_MOST_CHAINS = 8  # that the title names


def plot_divergences(check: Check) -> Figure | None:
    """Divergent transitions: by eps where the posterior has it, else by chain; None without any."""
    bad = np.asarray(check.numbers["diverging"])
    if not bad.any():
        return None
    total = f"{count(int(bad.sum()), 'divergent transition')} of {bad.size}"
    drawn = style.figure(4.8, 4.6)
    axes = drawn.axes[0]
    style.title(drawn, total)
    if not {"eps_loss", "eps_draw"} <= set(check.numbers):
        axes.bar(
            [str(c) for c in check.table.index], check.table["divergences"], color=style.ORANGE
        )
        axes.set(xlabel="chain", ylabel="divergent transitions")
        return drawn
    x, y = (np.asarray(check.numbers[v]) for v in ("eps_loss", "eps_draw"))
    axes.scatter(
        x[~bad], y[~bad], s=6, alpha=0.3, color=style.BLUE, edgecolors="none", label="draws"
    )
    if bad.any():
        axes.scatter(x[bad], y[bad], s=18, color=style.ORANGE, label="diverged")
    axes.set(xlabel="eps_loss: the best loses", ylabel="eps_draw: the best draws")
    style.legend(drawn)
    return drawn


def plot_energy(check: Check) -> Figure:
    """Energy of the draws beside its change in one transition: the two should be alike."""
    draws, bfmi = np.asarray(check.numbers["energy"]), check.table["bfmi"].to_numpy()
    drawn = style.figure(6.0, 4.0)
    axes = drawn.axes[0]
    centred = (draws - draws.mean(axis=1, keepdims=True)).ravel()
    steps = np.diff(draws, axis=1).ravel()
    reach = np.quantile(np.abs(np.concatenate([centred, steps])), 0.999)
    bins = np.linspace(-reach, reach, 61).tolist()
    axes.hist(centred, bins, density=True, alpha=0.45, color=style.BLUE, label="energy - mean")
    axes.hist(
        steps, bins, density=True, histtype="step", lw=1.5, color=style.ORANGE,
        label="change in one transition",
    )  # fmt: skip
    axes.set(xlabel="energy", ylabel="density")
    each = ", ".join(f"{b:.2f}" for b in bfmi[:_MOST_CHAINS])
    more = " ..." if len(bfmi) > _MOST_CHAINS else ""
    style.title(drawn, f"Energy; BFMI by chain: {each}{more}")
    style.legend(drawn)
    return drawn
