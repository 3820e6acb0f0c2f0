"""All parts of a report on one result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bayessel.errors import RunError
from bayessel.inference.results import RESULT
from bayessel.reports.facts.change import change_of
from bayessel.reports.facts.course import course_of, race_of
from bayessel.reports.facts.holds import calibration_of, holds_of
from bayessel.reports.facts.of_fit import fit_source, repeat_of_fit
from bayessel.reports.facts.of_run import RunParts, run_parts
from bayessel.reports.facts.parts import Change, Facts
from bayessel.reports.facts.queries import queries_of, responses_of
from bayessel.reports.facts.source import Source
from bayessel.reports.facts.standing import beats_of, rows_of, verdict_of
from bayessel.selection.ledger import DATABASE

_ONCE = "A fit does not say who judged; the data do."
_NOT_KEPT = "The run was made by an older version, which kept P(best) of the leader only."


def facts_of(
    folder: Path,
    *,
    refit: bool = True,
    responses: bool = False,
    bench: Path | None = None,
    model: Path | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Facts:
    """The report on the selection or the fit in a folder.

    Parameters
    ----------
    folder
        Of ``select``, ``start`` or ``fit``.
    refit
        Fit the model of a selection to its judged cells, which takes some seconds: the checks,
        other priors and what more calls would bring need it.
    responses
        Add the judged responses to the queries that are named.
    bench
        A benchmark on similar data: how often P(best) was right there.
    model
        The model's file, where the result's model is one: it is code, and runs only if named.
    say
        Called with what is being done, where that takes a while.

    Raises
    ------
    RunError
        The folder holds no result, or it cannot be read.
    """
    if (folder / DATABASE).is_file():
        parts = run_parts(folder, refit=refit, say=say, model=model)
        return _facts(parts, responses=responses, bench=bench)
    if (folder / RESULT).is_file():
        fitted = RunParts(fit_source(folder, model), (), _ONCE, repeat_of_fit(folder), {})
        return _facts(fitted, responses=responses, bench=bench)
    raise RunError(
        f"no result in {folder}: give a folder of 'bayessel select', 'start', 'fit' or 'bench'"
    )


def _facts(parts: RunParts, *, responses: bool, bench: Path | None) -> Facts:
    source = parts.source
    rows = rows_of(source)
    queries = queries_of(source)
    missing = dict(parts.missing)
    course = course_of(source)
    if course is None:
        missing["course"] = _no_course(source)
    change: Change | None = change_of(source) if source.calls else None
    if change is None:
        missing["change"] = "Nothing is judged yet."
    holds = None
    if source.fitted is not None:
        near = calibration_of(bench, source.strategy, rows[0].p_best) if bench else ()
        holds = holds_of(source.fitted, near)
    read = responses_of(source, queries) if responses else None
    if responses and not read:
        read, missing["responses"] = None, "The result's folder has no responses."
    return Facts(
        kind=source.kind,
        name=source.name,
        strategy=source.strategy,
        queries_opened=int(source.judged.any(axis=1).sum()),
        n_queries=source.n_queries,
        verdict=verdict_of(source, rows),
        table=rows,
        beats=beats_of(source),
        course=course,
        race=race_of(source),
        change=change,
        holds=holds,
        judges=parts.judges,
        judges_text=parts.judges_text,
        queries=queries,
        repeat=parts.repeat,
        responses=read,
        missing=missing,
    )


def _no_course(source: Source) -> str:
    if source.kind == "fit":
        return "A fit has no order of calls."
    return _NOT_KEPT if source.calls else "Nothing is judged yet."
