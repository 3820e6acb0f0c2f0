"""Heat maps over eps: what llm-selector's two parameters do, and bayessel's posterior of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from scipy.stats import gaussian_kde

from bayessel.pictures.study_style import INK, clean, suptitle
from bayessel.studies.varied import pictured

_MAP = LinearSegmentedColormap.from_list("identified", ["#eef0f3", "#c3c8cf", "#565f6b"])
_POSTERIORS = ("#2a6fbb", "#d9822b")
_CHOSEN = "#b91c1c"
_MASS = (0.9, 0.5)
_X, _Y = "eps_loss: the best loses", "eps_draw: the best draws"


def plot_eps_grid(group: pd.DataFrame) -> Figure:
    """Identification at three budgets over fixed eps of ``llm-selector``; blank where not run.

    Parameters
    ----------
    group
        Rows of :func:`bayessel.studies.varied.varied` of the factor eps, one data set and number
        of weak judges.
    """
    budgets = pictured(int(group["budget"].max()))
    figure = Figure(figsize=(4.3 * len(budgets) + 0.6, 4.6), layout="constrained", dpi=130)
    panels = figure.subplots(1, len(budgets), squeeze=False)[0]
    part = group[(group["measure"] == "identified") & group["at"].isin(budgets)]
    limits = float(part["estimate"].min()), float(part["estimate"].max())
    for axes, budget in zip(panels, budgets, strict=True):
        own = part[part["at"] == budget]
        error = float(own["se"].max())
        values = [np.unique(own[name]) for name in ("eps_loss", "eps_draw")]
        at = [
            np.searchsorted(v, own[n])
            for v, n in zip(values, ("eps_loss", "eps_draw"), strict=True)
        ]
        drawn = _heat(axes, np.stack(at, axis=1).astype(float), own["estimate"], limits)
        axes.set_xticks(range(len(values[0])), [f"{v:g}" for v in values[0]])
        axes.set_yticks(range(len(values[1])), [f"{v:g}" for v in values[1]])
        said = f" (standard errors up to {error:.2f})" if np.isfinite(error) else ""
        axes.set_title(f"after {budget} annotations{said}", fontsize=9.5, loc="left")
        axes.set(xlabel=_X, ylabel=_Y)
    figure.colorbar(drawn, ax=list(panels), label="probability that the best is named")
    name = group["strategy"].iloc[0]
    suptitle(figure, f"{group['data'].iloc[0]}: {name} with fixed eps")
    return figure


def plot_eps_search(
    grid: NDArray[np.float64],
    score: NDArray[np.float64],
    best: tuple[float, float],
    posteriors: Mapping[str, NDArray[np.float64]],
    heading: str = "",
) -> Figure:
    """Heat map of a search over eps, with posteriors of eps as points and contours.

    Parameters
    ----------
    grid
        [G, 2] pairs (eps_loss, eps_draw).
    score
        [G] identification probability averaged over the budgets.
    best
        The pair that was chosen.
    posteriors
        By what they are given, at most two: [S, 2] draws of (eps_loss, eps_draw).
    heading
        Title.
    """
    figure = Figure(figsize=(9.4, 7.6), layout="constrained", dpi=130)
    axes = clean(figure.add_subplot())
    end = float(grid.max()) + 0.025
    for draws in posteriors.values():
        end = max(end, float(np.quantile(draws, 0.99)))
    end = min(1.0, 1.02 * end)
    limits = float(score.min()), float(score.max())
    drawn = _heat(axes, grid, score, limits, size=8 if end < 0.6 else 6.5)
    side = float(np.diff(np.unique(grid[:, 0])).min())
    corner = best[0] - side / 2, best[1] - side / 2
    axes.add_patch(Rectangle(corner, side, side, fill=False, ec=_CHOSEN, lw=2.4, zorder=5))
    keys: list[Any] = [
        Rectangle((0, 0), 1, 1, fill=False, ec=_CHOSEN, lw=2.4),
    ]
    labels = [f"chosen by the search: {best[0]:g}, {best[1]:g}"]
    for (given, draws), colour in zip(posteriors.items(), _POSTERIORS, strict=False):
        _posterior(axes, draws, colour, end)
        keys.append(Line2D([], [], color=colour, marker="o", ms=4, lw=1.6))
        loss, tie = draws.mean(axis=0)
        labels.append(f"posterior {given}\n(mean {loss:.2f}, {tie:.2f}; 50 % thick, 90 % thin)")
    axes.plot([0, 1], [1, 0], color=INK, lw=1)
    axes.set(xlabel=_X, ylabel=_Y, xlim=(0, end), ylim=(0, end), aspect="equal")
    axes.set_xticks(np.arange(0, end, 0.1))
    axes.set_yticks(np.arange(0, end, 0.1))
    figure.colorbar(
        drawn, shrink=0.7, label="mean identification probability of the weak judges' own best"
    )
    figure.legend(
        keys, labels, frameon=False, fontsize=9, loc="outside lower left", ncols=len(keys)
    )
    suptitle(figure, heading)
    return figure


def _heat(
    axes: Axes,
    grid: NDArray[np.float64],
    value: Any,
    limits: tuple[float, float],
    size: float = 8,
) -> Any:
    """Cells and their numbers; a pair that is not there stays blank."""
    clean(axes).grid(visible=False)
    value = np.asarray(value, dtype=float)
    loss, tie = (np.unique(grid[:, at]) for at in (0, 1))
    cells = np.full((len(tie), len(loss)), np.nan)
    cells[np.searchsorted(tie, grid[:, 1]), np.searchsorted(loss, grid[:, 0])] = value
    drawn = axes.pcolormesh(
        _edges(loss), _edges(tie), cells, cmap=_MAP, vmin=limits[0], vmax=limits[1]
    )
    middle = limits[0] + 0.75 * (limits[1] - limits[0])
    for (x, y), number in zip(grid, value, strict=True):
        colour = "white" if number > middle else INK
        text = f"{number:.2f}".removeprefix("0")
        axes.text(x, y, text, ha="center", va="center", fontsize=size, color=colour)
    return drawn


def _edges(centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Borders of cells around centres."""
    if len(centres) == 1:
        return np.array([centres[0] - 0.025, centres[0] + 0.025])
    between = (centres[1:] + centres[:-1]) / 2
    first, last = 2 * centres[0] - between[0], 2 * centres[-1] - between[-1]
    return np.concatenate([[first], between, [last]])


