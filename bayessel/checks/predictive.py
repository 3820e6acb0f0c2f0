"""Whether the model replicates the judged rows: by candidate, by query, between queries.

Each check compares statistics of the judged rows with those of rows that the posterior replicates,
all statistics of a check under one false-alarm rate of at most 0.01
(:mod:`bayessel.checks.discrepancy`). Cells that were not judged are left out of both. A
replicated row's own effects (its difficulty) are drawn from their prior given the draw, not kept as
fitted to the observed row: a check with effects that have seen the row cannot fail (mixed
predictive checks, Marshall and Spiegelhalter 2003, https://doi.org/10.1002/sim.1403).

- candidates: losses, draws, wins and win rate of each candidate;
- differences: how far these lie from the median candidate's, on average: a model in which many
  candidates share a rate replicates candidates that are too much alike;
- queries: losses, draws and wins in each row;
- shared difficulty: the standard deviation between rows of their win rate and of their shares of
  losses, draws and wins. A query that is hard for one candidate is often hard for all: a model
  whose cells are independent given the candidate replicates rows that are too much alike.

Gelman, Meng and Stern 1996, https://www.jstor.org/stable/24306036.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bayessel.checks.base import Check, not_run
from bayessel.checks.discrepancy import ALPHA, Discrepancy, compare_statistics, say_p
from bayessel.checks.groups import Rows, judged_rows
from bayessel.outcomes import counts
from bayessel.pictures import style as pictures

_COUNTED = ("losses", "draws", "wins")
_SHARES = (*_COUNTED, "win rate")
_POINTS = np.array([0.0, 0.5, 1.0])
_NO_ROWS = "Nothing was judged yet."
_NO_REPLICATES = "The result has no replicated outcomes (posterior_predictive): 'fit' keeps them."


def _rows(tree: xr.DataTree) -> Rows | str:
    """Judged rows with replicates, or why there are none."""
    rows = judged_rows(tree)
    if rows is None:
        return _NO_ROWS
    return rows if len(rows.replicated) >= 100 else _NO_REPLICATES


def check_candidates(tree: xr.DataTree) -> Check:
    """Losses, draws, wins and win rate of each candidate on the judged rows."""
    name = "posterior predictive: candidates"
    rows = _rows(tree)
    if isinstance(rows, str):
        return not_run(name, rows)
    judged = np.flatnonzero(rows.judged.any(axis=0))
    n = rows.judged.sum(axis=0)[judged]
    observed, replicated = _by_candidate(rows, judged)
    found = compare_statistics(observed.ravel(), replicated.reshape(len(replicated), -1))
    who = [rows.candidates[j] for j in judged]
    table = _table(found, observed.ravel(), pd.MultiIndex.from_product(
        [who, _SHARES], names=["candidate", "statistic"]
    ))  # fmt: skip
    table.insert(0, "judged", np.repeat(n, 4))
    text = _text(
        found,
        table,
        "the observed outcomes of each candidate are like those that the model replicates",
        "the model does not replicate the outcomes of these candidates: use a model that can fit "
        "them, and do not trust its P(best)",
    )

    def plot() -> Figure:
        worst = table["p_adjusted"].groupby(level=0, sort=False).min().sort_values(kind="stable")
        kept = set(worst.index[: pictures.MOST_ROWS])
        order = [c for c in table.xs("win rate", level=1)["observed"].sort_values().index[::-1]
                 if c in kept]  # fmt: skip
        drawn = pictures.tall(len(order), columns=4, width=8)
        for k, axes in enumerate(drawn.axes):
            part = table.xs(_SHARES[k], level=1).loc[order]
            y = pictures.name_rows(axes, order, show=k == 0)
            pictures.intervals(
                axes, y, part["low"], part["median"], part["high"], part["observed"],
                part["p_adjusted"] <= ALPHA,
            )  # fmt: skip
            axes.set(xlabel=f"share of {_SHARES[k]}" if k < 3 else "win rate", xlim=(-0.03, 1.03))
        pictures.title(drawn, f"Judged rows, by candidate{_left(order, worst)}")
        pictures.legend(drawn)
        return drawn

    return Check(name, found.p > ALPHA, text, table, plot)


def _by_candidate(
    rows: Rows, judged: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shares of losses, draws, wins and the win rate of candidates that were judged.

    Returns
    -------
    observed, replicated
        [M, 4] and [S, M, 4]
    """
    n = rows.judged.sum(axis=0)[judged]

    def shares(outcome: NDArray[np.int8]) -> NDArray[np.float64]:
        each = counts(outcome, axis=1)[:, judged] / n[:, None]
        return np.concatenate([each, (each @ _POINTS)[..., None]], axis=-1)

    return shares(rows.observed[None])[0], shares(rows.replicated)


