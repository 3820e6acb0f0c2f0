"""``bayessel bench``: the compiled strategies on repeated sub-tasks of a judged task."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bayessel.cli import options as opt
from bayessel.cli.display import say, say_scoring

_SHOWN = (5, 10, 20, 30, 50, 75, 100, 150)


def bench(
    path: opt.TaskPath,
    baseline: opt.Baseline = None,
    protocol: Annotated[str, typer.Option(help="panel or paper.")] = "panel",
    strategies: Annotated[str, typer.Option(help="all, or names with commas.")] = "all",
    realizations: Annotated[int, typer.Option(help="Sub-tasks drawn.")] = 100,
    budget: Annotated[int, typer.Option(help="Queries judged in each.")] = 150,
    seed: opt.Seed = 0,
    out: Annotated[Path, typer.Option(help="Folder for the tables.")] = Path("bayessel-bench"),
) -> None:
    """Count how often llm-selector and the paper's baselines name the best candidate."""
    import pandas as pd

    from bayessel.benchmark.compiled import RULES, run_compiled
    from bayessel.judges import KGRAM_JUDGES
    from bayessel.judges.cache import cached_scores
    from bayessel.task import Task

    task = Task.read(path, baseline=baseline)
    scores = cached_scores(task.texts, KGRAM_JUDGES, out, task.fingerprint, progress=say_scoring)
    names = list(RULES) if strategies == "all" else strategies.split(",")
    rows = run_compiled(
        task.with_judge_scores(*scores),
        names,
        protocol=protocol,
        realizations=realizations,
        budget=budget,
        seed=seed,
    )
    rows.to_parquet(out / "realizations.parquet")
    group = rows.groupby(["strategy", "budget"], sort=False)
    table = pd.DataFrame(
        {
            "identified": group["correct"].mean(),
            "error": group["correct"].sem(),
            "gap": group["gap"].mean(),
            "p_best": group["p_best"].mean(),
        }
    )
    table.to_csv(out / "identification.csv")
    wide = table["identified"].unstack("budget")  # noqa: PD010
    say(wide[[b for b in _SHOWN if b in wide]].round(2).to_string())
    say(f"wrote {out / 'realizations.parquet'} and {out / 'identification.csv'}")
