"""What the posterior predictive checks share: statistics of judged rows, their table and text.

Each of these checks compares statistics of the judged rows with those of rows that the posterior
replicates, all statistics of a check under one false-alarm rate of at most 0.01
(:mod:`bayessel.checks.discrepancy`). Cells that were not judged are left out of both. The effects
of a replicated row (its difficulty) are drawn from their prior given the draw. The effects that
were fitted to the observed row are not used: a check with effects that have seen the row cannot
fail (mixed predictive checks, Marshall and Spiegelhalter 2003, https://doi.org/10.1002/sim.1403).

Gelman, Meng and Stern 1996, https://www.jstor.org/stable/24306036.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bayessel.checks.base import Check
from bayessel.checks.discrepancy import ALPHA, Discrepancy, compare_statistics, say_p
from bayessel.checks.judged_rows import Rows
from bayessel.inference.draws import POINTS
from bayessel.outcomes import counts

COUNTED = ("losses", "draws", "wins")
SHARES = (*COUNTED, "win rate")


@dataclass(frozen=True)
class Compared:
    """Observed statistics beside replicated ones.

    Attributes
    ----------
    found
        The verdict over all statistics.
    table
        [T] ``observed``, and of the replicates ``lower``, ``median``, ``upper``, ``mid_p``,
        ``p_adjusted``; by statistic.
    """

    found: Discrepancy
    table: pd.DataFrame

    @classmethod
    def of(
        cls, observed: NDArray[np.float64], replicated: NDArray[np.float64], index: pd.Index
    ) -> Compared:
        """Compare statistics of any shape [...] with replicates [S, ...]; T names in ``index``."""
        observed = observed.ravel()
        found = compare_statistics(observed, replicated.reshape(len(replicated), -1))
        table = pd.DataFrame(
            {
                "observed": observed,
                "lower": found.lower,
                "median": found.median,
                "upper": found.upper,
                "mid_p": found.mid_p,
                "p_adjusted": found.adjusted,
            },
            index=index,
        )
        return cls(found, table)

    @property
    def more(self) -> bool:
        """Whether the least expected statistic, which the text names, is above its replicates."""
        worst = self.table.iloc[int(np.argmin(self.found.adjusted))]
        return bool(worst["observed"] > worst["median"])

    def check(
        self,
        name: str,
        good: str,
        bad: str,
        *,
        judged: NDArray[np.int64] | None = None,
        **numbers: NDArray[np.float64],
    ) -> Check:
        """The check: ``good`` or ``bad`` said of it.

        Parameters
        ----------
        name, good, bad
            Its name, and what its text says.
        judged
            [T] judged cells behind each statistic, a further column of the table.
        numbers
            What the picture needs besides the table.
        """
        worst = self.table["p_adjusted"].idxmin()
        label = ", ".join(map(str, worst)) if isinstance(worst, tuple) else str(worst)
        passed = self.found.p > ALPHA
        if passed:
            text = f"Over all statistics, {good} ({say_p(self.found.p)})."
        else:
            many = int((self.table["p_adjusted"] <= ALPHA).sum())
            others = f" and {many - 1} more" if many > 1 else ""
            text = f"{bad[0].upper()}{bad[1:]} ({say_p(self.found.p)}; {label}{others})."
        table = self.table
        if judged is not None:
            table = table.copy()
            table.insert(0, "judged", judged)
        return Check(name, passed, text, table, {"alpha": ALPHA, **numbers})


def shares(each: NDArray[np.int64], n: NDArray[np.int64]) -> NDArray[np.float64]:
    """[..., 4] shares of losses, draws and wins and the win rate, from counts [..., K] of n."""
    share = each / n[..., None]
    return np.concatenate([share, (share @ POINTS)[..., None]], axis=-1)


def by_candidate(
    rows: Rows, judged: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shares of losses, draws and wins and the win rate of candidates that were judged.

    Parameters
    ----------
    rows
        Judged rows and their replicates.
    judged
        [M] positions of the candidates.

    Returns
    -------
    observed, replicated
        [M, 4] and [S, M, 4]
    """
    n = rows.judged.sum(axis=0)[judged]
    observed, replicated = (
        shares(counts(outcome, axis=1)[:, judged], n)
        for outcome in (rows.observed[None], rows.replicated)
    )
    return observed[0], replicated


def another_model(tree: xr.DataTree) -> str:
    """The model to try, in brackets; nothing where the result is already of that model."""
    model = str(tree.attrs.get("model", ""))
    return "" if model.startswith("item_response") else " (item_response)"
