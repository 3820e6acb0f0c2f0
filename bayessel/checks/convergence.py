r"""Whether the chains have mixed, and whether there are enough draws.

Rank-normalised split r-hat below 1.01, bulk and tail effective sample sizes above 100 a chain, of
at most four chains (Vehtari, Gelman, Simpson, Carpenter and Bürkner 2021,
https://doi.org/10.1214/20-BA1221), and the Monte Carlo error of what is decided on: P(best) and the
win rates. Of the many short chains of a selection 400 in all are asked for, as of four long ones:
each has fewer than 100 draws.

Chains that hold the same draws are one chain (a seed used twice): they fail, for r-hat would find
that they agree.

With few draws and many variables even independent draws pass 1.01 somewhere. If the chains are
right, ``r-hat² = 1 + (F - 1) / n`` with F close to an F distribution of C - 1 and C (n - 1)
degrees of freedom, C half chains of n draws; the limit is raised, where it must, to the level that
the largest of all variables passes with probability 0.001. A variable that is constant in every
draw (P(best) of a candidate that is never best) is known without error, and has no r-hat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import arviz_stats as azs
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.stats import f as f_distribution

from bayessel.checks.base import Check, not_run
from bayessel.checks.groups import SAMPLE, candidates, values
from bayessel.pictures import style as pictures

RHAT = 1.01
ESS_PER_CHAIN = 100
_MOST_CHAINS = 4  # that effective draws are asked of
P_BEST_ERROR = 0.02
WIN_RATE_ERROR = 0.01
"""Or 5 % of the win rate's posterior standard deviation, if that is more."""
_FALSE_ALARM = 0.001
_SHOWN = 30


@dataclass(frozen=True)
class Parameters:
    """Every scalar of the posterior that varies.

    Attributes
    ----------
    draws
        [C, n, P]
    names
        [P] such as ``win_rate[gpt-x]``.
    constant
        How many scalars are the same in every draw.
    broken
        Names of the scalars with draws that are not finite.
    """

    draws: NDArray[np.float64]
    names: list[str]
    constant: int
    broken: list[str]


def parameters(tree: xr.DataTree) -> Parameters:
    """Lay out the posterior as one table of scalars."""
    kept, names, broken, constant = [], [], [], 0
    posterior = tree["posterior"]
    shape = tuple(posterior.sizes[d] for d in SAMPLE)
    for name in posterior.data_vars:
        array = values(tree, "posterior", str(name))
        if array is None or not set(SAMPLE) <= set(array.dims) or array.dtype.kind not in "fiub":
            continue
        raw = array.to_numpy().astype(np.float64).reshape(*shape, -1)
        labels = _labels(array)
        finite = np.isfinite(raw).all(axis=(0, 1))
        broken += [labels[i] for i in np.flatnonzero(~finite)]
        varies = finite & (np.ptp(np.where(finite, raw, 0.0), axis=(0, 1)) > 1e-12)
        constant += int((finite & ~varies).sum())
        kept.append(raw[..., varies])
        names += [labels[i] for i in np.flatnonzero(varies)]
    draws = np.concatenate(kept, axis=-1) if kept else np.zeros((*shape, 0))
    return Parameters(draws, names, constant, broken)


def _labels(array: xr.DataArray) -> list[str]:
    """[P] names of a variable's scalars, in the order of its memory."""
    labels = [""]
    for dim in array.dims[2:]:
        levels = array[dim].to_numpy() if dim in array.coords else np.arange(array.sizes[dim])
        labels = [
            f"{label}, {level}" if label else str(level) for label in labels for level in levels
        ]
    return [f"{array.name}[{label}]" if label else str(array.name) for label in labels]


def rhat_limit(chains: int, draws: int, n_parameters: int) -> float:
    """Largest r-hat that is accepted: 1.01, or more where chance alone would pass it.

    Parameters
    ----------
    chains, draws
        Of the posterior.
    n_parameters
        P; each has two r-hats, of its values and of its distances from the median.
    """
    half = draws // 2
    level = 1 - _FALSE_ALARM / (2 * max(n_parameters, 1))
    ratio = f_distribution.ppf(level, 2 * chains - 1, 2 * chains * (half - 1))
    return max(RHAT, float(np.sqrt(1 + (ratio - 1) / half)))


