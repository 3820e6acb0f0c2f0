"""What a run folder holds; results that are older than its answers are written again first."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from bayessel.checks.draws import candidates, flat, posterior_of
from bayessel.errors import BayesselError, RunError
from bayessel.inference.fit import fit
from bayessel.inference.model_code import is_code
from bayessel.inference.results import read_tree
from bayessel.models import DEFAULT
from bayessel.oracles.people.shown import is_person
from bayessel.outcomes import MISSING
from bayessel.reports.facts.judges import judges_of, judging_cost, verdicts_in
from bayessel.reports.facts.parts import Judge, Repeat
from bayessel.reports.facts.repeat import repeat_selection
from bayessel.reports.facts.source import Source
from bayessel.reports.selection import SelectionReport
from bayessel.selection.history import chances_table
from bayessel.selection.run import Run
from bayessel.strategies.bayessel import Bayessel


@dataclass(frozen=True)
class RunParts:
    """What only a run has, beside the source of all other parts."""

    source: Source
    judges: tuple[Judge, ...]
    judges_text: str
    repeat: Repeat
    missing: dict[str, str]


def run_parts(
    folder: Path, *, refit: bool, say: Callable[[str], None], model: Path | None = None
) -> RunParts:
    """Read a run.

    Parameters
    ----------
    folder
        The run folder.
    refit
        Fit its model to the judged cells.
    say
        Called with what is being done.
    model
        The model's file, where the run's model is one; it is not run where it is not named.

    Raises
    ------
    RunError
        There is no run, or it cannot be read.
    """
    with Run.open(folder, model=model) as run:
        tree = _up_to_date(run, say)
        if tree is None:
            say("writing the results again: they are older than the answers")
            SelectionReport.of_run(run).write(folder)
            tree = read_tree(folder)
        history = run.history()
        summary = _summary(folder)
        meta, task = run.ledger.meta, run.task
        table = pd.DataFrame(summary["table"]).set_index("candidate")
        names = candidates(tree)
        outcome = run.bought[:, [task.candidate_index(name) for name in names]]
        recorded = verdicts_in(folder)
        source = Source(
            kind="selection",
            name=folder.resolve().name,
            candidates=tuple(names),
            queries=task.queries,
            outcome=outcome,
            n_queries=task.n_queries,
            table=table,
            draws=flat(posterior_of(tree, "win_rate")),
            strategy=str(meta["strategy"]),
            task=task,
            history=history,
            chances=chances_table(run.ledger.steps, run.names.candidates),
            facts={
                "seed": meta["seed"],
                "cost": summary["cost"],
                "judging": judging_cost(recorded),
                "unit": None if any(map(is_person, recorded)) else "dollars",
                "stop_at": summary.get("stop_at"),
                "within": summary.get("within"),
                "priors": summary["priors"],
            },
        )
        source, missing = _fitted(source, run, refit=refit, say=say, named=model is not None)
        rows, text = judges_of(
            run.ledger, recorded, history, costs_known=summary["cost"] is not None
        )
        told = {row.who.partition(" ")[0] for row in rows}
        repeat = repeat_selection(
            folder, meta, source.facts, source.calls, recorded=bool(told) and told == {"recorded"}
        )
    return RunParts(source, rows, text, repeat, missing)


def _up_to_date(run: Run, say: Callable[[str], None]) -> xr.DataTree | None:
    """The result in the folder, if it is of exactly the answers in the ledger."""
    try:
        tree = read_tree(run.folder)
        summary = _summary(run.folder)
    except RunError:
        return None
    observed = tree["observed_data"]["outcome"]
    said = run.bought
    known = np.full(said.shape, MISSING, dtype=np.int8)
    try:
        rows = [run.task.query_index(str(q)) for q in observed["query"].to_numpy()]
        columns = [run.task.candidate_index(str(c)) for c in observed["candidate"].to_numpy()]
    except BayesselError:  # of another task
        return None
    known[np.ix_(rows, columns)] = observed.transpose("query", "candidate").to_numpy()
    same = np.array_equal(known, said) and summary["calls"] == int((said != MISSING).sum())
    return tree if same else None


def _summary(folder: Path) -> dict[str, Any]:
    path = folder / "summary.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(
            f"cannot read {path} ({error}): 'bayessel status' writes it again"
        ) from error
    return found


def _fitted(
    source: Source, run: Run, *, refit: bool, say: Callable[[str], None], named: bool
) -> tuple[Source, dict[str, str]]:
    """The source with a fit of its model, or why there is none, by part."""
    meta = run.ledger.meta
    strategy = None
    why = ""
    if not source.calls:
        why = "Nothing is judged yet."
    elif not refit:
        why = "Left out with --quick."
    elif is_code(file := meta["options"].get("model", DEFAULT)) and not named:
        why = f"The model is a file, {file}: it runs only if you name it, with --model FILE."
    else:
        strategy = run.strategy
    if not isinstance(strategy, Bayessel):
        why = why or f"The strategy {meta['strategy']} has no generative model to check."
        return source, {"holds": why, "priors": why, "more": why}
    say("fitting the model once more, for its checks and for other priors")
    task = run.selector.task if strategy.needs_weak_judges else run.task
    tree = fit(task, strategy.generative, outcomes=run.bought, seed=int(meta["seed"]))
    order = candidates(tree)
    if tuple(order) != source.candidates:
        tree = tree.sel(candidate=list(source.candidates))
    return replace(source, fitted=tree, model=strategy.generative), {}
