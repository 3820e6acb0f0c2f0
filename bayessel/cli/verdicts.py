"""``bayessel verdicts``: what judges said in a run, raw, as a file."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from bayessel.cli.display import say
from bayessel.errors import RunError
from bayessel.support.text import count


def verdicts(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The run folder.")],
    out: Annotated[
        Path,
        typer.Option(
            metavar="FILE",
            help="Where to: .parquet or .csv (one row a call), .json (alpaca_eval's annotations).",
        ),
    ],
) -> None:
    """Export the verdicts of a run, with prompts, answers, tokens and cost."""
    from bayessel.oracles.verdicts.export import write_verdicts
    from bayessel.oracles.verdicts.ledger import DATABASE, VerdictLedger
    from bayessel.selection.run import Run

    if not (folder / DATABASE).is_file():
        quoted = shlex.quote(str(folder))
        raise RunError(f"no verdicts in {folder}: 'bayessel judge PATH --out {quoted}' makes some")
    with Run.open(folder) as run, VerdictLedger.in_folder(folder) as ledger:
        records = ledger.all
        write_verdicts(records, run.task, out)
    say(f"{count(len(records), 'call')} in {out}")
