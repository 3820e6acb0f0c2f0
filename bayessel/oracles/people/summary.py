"""What people did: verdicts, time, skips with their reasons, comments, and how far they agree."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bayessel.inference.judges.audit import Estimate
from bayessel.oracles.people.agreement import Agreement, agreement, laid_out
from bayessel.oracles.people.shown import is_person, screen_of
from bayessel.oracles.verdicts.others import with_others
from bayessel.oracles.verdicts.record import Recorded, State

FEWEST = 10
"""Shared cells from which it is said how far somebody agrees with the others."""


@dataclass(frozen=True)
class PersonSummary:
    """What one annotator did.

    Attributes
    ----------
    annotator
        Name.
    verdicts, draws, both_bad, skips
        How many; ``draws`` has those where both are bad.
    first_share
        Share of the decided verdicts on pairs that went to the response shown first; near one half
        where the side does not matter. None without such a verdict.
    median_seconds
        Per verdict; None where no time is known.
    cost
        Of all verdicts; None where unknown.
    with_others
        Share of the cells that somebody else judged too on which they say the same, with its 90 %
        interval; None below :data:`FEWEST` such cells.
    """

    annotator: str
    verdicts: int
    draws: int
    both_bad: int
    skips: int
    first_share: float | None
    median_seconds: float | None
    cost: float | None
    with_others: Estimate | None


@dataclass(frozen=True)
class Summary:
    """What all people did.

    Attributes
    ----------
    people
        One entry for each annotator, by name.
    reasons
        Why questions were skipped, and how often, most frequent first.
    comments
        (annotator, comment), oldest first.
    open
        Questions that were handed out and have no answer; those in files are among them.
    agreement
        None where no cell was judged twice.
    """

    people: list[PersonSummary]
    reasons: list[tuple[str, int]]
    comments: list[tuple[str, str]]
    open: int
    agreement: Agreement | None

    @property
    def numbers(self) -> dict[str, Any]:
        """All of it as plain values; what is not defined is None."""
        return _plain(asdict(self))


def summarize(recorded: Iterable[Recorded], *, seed: int = 0) -> Summary:
    """What people did.

    Parameters
    ----------
    recorded
        Requests of the ledger; those of LLM judges are left out.
    seed
        Of the bootstrap.
    """
    asked = [one for one in recorded if is_person(one)]
    done = [(one.request, one.verdict) for one in asked if one.verdict is not None]
    names = sorted({request.oracle for request, _ in done})
    verdicts = [
        (request.oracle, (request.query, request.candidate), verdict.outcome)
        for request, verdict in done
        if verdict.outcome is not None
    ]
    skipped = [verdict.detail for _, verdict in done if verdict.state is State.SKIPPED]
    agreeing = {who: one for who, one in with_others(asked).items() if one.of >= FEWEST}
    return Summary(
        people=[
            _person(
                name,
                [one for one in asked if one.request.oracle == name],
                agreeing.get(name),
            )
            for name in names
        ],
        reasons=Counter(
            reason.partition(":")[0] or "(no reason)" for reason in skipped
        ).most_common(),
        comments=[
            (request.oracle, v.detail)
            for request, v in done
            if v.detail and v.state is State.VERDICT
        ],
        open=sum(one.verdict is None for one in asked),
        agreement=agreement(laid_out(verdicts), rng=np.random.default_rng(seed)),
    )


def _person(name: str, asked: list[Recorded], with_others: Estimate | None) -> PersonSummary:
    verdicts = [v for one in asked if (v := one.verdict) is not None and v.outcome is not None]
    seconds = [v.seconds for v in verdicts if v.seconds is not None]
    costs = [v.cost for v in verdicts if v.cost is not None]
    decided = Counter(
        v.text
        for one in asked
        if (v := one.verdict) is not None
        and v.text in ("first", "second")
        and screen_of(one.request) is None  # there the baseline always is the first
    )
    return PersonSummary(
        annotator=name,
        verdicts=len(verdicts),
        draws=sum(v.outcome == 0 for v in verdicts),
        both_bad=sum(v.both_bad for v in verdicts),
        skips=sum(one.verdict is not None and one.verdict.state is State.SKIPPED for one in asked),
        first_share=decided["first"] / decided.total() if decided else None,
        median_seconds=statistics.median(seconds) if seconds else None,
        cost=sum(costs) if costs else None,
        with_others=with_others,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and math.isnan(value) else value
