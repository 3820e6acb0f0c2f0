"""What public verdicts say of their judges, and what their noise does to P(best).

    python benchmarks/judges_noise.py DATA [-R 100]

DATA holds ``arenahard_gpt4o/judgments.parquet`` (game1, game2: both orders of one judge, -2..2) and
``shaberi_elyza100/scores_all_judges.parquet`` (six judges on the same responses). Prints:

1. gpt-4o's flips, position bias and noise, in closed form over all cells, and from the model of
   verdicts on 300 of them;
2. the reliability of each judge against gpt-5.1 and gpt-4.1, in closed form over all cells and from
   the model on 150 of them;
3. selections among 6 candidates on 60 queries of ``arenahard_gpt4o``. A call is one of the two
   games, drawn at random; the truth is the highest mean of both. How often the best is named, and
   P(best), with ``verdict_noise`` as it is, as the closed form says it from 30 cells in both
   orders, and 0.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bayessel import Selector, Task
from bayessel.inference.judges.audit import Audit, Estimate, audit
from bayessel.inference.judges.fit import fit_verdicts
from bayessel.inference.judges.table import Row, VerdictTable
from bayessel.tasks.tables import Tables

N, M = 60, 6
BUDGETS = (60, 150, 240, 360)
BASELINE = "meta-llama__Llama-3.3-70B-Instruct"
GOLDS = ("gpt-5.1-2025-11-13", "gpt-4.1-2025-04-14")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("-R", type=int, default=100)
    parser.add_argument("--part", type=int, choices=(1, 2, 3), help="only this one")
    o = parser.parse_args()
    parts = (o.part,) if o.part else (1, 2, 3)
    if {1, 3} & set(parts):
        games = both_games(o.data / "arenahard_gpt4o" / "judgments.parquet")
    if 1 in parts:
        orders(games)
    if 2 in parts:
        panel(o.data / "shaberi_elyza100" / "scores_all_judges.parquet")
    if 3 in parts:
        selections(games, o.R)


# ------------------------------------------------------------------ one judge, both orders
def both_games(path: Path) -> pd.DataFrame:
    """Cells with both games as -1, 0, 1; the baseline is shown first in game1."""
    table = pd.read_parquet(path).dropna(subset=["game1", "game2"])
    return table.assign(game1=np.sign(table["game1"]), game2=np.sign(table["game2"]))


def orders(games: pd.DataFrame) -> None:
    """Print what both orders say of gpt-4o."""
    print(f"gpt-4o on {len(games)} cells in both orders")
    said(audit(VerdictTable.of(ordered(games)))[0])
    some = games.sample(300, random_state=0)
    modelled(fit_verdicts(VerdictTable.of(ordered(some)), chains=2))


def ordered(games: pd.DataFrame) -> Iterable[Row]:
    """Both verdicts of every cell."""
    columns = (games[name].to_list() for name in ("query_id", "model", "game1", "game2"))
    for query, candidate, second, first in zip(*columns, strict=True):
        for side, verdict in ((-1, second), (1, first)):
            yield "gpt-4o", (query, candidate), side, int(verdict)


# ------------------------------------------------------------------ several judges
def panel(path: Path) -> None:
    """Print how far each judge agrees with a strong one."""
    table = pd.read_parquet(path)
    own = table[table["model"] == BASELINE].set_index(["judge", "query_id"])["score"]
    keys = pd.MultiIndex.from_frame(table[["judge", "query_id"]])
    table["outcome"] = np.sign(table["score"] - own.reindex(keys).to_numpy())
    table = table[(table["model"] != BASELINE) & table["outcome"].notna()]
    for gold in GOLDS:
        by_gold = table.loc[table["judge"] == gold, ["query_id", "model"]].drop_duplicates()
        cells = table.merge(by_gold)
        print(f"\njudges against {gold}, on its {len(by_gold)} cells")
        for one in audit(VerdictTable.of(scored(cells), gold)):
            if one.judge != gold:
                said(one)
        some = cells.merge(by_gold.sample(150, random_state=0))
        modelled(fit_verdicts(VerdictTable.of(scored(some), gold), chains=2))


def scored(cells: pd.DataFrame) -> Iterable[Row]:
    """One verdict of each judge on a cell, without an order."""
    columns = (cells[name].to_list() for name in ("judge", "query_id", "model", "outcome"))
    for judge, query, candidate, verdict in zip(*columns, strict=True):
        yield judge, (query, candidate), 0, int(verdict)


def said(one: Audit) -> None:
    """Print the closed forms that something tells."""

    def shown(e: Estimate) -> str:
        return f"{e.value:.3f} ({e.lower:.3f} to {e.upper:.3f})"

    names = ("first_place", "flips", "reversals", "position_bias", "noise", "agreement",
             "agreement_decided")  # fmt: skip
    known = {name: getattr(one, name) for name in names if getattr(one, name).of}
    print(f"  {one.judge:24}", "; ".join(f"{name} {shown(e)}" for name, e in known.items()))


def modelled(tree: xr.DataTree) -> None:
    """Print posterior means and 90 % intervals."""
    posterior = tree["posterior"].to_dataset()
    for judge in posterior["judge"].values:
        found = []
        for name in ("correlation", "position_bias", "flips", "repeatability", "noise",
                     "agreement_decided"):  # fmt: skip
            draws = posterior[name].sel(judge=judge)
            if bool(np.isnan(draws).any()) or float(draws.std()) == 0:
                continue
            low, high = np.quantile(draws, (0.05, 0.95))
            found.append(f"{name} {float(draws.mean()):.3f} ({low:.3f} to {high:.3f})")
        print(f"  model: {judge:24}", "; ".join(found), flush=True)


# ------------------------------------------------------------------ selections
def selections(games: pd.DataFrame, realizations: int) -> None:
    """Print how often the best is named and P(best), by budget and verdict_noise."""
    wide = [games.pivot_table(index="query_id", columns="model", values=g) for g in
            ("game1", "game2")]  # fmt: skip
    whole = (wide[0].notna() & wide[1].notna()).all(axis=1)
    first, second = (w[whole].to_numpy() for w in wide)
    exact = float(((first - second) ** 2).mean() / 16)
    rng, found = np.random.default_rng(0), []
    for r in range(realizations):
        at = np.ix_(
            rng.choice(len(first), N, replace=False), rng.choice(first.shape[1], M, replace=False)
        )
        mean = (first[at] + second[at]).mean(axis=0) / 2
        best = np.flatnonzero(mean >= mean.max() - 1e-9)
        verdict = np.where(rng.random((N, M)) < 0.5, first[at], second[at])
        task = task_of(verdict)
        known = audit(audited(rng, first[at], second[at]))[0].noise.value
        for name, noise in (("0", 0.0), ("exact", exact), ("30 cells", min(known, 0.25))):
            selector = Selector(task, seed=r, draws=256, prior={"verdict_noise": str(noise)})
            for budget in BUDGETS:
                selector.run(budget=budget)
                right = task.candidate_index(selector.best) in best
                found.append((name, budget, selector.p_best, float(right)))
    frame = pd.DataFrame(found, columns=["verdict_noise", "calls", "P(best)", "right"])
    chance = np.where(frame["right"] == 1, frame["P(best)"], 1 - frame["P(best)"])
    frame["log score"] = np.log(np.clip(chance, 1e-3, 1))
    print(f"\nselections of {M} candidates on {N} queries, {realizations} realizations; "
          f"verdict_noise is {exact:.3f}")  # fmt: skip
    print(frame.groupby(["calls", "verdict_noise"]).mean().round(3).to_string())


def task_of(verdict: NDArray[np.float64]) -> Task:
    """A task of verdicts [N, M]."""
    q, j = (part.ravel() for part in np.indices(verdict.shape))
    long = pd.DataFrame(
        {
            "query_id": [f"q{i}" for i in q],
            "candidate": [f"c{i}" for i in j],
            "outcome": verdict.ravel().astype(int),
        }
    )
    return Task.from_tables(Tables(long, None, None, "baseline", "arenahard_gpt4o"))


def audited(
    rng: np.random.Generator, first: NDArray[np.float64], second: NDArray[np.float64]
) -> VerdictTable:
    """Thirty cells in both orders."""
    rows: list[Row] = []
    for at in rng.choice(first.size, 30, replace=False):
        rows.append(("gpt-4o", (str(at), ""), -1, int(first.flat[at])))
        rows.append(("gpt-4o", (str(at), ""), 1, int(second.flat[at])))
    return VerdictTable.of(rows)


if __name__ == "__main__":
    main()
