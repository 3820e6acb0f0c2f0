"""Whether the candidate with the highest P(best), or P(F) where a model has F, could be the best.

A likelihood that only asks which candidate is unlike the others can name the worst one, and then
replicates its losses faithfully: no predictive check sees it. Two things must hold of the candidate
with the highest P(best) (P(F) where F is a parameter of the model):

- coherence: the share of the draws in which its win rate is the highest is at least a fiftieth of
  that probability, their Monte Carlo error allowed for;
- outcomes: on rows where both were judged, no other candidate is ahead of it by more than chance.
  The statistic is the largest over all others of the standardised sum of differences in points. Its
  p-value comes from 4,999 joint sign flips of the rows. The false-alarm rate is at most 0.01 if the
  candidate is as good as each other one.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bayessel.checks.base import Check, not_run
from bayessel.checks.discrepancy import ALPHA, SAME, say_p
from bayessel.checks.draws import called_best, candidates, flat, monte_carlo_error, values
from bayessel.checks.judged_rows import judged_rows
from bayessel.inference.draws import tied_shares
from bayessel.outcomes import points, win_rate
from bayessel.support.ties import TIE

NAME = "decision"
COHERENT = 0.02
"""Probability of the highest win rate over P(best) or P(F), at least."""
_FLIPS = 4999
_FEWEST = 7  # with fewer rows, no pattern of signs is as rare as ALPHA


def check_decision(tree: xr.DataTree, seed: int = 0) -> Check:
    """The leader's outcomes and win rate against the others'.

    Parameters
    ----------
    tree
        A result.
    seed
        Of the sign flips.
    """
    p_best, rate = (values(tree, "posterior", v) for v in ("p_best", "win_rate"))
    called, of_called = called_best(tree)
    if p_best is None or of_called is None or rate is None:
        return not_run(NAME, "The posterior has no p_best and win_rate.")
    names = candidates(tree)
    chance = flat(of_called).mean(axis=0)
    leader = int(np.argmax(chance))
    share = tied_shares(rate.to_numpy().astype(np.float64))
    lower, upper = np.quantile(flat(rate), [0.05, 0.95], axis=0)
    table = pd.DataFrame(
        {
            "p_called": chance,
            "p_best": flat(p_best).mean(axis=0),
            "p_highest_win_rate": share.mean(axis=(0, 1)),
            "win_rate": flat(rate).mean(axis=0),
            "lower": lower,
            "upper": upper,
        },
        index=pd.Index(names, name="candidate"),
    )
    outcome = _judged(tree, names)
    if len(outcome):
        table["observed_win_rate"] = win_rate(outcome)
    p, ahead, compared = _against_others(points(outcome), leader, seed)
    faults = [_incoherent(table, called, leader, share[..., leader])]
    if p <= ALPHA:
        faults.append(
            f"{names[ahead]} is ahead of it on the judged rows by more than chance "
            f"({table['observed_win_rate'].iloc[ahead]:.2f} against "
            f"{table['observed_win_rate'].iloc[leader]:.2f}, {say_p(p)})"
        )
    faults = [fault for fault in faults if fault]
    if faults:
        text = (
            f"{names[leader]} has the highest {called}, but {' and '.join(faults)}: the "
            "model calls best what is only unlike the others; do not use its recommendation."
        )
    else:
        seen = (
            f"no other candidate is ahead of it by more than chance ({say_p(p)})"
            if np.isfinite(p)
            else f"with {compared} judged row(s) of it, outcomes cannot contradict yet"
        )
        text = f"{names[leader]} has the highest {called} {_agrees(table, leader)}; {seen}."
    table["leader"] = np.arange(len(names)) == leader
    table = table.sort_values(["p_called", "win_rate"], ascending=False)
    return Check(NAME, not faults, text, table, {"leader": names[leader]})


def _judged(tree: xr.DataTree, names: list[str]) -> NDArray[np.int8]:
    """[n, M] outcomes of the judged rows, candidates in the posterior's order."""
    rows = judged_rows(tree)
    if rows is None:
        return np.zeros((0, len(names)), dtype=np.int8)
    return rows.observed[:, [rows.candidates.index(c) for c in names]]


def _incoherent(table: pd.DataFrame, called: str, leader: int, share: NDArray[np.float64]) -> str:
    """How P(best), or P(F), contradicts the posterior's own win rates; empty where it does not.

    Parameters
    ----------
    table
        [M] with ``p_called``, ``p_highest_win_rate`` and ``win_rate``.
    called
        ``P(best)`` or ``P(F)``.
    leader
        Position of the highest of it.
    share
        [chain, draw] its share of the highest win rate.
    """
    own = table.iloc[leader]
    error = max(float(monte_carlo_error(share)), 1 / share.size)  # none in S draws: below 3 / S
    if own["p_highest_win_rate"] + 3 * error >= COHERENT * own["p_called"]:
        return ""
    better = table["p_highest_win_rate"]
    return (
        f"its own win rate ({own['win_rate']:.2f}) is the highest with probability "
        f"{own['p_highest_win_rate']:.3f} only ({better.idxmax()}: {better.max():.2f}), against "
        f"{called} {own['p_called']:.2f}"
    )


def _agrees(table: pd.DataFrame, leader: int) -> str:
    """Whether it, the leader, and the highest mean win rate are one candidate's."""
    mean = table["win_rate"]
    if mean.iloc[leader] >= mean.max() - TIE:
        return "and the highest mean win rate"
    return (
        f"and {mean.idxmax()} the highest mean win rate ({mean.max():.3f} against "
        f"{mean.iloc[leader]:.3f}): this is no contradiction, and the win rate is what to choose by"
    )


def _against_others(score: NDArray[np.float64], leader: int, seed: int) -> tuple[float, int, int]:
    """p-value that some candidate is ahead of the leader, which, and rows of the leader.

    Parameters
    ----------
    score
        [n, M] points, NaN where not judged. The p-value is NaN where too few rows are judged.
    leader
        Its position.
    seed
        Of the flips.
    """
    compared = int(np.isfinite(score[:, leader]).sum())
    if compared < _FEWEST or score.shape[1] < 2:
        return np.nan, 0, compared
    difference = np.nan_to_num(score - score[:, [leader]])
    size = np.sqrt((difference**2).sum(axis=0))
    kept = np.flatnonzero(size > 0)
    if len(kept) == 0:
        return 1.0, leader, compared
    scaled = difference[:, kept] / size[kept]
    observed = scaled.sum(axis=0)
    signs = np.random.default_rng(seed).integers(0, 2, size=(_FLIPS, len(score))) * 2 - 1
    largest = (signs @ scaled).max(axis=1)
    p = (1 + (largest >= observed.max() - SAME).sum()) / (1 + _FLIPS)
    return float(p), int(kept[np.argmax(observed)]), compared
