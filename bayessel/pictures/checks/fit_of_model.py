"""Pictures of the prior and posterior predictive checks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from bayessel.checks.base import Check
from bayessel.checks.predictive import COUNTED, SHARES
from bayessel.outcomes import NAMES
from bayessel.pictures import style

_BINS = 40


def plot_prior_predictive(check: Check) -> Figure:
    """Shares of each outcome that the prior predicts, and those that were observed."""
    share = np.asarray(check.numbers["share"])
    observed = check.numbers.get("observed")
    drawn = style.figure(9.0, 3.4, columns=3)
    bins = _bins(int(check.numbers["n_queries"]))
    for k, axes in enumerate(drawn.axes):
        axes.hist(
            share[..., k].ravel(), bins, density=True, color=style.BLUE, alpha=0.45,
            label="prior, one candidate",
        )  # fmt: skip
        if observed is not None:
            axes.plot(
                observed[:, k], np.zeros(len(observed)), "|", ms=12, color=style.ORANGE,
                clip_on=False, label="observed, each candidate",
            )  # fmt: skip
        axes.set(xlabel=f"share of {NAMES[k]} outcomes", xlim=(bins[0], bins[-1]), yticks=[])
    drawn.axes[0].set_ylabel("prior density")
    style.title(drawn, "Outcomes that the prior predicts over all queries")
    style.legend(drawn)
    return drawn


def _bins(n: int) -> list[float]:
    """Edges of about 40 bins, each with as many of the shares 0/N, 1/N, ..., N/N."""
    step = -(-n // _BINS)
    return [float(e) for e in (np.arange(0, n + step + 1, step) - 0.5) / n]


def plot_candidates(check: Check) -> Figure:
    """Shares and win rate of each candidate beside their replicates, the best on top."""
    worst = _worst(check.table)
    kept = set(worst.index[: style.MOST_ROWS])
    ordered = check.table.xs("win rate", level=1)["observed"].sort_values().index[::-1]
    order = [str(name) for name in ordered if name in kept]
    labels = [*(f"share of {each}" for each in COUNTED), "win rate"]
    drawn = _beside_replicates(check, order, SHARES, labels)
    for axes in drawn.axes:
        axes.set_xlim(-0.03, 1.03)
    style.title(drawn, f"Judged rows, by candidate{_least_expected(order, worst)}")
    return drawn


def plot_queries(check: Check) -> Figure:
    """Losses, draws and wins of each row beside their replicates, the most wins on top."""
    worst = _worst(check.table)
    order = [str(q) for q in worst.index[: style.MOST_ROWS]]
    wins = check.table.xs("wins", level=1)["observed"]
    order.sort(key=lambda q: -float(wins.loc[q]))
    labels = [f"{each} in a row of {int(check.numbers['candidates'])}" for each in COUNTED]
    drawn = _beside_replicates(check, order, COUNTED, labels)
    style.title(drawn, f"Judged rows, by query{_least_expected(order, worst)}")
    return drawn


def _beside_replicates(
    check: Check, order: list[str], statistics: Sequence[str], labels: Sequence[str]
) -> Figure:
    """One pair of axes a statistic, one row a name."""
    drawn = style.tall(len(order), columns=len(statistics))
    for k, axes in enumerate(drawn.axes):
        part = check.table.xs(statistics[k], level=1).loc[order]
        y = style.name_rows(axes, order, show=k == 0)
        style.intervals(
            axes, y, part["lower"], part["median"], part["upper"], part["observed"],
            part["p_adjusted"] <= check.numbers["alpha"],
        )  # fmt: skip
        axes.set_xlabel(labels[k])
    style.legend(drawn)
    return drawn


def _worst(table: pd.DataFrame) -> pd.Series:
    """The smallest adjusted p-value of each name, the least expected name first."""
    worst: pd.Series = table["p_adjusted"].groupby(level=0, sort=False).min()
    return worst.sort_values(kind="stable")


def _least_expected(shown: list[str], of: pd.Series) -> str:
    """What the title says where not all are shown."""
    return f": the {len(shown)} least expected of {len(of)}" if len(shown) < len(of) else ""


def plot_differences(check: Check) -> Figure:
    """How far candidates lie from the median one, over replicates."""
    title = "Differences: mean distance of the candidates' shares from the median candidate's"
    return _histograms(check, title)


def plot_difficulty(check: Check) -> Figure:
    """How much rows differ from each other, over replicates."""
    return _histograms(check, "Shared difficulty: standard deviation between rows of their shares")


def _histograms(check: Check, title: str) -> Figure:
    """The four shares' statistics, observed over replicated."""
    replicated = np.asarray(check.numbers["replicated"])
    drawn = style.figure(11.0, 3.4, columns=len(SHARES))
    for k, (axes, share) in enumerate(zip(drawn.axes, SHARES, strict=True)):
        observed, p = np.asarray(check.table.loc[share, ["observed", "p_adjusted"]], float)
        axes.hist(replicated[:, k], bins=24, color=style.BLUE, alpha=0.45, label="replicated")
        bad = p <= check.numbers["alpha"]
        label = "observed, fails" if bad else "observed, passes"
        colour = style.ORANGE if bad else style.INK
        axes.axvline(observed, color=colour, lw=2, label=label)
        axes.set(xlabel=share, yticks=[])
    drawn.axes[0].set_ylabel("replicated data sets")
    style.title(drawn, title)
    style.legend(drawn)
    return drawn