def check_rhat(tree: xr.DataTree) -> Check:
    """r-hat of every scalar of the posterior."""
    name = "r-hat"
    found = parameters(tree)
    chains, draws, _ = found.draws.shape
    if found.broken:
        return _broken(name, found)
    if chains < 2 or draws < 8:
        return not_run(
            name, f"{chains} chain(s) of {draws} draws: at least 2 chains of 8 are needed."
        )
    if not found.names:
        return Check(name, True, "Every variable is the same in every draw: nothing is uncertain.")
    different = len({chain.tobytes() for chain in found.draws})
    if different < chains:
        return Check(
            name,
            False,
            f"{chains} chains hold the draws of {different}: the others are copies, as with a seed "
            "used twice. Their agreement means nothing; run chains with seeds of their own.",
        )
    rhat = azs.rhat(_dataset(found))["scalar"].to_numpy()
    most = rhat_limit(chains, draws, len(found.names))
    table = pd.DataFrame({"r_hat": rhat}, index=pd.Index(found.names, name="parameter"))
    table = table.sort_values("r_hat", ascending=False)
    bad = int((~(rhat <= most)).sum())
    worst = f"{table.index[0]} has {table['r_hat'].iloc[0]:.3f}"
    raised = "" if most == RHAT else f" (1.01, raised for {draws} draws a chain)"
    if bad:
        text = (
            f"{bad} of {len(rhat)} parameters have an r-hat above {most:.3f}{raised}, {worst}: the "
            "chains disagree. Run longer, or change the model's parameters; do not use this result."
        )
    else:
        text = f"The chains agree: {worst}, the largest r-hat, of at most {most:.3f}{raised}."

    def plot() -> Figure:
        shown = table.iloc[:_SHOWN]
        drawn = pictures.tall(len(shown))
        axes = drawn.axes[0]
        y = pictures.name_rows(axes, list(shown.index), most=48)
        high = (shown["r_hat"] > most).to_numpy()
        colour = [pictures.ORANGE if h else pictures.BLUE for h in high]
        axes.scatter(np.minimum(shown["r_hat"], 1e6), y, color=colour, s=22)
        pictures.limit(axes, most, f"limit {most:.3f}")
        axes.set_xlabel("rank-normalised split r-hat")
        axes.ticklabel_format(useOffset=False, axis="x") if shown["r_hat"].max() < 10 else (
            axes.set_xscale("log")
        )
        pictures.title(drawn, f"r-hat: highest {len(shown)} of {len(table)} parameters")
        pictures.legend(drawn)
        return drawn

    return Check(name, bad == 0, text, table, plot)


def check_ess(tree: xr.DataTree) -> Check:
    """Bulk and tail effective sample size of every scalar of the posterior."""
    name = "effective sample size"
    found = parameters(tree)
    chains, draws, _ = found.draws.shape
    if found.broken:
        return _broken(name, found)
    if draws < 8:
        return not_run(name, f"{draws} draws a chain: at least 8 are needed.")
    if not found.names:
        return Check(name, True, "Every variable is the same in every draw: nothing is uncertain.")
    dataset = _dataset(found)
    table = pd.DataFrame(
        {k: azs.ess(dataset, method=k)["scalar"].to_numpy() for k in ("bulk", "tail")},
        index=pd.Index(found.names, name="parameter"),
    )
    least = table.min(axis=1)
    table = table.loc[least.sort_values().index]
    needed = ESS_PER_CHAIN * min(chains, _MOST_CHAINS)
    bad = int((~(least > needed)).sum())
    worst = f"{table.index[0]} has {least.min():.0f}"
    if bad:
        text = (
            f"{bad} of {len(table)} parameters have an effective sample size of at most {needed} "
            f"({ESS_PER_CHAIN} a chain, of {_MOST_CHAINS} at most), {worst} of {chains * draws} "
            "draws: draw more."
        )
    else:
        text = f"Enough draws: {worst}, the smallest effective sample size; {needed} are needed."

    def plot() -> Figure:
        shown = table.iloc[:_SHOWN]
        drawn = pictures.tall(len(shown))
        axes = drawn.axes[0]
        y = pictures.name_rows(axes, list(shown.index), most=48)
        axes.scatter(shown["bulk"], y, color=pictures.BLUE, s=22, label="bulk")
        axes.scatter(shown["tail"], y, color=pictures.ORANGE, s=22, marker="D", label="tail")
        pictures.limit(axes, needed, f"needed: {needed}")
        axes.set_xlim(left=0)
        axes.set_xlabel("effective sample size")
        pictures.title(drawn, f"Effective sample size: lowest {len(shown)} of {len(table)}")
        pictures.legend(drawn)
        return drawn

    return Check(name, bad == 0, text, table, plot)


