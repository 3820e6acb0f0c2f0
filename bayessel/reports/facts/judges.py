"""Part 6 of a report: who judged.

:func:`judges_of` is the one place where sources of verdicts become rows: what the ledger of
verdicts has (LLM judges, people at the page), and what was told otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from bayessel.inference.judges.audit import Estimate, audit
from bayessel.oracles.people.source import SOURCE as PAGE
from bayessel.oracles.people.summary import summarize
from bayessel.oracles.verdicts.ledger import DATABASE as VERDICTS
from bayessel.oracles.verdicts.ledger import VerdictLedger
from bayessel.oracles.verdicts.others import with_others
from bayessel.oracles.verdicts.record import Recorded, State
from bayessel.oracles.verdicts.table import verdict_table
from bayessel.reports.facts.parts import Judge
from bayessel.reports.people import in_words
from bayessel.selection.ledger import Ledger
from bayessel.support.text import count

_WORDS = {"recorded": "outcomes that came with the data", "tell": "told by hand or from a file"}
_ASKED = (PAGE, "oracle")  # sources whose verdicts are in the ledger of verdicts


def judges_of(
    ledger: Ledger, recorded: Sequence[Recorded], history: pd.DataFrame, *, costs_known: bool
) -> tuple[tuple[Judge, ...], str]:
    """One row for each source of verdicts of a run, and sentences on noise and corrections.

    Parameters
    ----------
    ledger
        Of the run.
    recorded
        What its ledger of verdicts has, see :func:`verdicts_in`.
    history
        One row a call, in the order of the ledger's answers.
    costs_known
        Whether somebody said what a call costs.
    """
    sources, (_, corrected) = ledger.sources, ledger.revision
    others = with_others(recorded)
    asked = [_judge(name, mine, others.get(name)) for name, mine in _by_judge(recorded).items()]
    without = _ASKED if asked else ()
    told = _told(history, sources, without, costs_known=costs_known)
    said = []
    if not asked and not told:
        said.append("Nobody has judged anything yet.")
    elif not asked:
        said.append("Each cell was judged once, so agreement and position flips are not known.")
    people = summarize(recorded)
    if people.agreement is not None:
        numbers = "; ".join(f"{name} {value}" for name, value in in_words(people.agreement))
        said.append(f"People agree, on {count(people.agreement.cells, 'cell')}: {numbers}.")
    if people.reasons:
        reasons = ", ".join(f"{reason} ({times})" for reason, times in people.reasons)
        said.append(f"Skipped: {reasons}.")
    if corrected:
        was = count(corrected, "outcome was", "outcomes were")
        said.append(f"{was} corrected or taken back afterwards.")
    return (*asked, *told), " ".join(said)


def verdicts_in(folder: Path) -> list[Recorded]:
    """Requests in the ledger of verdicts of a run, oldest first; none where there is no ledger."""
    if not (folder / VERDICTS).is_file():
        return []
    with VerdictLedger.in_folder(folder) as ledger:
        return ledger.all


def judging_cost(recorded: Iterable[Recorded]) -> float | None:
    """What all that was asked cost together; None where nothing is known to cost anything."""
    costs = [one.verdict.cost for one in recorded if one.verdict is not None and one.verdict.cost]
    return sum(costs) if costs else None


def _by_judge(recorded: Iterable[Recorded]) -> dict[str, list[Recorded]]:
    found: dict[str, list[Recorded]] = {}
    for one in recorded:
        found.setdefault(one.request.oracle, []).append(one)
    return found


def _judge(name: str, mine: Sequence[Recorded], others: Estimate | None) -> Judge:
    """A judge, or a person, that was asked."""
    verdicts = [one.verdict for one in mine if one.verdict is not None]
    good = sum(one.state is State.VERDICT for one in verdicts)
    seconds = [one.seconds for one in verdicts if one.seconds is not None]
    costs = [one.cost for one in verdicts if one.cost is not None]
    both = flips = None
    bias = None
    if good:
        (found,) = audit(verdict_table(mine))
        if found.flips.of:
            both = found.flips.of
            flips = round(found.flips.value * both)
            bias = (found.position_bias.value, found.position_bias.lower, found.position_bias.upper)
    return Judge(
        who=name,
        calls=len(mine),
        failed=len(mine) - good,
        seconds=sum(seconds) if seconds else None,
        cost=sum(costs) if costs else None,
        both=both,
        flips=flips,
        position_bias=bias,
        shared=None if others is None else others.of,
        agreement=None if others is None else (others.value, others.lower, others.upper),
    )


def _told(
    history: pd.DataFrame,
    sources: dict[tuple[str, str], str],
    without: Sequence[str],
    *,
    costs_known: bool,
) -> list[Judge]:
    """Sources whose outcomes were told: the history says what a call cost and took."""
    cells = zip(history["query"], history["candidate"], strict=True)
    calls = history.assign(who=[sources[cell] for cell in cells])
    found = []
    for who, part in calls.groupby("who", sort=False):
        if who in without:
            continue
        asked = part.drop_duplicates("question")  # the time of a question is that of its calls
        found.append(
            Judge(
                who=f"{who} ({_WORDS[str(who)]})" if str(who) in _WORDS else str(who),
                calls=len(part),
                seconds=float(asked["seconds"].sum()),
                cost=float(part["cost"].sum()) if costs_known else None,
            )
        )
    return found
