"""Requests and verdicts: what an oracle was asked and what it said, raw. Importing it is cheap."""

from __future__ import annotations

import enum
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from bayessel.outcomes import Outcome


class State(enum.StrEnum):
    """What came of a request."""

    VERDICT = "verdict"
    """A loss, a draw or a win; nothing else becomes an outcome."""
    UNPARSED = "unparsed"
    """An answer without a verdict in it; ``detail`` says whether it was cut off."""
    REFUSED = "refused"
    """The oracle would not judge: an LLM's refusal, a content filter."""
    ERROR = "error"
    """No answer; ``detail`` says why."""
    SKIPPED = "skipped"
    """A person passed it by; ``detail`` is the reason."""


@dataclass(frozen=True)
class Request:
    """One call, before it is made.

    Attributes
    ----------
    oracle
        Who is asked: the name of an LLM judge or of an annotator.
    query, candidate
        The cell.
    baseline_first
        The order: whether the baseline's response is shown first (A, or on the left).
    repeat
        How often the same was asked before on purpose.
    shown
        All that decides the answer, as JSON: an LLM's endpoint, parameters and messages. For
        people, what the page showed.
    most
        The most that the call can cost.
    """

    oracle: str
    query: str
    candidate: str
    baseline_first: bool
    repeat: int = 0
    shown: Any = field(default=None, compare=False)
    most: float = 0.0

    @property
    def key(self) -> str:
        """A hash of all this but ``most``: two requests with one key are the same question."""
        parts = [
            self.oracle,
            self.query,
            self.candidate,
            self.baseline_first,
            self.repeat,
            self.shown,
        ]
        text = json.dumps(parts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Verdict:
    """What came of a request.

    Attributes
    ----------
    state
        See :class:`State`.
    outcome
        Of the candidate against the baseline, whatever the order was; None without a verdict.
    both_bad
        A draw because both responses are bad.
    text
        The answer word for word.
    detail
        A reason, a comment, or what went wrong.
    tokens_in, tokens_out
        Tokens that were counted; None where unknown.
    cost
        What the call cost; None where unknown.
    seconds
        How long it took.
    identity
        The endpoint's name of the request; empty where it has none.
    """

    state: State
    outcome: Outcome | None = None
    both_bad: bool = False
    text: str = ""
    detail: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: float | None = None
    seconds: float | None = None
    identity: str = ""


@dataclass(frozen=True)
class Recorded:
    """A request that the ledger holds, with its verdict.

    Attributes
    ----------
    number
        Of the request in the ledger.
    request, verdict
        ``verdict`` is None while the call is in flight, or where its process ended first.
    session
        The process that made it.
    at
        When the request was written, ISO 8601 in UTC.
    answered
        When the verdict was; empty without one.
    """

    number: int
    request: Request
    verdict: Verdict | None
    session: str
    at: str
    answered: str = ""
