"""A question to one person: which cell, on which side the baseline is, and what the page says."""

from __future__ import annotations

import enum
import secrets
from dataclasses import dataclass

from bayessel.oracles.verdicts.record import Recorded, Request, State, Verdict
from bayessel.outcomes import Outcome

BY_PERSON = "person"
"""Marks the requests of people in the ledger of verdicts (``shown["by"]``)."""

MOST_NOTE = 2_000
"""Characters of a comment."""

MOST_SECONDS = 86_400.0
"""Longer than this nobody looks at a question."""


class Choice(enum.StrEnum):
    """What a person can say of two responses."""

    FIRST = "first"
    SECOND = "second"
    DRAW = "draw"
    BOTH_BAD = "both_bad"
    SKIP = "skip"


@dataclass(frozen=True)
class Said:
    """An answer of a person, as the page sends it.

    Attributes
    ----------
    choice
        What was chosen.
    note
        A comment; the reason of a skip.
    seconds
        How long the question was looked at; None where unknown.
    """

    choice: Choice
    note: str = ""
    seconds: float | None = None


def new_request(
    annotator: str,
    query: str,
    candidate: str,
    *,
    baseline_first: bool,
    repeat: int = 0,
    overlap: bool = False,
    offline: str | None = None,
    place: tuple[str, int] | None = None,
) -> Request:
    """A request to a person; its public id is drawn, and tells nothing.

    Parameters
    ----------
    annotator
        Who is asked.
    query, candidate
        The cell.
    baseline_first
        Whether the baseline's response is the first of the two.
    repeat
        How often this person was asked the same before.
    overlap
        Whether somebody else judged the cell before, so that their agreement is measured.
    offline
        Id of the file that the question is written into.
    place
        Id of the screen on which several candidates stand beside the baseline, and which of them
        this one is, from 0.
    """
    shown: dict[str, object] = {
        "by": BY_PERSON,
        "id": secrets.token_urlsafe(12),
        "overlap": overlap,
    }
    if offline is not None:
        shown["offline"] = offline
    if place is not None:
        shown["screen"], shown["place"] = place
    return Request(annotator, query, candidate, baseline_first, repeat, shown)


def screen_of(request: Request) -> str | None:
    """Id of the screen on which several candidates stand beside the baseline; None of a pair."""
    found: str | None = request.shown.get("screen")
    return found


def is_person(recorded: Recorded) -> bool:
    """Whether a request of the ledger was put to a person."""
    shown = recorded.request.shown
    return isinstance(shown, dict) and shown.get("by") == BY_PERSON


def verdict_of(request: Request, said: Said, *, cost: float | None = None) -> Verdict:
    """The verdict on a candidate: which side it was on is in the request."""
    if said.choice is Choice.SKIP:
        return Verdict(State.SKIPPED, text=said.choice, detail=said.note, seconds=said.seconds)
    if said.choice in (Choice.DRAW, Choice.BOTH_BAD):
        outcome = Outcome.DRAW
    else:
        candidate_chosen = (said.choice is Choice.SECOND) == request.baseline_first
        outcome = Outcome.WIN if candidate_chosen else Outcome.LOSS
    return Verdict(
        State.VERDICT,
        outcome,
        both_bad=said.choice is Choice.BOTH_BAD,
        text=said.choice,
        detail=said.note,
        cost=cost,
        seconds=said.seconds,
    )