def check_decision_error(tree: xr.DataTree) -> Check:
    """Monte Carlo error of P(best) and of the win rates."""
    name = "Monte Carlo error"
    p_best, win_rate = (values(tree, "posterior", v) for v in ("p_best", "win_rate"))
    if p_best is None or win_rate is None:
        return not_run(name, "The posterior has no p_best and win_rate.")
    if p_best.sizes["draw"] < 8:
        return not_run(name, f"{p_best.sizes['draw']} draws a chain: at least 8 are needed.")
    table = pd.DataFrame(
        {
            "p_best": p_best.mean(SAMPLE).to_numpy(),
            "p_best_error": _error(p_best),
            "win_rate": win_rate.mean(SAMPLE).to_numpy(),
            "win_rate_error": _error(win_rate),
            "win_rate_sd": win_rate.std(SAMPLE).to_numpy(),
        },
        index=pd.Index(candidates(tree), name="candidate"),
    ).sort_values(["p_best", "win_rate"], ascending=False)
    largest = table[["p_best_error", "win_rate_error"]].max(skipna=False)
    allowed = np.maximum(WIN_RATE_ERROR, 0.05 * table["win_rate_sd"])
    passed = bool(
        largest["p_best_error"] <= P_BEST_ERROR and (table["win_rate_error"] <= allowed).all()
    )
    first = table.iloc[0]
    text = (
        f"P(best) of {table.index[0]} is {first['p_best']:.3f} with a Monte Carlo error of "
        f"{first['p_best_error']:.3f}; the largest errors are {largest['p_best_error']:.3f} of "
        f"P(best) (at most {P_BEST_ERROR}) and {100 * largest['win_rate_error']:.2f} points of a "
        f"win rate (at most {100 * WIN_RATE_ERROR:g}, or 5 % of its standard deviation)."
    )
    if not passed:
        text += " Draw more before deciding."
    elif len(table) > 1:
        second = table.iloc[1]
        apart = first["p_best"] - second["p_best"]
        if apart <= 2 * np.hypot(first["p_best_error"], second["p_best_error"]):
            text += f" {table.index[1]} is as likely within this error: either could be named."

    def plot() -> Figure:
        shown = table.iloc[:_SHOWN]
        drawn = pictures.tall(len(shown), columns=2)
        for axes, column, label in zip(
            drawn.axes, ("p_best", "win_rate"), ("P(best)", "mean win rate"), strict=True
        ):
            y = pictures.name_rows(axes, list(shown.index), show=column == "p_best")
            mean, error = shown[column], shown[f"{column}_error"]
            pictures.intervals(
                axes, y, mean - 2 * error, mean, mean + 2 * error, label="± 2 Monte Carlo errors"
            )
            axes.set_xlabel(label)
        shortened = f": highest {len(shown)} of {len(table)}" if len(shown) < len(table) else ""
        pictures.title(drawn, f"Monte Carlo error of the decision{shortened}")
        pictures.legend(drawn)
        return drawn

    return Check(name, passed, text, table, plot)


def _error(array: xr.DataArray) -> NDArray[np.float64]:
    """[M] Monte Carlo standard error of the mean; 0 where all draws are the same."""
    varies = (array.max(SAMPLE) - array.min(SAMPLE)).to_numpy() > 1e-12
    error = np.zeros(len(varies))
    if varies.any():
        error[varies] = azs.mcse(array[..., varies].to_dataset(name="x"))["x"].to_numpy()
    error[~np.isfinite(array.to_numpy()).all(axis=(0, 1))] = np.nan
    return error


def _dataset(found: Parameters) -> xr.Dataset:
    return xr.Dataset({"scalar": ((*SAMPLE, "parameter"), found.draws)})


def _broken(name: str, found: Parameters) -> Check:
    listed: Any = ", ".join(found.broken[:3]) + (" ..." if len(found.broken) > 3 else "")
    table = pd.DataFrame(index=pd.Index(found.broken, name="parameter"))
    return Check(
        name,
        False,
        f"{len(found.broken)} parameter(s) have draws that are not finite ({listed}): the model's "
        "program is at fault; do not use this result.",
        table,
    )
