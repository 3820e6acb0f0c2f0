"""From recorded requests to verdicts as arrays, and how many requests brought none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from bayessel.inference.judges.table import Row, VerdictTable
from bayessel.oracles.verdicts.record import Recorded, State
from bayessel.outcomes import Outcome

_GOLD = "gold"

Cell = tuple[str, str]
"""Names of a query and of a candidate."""


def verdict_table(
    recorded: Iterable[Recorded],
    gold: str | Mapping[Cell, Outcome | int] | None = None,
) -> VerdictTable:
    """The verdicts among recorded requests, as arrays.

    Parameters
    ----------
    recorded
        Requests, oldest first; those without a verdict are left out.
    gold
        The oracle that the others are measured by, by its name; or outcomes by cell from elsewhere,
        whose judge is then called ``gold`` and whose order is not known.

    Raises
    ------
    DataError
        There is no verdict.
    UnknownNameError
        The gold judge said nothing.
    """
    rows: list[Row] = [
        (
            r.request.oracle,
            (r.request.query, r.request.candidate),
            -1 if r.request.baseline_first else 1,
            int(r.verdict.outcome),
        )
        for r in recorded
        if r.verdict is not None and r.verdict.outcome is not None
    ]
    if gold is None or isinstance(gold, str):
        return VerdictTable.of(rows, gold)
    name = _GOLD
    while name in {row[0] for row in rows}:  # a judge is called so
        name += "'"
    rows += [(name, cell, 0, int(outcome)) for cell, outcome in gold.items()]
    return VerdictTable.of(rows, name)


def without_verdict(recorded: Sequence[Recorded]) -> dict[str, dict[str, int]]:
    """Requests of each oracle that brought no verdict, by state; ``in flight`` has no answer."""
    found: dict[str, Counter[str]] = {}
    for r in recorded:
        of_oracle = found.setdefault(r.request.oracle, Counter())
        state = "in flight" if r.verdict is None else r.verdict.state.value
        of_oracle[state] += state != State.VERDICT.value
    return {name: {k: n for k, n in states.items() if n} for name, states in found.items()}
