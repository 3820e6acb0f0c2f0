"""Whether the recommended candidate could be the best.

A likelihood that only asks which candidate is unlike the others can name the worst one, and then
replicates its losses faithfully: no predictive check sees it. Two things must hold of the candidate
with the highest P(best):

- coherence: P(best) says how probable it is that its win rate is the highest; the posterior's own
  win rates must say so with a fiftieth of that at least, their Monte Carlo error allowed for;
- outcomes: on rows where both were judged, no other candidate may be ahead of it by more than
  chance (the largest over all others of the standardised sum of differences in points; p-value
  from 4,999 joint sign flips of the rows, false-alarm rate at most 0.01 if it is as good as each
  other one).
"""

from __future__ import annotations

import arviz_stats as azs
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bayessel.checks.base import Check, not_run
from bayessel.checks.discrepancy import ALPHA, say_p
from bayessel.checks.groups import candidates, flat, judged_rows, values
from bayessel.inference.draws import tied_shares
from bayessel.outcomes import points, win_rate
from bayessel.pictures import style as pictures

COHERENT = 0.02
"""Probability of the highest win rate over P(best), at least."""
_FLIPS = 4999
_FEWEST = 7  # with fewer rows, no pattern of signs is as rare as ALPHA
_SHOWN = 30


def check_decision(tree: xr.DataTree, seed: int = 0) -> Check:
    """The leader's outcomes and win rate against the others'.

    Parameters
    ----------
    tree
        A result.
    seed
        Of the sign flips.
    """
    name = "decision"
    p_best, rate = (values(tree, "posterior", v) for v in ("p_best", "win_rate"))
    if p_best is None or rate is None:
        return not_run(name, "The posterior has no p_best and win_rate.")
    names = candidates(tree)
    chance, drawn_rate = flat(p_best).mean(axis=0), flat(rate)
    leader = int(np.argmax(chance))
    share = tied_shares(drawn_rate)
    highest = share.mean(axis=0)
    low, high = np.quantile(drawn_rate, [0.05, 0.95], axis=0)
    table = pd.DataFrame(
        {
            "p_best": chance,
            "p_highest_win_rate": highest,
            "win_rate": drawn_rate.mean(axis=0),
            "low": low,
            "high": high,
        },
        index=pd.Index(names, name="candidate"),
    )
    of_leader = share[:, leader].reshape(p_best.shape[:2])
    error = 0.0 if np.ptp(of_leader) == 0 else float(azs.mcse(of_leader))
    most = highest[leader] + 3 * max(error, 1 / len(share))  # none in S draws: below 3 / S
    coherent = bool(most >= COHERENT * chance[leader])
    faults = []
    if not coherent:
        better = names[int(np.argmax(highest))]
        faults.append(
            f"its own win rate ({drawn_rate[:, leader].mean():.2f}) is the highest with "
            f"probability {highest[leader]:.3f} only ({better}: {highest.max():.2f}), against "
            f"P(best) {chance[leader]:.2f}"
        )
    rows = judged_rows(tree)
    p, ahead = np.nan, 0
    compared = 0
    if rows is not None:
        order = [rows.candidates.index(c) for c in names]
        score = points(rows.observed[:, order])
        table["observed_win_rate"] = win_rate(rows.observed[:, order])
        compared = int(np.isfinite(score[:, leader]).sum())
        if compared >= _FEWEST and len(names) > 1:
            p, ahead = _ahead(score, leader, np.random.default_rng(seed))
            if p <= ALPHA:
                faults.append(
                    f"{names[ahead]} is ahead of it on the judged rows by more than chance "
                    f"({table['observed_win_rate'].iloc[ahead]:.2f} against "
                    f"{table['observed_win_rate'].iloc[leader]:.2f}, {say_p(p)})"
                )
    table["leader"] = np.arange(len(names)) == leader
    table = table.sort_values(["p_best", "win_rate"], ascending=False)
    if faults:
        text = (
            f"{names[leader]} has the highest P(best), but {' and '.join(faults)}: the model calls "
            "best what is only unlike the others; do not use its recommendation."
        )
    else:
        seen = (
            f"no other candidate is ahead of it by more than chance ({say_p(p)})"
            if np.isfinite(p)
            else f"with {compared} judged row(s) of it, outcomes cannot contradict yet"
        )
        mean = drawn_rate.mean(axis=0)
        first = int(np.argmax(mean))
        agrees = (
            "and the highest mean win rate"
            if mean[leader] >= mean[first] - 1e-12
            else f"and {names[first]} the highest mean win rate ({mean[first]:.3f} against "
            f"{mean[leader]:.3f}): this is no contradiction, and the win rate is what to choose by"
        )
        text = f"{names[leader]} has the highest P(best) {agrees}; {seen}."

    def plot() -> Figure:
        shown = table.iloc[:_SHOWN]
        drawn = pictures.tall(len(shown))
        axes = drawn.axes[0]
        labels = [f"{n}" for n in shown.index]
        y = pictures.name_rows(axes, labels)
        pictures.intervals(
            axes, y, shown["low"], shown["win_rate"], shown["high"], label="posterior, 90 %"
        )
        if "observed_win_rate" in shown:
            axes.scatter(
                shown["observed_win_rate"], y, marker="|", s=70, color=pictures.INK, zorder=4,
                label="judged rows",
            )  # fmt: skip
        axes.set_xlabel("win rate")
        axes.set_xlim(-0.03, 1.15)
        for at, chance_of in zip(y, shown["p_best"], strict=True):
            axes.text(1.13, at, f"{chance_of:.2f}", ha="right", va="center", fontsize=8)
        axes.text(1.13, y[0] + 0.75, "P(best)", ha="right", va="bottom", fontsize=8)
        axes.set_xticks(np.linspace(0, 1, 6))
        most = f": highest {len(shown)} of {len(table)}" if len(shown) < len(table) else ""
        pictures.title(drawn, f"Candidates by P(best){most}")
        pictures.legend(drawn)
        return drawn

    return Check(name, not faults, text, table, plot)


def _ahead(score: NDArray[np.float64], leader: int, rng: np.random.Generator) -> tuple[float, int]:
    """p-value that some candidate is ahead of the leader, and which is most so.

    Parameters
    ----------
    score
        [n, M] points, NaN where not judged.
    leader
        Its position.
    rng
        For the flips.
    """
    difference = np.nan_to_num(score - score[:, [leader]])
    size = np.sqrt((difference**2).sum(axis=0))
    kept = np.flatnonzero(size > 0)
    if len(kept) == 0:
        return 1.0, leader
    scaled = difference[:, kept] / size[kept]
    observed = scaled.sum(axis=0)
    signs = rng.integers(0, 2, size=(_FLIPS, len(score))) * 2 - 1
    largest = (signs @ scaled).max(axis=1)
    p = (1 + (largest >= observed.max() - 1e-9).sum()) / (1 + _FLIPS)
    return float(p), int(kept[np.argmax(observed)])
