"""Leave one query out: how well a model predicts the M outcomes of a query that it has not seen.

The M outcomes of a query stand or fall together, so a query is what is left out. Pareto-smoothed
importance sampling stands in for the refits; it is trusted for a query where its Pareto k is at
most min(1 - 1 / log10(S), 0.7), S draws (Vehtari, Simpson, Gelman, Yao and Gabry 2024,
https://jmlr.org/papers/v25/19-556.html). A k above that is one of two things. Where all k are high,
each row tells the model much (few rows, many candidates): leave-one-out cannot be computed from
these draws, which is no fault of the model, and the check says that it cannot be run. Where a
query's k stands out from the others' (by more than 5 robust standard deviations), that query is
influential: the check fails. Likelihoods and replicates alike have the row's own effects integrated
out: they are those of a query of which nothing was judged.

Calibration compares the points in each row with what the other rows predict for it (LOO-PIT, ties
broken at random), and tests that the ranks are uniform by the pointwise order-statistic test of
Tesso and Vehtari (POT-C in ArviZ, which allows for the ranks' dependence), at 0.01.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import arviz_stats as azs
import numpy as np
import pandas as pd
import xarray as xr
from arviz_stats.base import array_stats
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bayessel.checks.base import Check, not_run
from bayessel.checks.discrepancy import ALPHA, say_p
from bayessel.checks.groups import SAMPLE, judged_rows, values
from bayessel.errors import DataError
from bayessel.outcomes import MISSING
from bayessel.pictures import style as pictures

_ABSENT = (
    "The result has no log-likelihood of the judged queries: nothing was judged, or it is not a "
    "result of 'fit'."
)
_FEWEST = 8
_STANDS_OUT = 5.0
_LEAST_SPREAD = 0.1  # about the sampling error of a Pareto k
_WEIGHTS = 50  # effective draws that a leave-one-out prediction needs


def _loo(tree: xr.DataTree) -> Any:
    """ArviZ's leave-one-query-out, pointwise; None where the result has no log-likelihood."""
    log_likelihood = values(tree, "log_likelihood", "outcome")
    if log_likelihood is None or log_likelihood.sizes.get("query", 0) == 0:
        return None
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Estimated shape parameter of Pareto")
        warnings.filterwarnings("ignore", message="The point-wise LOO is the same with the sum LOO")
        return azs.loo(tree, var_name="outcome", pointwise=True)


def check_leave_one_out(tree: xr.DataTree) -> Check:
    """Pareto k of each judged query."""
    name = "leave one query out"
    found = _loo(tree)
    if found is None:
        return not_run(name, _ABSENT)
    k = found.pareto_k.to_numpy()
    good = float(found.good_k)
    table = pd.DataFrame(
        {"pareto_k": k, "elpd": found.elpd_i.to_numpy()},
        index=pd.Index([str(q) for q in found.pareto_k["query"].to_numpy()], name="query"),
    ).sort_values("pareto_k", ascending=False)
    high = ~(k <= good)
    centre = float(np.median(k))
    spread = 1.4826 * float(np.median(np.abs(k - centre)))
    influential = high & ~(k <= centre + _STANDS_OUT * max(spread, _LEAST_SPREAD))
    sums = f"elpd {found.elpd:.1f}, effective parameters {found.p:.1f}, {len(k)} queries"
    worst = f"highest: {table.index[0]}, {table['pareto_k'].iloc[0]:.2f}"
    passed: bool | None = True
    if influential.any():
        passed = False
        text = (
            f"{int(influential.sum())} of {len(k)} queries have a Pareto k above {good:.2f} that "
            f"stands out ({worst}): the model does not expect these rows. Look at them, and do not "
            f"compare models by leave-one-out ({sums})."
        )
    elif high.any():
        passed = None
        text = (
            f"{int(high.sum())} of {len(k)} queries have a Pareto k above {good:.2f} ({worst}), "
            "and none stands out: each row tells the model much, so leaving one out needs refits, "
            f"or more judged rows ({sums})."
        )
    else:
        text = f"Every Pareto k is at most {good:.2f}: leave-one-out can be trusted ({sums})."

    def plot() -> Figure:
        shown = table.iloc[: pictures.MOST_ROWS]
        drawn = pictures.tall(len(shown))
        axes = drawn.axes[0]
        y = pictures.name_rows(axes, list(shown.index))
        above = ~(shown["pareto_k"].to_numpy() <= good)
        axes.scatter(
            shown["pareto_k"], y, s=20, color=np.where(above, pictures.ORANGE, pictures.BLUE)
        )
        pictures.limit(axes, good, f"trusted up to {good:.2f}")
        axes.set_xlabel("Pareto k")
        most = f": highest {len(shown)} of {len(table)}" if len(shown) < len(table) else ""
        pictures.title(drawn, f"Influence of each judged query{most}")
        pictures.legend(drawn)
        return drawn

    return Check(name, passed, text, table, plot)