def _posterior(axes: Axes, draws: NDArray[np.float64], colour: str, end: float) -> None:
    """Draws as points, and the smallest regions that hold half and 90 % of a smoothed density."""
    shown = draws[:: max(1, len(draws) // 500)]
    axes.plot(*shown.T, "o", ms=2.2, mew=0, alpha=0.45, color=colour, zorder=3)
    at = np.linspace(0, end, 160)
    x, y = np.meshgrid(at, at)
    z = _density(draws, np.stack([x.ravel(), y.ravel()])).reshape(x.shape)
    z[x + y > 1] = 0
    levels = np.quantile(_density(draws, draws.T), [1 - mass for mass in _MASS])
    axes.contour(x, y, z, levels=levels, colors=colour, linewidths=[1.4, 2.0], zorder=4)


def _density(draws: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """[P] smoothed density of [S, 2] draws at [2, P] points; what the edges cut off is folded in.

    The edges are those of the triangle of rates: eps_loss = 0, eps_draw = 0 and no wins.
    """
    kernel = gaussian_kde(draws.T, bw_method=lambda k: 1.2 * k.scotts_factor())
    loss, tie = at
    mirrored = ((loss, tie), (-loss, tie), (loss, -tie), (1 - tie, 1 - loss))
    return np.sum([kernel(np.stack(points)) for points in mirrored], axis=0)
