"""``bayessel sensitivity``: does the decision depend on the priors."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bayessel.cli import options as opt
from bayessel.cli.display import percent, say
from bayessel.errors import BudgetError, DataError

if TYPE_CHECKING:
    from bayessel.checks.sensitivity import Sensitivity
    from bayessel.priors import Prior

_FILES = ["sensitivity.csv", "sensitivity.json", "sensitivity.png"]


def sensitivity(
    path: opt.TaskPath,
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
    baseline: opt.Baseline = None,
    model: opt.FitModel = "dual_parameter",
    engine: opt.Engine = None,
    sampler: opt.Sampler = "pymc",
    prior: opt.FitPriors = None,
    rows: opt.Rows = None,
    chains: opt.Chains = 4,
    draws: opt.Draws = 500,
    warmup: opt.Warmup = 500,
    out: Annotated[Path, typer.Option(help="Folder for the result.")] = Path(
        "bayessel-sensitivity"
    ),
    seed: opt.Seed = 0,
    format: opt.Format = None,
    null: opt.Null = None,
    draw_band: opt.DrawBand = None,
    judge: opt.Judge = None,
    tolerance: opt.Tolerance = None,
    as_json: opt.Json = False,
) -> None:
    """Fit a model again under other priors and compare what it decides.

    Writes sensitivity.csv, sensitivity.json and a picture.
    """
    opt.check_engine(engine, sampler)
    sets = _sets(vary, vary_file, grid)
    from bayessel.checks.sensitivity import sensitivity as compare
    from bayessel.inference.load import load_model

    chosen = load_model(model, opt.named_priors(prior))
    # names and supports are checked before anything is fitted
    varied = [load_model(chosen, priors) for priors in sets.values()]
    task = opt.read_task(
        path,
        quiet=as_json,
        baseline=baseline,
        format=format,
        null=null,
        draw_band=draw_band,
        judge=judge,
        tolerance=tolerance,
    )
    judgments = opt.some_rows(task, rows, seed)
    opt.result_folder(out)
    with opt.interruptible(out):
        from bayessel.inference.fit import default_engine

        if engine is None:  # one that fits them all
            needed = {default_engine(one) for one in (chosen, *varied)}
            engine = needed.pop() if len(needed) == 1 else "numpyro"
        task = opt.scored(task, out, quiet=as_json)
        found = compare(
            task,
            sets,
            chosen,
            engine,
            outcomes=judgments,
            seed=seed,
            on_fit=None if as_json else lambda label: say(f"fitting: {label}"),
            chains=chains,
            draws=draws,
            warmup=warmup,
            progress=not as_json and sys.stderr.isatty(),
            sampler=sampler,
        )
    with opt.interruptible(out):
        report = {"model": model, "engine": engine, "seed": seed, **found.to_dict()}
        _write(out, found, report)
    if as_json:
        typer.echo(json.dumps({**report, "files": _FILES}, ensure_ascii=False))
        return
    for label, row in found.table.iterrows():
        if row["failed"]:
            say(f"{label}: not fitted: {row['failed']}")
            continue
        follows = f"next {row['next_query']}" if row["next_query"] else "every query is judged"
        say(
            f"{label}: {row['best']}, P(best) {row['p_best']:.3f}, "
            f"eps {percent(row['eps_loss'])} / {percent(row['eps_draw'])}; {follows}"
        )
    if len(found.power):
        say("power-scaling (above 0.05 matters):")
        for quantity, row in found.power.iterrows():
            say(
                f"  {quantity}: prior {row['prior']:.3f}, likelihood {row['likelihood']:.3f} "
                f"{row['diagnosis']}"
            )
    elif found.note:
        say(f"note: {found.note}")
    say(found.text)
    say(f"Files in {out}: {', '.join(_FILES)}")


def _sets(vary: list[str] | None, file: Path | None, grid: bool) -> dict[str, dict[str, Prior]]:
    """Sets of priors by label, from the options."""
    from bayessel.checks.variations import variations

    alternatives: dict[str, list[Any]] = {}
    together: dict[str, dict[str, Prior]] = {}
    for text in vary or ():
        for name, prior in opt.named_priors([text]).items():
            alternatives.setdefault(name, []).append(prior)
    if file is not None:
        read = _read(file)
        if isinstance(read, dict):
            for name, texts in read.items():
                listed = texts if isinstance(texts, list) else [texts]
                alternatives.setdefault(name, []).extend(str(t) for t in listed)
        else:
            for one in read:
                priors = opt.named_priors([f"{name}={text}" for name, text in one.items()])
                together[", ".join(f"{n}={p}" for n, p in priors.items())] = priors
    found = {**variations(alternatives, grid=grid), **together}
    if not found:
        raise BudgetError(
            "no prior to try: give --vary NAME=TEXT, such as "
            "--vary 'eps=Dirichlet(concentration=(2, 2, 6))', or --vary-file"
        )
    return found


def _read(file: Path) -> dict[str, Any] | list[dict[str, Any]]:
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


def _write(out: Path, found: Sensitivity, report: dict[str, Any]) -> None:
    """Write everything or nothing."""
    from bayessel.pictures.sensitivity import plot_sensitivity
    from bayessel.pictures.style import save_figure

    with opt.written_whole(out) as folder:
        (folder / _FILES[0]).write_text(found.table.to_csv(float_format="%.6g"), encoding="utf-8")
        text = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
        (folder / _FILES[1]).write_text(text, encoding="utf-8")
        save_figure(plot_sensitivity(found), folder / "sensitivity")
