"""Pictures of a fit; no global state is changed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from bayessel.pictures import style

_MOST = 20
_BINS = 40


def plot_p_best(table: pd.DataFrame) -> Figure:
    """P(best) of each candidate, the highest on top.

    Parameters
    ----------
    table
        Columns ``p_best``, indexed by candidate, the recommended one first; at most the 20 highest
        are drawn.
    """
    shown = table.sort_values("p_best", ascending=False).iloc[:_MOST]
    drawn = style.tall(len(shown))
    axes = drawn.axes[0]
    y = style.name_rows(axes, [str(c) for c in shown.index])
    best = table.index[0]
    colour = [style.ORANGE if c == best else style.BLUE for c in shown.index]
    axes.barh(y, shown["p_best"], color=colour, height=0.7)
    for at, p in zip(y, shown["p_best"], strict=True):
        axes.text(p + 0.01, at, f"{p:.3f}", va="center", fontsize=8, color=style.INK)
    axes.set(xlabel="P(best)", xlim=(0, min(1.15, 1.2 * shown["p_best"].max() + 0.05)))
    style.title(drawn, f"Probability of being the best candidate{style.left_out(shown, table)}")
    return drawn


def plot_eps_prior(tree: xr.DataTree) -> Figure | None:
    """The best candidate's loss and draw rates: prior beside posterior.

    Parameters
    ----------
    tree
        A result with the groups ``posterior`` and ``prior``.

    Returns
    -------
    Figure
        None where all is judged: the rates are known, and there is nothing to draw.
    """
    known = [tree["posterior"][name].to_numpy() for name in ("eps_loss", "eps_draw")]
    if not any(np.ptp(draws) > 0 for draws in known):
        return None
    drawn = style.figure(8.0, 3.4, columns=2)
    names = {"eps_loss": "eps_loss: the best loses", "eps_draw": "eps_draw: the best draws"}
    for axes, (name, label) in zip(drawn.axes, names.items(), strict=True):
        draws = {g: tree[g][name].to_numpy().ravel() for g in ("prior", "posterior")}
        end = min(1.0, max(float(v.max()) for v in draws.values()) + 0.02)
        edges = np.linspace(0.0, end, _BINS + 1).tolist()
        axes.hist(
            draws["prior"],
            edges,
            density=True,
            histtype="step",
            color=style.MUTED,
            label="prior",
        )
        axes.hist(
            draws["posterior"],
            edges,
            density=True,
            color=style.BLUE,
            alpha=0.7,
            label="posterior",
        )
        mean = float(draws["posterior"].mean())
        axes.axvline(mean, color=style.ORANGE, lw=1.5, label="posterior mean")
        axes.set(xlabel=f"{label} (mean {mean:.3f})", xlim=(0, end), yticks=[])
    drawn.axes[0].set_ylabel("density")
    style.title(drawn, "The best candidate's rates before and after the data")
    style.legend(drawn)
    return drawn
