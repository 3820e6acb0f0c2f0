"""``bayessel judge``: choose the best candidate, asking LLM judges."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bayessel.cli import options as opt
from bayessel.cli.demo import free_folder
from bayessel.cli.display import say
from bayessel.cli.groups import grouped
from bayessel.cli.judge_options import Asking, Judges, make_cheap, make_judges
from bayessel.cli.judge_run import BUDGET, Asked
from bayessel.cli.output import patient
from bayessel.cli.reading import FileReading
from bayessel.cli.strategy_options import StrategyChoice
from bayessel.errors import BudgetError, DataError

if TYPE_CHECKING:
    from bayessel.tasks.task import Task

BATCH_SIZE = 100
"""Cells of one batch with --batch-api."""
_FAKE = "fake-judge"
_FAKE_PRICE = (2.0, 8.0)
_DEMO_COST = 0.25


@grouped
def judge(
    judges: Judges,
    asking: Asking,
    reading: FileReading,
    choice: StrategyChoice,
    path: Annotated[
        Path | None,
        typer.Argument(metavar="PATH", help="Queries and responses, in any format that is read."),
    ] = None,
    max_cost: Annotated[
        float | None, typer.Option(help="Dollars to spend at most, calls in flight included.")
    ] = None,
    budget: Annotated[
        int | None,
        typer.Option(help=f"Cells to judge at most (default: all with --max-cost, else {BUDGET})."),
    ] = None,
    batch: Annotated[
        int | None,
        typer.Option(help="Cells that are chosen at once (default: as many as --concurrency)."),
    ] = None,
    gold: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A table of verdicts that are right (query_id, candidate, outcome): these cells "
            "are judged first, and each judge is compared with it.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Run folder; the same command goes on with it (default bayessel-run)."),
    ] = None,
    stop_at: Annotated[
        float, typer.Option(help="Stop when P(best), or P(within), reaches this.")
    ] = 0.95,
    within: Annotated[
        float | None,
        typer.Option(help="Stop by P(win rate within this of the best's), e.g. 0.01."),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Print prompts, calls, tokens and cost; ask nobody."),
    ] = False,
    demo: Annotated[
        bool,
        typer.Option("--demo", help="A generated task and a fake judge on this machine; no key."),
    ] = False,
    seed: opt.Seed = 0,
    as_json: opt.Json = False,
) -> None:
    """Choose the best candidate, asking an LLM judge at any OpenAI-compatible endpoint.

    Interrupted, the same command goes on; what was judged is never paid for again.
    """
    from bayessel.selection.stopping import Stop, require_budget

    if budget is not None:
        require_budget(budget)
    if batch is not None:
        require_budget(batch, "batch")
    stop = Stop(stop_at, within)
    choice.validate()
    if judges.cheap_judge is not None:
        choice.require_given("--cheap-judge")
    with contextlib.ExitStack() as stack:
        if demo:
            task, url = stack.enter_context(_demo(path, judges, seed, quiet=as_json))
            judges = replace(
                judges,
                judge=judges.judge or [_FAKE],
                base_url=url,
                price_in=_FAKE_PRICE[0] if judges.price_in is None else judges.price_in,
                price_out=_FAKE_PRICE[1] if judges.price_out is None else judges.price_out,
            )
            max_cost = _DEMO_COST if max_cost is None else max_cost
            out = out or free_folder(Path("bayessel-judge-demo"))
        else:
            if path is None:
                raise DataError(
                    "no PATH was given: name the file or folder with queries and responses, "
                    "or try --demo"
                )
            task = reading.task(path, quiet=as_json, unjudged=True)
            choice.note_unread(task)
        if not judges.judge:
            raise DataError("no judge was named: give --judge NAME, the LLM's name at the endpoint")
        asked = Asked(
            task=task,
            judges=make_judges(judges, asking, judges.judge),
            cheap=make_cheap(judges, asking),
            max_cost=max_cost,
            max_cheap_cost=judges.max_cheap_cost,
            budget=budget,
            batch=batch or (BATCH_SIZE if asking.batch_api else asking.concurrency),
            asking=asking,
            choice=choice,
            gold=gold,
            out=out or Path("bayessel-run"),
            stop=stop,
            seed=seed,
            quiet=as_json,
        )
        asked.validate()
        if dry_run:
            from bayessel.cli.judge_dry_run import show_dry_run

            show_dry_run(asked)
            return
        stack.enter_context(patient())
        asked.play()


@contextlib.contextmanager
def _demo(
    path: Path | None, judges: Judges, seed: int, *, quiet: bool
) -> Iterator[tuple[Task, str]]:
    """A generated task, and a fake endpoint that knows its outcomes."""
    from bayessel.oracles.llm.fake.mind import Mind
    from bayessel.oracles.llm.fake.server import FakeEndpoint
    from bayessel.tasks.simulated import simulate_task

    if path is not None or judges.base_url is not None:
        raise BudgetError(
            "--demo brings its own task and endpoint: leave PATH and --base-url out, or --demo"
        )
    known = simulate_task(n_queries=100, n_candidates=8, seed=seed)
    sharp, dull = Mind(known, first=0.05), Mind(known, first=0.1, noise=0.3)
    minds = dict.fromkeys(judges.judge or [_FAKE], sharp)
    if judges.cheap_judge is not None:
        minds[judges.cheap_judge] = dull
    with FakeEndpoint(minds, latency=0.05) as endpoint:
        if not quiet:
            say(
                f"A generated task: {known.n_queries} queries, {known.n_candidates} candidates. A "
                f"fake judge answers at {endpoint.base_url}, on this machine; nothing is paid."
            )
        yield known.without_recorded(), endpoint.base_url