def check_calibration(tree: xr.DataTree) -> Check:
    """Whether the points in a row are calibrated, given the other rows."""
    name = "leave-one-out calibration"
    found = _loo(tree)
    if found is None:
        return not_run(name, _ABSENT)
    rows = judged_rows(tree, most=None)
    if rows is None or len(rows.replicated) != found.log_weights[0].size:
        return not_run(name, "The result has no replicated outcomes for every posterior draw.")
    if len(rows.queries) < _FEWEST:
        return not_run(name, f"{len(rows.queries)} judged queries: at least {_FEWEST} are needed.")
    log_weights = found.log_weights.transpose(*SAMPLE, "query").to_numpy()
    weights = np.exp(log_weights.reshape(-1, len(rows.queries)))
    weights /= weights.sum(axis=0)
    effective = 1 / (weights**2).sum(axis=0)
    trusted = (found.pareto_k.to_numpy() <= found.good_k) & (effective >= _WEIGHTS)
    if not trusted.all():
        return not_run(
            name,
            f"{int((~trusted).sum())} of {len(trusted)} queries cannot be left out by reweighting "
            "these draws: each row tells the model much. More draws or judged rows are needed.",
        )
    observed = _half_points(rows.observed[None])[0]
    replicated = _half_points(rows.replicated)
    below = (weights * (replicated < observed)).sum(axis=0)
    equal = (weights * (replicated == observed)).sum(axis=0)
    ties = np.random.default_rng(0).random(len(observed))
    # The row itself is one more draw: no rank is closer to 0 or 1 than the draws can tell.
    pit = (effective * (below + ties * equal) + ties) / (effective + 1)
    p = float(array_stats.uniformity_test(pit)[0])
    expected = (weights * replicated).sum(axis=0)
    table = pd.DataFrame(
        {
            "points": observed / 2,
            "expected": expected / 2,
            "loo_pit": pit,
            "judged": rows.judged.sum(axis=1),
        },
        index=pd.Index(rows.queries, name="query"),
    ).sort_values("loo_pit")
    passed = p > ALPHA
    if passed:
        text = f"What the other rows predict for a row is calibrated ({say_p(p)})."
    else:
        outer = float((np.abs(pit - 0.5) > 0.4).mean())
        how = (
            "too sure: rows are more extreme than predicted"
            if outer > 0.3
            else "too modest: rows are less extreme than predicted"
            if outer < 0.1
            else "shifted"
        )
        text = (
            f"What the other rows predict for a row is {how} ({say_p(p)}): win rates and P(best) "
            "inherit it; use a model with a difficulty of each query, or look at how queries were "
            "chosen."
        )

    def plot() -> Figure:
        drawn = pictures.figure(8.4, 4.2, columns=2)
        left, right = drawn.axes
        n = len(pit)
        grid = np.linspace(0, 1, 201)
        ecdf = np.searchsorted(np.sort(pit), grid, side="right") / n
        band = 1.63 * np.sqrt(1 / n)  # Kolmogorov's 99 % bound
        left.fill_between(grid, -band, band, color=pictures.BLUE, alpha=0.15, label="99 % band")
        left.plot(grid, ecdf - grid, color=pictures.INK, lw=1.5, label="LOO-PIT")
        left.set(xlabel="LOO-PIT of a row's points", ylabel="ECDF - uniform")
        cells = rows.judged.sum(axis=1)
        right.axline((0, 0), slope=1, color=pictures.MUTED, lw=1)
        right.plot(
            expected / 2 / cells, observed / 2 / cells, "o", ms=4, alpha=0.6, color=pictures.BLUE,
            label="a judged query",
        )  # fmt: skip
        right.set(
            xlabel="row's win rate as the other rows predict it",
            ylabel="observed",
            xlim=(-0.03, 1.03),
            ylim=(-0.03, 1.03),
        )
        right.set_aspect("equal")
        pictures.title(drawn, "Calibration, leaving one query out")
        pictures.legend(drawn)
        return drawn

    return Check(name, passed, text, table, plot)


