"""What a ledger of verdicts holds, counted: for reports, by judge."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bayessel.oracles.verdicts.record import Recorded, State
from bayessel.oracles.verdicts.rule import flipped
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
    both_orders, flips
        Cells judged in both orders, and those of them whose verdicts differ.
    decided, first_wins
        Verdicts that are no draw, and those of them for the response shown first.
    tokens_in, tokens_out
        As far as they were counted.
    cut
        Calls whose texts were cut.
    """

    oracle: str
    states: dict[State, int]
    outcomes: dict[Outcome, int]
    both_orders: int
    flips: int
    decided: int
    first_wins: int
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
            "both_orders": self.both_orders,
            "flips": self.flips,
            "decided": self.decided,
            "first_wins": self.first_wins,
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
    cells: dict[tuple[str, str], list[Recorded]] = defaultdict(list)
    for record in records:
        cells[record.request.query, record.request.candidate].append(record)
    both = [flip for some in cells.values() if (flip := flipped(some)) is not None]
    decided = [
        (verdict.outcome is Outcome.WIN) != request.baseline_first
        for request, verdict in said
        if verdict.outcome in (Outcome.WIN, Outcome.LOSS)
    ]
    return Tally(
        oracle=oracle,
        states=dict(Counter(verdict.state for _, verdict in said)),
        outcomes=dict(Counter(v.outcome for _, v in said if v.outcome is not None)),
        both_orders=len(both),
        flips=sum(both),
        decided=len(decided),
        first_wins=sum(decided),
        tokens_in=sum(verdict.tokens_in or 0 for _, verdict in said),
        tokens_out=sum(verdict.tokens_out or 0 for _, verdict in said),
        cut=sum(bool(_shown(request.shown, "cut")) for request, _ in said),
    )


def _shown(shown: Any, name: str) -> Any:
    return shown.get(name) if isinstance(shown, dict) else None
