"""``bayessel start | next | tell | status``: judge by hand, days apart, in any process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bayessel.cli import options as opt
from bayessel.cli.answers_file import read_answers, tell_answers
from bayessel.cli.costs import named_costs
from bayessel.cli.display import say, say_json, say_scoring, show_standing
from bayessel.cli.groups import grouped
from bayessel.cli.outcome_file import STANDARD_INPUT
from bayessel.cli.reading import Reading
from bayessel.cli.strategy_options import StrategyChoice
from bayessel.cli.told import read_told
from bayessel.errors import RunError
from bayessel.reports.standing import money
from bayessel.selection.letters import Letters
from bayessel.support.text import command, count

if TYPE_CHECKING:
    from bayessel.selection.run import Run
    from bayessel.tasks.question import Question
    from bayessel.tasks.task import Task

ShownAs = Callable[[str, str], str]
"""From a query and a candidate to the word by which it was shown: its letter, or its name."""

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The run folder.")]


MOST_LEFT = 8
"""Candidates of a question that is not told yet whose names are shown."""

MOST_WAITING = 3
"""Queries that wait for outcomes and are shown."""


@grouped
def start(
    path: opt.TaskPath,
    reading: Reading,
    choice: StrategyChoice,
    out: Annotated[Path, typer.Option(help="Run folder to create.")] = Path("bayessel-run"),
    cost: opt.Cost = None,
    seed: opt.Seed = 0,
) -> None:
    """Begin a run whose answers come from you: see 'next' and 'tell'."""
    from bayessel.selection.ledger import DATABASE
    from bayessel.selection.run import Run

    choice.validate()
    costs = named_costs(cost)
    task = reading.task(path)
    choice.note_unread(task, costs)
    before = (out / DATABASE).exists()
    with Run.create(
        out,
        task,
        choice.strategy,
        seed=seed,
        options=choice.options,
        cost=costs,
        progress=say_scoring,
    ) as run:
        _ = run.selector  # scores the weak judges now, so that 'next' is quick
        calls = len(run.ledger.answers)
    what = f"the run is ready in {out}"
    if before:
        what = f"the run was in {out} before and goes on, with {count(calls, 'call')} so far"
    say(f"{what}: ask with '{command('next', out)}'")


def next_question(
    folder: Folder,
    batch: Annotated[
        int | None,
        typer.Option(
            metavar="CALLS", help="As many calls at once, for judges who work in parallel."
        ),
    ] = None,
    model: opt.RunModel = None,
    blind: Annotated[
        bool, typer.Option("--blind", help="Letters instead of names, in random order.")
    ] = False,
    template: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write a CSV to fill in and tell, blind, instead of printing."
        ),
    ] = None,
    as_json: opt.Json = False,
) -> None:
    """Print what to judge next: a query and the responses to judge on it, or a batch of them.

    The same until an answer is told. A query may come back later for other candidates.
    """
    from bayessel.cli.blind import blinded, write_template
    from bayessel.selection.run import Run
    from bayessel.tasks.question import Question

    if template is not None and as_json:
        raise RunError("--template writes a CSV and --json prints one object: give one of them")
    with Run.open(folder, model=model) as run:
        asked = run.next(batch)
        questions = by_query(asked) if isinstance(asked, list) else [asked]
        blind = blind or template is not None
        if template is not None and template.exists():
            raise RunError(f"{template} is there and may hold answers: give another name")
        shown = blinded(questions, run) if blind else [_shown(one, run) for one in questions]
        task, waiting, shown_as = run.task, run.ledger.waiting, Letters(run.ledger).shown
    if template is not None:
        rows = write_template(template, shown)
        say(
            f"{template} has {count(rows, 'response')} to judge against the baseline's: fill in "
            "the column outcome with loss, draw or win, and tell it:\n"
            f"  {command('tell', folder, template)}"
        )
        return
    if as_json:
        whole = shown[0] if batch is None else {"questions": shown}
        say_json(whole)
        return
    for number, (question, one) in enumerate(zip(questions, shown, strict=True), start=1):
        if batch is not None:
            say(f"{chr(10) if number > 1 else ''}=== query {number} of {len(questions)}")
        if blind:
            _print_blind(one)
            questions[number - 1] = Question(question.query, tuple(one["candidates"]))
        else:
            _print_question(question, one, task)
    say(_how_to_tell(folder, questions, batch))
    asked_now = {question.query for question in questions}
    if also := [one for one in waiting if one.query not in asked_now]:
        say(f"Asked before and not told yet: {_waiting(also, task.candidates, shown_as)}")


def by_query(questions: Sequence[Question]) -> list[Question]:
    """One question a query, for people: what is asked of it, with all reasons."""
    from bayessel.tasks.question import Question

    found: dict[str, list[Question]] = {}
    for question in questions:
        found.setdefault(question.query, []).append(question)
    return [
        Question(
            query,
            tuple(name for part in parts for name in part.candidates),
            "; ".join(dict.fromkeys(part.why for part in parts if part.why)),
        )
        for query, parts in found.items()
    ]


def _shown(question: Question, run: Run) -> dict[str, Any]:
    """A question with its texts, as JSON has it."""
    task = run.task
    responses = task.responses_to(question.query)
    judged = [name for query, name, _ in run.ledger.answers if query == question.query]
    return {
        "query": question.query,
        "text": str(task.data["query_text"].sel(query=question.query).item()),
        "why": question.why,
        "candidates": list(question.candidates),
        "judged_before": judged,
        "baseline": {
            "name": task.baseline_of(question.query),
            "response": responses[task.baseline],
        },
        "responses": {name: responses[name] for name in question.candidates},
    }


def _print_question(question: Question, shown: dict[str, Any], task: Task) -> None:
    say(f"query: {question.query}")
    if question.why:
        say(f"why: {question.why}")
    if before := shown["judged_before"]:
        say(
            f"(the query comes back: {count(len(before), 'candidate was', 'candidates were')} "
            "judged on it before)"
        )
    if shown["text"]:
        say(shown["text"])
    if task.has_texts:
        say(f"\n--- baseline: {task.baseline_of(question.query)}\n{shown['baseline']['response']}")
        for name, response in shown["responses"].items():
            say(f"\n--- candidate: {name}\n{'(no response)' if response is None else response}")
    else:
        say(f"baseline: {task.baseline_of(question.query)}")
        say(f"candidates: {', '.join(question.candidates)}")


def _print_blind(shown: dict[str, Any]) -> None:
    say(f"query: {shown['query']}")
    if shown["text"]:
        say(shown["text"])
    say(f"\n--- baseline\n{shown['baseline'] or '(no response)'}")
    for letter, response in shown["responses"].items():
        say(f"\n--- {letter}\n{response or '(no response)'}")


def _how_to_tell(folder: Path, questions: list[Question], batch: int | None) -> str:
    """What to do with the questions, as lines."""
    first, calls = questions[0], sum(map(len, questions))
    words = [f"{name}=OUTCOME" for name in first.candidates]
    more = " ..." if words[4:] else ""
    of = "the query" if len(questions) == 1 else f"{len(questions)} queries"
    some_of = "all of them, or some" if calls > 1 else "it"
    lines = [
        f"\nJudge {count(calls, 'response')} to {of} against the baseline's: OUTCOME is loss, draw "
        f"or win, of the candidate. Tell {some_of}:",
        f"  {command('tell', folder, first.query, *words[:4])}{more}",
    ]
    if batch is None:
        of_one = command("tell", folder, first.query, "FILE")
        lines.append(f"  {of_one}    # columns candidate,outcome")
    else:
        of_all = command("tell", folder, "FILE")
        lines.append(f"  {of_all}    # columns query,candidate,outcome, in any order")
    return "\n".join(lines)


def tell(
    folder: Folder,
    given: Annotated[
        list[str],
        typer.Argument(
            metavar="WHAT",
            help="QUERY NAME=win NAME=draw NAME=loss ... (or letters, after next --blind); "
            "or QUERY FILE, a CSV or JSONL with "
            "candidate,outcome; or FILE alone, with query,candidate,outcome. "
            f"{STANDARD_INPUT} for FILE reads standard input. Or answers.json of an offline page.",
        ),
    ],
    unasked: Annotated[
        bool, typer.Option("--unasked", help="Accept what was not asked for.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Correct outcomes that were stored before.")
    ] = False,
) -> None:
    """Store outcomes: of all candidates that were asked for or of some, in any order.

    They are on disk when this returns.
    """
    from bayessel.selection.run import Run

    if len(given) == 1 and (file := read_answers(Path(given[0]))) is not None:
        if unasked or replace:
            raise RunError(
                f"{given[0]} is the answers of an offline page, for which --replace and --unasked "
                "do nothing: leave them out; 'bayessel tell DIR QUERY NAME=win --replace' corrects "
                "an outcome"
            )
        say(tell_answers(folder, Path(given[0]), file))
        return
    with Run.open(folder) as run:
        outcomes, empty = read_told(given, run)
        told = run.tell_all(outcomes, unasked=unasked, replace=replace)
        answers, spent, names = run.ledger.answers, run.spent, run.names
        shown_as = Letters(run.ledger).shown
        left = [question for question in run.ledger.waiting if question.query in outcomes]
    opened = len({q for q, _, _ in answers})
    done = [f"stored {count(told.new, 'new outcome', 'new outcomes')}"] if told.new else []
    done += [f"corrected {count(told.corrected, 'outcome', 'outcomes')}"] if told.corrected else []
    what = " and ".join(done) or "nothing new, all outcomes were stored before,"
    about = f"query {next(iter(outcomes))}" if len(outcomes) == 1 else f"{len(outcomes)} queries"
    cost = "" if spent is None else f", cost {money(spent)}"
    say(
        f"{what} for {about}; {count(len(answers), 'call')} on "
        f"{count(opened, 'query', 'queries')} so far{cost}"
    )
    judged = {(query, name) for query, name, _ in answers}
    if left:
        say(f"asked and not told yet: {_waiting(left, names.candidates, shown_as)}")
    waiting = {(one.query, name) for one in left for name in one.candidates}
    for query, listed in empty.items():
        without = [
            shown_as(query, name) for name in listed if (query, name) not in judged | waiting
        ]
        if without:
            say(f"no outcome was given, so not judged: {query} ({', '.join(without)})")


def status(folder: Folder, model: opt.RunModel = None, as_json: opt.Json = False) -> None:
    """Show the standing, and write the result and the pictures into the run folder.

    Nothing is written where the folder is read-only.
    """
    from bayessel.reports.selection import SelectionReport, files_text
    from bayessel.selection.run import Run

    with Run.open(folder, model=model, progress=None if as_json else say_scoring) as run:
        waiting, shown_as = run.ledger.waiting, Letters(run.ledger).shown
        open_ = [{"query": one.query, "candidates": list(one.candidates)} for one in waiting]
        report = SelectionReport.of_run(run, {"open": open_}, None if as_json else _replaying)
        files = {} if run.ledger.read_only else report.write(folder)
    if as_json:
        shown = {**report.numbers, "files": {k: str(v) for k, v in files.items()}}
        say_json(shown)
        return
    show_standing(report.table)
    say("\n" + report.text)
    if waiting:
        names = report.selector.task.candidates
        say(f"Asked and not told yet: {_waiting(waiting, names, shown_as)}")
    say(files_text(folder, files) if files else f"{folder} is read-only: no files were written")


def _waiting(questions: Sequence[Question], candidates: Sequence[str], shown_as: ShownAs) -> str:
    """The first few queries that wait for outcomes, and how many more there are."""
    said = "; ".join(_left(one, candidates, shown_as) for one in questions[:MOST_WAITING])
    if rest := questions[MOST_WAITING:]:
        calls = count(sum(map(len, rest)), "call")
        said += f"; and {count(len(rest), 'more query', 'more queries')} ({calls})"
    return said


def _left(question: Question, candidates: Sequence[str], shown_as: ShownAs) -> str:
    """A query and who of its candidates has no outcome yet; by letter where it was shown so."""
    everybody = len(question) == len(candidates)
    called = sorted(shown_as(question.query, name) for name in question.candidates)
    shown, more = called[:MOST_LEFT], len(question) - MOST_LEFT
    names = ", ".join(shown) + (f" and {more} more" if more > 0 else "")
    return f"{question.query} ({f'all {len(candidates)} candidates' if everybody else names})"


def _replaying(done: int, of: int) -> None:
    if done % 10 == 0 or done == of:
        say(f"history: {done} of {of} questions")
