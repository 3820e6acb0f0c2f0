"""The picture of a simulation-based calibration."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from bayessel.checks.simulation.calibration import Calibration
from bayessel.checks.simulation.uniformity import bands, points
from bayessel.pictures import style


def plot_calibration(found: Calibration, title: str = "", alpha: float = 0.01) -> Figure:
    """Empirical distribution function of the ranks minus that of uniform ones, by quantity.

    Parameters
    ----------
    found
        Ranks.
    title
        What was calibrated.
    alpha
        All bands of all quantities hold together with probability 1 - alpha at least; a quantity
        that leaves them is orange.
    """
    n = len(found.ranks)
    z = points(n)
    each = alpha / found.ranks.shape[1]
    low, high = bands(n, each)
    p_values = found.table["p_value"]
    drawn = style.figure(1.0 + 2.4 * found.ranks.shape[1], 3.0, columns=found.ranks.shape[1])
    for axes, quantity in zip(drawn.axes, map(str, found.ranks), strict=True):
        ecdf = np.searchsorted(np.sort(found.ranks[quantity].to_numpy()), z, "right") / n
        outside = p_values[quantity] <= each
        axes.fill_between(z, low - z, high - z, color=style.BAND, label="uniform, simultaneous")
        axes.plot(
            z,
            ecdf - z,
            color=style.ORANGE if outside else style.BLUE,
            lw=1.6,
            label="ranks, not uniform" if outside else "ranks",
        )
        axes.axhline(0, color=style.MUTED, lw=0.8)
        axes.set_title(f"{quantity}, p = {p_values[quantity]:.3g}", fontsize=9)
        axes.set(xlabel="rank of the truth", xlim=(0, 1))
    drawn.axes[0].set_ylabel("ECDF - uniform")
    style.title(drawn, f"{title + ': ' if title else ''}{n} simulations")
    style.legend(drawn)
    return drawn
