"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bayessel.cli.display import say

if TYPE_CHECKING:
    from bayessel.task import Task

TaskPath = Annotated[
    Path,
    typer.Argument(
        metavar="PATH", help="Responses and judgments: a file or folder in any format that is read."
    ),
]
Baseline = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The baseline LLM, where the files do not say it."),
]
Format = Annotated[
    str | None,
    typer.Option(help="parquet-folder, alpaca-eval, arena-hard, mt-bench or table; else detected."),
]
Null = Annotated[
    str | None, typer.Option(help="alpaca-eval: read a null preference as 'missing' or 'draw'.")
]
DrawBand = Annotated[
    float | None,
    typer.Option(help="alpaca-eval: preferences this close to 1.5 are draws (default 0)."),
]
Judge = Annotated[
    str | None, typer.Option(help="Which judge's (annotator's) judgments to read, if several.")
]
Tolerance = Annotated[
    float | None,
    typer.Option(help="Scores: differences up to this are draws (default 0)."),
]
StrategyName = Annotated[str, typer.Option(help="bayessel, llm-selector or random.")]
ModelName = Annotated[
    str | None, typer.Option(help="Generative model of the strategy bayessel: dual_parameter.")
]
EpsLoss = Annotated[
    float | None, typer.Option(help="llm-selector: probability that the best loses (default 0.2).")
]
EpsDraw = Annotated[
    float | None, typer.Option(help="llm-selector: probability that the best draws (default 0.4).")
]
Seed = Annotated[int, typer.Option(min=0, max=2**63 - 1, help="The same seed gives the same run.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def read_task(
    path: Path,
    *,
    quiet: bool,
    baseline: str | None,
    format: str | None,
    null: str | None,
    draw_band: float | None,
    judge: str | None,
    tolerance: float | None,
) -> Task:
    """Read a task, say what it is, and leave out candidates that nobody judged."""
    import numpy as np

    from bayessel.task import Task

    given: dict[str, Any] = {
        "null": null,
        "draw_band": draw_band,
        "judge": judge,
        "tolerance": tolerance,
    }
    options = {k: v for k, v in given.items() if v is not None}
    task = Task.read(path, baseline=baseline, format=format, **options)
    unjudged = np.isnan(task.win_rate)
    left_out: list[str] = []
    if unjudged.any() and not unjudged.all():
        left_out = [m for m, u in zip(task.models, unjudged, strict=True) if u]
        task = task.subset(models=[m for m in task.models if m not in set(left_out)])
    if not quiet:
        say(
            f"{task.n_queries} queries, {task.n_models} candidates, baseline {task.baseline}"
            f" ({task.data.attrs['format']})"
        )
        for note in task.notes:
            say(f"note: {note}")
        if left_out:
            say(
                f"note: left out {len(left_out)} candidate(s) without any judgment: "
                + ", ".join(left_out[:5])
                + (" ..." if len(left_out) > 5 else "")
            )
    return task


def read_judged(path: Path, *, baseline: str | None, format: str | None) -> Task:
    """Read a judged task without a word; candidates that nobody judged are left out."""
    return read_task(
        path,
        quiet=True,
        baseline=baseline,
        format=format,
        null=None,
        draw_band=None,
        judge=None,
        tolerance=None,
    )
