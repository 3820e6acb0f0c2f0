"""How often judges, LLMs or people, say the same as the others that judged the same cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from bayessel.inference.judges.audit import Estimate, share
from bayessel.oracles.verdicts.record import Recorded
from bayessel.outcomes import Outcome


def with_others(recorded: Iterable[Recorded]) -> dict[str, Estimate]:
    """Of each judge that shares cells with others, the share of their verdicts that are its own.

    Parameters
    ----------
    recorded
        Requests, oldest first. The first verdict of a judge on a cell counts.

    Returns
    -------
    dict
        Share with its 90 % interval by the judge's name; ``of`` counts the others' verdicts.
    """
    by_cell: defaultdict[tuple[str, str], dict[str, Outcome]] = defaultdict(dict)
    for one in recorded:
        if one.verdict is not None and one.verdict.outcome is not None:
            cell = one.request.query, one.request.candidate
            by_cell[cell].setdefault(one.request.oracle, one.verdict.outcome)
    same: defaultdict[str, list[bool]] = defaultdict(list)
    for said in by_cell.values():
        for who, outcome in said.items():
            same[who] += [outcome == other for name, other in said.items() if name != who]
    return {who: share(sum(of), len(of)) for who, of in same.items() if of}
