"""What LLM judges did in a run: counts, cost and failures, as numbers and as lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bayessel.inference.judges.audit import Audit
from bayessel.oracles.verdicts.ledger import VerdictLedger
from bayessel.oracles.verdicts.record import State
from bayessel.oracles.verdicts.tally import tallies
from bayessel.reports.judge_audit import judge_report
from bayessel.reports.standing import interval, percent, with_interval
from bayessel.support.text import count

_FAILED = (State.UNPARSED, State.REFUSED, State.ERROR)


def judge_numbers(ledger: VerdictLedger) -> dict[str, Any]:
    """Counts of every judge, what was spent, and what may have been paid for in vain."""
    records = ledger.all
    unsure = ledger.unsure
    audits = {one.judge: one for one in judge_report(records).judges}
    return {
        "judges": [
            {
                **tally.plain,
                **_estimates(audits.get(tally.oracle)),
                "cost": round(ledger.spent(tally.oracle), 8),
            }
            for tally in tallies(records)
        ],
        "cost": round(ledger.spent(), 8),
        "possibly_paid": {
            "in_flight": len(ledger.in_flight),
            "broken": unsure.calls,
            "at_most": round(unsure.most + sum(r.request.most for r in ledger.in_flight), 8),
        },
    }


_ESTIMATES = ("first_place", "flips", "position_bias", "repeatability")


def _estimates(audit: Audit | None) -> dict[str, dict[str, Any] | None]:
    """What is known of a judge, each with its 90 % interval; None where nothing tells."""
    known = {} if audit is None else {name: getattr(audit, name) for name in _ESTIMATES}
    found = {name: known.get(name) for name in _ESTIMATES}
    return {
        name: None if one is None or not one.of else {**asdict(one), "hits": one.hits}
        for name, one in found.items()
    }


def judge_lines(found: Mapping[str, Any], limit: float | None) -> list[str]:
    """The same, one sentence a line.

    Parameters
    ----------
    found
        :func:`judge_numbers`.
    limit
        Dollars that might be spent, for the judges that choose the best.
    """
    of = "" if limit is None else f" of {limit:g}"
    cheap = found.get("cheap")
    asked = [one for one in found["judges"] if cheap is None or one["judge"] != cheap["judge"]]
    lines = [f"Judging cost {dollars(sum(one['cost'] for one in asked))}{of} dollars"]
    if cheap is not None:
        lines[0] += (
            f", and the cheap judge {dollars(found['cost'] - sum(o['cost'] for o in asked))}"
        )
    for one in found["judges"]:
        lines.append(f"  {one['judge']}: {_verdicts(one)}; cost {dollars(one['cost'])}")
        lines += _orders(one)
    if cheap is not None and cheap["both_decided"]:
        share = percent(cheap["agreed"] / cheap["both_decided"])
        lines.append(
            f"  worth of the cheap judge: it agrees on {cheap['agreed']} of "
            f"{count(cheap['both_decided'], 'cell')} that both decided ({share})"
        )
    if noise := found.get("noise"):
        lines.append(
            f"  a judge's noise is taken into account: variance {noise['value']:.3f} of half an "
            f"outcome (90 %: {noise['lower']:.3f} to {noise['upper']:.3f}; from "
            f"{count(noise['cells'], 'cell')} judged twice)"
        )
    for one in found.get("gold", ()):
        lines.append(
            f"  {one['judge']} against the right verdicts: agrees on {one['agreed']} of "
            f"{count(one['cells'], 'cell')} (90 %: {interval(one['lower'], one['upper'])} %); "
            f"same sign on {one['same_sign']} of {one['decided']} decided"
            + _counts(one.get("weight"))
        )
    maybe = found["possibly_paid"]
    if maybe["in_flight"] or maybe["broken"]:
        what = []
        if maybe["in_flight"]:
            what.append(f"{count(maybe['in_flight'], 'call')} in flight when a process ended")
        if maybe["broken"]:
            what.append(f"{count(maybe['broken'], 'call')} that broke while the answer came")
        lines.append(
            f"  possibly paid for in vain: {' and '.join(what)}, at most "
            f"{dollars(maybe['at_most'])} dollars; counted in the cost"
        )
    failed = sum(one["states"].get(state.value, 0) for one in found["judges"] for state in _FAILED)
    if failed:
        lines.append(
            f"  {count(failed, 'call')} without a verdict: missing, never draws; "
            "--retry-failed asks again"
        )
    return lines


def _counts(weight: float | None) -> str:
    if weight is None:
        return ""
    if weight < 0:
        return "; it is more often wrong than right, so its verdicts count the other way round"
    return f"; its verdicts count {weight:.2f}"


def _verdicts(one: Mapping[str, Any]) -> str:
    states = dict(one["states"])
    said = states.pop(State.VERDICT.value, 0)
    outcomes = ", ".join(f"{n} {name}" for name, n in sorted(one["outcomes"].items()))
    failed = "".join(f", {n} {state}" for state, n in states.items())
    return f"{count(said, 'verdict')}{f' ({outcomes})' if outcomes else ''}{failed}"


def _orders(one: Mapping[str, Any]) -> Sequence[str]:
    lines = []
    if first := one["first_place"]:
        lines.append(
            f"    the response shown first won {_interval(first)} of {first['of']} decided "
            "verdicts; no bias: near 50 %"
        )
    if flips := one["flips"]:
        bias = {k: 100 * v for k, v in one["position_bias"].items()}
        lines.append(
            f"    {count(flips['of'], 'cell')} judged in both orders: "
            f"{count(flips['hits'], 'flip')}, where the two verdicts differ; being shown first is "
            f"worth {bias['value']:+.1f} points (90 %: {bias['lower']:+.1f} to "
            f"{bias['upper']:+.1f})"
        )
    if again := one["repeatability"]:
        lines.append(
            f"    {count(again['of'], 'cell')} asked again in the same order: {_interval(again)} "
            "alike"
        )
    if one["cut"]:
        lines.append(f"    {count(one['cut'], 'call')} with texts cut to the judge's context")
    return lines


def _interval(share: Mapping[str, Any]) -> str:
    return with_interval(share["value"], share["lower"], share["upper"])


def dollars(amount: float) -> str:
    """Dollars, with cents or, where there are none, three digits."""
    return f"{amount:.2f}" if amount >= 1 else f"{amount:.3g}"