def check_differences(tree: xr.DataTree) -> Check:
    """How much candidates differ: mean distance from the median candidate."""
    name = "posterior predictive: differences"
    rows = _rows(tree)
    if isinstance(rows, str):
        return not_run(name, rows)
    judged = np.flatnonzero(rows.judged.any(axis=0))
    if len(judged) < 3:
        return not_run(name, "At least 3 judged candidates are needed.")

    def statistics(shares: NDArray[np.float64]) -> NDArray[np.float64]:  # [S, M, 4] to [S, 4]
        middle = np.median(shares, axis=1, keepdims=True)
        distance: NDArray[np.float64] = np.abs(shares - middle).mean(axis=1)
        return distance

    each, replicates = _by_candidate(rows, judged)
    observed, replicated = statistics(each[None])[0], statistics(replicates)
    found = compare_statistics(observed, replicated)
    table = _table(found, observed, pd.Index(_SHARES, name="statistic"))
    more = _more(found, observed)
    text = _text(
        found,
        table,
        "candidates differ from each other as much as the model expects",
        f"candidates differ {'more' if more else 'less'} from each other than the model expects: "
        "use a model in which every candidate has rates of its own, and do not trust this P(best)",
    )

    def plot() -> Figure:
        title = "Differences: mean distance of the candidates' shares from the median candidate's"
        return _histograms(found, observed, replicated, title)

    return Check(name, found.p > ALPHA, text, table, plot)


def check_queries(tree: xr.DataTree) -> Check:
    """Losses, draws and wins of each judged query."""
    name = "posterior predictive: queries"
    rows = _rows(tree)
    if isinstance(rows, str):
        return not_run(name, rows)
    n = rows.judged.sum(axis=1)

    def statistics(outcome: NDArray[np.int8]) -> NDArray[np.float64]:  # [S, n, M] to [S, n, K]
        return counts(outcome, axis=2).astype(np.float64)

    observed = statistics(rows.observed[None])[0]
    replicated = statistics(rows.replicated)
    found = compare_statistics(observed.ravel(), replicated.reshape(len(replicated), -1))
    index = pd.MultiIndex.from_product([rows.queries, _COUNTED], names=["query", "statistic"])
    table = _table(found, observed.ravel(), index)
    table.insert(0, "judged", np.repeat(n, 3))
    text = _text(
        found,
        table,
        "the outcomes in each row are like those that the model replicates",
        "the model does not expect rows like these: look at the queries, and use a model in which "
        f"queries differ{_other(tree)}",
    )

    def plot() -> Figure:
        worst = table["p_adjusted"].groupby(level=0, sort=False).min().sort_values(kind="stable")
        order = [str(q) for q in worst.index[: pictures.MOST_ROWS]]
        wins = table.xs("wins", level=1)["observed"]
        order.sort(key=lambda q: -float(wins.loc[q]))
        drawn = pictures.tall(len(order), columns=3)
        for k, axes in enumerate(drawn.axes):
            part = table.xs(_COUNTED[k], level=1).loc[order]
            y = pictures.name_rows(axes, order, show=k == 0)
            pictures.intervals(
                axes, y, part["low"], part["median"], part["high"], part["observed"],
                part["p_adjusted"] <= ALPHA,
            )  # fmt: skip
            axes.set_xlabel(f"{_COUNTED[k]} in a row of {rows.observed.shape[1]}")
        pictures.title(drawn, f"Judged rows, by query{_left(order, worst)}")
        pictures.legend(drawn)
        return drawn

    return Check(name, found.p > ALPHA, text, table, plot)


