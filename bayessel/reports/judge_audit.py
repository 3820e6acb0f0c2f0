"""What is said of the judges of a run: position bias, flips, repeatability, agreement with gold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bayessel.inference.judges.audit import Audit, Estimate, audit
from bayessel.oracles.verdicts.record import Recorded
from bayessel.oracles.verdicts.table import Cell, verdict_table, without_verdict
from bayessel.outcomes import Outcome
from bayessel.support.text import count


@dataclass(frozen=True)
class JudgeReport:
    """What is known of the judges without a sampler.

    Attributes
    ----------
    judges
        One entry a judge that gave a verdict; the gold judge is not among them.
    failed
        Requests without a verdict: by judge and state.
    """

    judges: tuple[Audit, ...]
    failed: dict[str, dict[str, int]]

    @property
    def lines(self) -> list[str]:
        """Plain text, a few lines a judge."""
        found = [
            line for one in self.judges for line in _lines(one, self.failed.get(one.judge, {}))
        ]
        silent = [name for name in self.failed if name not in {one.judge for one in self.judges}]
        return found + [f"{name}: no verdict{_failed(self.failed[name])}" for name in silent]

    def __str__(self) -> str:
        return "\n".join(self.lines)


def judge_report(
    recorded: Sequence[Recorded],
    gold: str | Mapping[Cell, Outcome | int] | None = None,
) -> JudgeReport:
    """What recorded requests say of the judges.

    Parameters
    ----------
    recorded
        Requests, oldest first, as :attr:`~bayessel.oracles.verdicts.ledger.VerdictLedger.all`.
    gold
        As in :func:`~bayessel.oracles.verdicts.table.verdict_table`.

    Raises
    ------
    UnknownNameError
        The gold judge said nothing.
    """
    failed = without_verdict(recorded)
    if not any(r.verdict is not None and r.verdict.outcome is not None for r in recorded):
        return JudgeReport((), failed)
    table = verdict_table(recorded, gold)
    judges = tuple(one for one in audit(table) if one.judge != table.gold)
    return JudgeReport(judges, {k: v for k, v in failed.items() if k != table.gold})


def _lines(one: Audit, failed: Mapping[str, int]) -> list[str]:
    cells = "" if one.cells == one.verdicts else f" on {count(one.cells, 'cell')}"
    said = {"first place": "", "flips": "", "position bias": "not known: no cell in both orders"}
    if one.first_place.of:
        share = _share(one.first_place)
        said["first place"] = f"{share} of {one.first_place.of} decided verdicts are for it"
    if one.flips.of:
        turned = f"{100 * one.reversals.value:.0f} % from win to loss"
        of = count(one.flips.of, "cell")
        said["flips"] = f"{_share(one.flips)} of {of} in both orders; {turned}"
        bias = one.position_bias
        points, lower, upper = (100 * x for x in (bias.value, bias.lower, bias.upper))
        interval = f"(90 %: {lower:+.1f} to {upper:+.1f})"
        said["position bias"] = f"{points:+.1f} points for being shown first {interval}"
    if one.repeatability.of:
        of = count(one.repeatability.of, "cell")
        said["repeatability"] = f"{_share(one.repeatability)} of {of} asked again in the same order"
    if one.noise.of:
        interval = f"(90 %: {one.noise.lower:.3f} to {one.noise.upper:.3f})"
        said["noise"] = f"variance {one.noise.value:.3f} of half an outcome {interval}"
    if one.agreement.of:
        of, decided = count(one.agreement.of, "cell"), _share(one.agreement_decided)
        said["gold"] = f"agrees on {_share(one.agreement)} of {of}; where both decide, {decided}"
    first = f"{one.judge}: {count(one.verdicts, 'verdict')}{cells}{_failed(failed)}"
    return [first, *(f"  {what:<16}{text}" for what, text in said.items() if text)]


def _share(one: Estimate) -> str:
    return f"{100 * one.value:.0f} % (90 %: {100 * one.lower:.0f} to {100 * one.upper:.0f})"


def _failed(failed: Mapping[str, int]) -> str:
    return f" ({', '.join(f'{n} {state}' for state, n in failed.items())})" if failed else ""