def _half_points(outcome: NDArray[np.int8]) -> NDArray[np.int32]:
    """[S, n] half points (0 a loss, 1 a draw, 2 a win) in each row of [S, n, M]."""
    points = np.where(outcome == MISSING, 0, outcome + 1)
    total: NDArray[np.int32] = points.sum(axis=2, dtype=np.int32)
    return total


def compare_results(trees: Mapping[str, xr.DataTree]) -> Check:
    """Compare results of different models on the same judged rows.

    Parameters
    ----------
    trees
        Results by name, at least two.

    Raises
    ------
    DataError
        Fewer than two results.
    """
    name = "comparison"
    if len(trees) < 2:
        raise DataError(f"{len(trees)} result(s) to compare: give at least two")
    found = {label: _loo(tree) for label, tree in trees.items()}
    without = [label for label, loo in found.items() if loo is None]
    if without:
        return not_run(name, f"No log-likelihood of judged queries in {', '.join(without)}.")
    first = next(iter(trees))
    for label, tree in trees.items():
        if not _same_rows(trees[first], tree):
            return not_run(
                name,
                f"{first} and {label} were fitted to different judged rows: only fits to the same "
                "judgments can be compared.",
            )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Estimated shape parameter of Pareto")
        table: pd.DataFrame = azs.compare(found, round_to="none")
    table.index.name = "result"
    columns = ["rank", "elpd", "se", "p", "elpd_diff", "dse", "weight"]
    table = table[columns].rename(columns={"p": "effective_parameters"})
    trusted = {label: bool((loo.pareto_k <= loo.good_k).all()) for label, loo in found.items()}
    table["trusted"] = [trusted[str(label)] for label in table.index]
    best, second = table.index[0], table.iloc[1]
    gap = f"{-second['elpd_diff']:.1f} ± {second['dse']:.1f} above {table.index[1]}"
    clear = -second["elpd_diff"] > max(4.0, 2 * second["dse"])
    text = (
        f"{best} predicts a query that it has not seen best, elpd {gap}"
        + ("." if clear else ": too close to tell them apart.")
        + ("" if all(trusted.values()) else " Some Pareto k are too high to trust this.")
    )

    def plot() -> Figure:
        drawn = pictures.tall(len(table))
        axes = drawn.axes[0]
        y = pictures.name_rows(axes, [str(label) for label in table.index])
        mid, error = table["elpd_diff"], table["dse"]
        pictures.intervals(
            axes, y, mid - 2 * error, mid, mid + 2 * error, label="± 2 standard errors"
        )
        axes.set_xlabel("elpd, difference to the best (higher predicts better)")
        pictures.title(drawn, "Leave one query out: results compared")
        pictures.legend(drawn)
        return drawn

    return Check(name, all(trusted.values()), text, table, plot)


def _same_rows(first: xr.DataTree, second: xr.DataTree) -> bool:
    one, two = (values(t, "observed_data", "outcome") for t in (first, second))
    return one is not None and two is not None and one.equals(two)
