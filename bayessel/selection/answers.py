"""Outcomes of one query as people give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bayessel.errors import OutcomeError, did_you_mean
from bayessel.outcomes import parse_outcome


def parse_answers(
    candidates: Sequence[str], baseline: str, outcomes: Mapping[str, Any] | Sequence[Any]
) -> dict[str, int]:
    """Validate the outcomes of one query.

    Parameters
    ----------
    candidates
        [M] names of the candidates.
    baseline
        Name of the baseline.
    outcomes
        Candidate to outcome, see :func:`bayessel.outcomes.parse_outcome`; candidates left out are
        not judged. Or a sequence of M outcomes in the order of ``candidates``.

    Returns
    -------
    dict
        Candidate to outcome (-1, 0, 1).

    Raises
    ------
    UnknownNameError
        A candidate that does not exist.
    OutcomeError
        No outcome, too few or too many, or one that is not loss, draw or win.
    """
    if not isinstance(outcomes, Mapping):
        if isinstance(outcomes, str) or not hasattr(outcomes, "__len__"):
            raise OutcomeError(
                f"outcomes are {outcomes!r}: give a mapping from candidate to outcome, or one "
                "outcome for each candidate in order"
            )
        if len(outcomes) != len(candidates):
            raise OutcomeError(
                f"{len(outcomes)} outcomes for {len(candidates)} candidates: give one for each, in "
                "the order of task.candidates, or a mapping from candidate to outcome"
            )
        outcomes = dict(zip(candidates, outcomes, strict=True))
    if not outcomes:
        raise OutcomeError("no outcomes were given: judge at least one candidate")
    known = set(candidates)
    parsed = {}
    for name, value in outcomes.items():
        if name == baseline:
            raise OutcomeError(
                f"{name!r} is the baseline: outcomes are of the candidates against it"
            )
        if name not in known:
            raise did_you_mean(name, candidates, "candidate")
        parsed[str(name)] = int(parse_outcome(value))
    return parsed
