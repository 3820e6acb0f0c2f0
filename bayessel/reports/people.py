"""What people did at the page, in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bayessel.support.text import count

if TYPE_CHECKING:
    from bayessel.oracles.people.agreement import Agreement, Estimate
    from bayessel.oracles.people.summary import PersonSummary, Summary


def in_words(found: Agreement | None) -> list[tuple[str, str]]:
    """Names and values of how far people agree."""
    if found is None:
        return []
    said = [("raw agreement", _shown(found.raw))]
    if found.kappa is not None:
        said.append(("kappa", _shown(found.kappa)))
    return [*said, ("Krippendorff's alpha", _shown(found.alpha))]


def _shown(value: Estimate) -> str:
    if math.isnan(value.value):
        return "not defined: all verdicts are the same"
    return f"{value.value:.2f} (90 %: {value.lower:.2f} to {value.upper:.2f})"


def reliability(one: PersonSummary) -> str:
    """How far a person agrees with the others, as the end of a sentence; empty where unknown."""
    if (with_others := one.with_others) is None:
        return ""
    lower, upper = 100 * with_others.lower, 100 * with_others.upper
    return (
        f"says the same as the others in {100 * with_others.value:.0f} % (90 %: {lower:.0f} to "
        f"{upper:.0f}) of {with_others.of} comparisons"
    )


def summary_lines(found: Summary) -> list[str]:
    """What people did, as lines."""
    lines = []
    for one in found.people:
        time = "" if one.median_seconds is None else f", median {one.median_seconds:.1f} s each"
        side = "" if one.first_share is None else f", first side in {one.first_share:.0%}"
        cost = "" if one.cost is None else f", cost {one.cost:.2f}"
        lines.append(
            f"{one.annotator}: {count(one.verdicts, 'verdict')} ({count(one.draws, 'draw')}, "
            f"{one.both_bad} with both bad), {count(one.skips, 'skip')}{time}{side}{cost}"
        )
    lines += [f"{one.annotator} {reliability(one)}" for one in found.people if one.with_others]
    if found.agreement is not None:
        lines.append(f"judged by two or more: {count(found.agreement.cells, 'cell')}")
        lines += [f"{name}: {value}" for name, value in in_words(found.agreement)]
    lines += [f"skipped {count(times, 'time')}: {reason}" for reason, times in found.reasons]
    lines += [f"comment of {who}: {comment}" for who, comment in found.comments]
    return lines or ["nobody judged yet"]
