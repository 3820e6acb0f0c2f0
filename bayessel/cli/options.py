"""Options that several commands share."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bayessel.cli.display import say, say_error, say_scoring
from bayessel.errors import BudgetError, RunError, did_you_mean
from bayessel.models import DEFAULT, MODELS
from bayessel.support.text import count

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from bayessel.priors import Prior
    from bayessel.tasks.task import Task

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
Seed = Annotated[int, typer.Option(min=0, max=2**63 - 1, help="The same seed gives the same run.")]
FitModel = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help=f"Generative model: {', '.join(MODELS)}, NAME:VARIANT, or a .py file.",
    ),
]
Engine = Annotated[
    str | None,
    typer.Option(
        help="numpyro, pymc, gibbs or exact; gibbs for regression with conjugate priors, otherwise "
        "numpyro, where it is not given."
    ),
]
Sampler = Annotated[str, typer.Option(help="With --engine pymc: pymc, nutpie or numpyro.")]
FitPriors = Annotated[
    list[str] | None,
    typer.Option(
        "--prior",
        metavar="NAME=TEXT",
        help=f"Replace a prior, such as {DEFAULT}'s 'var_quality=InverseGamma(1, 0.02)'; "
        "repeatable.",
    ),
]
Rows = Annotated[
    int | None,
    typer.Option(
        min=0,
        help="Use this many random judged queries only; 0 for the votes alone (default: all).",
    ),
]
Chains = Annotated[int, typer.Option(min=1, help="Chains.")]
Draws = Annotated[int, typer.Option(min=10, help="Draws of each chain.")]
Warmup = Annotated[int, typer.Option(min=10, help="Warm-up steps of each chain.")]
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

    from bayessel.tasks.task import Task

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
        left_out = [m for m, u in zip(task.candidates, unjudged, strict=True) if u]
        task = task.subset(candidates=[m for m in task.candidates if m not in set(left_out)])
    if not quiet:
        say(
            f"{count(task.n_queries, 'query', 'queries')}, {task.n_candidates} candidates, "
            f"baseline {task.baseline}"
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


# ---------------------------------------------------------------- what 'fit' and its kin share
def named_priors(texts: Sequence[str] | None) -> dict[str, Prior]:
    """Priors by name from ``NAME=TEXT``.

    Raises
    ------
    BudgetError
        A text of another form, or a name twice.
    """
    from bayessel.priors import Prior

    found: dict[str, Prior] = {}
    for text in texts or ():
        name, equals, prior = text.partition("=")
        if not equals or not name.strip().isidentifier():
            raise BudgetError(
                f"prior {text!r}: expected NAME=TEXT, such as 'level=Normal(loc=0, scale=1)'"
            )
        if name.strip() in found:
            raise BudgetError(f"prior {name.strip()} was given twice: give it once")
        found[name.strip()] = Prior.parse(prior)
    return found


def check_engine(engine: str | None, sampler: str) -> None:
    """Raise ``UnknownNameError`` on an unknown engine or sampler, before anything is spent."""
    from bayessel.inference.engines.base import ENGINES
    from bayessel.inference.engines.pymc_engine import SAMPLERS

    if engine is not None and engine not in ENGINES:
        raise did_you_mean(engine, ENGINES, "engine")
    if sampler not in SAMPLERS:
        raise did_you_mean(sampler, SAMPLERS, "PyMC sampler")


def result_folder(out: Path) -> Path:
    """Make the folder for results.

    Raises
    ------
    RunError
        It is a file, a selection's run folder, or cannot be made.
    """
    from bayessel.selection.ledger import DATABASE

    if (out / DATABASE).exists():
        raise RunError(f"{out} is the run folder of a selection: give another folder with --out")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"cannot create the folder {out}: {error.strerror}") from error
    return out


def scored(task: Task, folder: Path, *, quiet: bool) -> Task:
    """The task with its weak judges' scores, kept in a folder; as it is where it has no texts."""
    from bayessel.weak_judges import WEAK_JUDGES
    from bayessel.weak_judges.of_task import score_task

    return score_task(
        task, tuple(WEAK_JUDGES), cache=folder, progress=None if quiet else say_scoring
    )


def some_rows(task: Task, rows: int | None, seed: int) -> NDArray[np.int8]:
    """[N, M] recorded judgments of so many random queries, ``MISSING`` elsewhere.

    Raises
    ------
    BudgetError
        More than are judged.
    """
    import numpy as np

    from bayessel.outcomes import MISSING

    judged = np.flatnonzero((task.recorded != MISSING).any(axis=1))
    if rows is None:
        return task.recorded
    if rows > len(judged):
        raise BudgetError(f"--rows {rows}: the task records judgments of {len(judged)} queries")
    chosen = np.random.default_rng([seed, 11]).permutation(judged)[:rows]
    outcome = np.full_like(task.recorded, MISSING)
    outcome[chosen] = task.recorded[chosen]
    return outcome


@contextlib.contextmanager
def interruptible(out: Path) -> Iterator[None]:
    """Say that nothing was written when the user stops what runs inside, and exit with code 130.

    PyMC ends early and returns what it has when it is interrupted; that is not a result.
    """
    stopped = False

    def stop(signum: int, frame: Any) -> None:
        nonlocal stopped
        stopped = True
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    except KeyboardInterrupt:
        stopped = True
    except Exception:
        if not stopped:
            raise
    finally:
        signal.signal(signal.SIGINT, before)
    if stopped:
        say_error(f"interrupted before the fit was finished: no result was written into {out}")
        raise SystemExit(130)


@contextlib.contextmanager
def written_whole(out: Path) -> Iterator[Path]:
    """A folder whose files are moved into ``out`` when all of them are written.

    Raises
    ------
    RunError
        They cannot be written.
    """
    staging = out / f".partial.{os.getpid()}"
    try:
        staging.mkdir()
        yield staging
        for file in sorted(staging.iterdir()):
            file.replace(out / file.name)
    except OSError as error:
        raise RunError(f"cannot write the results into {out}: {error}") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


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
