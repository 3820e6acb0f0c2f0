"""Heat maps over llm-selector's two parameters, with bayessel's posterior of them."""

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
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray
from scipy.stats import gaussian_kde

from bayessel.pictures.strategy_colours import GRID_SEARCH
from bayessel.pictures.style import BLUE, INK, ORANGE, figure, legend, title
from bayessel.studies.varied import drawn_budgets

_MAP = LinearSegmentedColormap.from_list("identified", ["#eef0f3", "#c3c8cf", "#565f6b"])
_POSTERIORS = (BLUE, ORANGE)
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
    part = group[group["measure"] == "identified"]
    budgets = drawn_budgets(part["at"])
    drawn = figure(4.3 * len(budgets) + 0.6, 4.6, columns=len(budgets))
    panels = list(drawn.axes)
    part = part[part["at"].isin(budgets)]
    limits = float(part["estimate"].min()), float(part["estimate"].max())
    for axes, budget in zip(panels, budgets, strict=True):
        own = part[part["at"] == budget]
        error = float(own["se"].max())
        values = [np.unique(own[name]) for name in ("eps_loss", "eps_draw")]
        at = [
            np.searchsorted(v, own[n])
            for v, n in zip(values, ("eps_loss", "eps_draw"), strict=True)
        ]
        map_ = _heat(axes, np.stack(at, axis=1).astype(float), own["estimate"], limits)
        axes.set_xticks(range(len(values[0])), [f"{v:g}" for v in values[0]])
        axes.set_yticks(range(len(values[1])), [f"{v:g}" for v in values[1]])
        said = f" (standard errors up to {error:.2f})" if np.isfinite(error) else ""
        axes.set_title(f"after calls / M = {budget:g}{said}", fontsize=9.5, loc="left")
        axes.set(xlabel=_X, ylabel=_Y)
    drawn.colorbar(map_, ax=panels, label="probability that the best is named")
    name = group["strategy"].iloc[0]
    title(drawn, f"{group['data'].iloc[0]}: {name} with fixed eps")
    return drawn


def plot_eps_search(
    grid: NDArray[np.float64],
    score: NDArray[np.float64],
    best: tuple[float, float],
    posteriors: Mapping[str, NDArray[np.float64]],
    heading: str = "",
) -> Figure:
    """Heat map of a search for eps, with posteriors of eps as points and contours.

    Parameters
    ----------
    grid
        [G, 2] pairs (eps_loss, eps_draw).
    score
        [G] identification probability averaged over the budgets.
    best
        The pair that the search chose.
    posteriors
        At most two: [S, 2] draws of (eps_loss, eps_draw), by the data that they are given.
    heading
        Title.
    """
    drawn = figure(9.4, 7.6)
    (axes,) = drawn.axes
    end = float(grid.max()) + 0.025
    for draws in posteriors.values():
        end = max(end, float(np.quantile(draws, 0.99)))
    end = min(1.0, 1.02 * end)
    limits = float(score.min()), float(score.max())
    map_ = _heat(axes, grid, score, limits, size=8 if end < 0.6 else 6.5)
    side = float(np.diff(np.unique(grid[:, 0])).min())
    corner = best[0] - side / 2, best[1] - side / 2
    axes.add_patch(Rectangle(corner, side, side, fill=False, ec=GRID_SEARCH, lw=2.4, zorder=5))
    chosen = f"chosen by the search: {best[0]:g}, {best[1]:g}"
    keys: list[Any] = [Rectangle((0, 0), 1, 1, fill=False, ec=GRID_SEARCH, lw=2.4, label=chosen)]
    for (given, draws), colour in zip(posteriors.items(), _POSTERIORS, strict=False):
        _posterior(axes, draws, colour, end)
        loss, tie = draws.mean(axis=0)
        said = f"posterior {given}\n(mean {loss:.2f}, {tie:.2f}; 50 % thick, 90 % thin)"
        keys.append(Line2D([], [], color=colour, marker="o", ms=4, lw=1.6, label=said))
    axes.plot([0, 1], [1, 0], color=INK, lw=1)
    axes.set(xlabel=_X, ylabel=_Y, xlim=(0, end), ylim=(0, end), aspect="equal")
    axes.set_xticks(np.arange(0, end, 0.1))
    axes.set_yticks(np.arange(0, end, 0.1))
    what = "mean identification probability of the weak judges' own best"
    drawn.colorbar(map_, ax=axes, shrink=0.7, label=what)
    legend(drawn, columns=len(keys), handles=keys)
    title(drawn, heading)
    return drawn


def _heat(
    axes: Axes,
    grid: NDArray[np.float64],
    value: Any,
    limits: tuple[float, float],
    size: float = 8,
) -> Any:
    """Draw cells with their numbers; a pair that was not tried stays blank."""
    axes.grid(visible=False)
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
        halo = withStroke(linewidth=3, foreground=drawn.cmap(drawn.norm(number)))
        axes.text(
            x, y, text, ha="center", va="center", fontsize=size, color=colour, zorder=6,
            path_effects=[halo],
        )  # fmt: skip
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
    """[P] smoothed density of [S, 2] draws at [2, P] points in the triangle of rates.

    Mass that smoothing puts beyond an edge (eps_loss = 0, eps_draw = 0, no wins) is mirrored back.
    """
    kernel = gaussian_kde(draws.T, bw_method=lambda k: 1.2 * k.scotts_factor())
    loss, tie = at
    mirrored = ((loss, tie), (-loss, tie), (loss, -tie), (1 - tie, 1 - loss))
    return np.sum([kernel(np.stack(points)) for points in mirrored], axis=0)
