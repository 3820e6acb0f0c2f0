"""``bayessel sensitivity``: does the decision depend on the priors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bayessel.cli import options as opt
from bayessel.cli.display import say, say_json
from bayessel.cli.fit_options import FitChoice
from bayessel.cli.groups import grouped
from bayessel.cli.output import interruptible, result_folder
from bayessel.cli.priors import named_priors
from bayessel.cli.reading import Reading
from bayessel.errors import BudgetError, DataError

if TYPE_CHECKING:
    from bayessel.priors import Prior

_SHORTER = FitChoice(draws=500, warmup=500)  # the model is fitted once for each set of priors


@grouped
def sensitivity(
    path: opt.TaskPath,
    reading: Reading,
    vary: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=TEXT", help="A prior to try in place of NAME's; repeatable."),
    ] = None,
    vary_file: Annotated[
        Path | None,
        typer.Option(
            help='JSON: {"NAME": ["TEXT", ...]}, or a list of {"NAME": "TEXT", ...} tried together.'
        ),
    ] = None,
    grid: Annotated[
        bool, typer.Option("--grid", help="Every combination, instead of one prior at a time.")
    ] = False,
    choice: FitChoice = _SHORTER,
    out: Annotated[Path, typer.Option(help="Folder for the result.")] = Path(
        "bayessel-sensitivity"
    ),
    seed: opt.Seed = 0,
    as_json: opt.Json = False,
) -> None:
    """Fit a model again under other priors and compare what it decides.

    Writes sensitivity.csv, sensitivity.json and a picture.
    """
    sets = _sets(vary, vary_file, grid)
    model = choice.load()
    from bayessel.checks.sensitivity import engine_for_all
    from bayessel.checks.sensitivity import sensitivity as compare
    from bayessel.inference.load import load_model
    from bayessel.reports.sensitivity import SensitivityReport
    from bayessel.tasks.judged import judgments_of

    # names and supports are validated before anything is read or fitted
    varied = [load_model(model, priors) for priors in sets.values()]
    task = reading.task(path, quiet=as_json)
    judgments = judgments_of(task, choice.rows, seed)
    result_folder(out)
    with interruptible(out):
        engine = choice.engine or engine_for_all([model, *varied])
        found = compare(
            choice.scored(task, model, out, quiet=as_json),
            sets,
            model,
            engine,
            outcomes=judgments,
            seed=seed,
            on_fit=None if as_json else lambda label: say(f"fitting: {label}"),
            **choice.settings(quiet=as_json),
        )
    with interruptible(out):
        more = {"model": choice.model, "engine": engine, "seed": seed}
        report = SensitivityReport(found, more)
        files = [file.name for file in report.write(out).values()]
    if as_json:
        say_json({**report.numbers, "files": files})
        return
    say(report.text)
    say(f"Files in {out}: {', '.join(files)}")


def _sets(vary: list[str] | None, file: Path | None, grid: bool) -> dict[str, dict[str, Prior]]:
    """Sets of priors by label, from the options."""
    from bayessel.checks.variations import variations

    alternatives: dict[str, list[Any]] = {}
    together: dict[str, dict[str, Prior]] = {}
    for text in vary or ():
        for name, prior in named_priors([text]).items():
            alternatives.setdefault(name, []).append(prior)
    if file is not None:
        read = _read(file)
        if isinstance(read, dict):
            for name, texts in read.items():
                listed = texts if isinstance(texts, list) else [texts]
                alternatives.setdefault(name, []).extend(str(t) for t in listed)
        else:
            for one in read:
                priors = named_priors([f"{name}={text}" for name, text in one.items()])
                together[", ".join(f"{n}={p}" for n, p in priors.items())] = priors
    found = {**variations(alternatives, grid=grid), **together}
    if not found:
        raise BudgetError(
            "no prior to try: give --vary NAME=TEXT, such as "
            "--vary 'sd_quality=HalfNormal(0.1)', or --vary-file"
        )
    return found


def _read(file: Path) -> dict[str, Any] | list[dict[str, Any]]:
    """Priors from a JSON file.

    Raises
    ------
    DataError
        No such file, no JSON, or of another form.
    """
    expected = 'expected {"NAME": ["TEXT", ...]} or [{"NAME": "TEXT"}, ...]'
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"cannot read the priors in {file} ({error}): {expected}") from error
    if isinstance(read, dict) or (
        isinstance(read, list) and all(isinstance(one, dict) and one for one in read)
    ):
        return read
    raise DataError(f"the priors in {file} are of another form: {expected}")
