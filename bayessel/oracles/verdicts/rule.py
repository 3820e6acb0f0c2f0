"""From the verdicts on a cell to its outcome, by one rule.

One judge: where its verdicts in both orders agree, that; where they differ (a flip), the verdict in
the order that was drawn first, at random. So a flip is no draw, and a judge's bias for a position
falls on either side by chance. Several judges: the outcome that most of them say; a draw where two
outcomes have as many. Where it is known how often each judge is right, it counts by the log odds of
that (Nitzan and Paroush 1982); one that is more often wrong counts the other way round.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

from bayessel.oracles.verdicts.record import Verdict
from bayessel.outcomes import Outcome


def of_orders(verdicts: Sequence[Verdict | None]) -> Outcome | None:
    """One judge's outcome, from its verdicts in the order in which they count.

    A verdict that failed, or None, is passed over.
    """
    said = (v.outcome for v in verdicts if v is not None and v.outcome is not None)
    return next(said, None)


def of_judges(
    outcomes: Iterable[Outcome | None], weights: Sequence[float] | None = None
) -> Outcome | None:
    """What most of the judges say; those without an outcome do not count.

    Parameters
    ----------
    outcomes
        [J] of each judge.
    weights
        [J] what each of them counts; all alike where None. Below 0: the other way round.
    """
    votes: dict[Outcome, float] = defaultdict(float)
    said = list(outcomes)
    for outcome, weight in zip(said, weights or [1.0] * len(said), strict=True):
        if outcome is not None:
            votes[outcome if weight >= 0 else Outcome(-outcome)] += abs(weight)
    if not votes:
        return None
    most = max(votes.values())
    first, *others = (outcome for outcome, n in votes.items() if math.isclose(n, most))
    return Outcome.DRAW if others else first
