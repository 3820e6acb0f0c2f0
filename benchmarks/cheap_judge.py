"""What a cheap LLM judge in every cell saves of a strong one's calls.

    python benchmarks/cheap_judge.py FOLDER STRONG CHEAP --baseline NAME [-R 100] [--out DIR]

FOLDER holds ``scores_all_judges.parquet`` (query_id, model, judge, score). STRONG is the oracle,
and CHEAP a given weak judge that says verdicts; cells that both scored are used. Sub-tasks as with
``--protocol panel``. Prints how often the best candidate is named, and the calls / M needed to name
it with .5, .7, .8 and .9: by random whole queries, by contenders, by bayessel without the cheap
judge, with it, with its verdicts turned round, and with verdicts that say nothing.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from bayessel import Task, studies
from bayessel.tasks.tables import Tables

BUDGETS = (1, 2, 3, 5, 7.5, 10, 15, 20, 30)
LEVELS = (0.5, 0.7, 0.8, 0.9)


def verdicts(table: pd.DataFrame, judge: str, baseline: str) -> pd.DataFrame:
    """[query, candidate] -1, 0, 1: the judge's scores against the baseline's."""
    wide = table[table["judge"] == judge].pivot_table(
        index="query_id", columns="model", values="score", aggfunc="first"
    )
    apart = wide.drop(columns=baseline).sub(wide[baseline], axis=0)
    return pd.DataFrame(np.sign(apart.to_numpy()), apart.index, apart.columns)


def read(folder: Path, strong: str, cheap: str, baseline: str) -> tuple[Task, np.ndarray]:
    """The task that the strong judge judged, and the cheap judge's verdicts [N, M]."""
    table = pd.read_parquet(folder / "scores_all_judges.parquet")
    first, second = (verdicts(table, judge, baseline) for judge in (strong, cheap))
    columns = first.columns.intersection(second.columns)
    rows = first.index.intersection(second.index)
    first, second = first.loc[rows, columns], second.loc[rows, columns]
    whole = first.notna().all() & second.notna().all()
    first, second = first.loc[:, whole], second.loc[:, whole]
    long = (
        first.astype(int).reset_index().melt("query_id", var_name="candidate", value_name="outcome")
    )
    task = Task.from_tables(Tables(long, None, None, baseline, "scores_all_judges"))
    return task, second.loc[list(task.queries), list(task.candidates)].to_numpy()


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
    task, cheap = read(o.folder, o.strong, o.cheap, o.baseline)
    chance = np.random.default_rng(0).permutation(cheap.ravel()).reshape(cheap.shape)
    given = {"with it": cheap, "turned round": -cheap, "saying nothing": chance}
    data = {"without it": task}
    data |= {name: task.with_weak_judge("cheap", said, "verdict") for name, said in given.items()}
    agree = (cheap == task.recorded)[(cheap != 0) & (task.recorded != 0)].mean()
    best = cheap.mean(axis=0).argmax() in np.flatnonzero(
        task.recorded.mean(axis=0) == task.recorded.mean(axis=0).max()
    )
    print(
        f"{o.strong} with {o.cheap}: {task.n_queries} queries x {task.n_candidates} candidates, "
        f"agree on {agree:.2f} of the cells that both decide; the cheap judge's best is "
        f"{'the' if best else 'not the'} best of all"
    )
    with tempfile.TemporaryDirectory() as scratch:
        folder = o.out or Path(scratch)
        size = {"realizations": o.R, "budget": o.budget, "workers": o.workers}
        rivals = studies.run(
            {"without it": task}, "random,contenders,bayessel", folder=folder / "rivals", **size
        )
        found = studies.run(
            {name: one for name, one in data.items() if name != "without it"},
            "bayessel",
            folder=folder / "given",
            **size,
        )
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
        print(f"{label:26} best {right}; calls / M {calls}; P(best) {sure}", flush=True)


if __name__ == "__main__":
    main()
