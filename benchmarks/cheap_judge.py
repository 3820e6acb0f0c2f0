"""What a cheap LLM judge in every cell saves of a strong one's calls.

    python benchmarks/cheap_judge.py FOLDER STRONG CHEAP --baseline NAME [-R 100] [--out DIR]

FOLDER holds ``scores_all_judges.parquet`` (query_id, model, judge, score). STRONG is the oracle,
and CHEAP a given weak judge; cells that both scored are used. Sub-tasks as with ``--protocol
panel``. Prints how often the candidate with the highest win rate by the cheap judge alone is the
best, and how often the best is named by budget, with the calls / M needed to name it with .5, .7,
.8 and .9: by random whole queries, by contenders, by bayessel without the cheap judge, with its
verdicts, with them turned round, with verdicts that say nothing, and the same with its scores in
place of verdicts.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from bayessel import Task, studies
from bayessel.tasks.sub_tasks import PROTOCOLS, draw
from bayessel.tasks.tables import Tables

BUDGETS = (1, 2, 3, 5, 7.5, 10, 15, 20, 30)
LEVELS = (0.5, 0.7, 0.8, 0.9)


def scores(table: pd.DataFrame, judge: str) -> pd.DataFrame:
    """[query, LLM] what the judge gave."""
    return table[table["judge"] == judge].pivot_table(
        index="query_id", columns="model", values="score", aggfunc="first"
    )


def read(folder: Path, strong: str, cheap: str, baseline: str) -> tuple[Task, np.ndarray]:
    """The task that the strong judge judged, and the cheap judge's scores [N, M], the baseline's
    taken away."""
    table = pd.read_parquet(folder / "scores_all_judges.parquet")
    first, second = (
        wide.drop(columns=baseline).sub(wide[baseline], axis=0)
        for wide in (scores(table, judge) for judge in (strong, cheap))
    )
    columns = first.columns.intersection(second.columns)
    rows = first.index.intersection(second.index)
    first, second = first.loc[rows, columns], second.loc[rows, columns]
    whole = first.notna().all() & second.notna().all()
    first, second = first.loc[:, whole].copy(), second.loc[:, whole]
    long = first.reset_index().melt("query_id", var_name="candidate", value_name="outcome")
    long["outcome"] = np.sign(long["outcome"]).astype(int)
    task = Task.from_tables(Tables(long, None, None, baseline, "scores_all_judges"))
    return task, second.loc[list(task.queries), list(task.candidates)].to_numpy()


def own_best(task: Task, cheap: np.ndarray, realizations: int) -> float:
    """Share of the sub-tasks in which the cheap judge's best is the best; ties count in part."""
    right = []
    for r in range(realizations):
        cells = np.ix_(*draw(PROTOCOLS["panel"], 0, r, *cheap.shape))
        truth, own = task.recorded[cells].mean(axis=0), cheap[cells].mean(axis=0)
        right.append((truth == truth.max())[own == own.max()].mean())
    return float(np.mean(right))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("strong")
    parser.add_argument("cheap")
    parser.add_argument("--baseline", required=True)
    parser.add_argument("-R", type=int, default=100)
    parser.add_argument("--budget", type=int, default=30, help="calls / M")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, help="where finished parts are kept")
    o = parser.parse_args()
    task, given = read(o.folder, o.strong, o.cheap, o.baseline)
    cheap = np.sign(given)
    data = {}
    for kind, said in (("verdict", cheap), ("score", given)):
        chance = np.random.default_rng(0).permutation(said.ravel()).reshape(said.shape)
        ways = {"": said, " turned round": -said, " that say nothing": chance}
        for way, values in ways.items():
            data[f"{kind}s{way}"] = task.with_weak_judge("cheap", values, kind)
    agree = (cheap == task.recorded)[(cheap != 0) & (task.recorded != 0)].mean()
    print(
        f"{o.strong} with {o.cheap}: {task.n_queries} queries x {task.n_candidates} candidates, "
        f"agree on {agree:.2f} of the cells that both decide; the cheap judge's own best is the "
        f"best in {own_best(task, cheap, o.R):.2f} of the sub-tasks"
    )
    with tempfile.TemporaryDirectory() as scratch:
        folder = o.out or Path(scratch)
        size = {"realizations": o.R, "budget": o.budget, "workers": o.workers}
        rivals = studies.run(
            {"without it": task}, "random,contenders,bayessel", folder=folder / "rivals", **size
        )
        found = studies.run(data, "bayessel", folder=folder / "given", **size)
        for study, names in ((rivals, 3), (found, 1)):
            report(study, names)


def report(study: studies.Study, names: int) -> None:
    """Print what a study found."""
    by_budget, needed = study.tables.by_budget, study.tables.needed
    for (data, strategy), rows in by_budget.groupby(["data", "strategy"], sort=False):
        label = strategy if names > 1 else f"bayessel, {data}"
        shown = rows[rows["calls / M"].isin(BUDGETS)]
        best = needed[
            (needed["data"] == data)
            & (needed["strategy"] == strategy)
            & (needed["criterion"] == "identified")
            & needed["level"].isin(LEVELS)
        ]
        right = " ".join(f"{x:.2f}" for x in shown["identified"])
        calls = " / ".join("-" if np.isnan(x) else f"{x:.1f}" for x in best["needed"])
        sure = " ".join(f"{x:.2f}" for x in shown["P(best)"])
        print(f"{label:38} best {right}; calls / M {calls}; P(best) {sure}", flush=True)


if __name__ == "__main__":
    main()