def check_difficulty(tree: xr.DataTree) -> Check:
    """Spread between judged rows: whether the model knows that queries differ."""
    name = "posterior predictive: shared difficulty"
    rows = _rows(tree)
    if isinstance(rows, str):
        return not_run(name, rows)
    n = rows.judged.sum(axis=1)
    kept = n >= 2
    if kept.sum() < 3:
        return not_run(name, "At least 3 rows with 2 judged cells each are needed.")

    def statistics(outcome: NDArray[np.int8]) -> NDArray[np.float64]:  # [S, n, M] to [S, 4]
        each = counts(outcome[:, kept], axis=2) / n[kept][:, None]
        points = each @ _POINTS
        return np.concatenate([each, points[..., None]], axis=-1).std(axis=1)

    observed = statistics(rows.observed[None])[0]
    replicated = statistics(rows.replicated)
    found = compare_statistics(observed, replicated)
    table = _table(found, observed, pd.Index(_SHARES, name="statistic"))
    more = _more(found, observed)
    text = _text(
        found,
        table,
        "judged rows differ from each other as much as the model expects",
        f"judged rows differ {'more' if more else 'less'} from each other than the model expects: "
        "P(best) is too "
        + (
            "modest where candidates win and lose together, and win rates too sure; use a model "
            f"with a difficulty of each query{_other(tree)}"
            if more
            else "sure or too modest; look at how the queries were chosen"
        ),
    )

    def plot() -> Figure:
        title = "Shared difficulty: standard deviation between rows of their shares"
        return _histograms(found, observed, replicated, title)

    return Check(name, found.p > ALPHA, text, table, plot)


def _histograms(
    found: Discrepancy,
    observed: NDArray[np.float64],
    replicated: NDArray[np.float64],
    title: str,
) -> Figure:
    """The four shares' statistics, observed [4] over replicated [S, 4]."""
    drawn = pictures.figure(11.0, 3.4, columns=4)
    for k, axes in enumerate(drawn.axes):
        axes.hist(replicated[:, k], bins=24, color=pictures.BLUE, alpha=0.45, label="replicated")
        bad = found.adjusted[k] <= ALPHA
        label = "observed, fails" if bad else "observed, inside"
        colour = pictures.ORANGE if bad else pictures.INK
        axes.axvline(observed[k], color=colour, lw=2, label=label)
        axes.set(xlabel=_SHARES[k], yticks=[])
    drawn.axes[0].set_ylabel("replicated data sets")
    pictures.title(drawn, title)
    pictures.legend(drawn)
    return drawn


def _table(found: Discrepancy, observed: NDArray[np.float64], index: pd.Index) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "observed": observed,
            "low": found.low,
            "median": found.mid,
            "high": found.high,
            "mid_p": found.mid_p,
            "p_adjusted": found.adjusted,
        },
        index=index,
    )


def _more(found: Discrepancy, observed: NDArray[np.float64]) -> bool:
    """Whether the least expected statistic, which the text names, is above its replicates."""
    worst = int(np.argmin(found.adjusted))
    return bool(observed[worst] > found.mid[worst])


def _text(found: Discrepancy, table: pd.DataFrame, good: str, bad: str) -> str:
    worst = table["p_adjusted"].idxmin()
    label = ", ".join(map(str, worst)) if isinstance(worst, tuple) else str(worst)
    if found.p > ALPHA:
        return f"Over all statistics, {good} ({say_p(found.p)})."
    many = int((table["p_adjusted"] <= ALPHA).sum())
    others = f" and {many - 1} more" if many > 1 else ""
    return f"{bad[0].upper()}{bad[1:]} ({say_p(found.p)}; {label}{others})."


def _other(tree: xr.DataTree) -> str:
    """The model to try, where the result is not its own."""
    model = str(tree.attrs.get("model", ""))
    return "" if model.startswith("item_response") else " (item_response)"


def _left(shown: list[str], of: pd.Series) -> str:
    """What the title says where not all are shown."""
    return f": the {len(shown)} least expected of {len(of)}" if len(shown) < len(of) else ""
