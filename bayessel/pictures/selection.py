"""Pictures of a selection, as matplotlib figures; no global state is changed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bayessel.pictures import style

_LINES = 6


def plot_p_best(
    history: pd.DataFrame,
    level: float | None = None,
    candidates: int | None = None,
    chances: pd.DataFrame | None = None,
) -> Figure:
    """P(best) against calls, one named line a candidate.

    Parameters
    ----------
    history
        ``Selector.history``: columns ``call``, ``question``, ``recommended``, ``p_best``.
    level
        Stop level, drawn as a line.
    candidates
        M: with it a second axis says how many whole queries take as many calls.
    chances
        P(best) by call and candidate, see :func:`bayessel.selection.history.chances_table`. Where
        it lacks calls, as of a run that an older version made, one line shows P(best) of whoever
        was recommended.
    """
    drawn = style.figure(8.2, 4.2)
    axes = drawn.axes[0]
    known = history.drop_duplicates("question", keep="last")  # a standing follows a question
    marker = "o" if len(known) == 1 else None  # a line of one point is invisible
    lines = _lines(known, chances)
    palette = dict(zip(lines, (style.ORANGE, style.BLUE, *style.MORE), strict=False))
    for name, line in reversed(lines.items()):  # the leader's lies on top
        axes.plot(
            known["call"], line, color=palette[name], lw=2 if name == next(iter(lines)) else 1.4,
            marker=marker, label=name,
        )  # fmt: skip
    if level is not None:
        axes.axhline(level, color=style.MUTED, lw=1, ls=":")
        axes.annotate(
            f"stop at {level:g}", (0.01, level), xycoords=axes.get_yaxis_transform(),
            xytext=(0, 2), textcoords="offset points", fontsize=9, color=style.MUTED,
        )  # fmt: skip
    axes.set(xlabel="calls", ylabel="P(best)", ylim=(0, 1.02))
    last = float(known["call"].max()) if len(known) else 1.0
    axes.set_xlim(0, max(last, 1.0))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    if candidates is not None:
        m = float(candidates)
        per = axes.secondary_xaxis(
            -0.2, functions=(lambda x: np.asarray(x) / m, lambda x: np.asarray(x) * m)
        )
        per.set_xlabel(f"the same in whole queries ({candidates} calls each)")
        per.tick_params(color=style.MUTED, labelsize=9)
        per.xaxis.set_major_locator(MaxNLocator(steps=[1, 2, 5, 10]))
        per.spines["bottom"].set_color(style.MUTED)
    if lines:
        style.name_ends(axes, {n: float(v.iloc[-1]) for n, v in lines.items()}, palette, last)
    return drawn


def _lines(known: pd.DataFrame, chances: pd.DataFrame | None) -> dict[str, pd.Series]:
    """P(best) after each question of the candidates that led or may still win, the leader first."""
    if chances is None or not len(known) or not set(known["call"]) <= set(chances.index):
        leader = f"whoever leads ({known['recommended'].iloc[-1]} at the end)" if len(known) else ""
        return {leader: known["p_best"]} if leader else {}
    own = chances.loc[known["call"]]
    led = own.max().sort_values(ascending=False, kind="stable").index
    ended = own.iloc[-1].sort_values(ascending=False, kind="stable").index
    order = dict.fromkeys([known["recommended"].iloc[-1], *ended[:4], *led])
    return {str(name): own[name] for name in list(order)[:_LINES]}


def plot_eps(posterior: xr.DataTree) -> Figure | None:
    """Posterior of the best candidate's loss and draw rates, or their presets.

    Parameters
    ----------
    posterior
        ``Selector.posterior``.

    Returns
    -------
    Figure
        None where all is judged: the rates are known, and there is nothing to draw.
    """
    group = posterior["posterior"]
    if "eps_loss" in group and not any(
        np.ptp(group[name].to_numpy()) > 0 for name in ("eps_loss", "eps_draw")
    ):
        return None
    drawn = style.figure(4.8, 4.4)
    axes = drawn.axes[0]
    if "eps_loss" in group:
        loss, draw = (group[name].to_numpy().ravel() for name in ("eps_loss", "eps_draw"))
        mean = (loss.mean(), draw.mean())
        most = max(loss.max(), draw.max())
        axes.scatter(
            loss, draw, s=7, alpha=0.35, color=style.BLUE, edgecolors="none",
            label="posterior samples",
        )  # fmt: skip
        title = "The best candidate's rates: posterior"
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
        label=f"mean: loss {mean[0]:.2f}, draw {mean[1]:.2f}",
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
