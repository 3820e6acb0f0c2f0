"""What a ledger of verdicts holds, counted: for reports, by judge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bayessel.oracles.verdicts.record import Recorded, State
from bayessel.outcomes import Outcome


@dataclass(frozen=True)
class Tally:
    """Counts of one oracle's verdicts.

    Attributes
    ----------
    oracle
        Its name.
    states
        Requests by what came of them.
    outcomes
        Verdicts by outcome.
    tokens_in, tokens_out
        As far as they were counted.
    cut
        Calls whose texts were cut.
    """

    oracle: str
    states: dict[State, int]
    outcomes: dict[Outcome, int]
    tokens_in: int
    tokens_out: int
    cut: int

    @property
    def plain(self) -> dict[str, Any]:
        """The same for JSON."""
        return {
            "judge": self.oracle,
            "states": {state.value: n for state, n in self.states.items()},
            "outcomes": {outcome.name.lower(): n for outcome, n in self.outcomes.items()},
            "tokens_in": self.tokens_in,
            "tokens_out": self.tokens_out,
            "cut": self.cut,
        }


def tallies(records: Sequence[Recorded]) -> list[Tally]:
    """One for each oracle, in the order in which they were first asked."""
    by: dict[str, list[Recorded]] = {}
    for record in records:
        by.setdefault(record.request.oracle, []).append(record)
    return [_tally(oracle, some) for oracle, some in by.items()]


def _tally(oracle: str, records: Sequence[Recorded]) -> Tally:
    said = [(r.request, r.verdict) for r in records if r.verdict is not None]
    return Tally(
        oracle=oracle,
        states=dict(Counter(verdict.state for _, verdict in said)),
        outcomes=dict(Counter(v.outcome for _, v in said if v.outcome is not None)),
        tokens_in=sum(verdict.tokens_in or 0 for _, verdict in said),
        tokens_out=sum(verdict.tokens_out or 0 for _, verdict in said),
        cut=sum(bool(_shown(request.shown, "cut")) for request, _ in said),
    )


def _shown(shown: Any, name: str) -> Any:
    return shown.get(name) if isinstance(shown, dict) else None
