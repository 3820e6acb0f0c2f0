"""Options that say what is fitted and how, which ``fit`` and ``sensitivity`` share."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bayessel.cli import options as opt
from bayessel.cli.display import say_scoring
from bayessel.cli.priors import named_priors
from bayessel.cli.weak_judges import weak_judge_names
from bayessel.errors import did_you_mean
from bayessel.inference.engines import ENGINES
from bayessel.models import DEFAULT, MODELS

if TYPE_CHECKING:
    from bayessel.inference.load import Model
    from bayessel.tasks.task import Task


@dataclass(frozen=True)
class FitChoice:
    """A generative model, an engine, and how long it samples."""

    model: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help=f"Generative model: {', '.join(MODELS)}, NAME:VARIANT, or a .py file.",
        ),
    ] = DEFAULT
    engine: Annotated[
        str | None,
        typer.Option(
            help=f"{', '.join(ENGINES)}; if not given, gibbs for two_way and "
            "regression with conjugate priors and numpyro for all else."
        ),
    ] = None
    sampler: Annotated[str, typer.Option(help="With --engine pymc: pymc, nutpie or numpyro.")] = (
        "pymc"
    )
    prior: Annotated[
        list[str] | None,
        typer.Option(
            "--prior",
            metavar="NAME=TEXT",
            help="Replace a prior of the model, such as 'sd_quality=HalfNormal(0.05)'; repeatable.",
        ),
    ] = None
    weak_judges: opt.WeakJudges = None
    rows: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Use this many random judged queries only; 0 for the weak judges alone "
            "(default: all).",
        ),
    ] = None
    chains: Annotated[int, typer.Option(min=1, help="Chains.")] = 4
    draws: Annotated[int, typer.Option(min=10, help="Draws of each chain.")] = 1000
    warmup: Annotated[int, typer.Option(min=10, help="Warm-up steps of each chain.")] = 1000

    def load(self) -> Model:
        """The model with its priors; refuses every option at fault, before anything is read.

        Raises
        ------
        UnknownNameError
            No such model, variant, prior, engine, sampler or weak judge.
        BudgetError, DataError
            A prior or a model's file at fault.
        """
        from bayessel.inference.load import load_model

        validate_engine(self.engine, self.sampler)
        weak_judge_names(self.weak_judges)
        return load_model(self.model, named_priors(self.prior))

    def scored(self, task: Task, model: Model, folder: Path, *, quiet: bool) -> Task:
        """The task with the scores that the model reads, which are kept in ``folder``.

        Raises
        ------
        DataError
            Weak judges were asked for and the task has no responses.
        """
        from bayessel.weak_judges import BUILT_IN
        from bayessel.weak_judges.of_task import score_task

        wanted = weak_judge_names(self.weak_judges)
        if wanted:
            _ = task.texts  # refused where there are none
        own = BUILT_IN if model.reads_texts else ()
        chosen = own if wanted is None else wanted
        return score_task(task, chosen, cache=folder, progress=None if quiet else say_scoring)

    def settings(self, *, quiet: bool) -> dict[str, Any]:
        """How long to sample, as :func:`bayessel.inference.fit.fit` takes it."""
        return {
            "chains": self.chains,
            "draws": self.draws,
            "warmup": self.warmup,
            "sampler": self.sampler,
            "progress": not quiet and sys.stderr.isatty(),
        }


def validate_engine(engine: str | None, sampler: str) -> None:
    """Refuse an unknown engine or sampler.

    Raises
    ------
    UnknownNameError
        No such name.
    """
    from bayessel.inference.engines.pymc_engine import SAMPLERS

    if engine is not None and engine not in ENGINES:
        raise did_you_mean(engine, ENGINES, "engine")
    if sampler not in SAMPLERS:
        raise did_you_mean(sampler, SAMPLERS, "PyMC sampler")
