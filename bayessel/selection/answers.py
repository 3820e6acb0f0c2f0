"""An answer: outcomes on one query as people or oracles give them, parsed and checked once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bayessel.errors import OutcomeError, did_you_mean
from bayessel.outcomes import NAMES, Outcome, parse_outcome
from bayessel.selection.question import Question
from bayessel.support.names import clean_name


@dataclass(frozen=True)
class Names:
    """What an answer may speak of.

    Attributes
    ----------
    queries, candidates
        [N] and [M] names.
    baseline
        Name of the baseline.
    """

    queries: Sequence[str]
    candidates: Sequence[str]
    baseline: str


@dataclass(frozen=True)
class Answer:
    """Outcomes of one query; every name exists and every outcome is a loss, a draw or a win.

    Attributes
    ----------
    query
        Its name.
    outcomes
        Outcome by candidate; candidates that were not judged are left out.
    """

    query: str
    outcomes: Mapping[str, Outcome]


def parse_answer(
    names: Names,
    asked: str | Question,
    outcomes: Mapping[str, Any] | Sequence[Any] | None,
    *,
    unjudged: bool = False,
) -> Answer:
    """Check outcomes on one query.

    Parameters
    ----------
    names
        What exists.
    asked
        The question that was asked, or the name of the query that was judged.
    outcomes
        Candidate to outcome, see :func:`bayessel.outcomes.parse_outcome`; a candidate that is left
        out, or whose outcome is empty (None, NaN or ""), was not judged. Or a sequence:
        one outcome for each candidate of the question, in order (for a query's name, in the order
        of ``names.candidates``).
    unjudged
        Accept an answer in which nothing was judged: None, no outcome, or only empty ones.

    Raises
    ------
    UnknownNameError
        A query or a candidate that does not exist.
    OutcomeError
        No outcome, too few or too many, or one that is not loss, draw or win.
    """
    query = _name(asked.query if isinstance(asked, Question) else asked)
    if query not in names.queries:
        raise did_you_mean(str(query), names.queries, "query")
    if unjudged and (outcomes is None or (hasattr(outcomes, "__len__") and not len(outcomes))):
        return Answer(query, {})
    if not isinstance(outcomes, Mapping):
        outcomes = _in_order(names, asked, outcomes)
    if not outcomes:
        raise OutcomeError("no outcomes were given: judge at least one candidate")
    known = set(names.candidates)
    parsed = {}
    for given, value in outcomes.items():
        name = _name(given)
        if name == names.baseline:
            raise OutcomeError(
                f"{name!r} is the baseline: outcomes are of the candidates against it"
            )
        if name not in known:
            raise did_you_mean(str(name), names.candidates, "candidate")
        if _is_empty(value):
            continue
        if name in parsed:
            raise OutcomeError(f"{name!r} stands twice: keep one outcome for each candidate")
        parsed[name] = value if isinstance(value, Outcome) else parse_outcome(value)
    if not parsed and not unjudged:
        raise OutcomeError("every outcome is empty: judge at least one candidate")
    return Answer(query, parsed)


def _name(given: Any) -> str:
    """A name as readers of files read it."""
    return clean_name(given if isinstance(given, str) else str(given))


def _is_empty(value: Any) -> bool:
    """Whether a candidate was not judged: None, NaN, pandas' NA or a text without any letter."""
    if isinstance(value, str):
        return not value.strip()
    try:
        return value is None or bool(value != value)
    except TypeError:  # pandas.NA does not say
        return True
    except ValueError:  # an array
        return False


def _in_order(names: Names, asked: str | Question, outcomes: Any) -> dict[str, Any]:
    """Outcomes by candidate, from a sequence of them."""
    if isinstance(outcomes, str) or not hasattr(outcomes, "__len__"):
        raise OutcomeError(
            f"outcomes are {outcomes!r}: give a mapping from candidate to outcome, or one "
            "outcome for each candidate in order"
        )
    candidates, order = names.candidates, "task.candidates"
    if isinstance(asked, Question):
        candidates, order = asked.candidates, "question.candidates"
    if len(outcomes) != len(candidates):
        raise OutcomeError(
            f"{len(outcomes)} outcomes for {len(candidates)} candidates: give one for each, in "
            f"the order of {order}, or a mapping from candidate to outcome"
        )
    return dict(zip(candidates, outcomes, strict=True))


def contradiction(
    query: str, candidate: str, before: int, now: int, advice: str = ""
) -> OutcomeError:
    """The error for a cell that has another outcome already.

    Parameters
    ----------
    query, candidate
        Which cell.
    before, now
        Its outcomes.
    advice
        What to do, put after the message.
    """
    said = f"query {query!r} was already judged for {candidate!r}: {NAMES[before + 1]}, now "
    return OutcomeError(said + NAMES[now + 1] + advice)
