"""Pictures of a selection, as matplotlib figures; no global state is changed."""

from __future__ import annotations

import os
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from bayessel.support.text import shorten

_INK, _MUTED, _BLUE, _ORANGE = "#1b1f24", "#6b7280", "#2a6fbb", "#d9822b"
_MOST = 30


def _figure(width: float, height: float) -> Figure:
    figure = Figure(figsize=(width, height), layout="constrained", dpi=130)
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(_MUTED)
    axes.tick_params(colors=_INK, labelsize=9)
    axes.grid(color="#e5e7eb", linewidth=0.8)
    axes.set_axisbelow(True)
    return figure


def plot_p_best(history: pd.DataFrame, level: float | None = None) -> Figure:
    """P(best) of the leading candidate against annotations.

    Parameters
    ----------
    history
        ``Selector.history``: columns ``annotations``, ``best``, ``p_best``, ``p_within_1pct``.
    level
        Stop level, drawn as a line.
    """
    figure = _figure(7.2, 4.0)
    axes = figure.axes[0]
    x = history["annotations"]
    marker = "o" if len(history) == 1 else None  # a line of one point is invisible
    axes.plot(x, history["p_best"], color=_BLUE, lw=2, marker=marker, label="P(best)")
    axes.plot(
        x,
        history["p_within_1pct"],
        color=_ORANGE,
        lw=1.5,
        ls="--",
        marker=marker,
        label="P(within 1 point)",
    )
    changed = (history["best"] != history["best"].shift()) & (history.index > history.index.min())
    axes.plot(
        x[changed], history["p_best"][changed], "o", ms=5, color=_BLUE, label="the leader changes"
    )
    if len(history):
        last = history.iloc[-1]
        title = f"Leader at the end: {shorten(str(last['best']), 60)}"
        axes.set_title(title, fontsize=11, loc="left", parse_math=False)
    if level is not None:
        axes.axhline(level, color=_MUTED, lw=1, ls=":", label=f"stop at {level:g}")
    axes.set(xlabel="annotations (queries judged)", ylabel="probability", ylim=(0, 1.02))
    axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def plot_win_rates(table: pd.DataFrame, recorded: pd.Series | None = None) -> Figure:
    """Win rates with 90 % intervals, the highest on top.

    Parameters
    ----------
    table
        ``Selector.table``: columns ``win_rate``, ``lower``, ``upper``, ``p_best``; at most the 30
        highest are drawn.
    recorded
        Win rates over all recorded judgments, by candidate, drawn as ticks where known.
    """
    shown = table.sort_values("win_rate", ascending=False).iloc[:_MOST]
    figure = _figure(7.2, 1.3 + 0.26 * len(shown))
    axes = figure.axes[0]
    y = np.arange(len(shown))[::-1]
    best = table.index[0]
    colour = [_ORANGE if name == best else _BLUE for name in shown.index]
    axes.hlines(y, shown["lower"], shown["upper"], color=colour, lw=2.2)
    axes.scatter(shown["win_rate"], y, color=colour, s=26, zorder=3)
    keys = [
        Line2D([], [], color=_BLUE, marker="o", lw=2.2, label="posterior, 90 %"),
        Line2D([], [], color=_ORANGE, marker="o", lw=2.2, label="recommended"),
    ]
    if recorded is not None:
        ticks = recorded.reindex(shown.index)
        axes.scatter(ticks, y, marker="|", s=110, color=_INK, zorder=4)
        keys.append(
            Line2D([], [], color=_INK, marker="|", ms=11, ls="", label="all recorded judgments")
        )
    figure.legend(handles=keys, frameon=False, fontsize=9, loc="outside lower right", ncols=3)
    labels = [
        f"{shorten(str(name), 34)}   {p:.2f}"
        for name, p in zip(shown.index, shown["p_best"], strict=True)
    ]
    axes.set_yticks(y, labels, parse_math=False)
    axes.set_ylim(-0.7, len(shown) - 0.3)
    left_out = f"; highest {len(shown)} of {len(table)}" if len(shown) < len(table) else ""
    figure.suptitle(
        f"Win rates, P(best) beside each name{left_out}", fontsize=11, x=0.01, ha="left"
    )
    axes.set_xlabel("win rate against the baseline (a draw counts half)")
    axes.set_xlim(max(-0.02, shown["lower"].min() - 0.05), min(1.02, shown["upper"].max() + 0.05))
    return figure


def plot_eps(posterior: xr.DataTree) -> Figure:
    """Posterior of the best candidate's loss and draw rates, or their presets.

    Parameters
    ----------
    posterior
        ``Selector.posterior``.
    """
    figure = _figure(4.8, 4.4)
    axes = figure.axes[0]
    what = "mean"
    group = posterior["posterior"]
    if "eps_loss" in group:
        loss, draw = (group[name].to_numpy().ravel() for name in ("eps_loss", "eps_draw"))
        mean = (loss.mean(), draw.mean())
        most = max(loss.max(), draw.max())
        if np.ptp(loss) > 0 or np.ptp(draw) > 0:
            axes.scatter(
                loss, draw, s=7, alpha=0.35, color=_BLUE, edgecolors="none",
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
        *mean, "o", color=_ORANGE, ms=8, label=f"{what}: loss {mean[0]:.2f}, draw {mean[1]:.2f}"
    )
    axes.plot([0, 1], [1, 0], color=_MUTED, lw=1)
    axes.set_title(title, fontsize=11, loc="left")
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
    return figure


def save_figure(figure: Figure, stem: Path) -> list[Path]:
    """Write a figure as PNG and SVG, each whole or not at all.

    Parameters
    ----------
    figure
        What to write.
    stem
        Path without a suffix.

    Returns
    -------
    list of Path
        The files.
    """
    written = []
    for suffix in ("png", "svg"):
        path = stem.with_suffix(f".{suffix}")
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        # the same picture is the same file: no date, no random names
        with matplotlib.rc_context({"svg.hashsalt": "bayessel"}):
            metadata = {"Date": None} if suffix == "svg" else None
            figure.savefig(partial, format=suffix, metadata=metadata)
        partial.replace(path)
        written.append(path)
    return written
