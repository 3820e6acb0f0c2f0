"""Options that several commands share, one by one; groups of them stand in files of their own.

:class:`bayessel.cli.reading.Reading` says how a task is read,
:class:`bayessel.cli.strategy_options.StrategyChoice` how queries are chosen, and
:class:`bayessel.cli.fit_options.FitChoice` what is fitted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bayessel.tasks.readers import FORMATS

TaskPath = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH...",
        help="Responses and judgments: a file or folder in any format that is read; several, "
        "such as one for each LLM, are one task.",
    ),
]
Baseline = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The baseline LLM, where the files do not say it."),
]
Format = Annotated[str | None, typer.Option(help=f"{FORMATS.listed()}; detected if not given.")]
Tolerance = Annotated[
    float | None,
    typer.Option(help="Scores: differences up to this are draws (default 0)."),
]
Seed = Annotated[int, typer.Option(min=0, max=2**63 - 1, help="The same seed gives the same run.")]
WeakJudge = Annotated[
    list[str] | None,
    typer.Option(
        "--weak-judge",
        metavar="NAME=FILE",
        help="What a weak judge of your own says of cells: a table with query_id, candidate "
        "and outcome or score; repeatable.",
    ),
]
WeakJudges = Annotated[
    str | None,
    typer.Option(
        metavar="NAME,...",
        help="Text statistics to use, such as length,query-coverage, or none (default: none for "
        "the model two_way, all for other models, k-grams for llm-selector).",
    ),
]
RunModel = Annotated[
    Path | None,
    typer.Option(
        "--model",
        metavar="FILE",
        help="The model's .py file, where the run's or the result's model is one. It is code: read "
        "it before you name it.",
    ),
]
Cost = Annotated[
    list[str] | None,
    typer.Option(
        "--cost",
        metavar="NAME=NUMBER,...",
        help="What a call costs, by candidate, in any unit; those left out cost 1 (default: the "
        "data's column cost, or 1 each).",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
