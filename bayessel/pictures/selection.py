"""Pictures of a selection, as matplotlib figures; no global state is changed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bayessel.pictures import style


def plot_p_best(
    history: pd.DataFrame, level: float | None = None, candidates: int | None = None
) -> Figure:
    """P(best) of the recommended candidate against calls.

    Parameters
    ----------
    history
        ``Selector.history``: columns ``call``, ``question``, ``recommended``, ``p_best``,
        ``p_within_1pct``.
    level
        Stop level, drawn as a line.
    candidates
        M: with it a second axis says how many whole queries take as many calls.
    """
    drawn = style.figure(7.2, 4.2)
    axes = drawn.axes[0]
    known = history.drop_duplicates("question", keep="last")  # a standing follows a question
    x = known["call"]
    marker = "o" if len(known) == 1 else None  # a line of one point is invisible
    axes.plot(x, known["p_best"], color=style.BLUE, lw=2, marker=marker, label="P(best)")
    axes.plot(
        x,
        known["p_within_1pct"],
        color=style.ORANGE,
        lw=1.5,
        ls="--",
        marker=marker,
        label="P(within 1 point)",
    )
    named = known["recommended"]
    changed = (named != named.shift()) & (known.index > known.index.min())
    axes.plot(
        x[changed],
        known["p_best"][changed],
        "o",
        ms=5,
        color=style.BLUE,
        label="the leader changes",
    )
    if len(known):
        style.title(axes, f"Leader at the end: {named.iloc[-1]}", most=80)
    if level is not None:
        axes.axhline(level, color=style.MUTED, lw=1, ls=":", label=f"stop at {level:g}")
    axes.set(xlabel="calls", ylabel="probability", ylim=(0, 1.02))
    axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if candidates is not None:
        m = float(candidates)
        per = axes.secondary_xaxis(
            -0.2, functions=(lambda x: np.asarray(x) / m, lambda x: np.asarray(x) * m)
        )
        per.set_xlabel(f"the same in whole queries ({candidates} calls each)")
        per.tick_params(color=style.MUTED, labelsize=9)
        per.spines["bottom"].set_color(style.MUTED)
    axes.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return drawn


def plot_eps(posterior: xr.DataTree) -> Figure:
    """Posterior of the best candidate's loss and draw rates, or their presets.

    Parameters
    ----------
    posterior
        ``Selector.posterior``.
    """
    drawn = style.figure(4.8, 4.4)
    axes = drawn.axes[0]
    what = "mean"
    group = posterior["posterior"]
    if "eps_loss" in group:
        loss, draw = (group[name].to_numpy().ravel() for name in ("eps_loss", "eps_draw"))
        mean = (loss.mean(), draw.mean())
        most = max(loss.max(), draw.max())
        if np.ptp(loss) > 0 or np.ptp(draw) > 0:
            axes.scatter(
                loss, draw, s=7, alpha=0.35, color=style.BLUE, edgecolors="none",
                label="posterior samples",
            )  # fmt: skip
            title = "The best candidate's rates: posterior"
        else:
            what = "known"
            title = "The best candidate's rates, all judged"
    else:
        constant = posterior["constant_data"]
        mean = (float(constant["eps_loss"]), float(constant["eps_draw"]))
        most = max(mean)
        title = "The best candidate's rates: preset"
    axes.plot(
        *mean,
        "o",
        color=style.ORANGE,
        ms=8,
        label=f"{what}: loss {mean[0]:.2f}, draw {mean[1]:.2f}",
    )
    axes.plot([0, 1], [1, 0], color=style.MUTED, lw=1)
    style.title(axes, title)
    end = min(1.0, max(0.1, 1.25 * most))
    limits = (-0.02 * end, 1.02 * end)
    axes.set(
        xlabel="eps_loss: the best loses",
        ylabel="eps_draw: the best draws",
        xlim=limits,
        ylim=limits,
    )
    axes.set_aspect("equal")
    axes.legend(fontsize=9, loc="upper right", framealpha=0.9, edgecolor="none")
    return drawn
