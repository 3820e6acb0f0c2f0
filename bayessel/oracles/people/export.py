"""Verdicts of people for other programs: a table, or tasks of Label Studio."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from bayessel.oracles.people.shown import is_person, screen_of
from bayessel.oracles.verdicts.record import Recorded, Request, State
from bayessel.outcomes import NAMES

if TYPE_CHECKING:
    import pandas as pd

    from bayessel.tasks.task import Task

COLUMNS = (
    "query",
    "candidate",
    "annotator",
    "state",
    "outcome",
    "both_bad",
    "choice",
    "note",
    "baseline_first",
    "overlap",
    "screen",
    "seconds",
    "cost",
    "asked",
)

LABELS = """<View>
  <Text name="query" value="$query"/>
  <View style="display: grid; grid-template-columns: 1fr 1fr; gap: 1em">
    <Text name="response_1" value="$response_1"/>
    <Text name="response_2" value="$response_2"/>
  </View>
  <Choices name="verdict" toName="query" choice="single">
    <Choice value="first"/><Choice value="second"/><Choice value="draw"/><Choice value="both_bad"/>
  </Choices>
  <TextArea name="note" toName="query"/>
</View>
"""
"""The labelling interface that the export is made for."""


def to_table(recorded: Iterable[Recorded]) -> pd.DataFrame:
    """One row for each answer of a person; skips are rows without an outcome.

    Rows with the same ``screen`` stood on one screen; it is empty for a pair.

    Parameters
    ----------
    recorded
        Requests of the ledger; those of LLM judges and open ones are left out.
    """
    import pandas as pd

    rows = [
        {
            "query": one.request.query,
            "candidate": one.request.candidate,
            "annotator": one.request.oracle,
            "state": verdict.state.value,
            "outcome": "" if verdict.outcome is None else NAMES[verdict.outcome + 1],
            "both_bad": verdict.both_bad,
            "choice": verdict.text,
            "note": verdict.detail,
            "baseline_first": one.request.baseline_first,
            "overlap": bool(one.request.shown.get("overlap")),
            "screen": screen_of(one.request) or "",
            "seconds": verdict.seconds,
            "cost": verdict.cost,
            "asked": one.at,
        }
        for one in recorded
        if is_person(one) and (verdict := one.verdict) is not None
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def to_label_studio(recorded: Iterable[Recorded], task: Task) -> list[dict[str, Any]]:
    """Tasks with annotations, as Label Studio imports them; its interface is :data:`LABELS`.

    Parameters
    ----------
    recorded
        Requests of the ledger.
    task
        For the texts.
    """
    return [
        {
            "data": _data(one.request, task),
            "annotations": [
                {
                    "result": _results(
                        verdict.text, verdict.detail, str(one.request.shown.get("id", one.number))
                    )
                    if verdict.state is State.VERDICT
                    else [],
                    "was_cancelled": verdict.state is State.SKIPPED,
                    "lead_time": verdict.seconds,
                    "created_username": one.request.oracle,
                }
            ],
            "meta": {
                "query": one.request.query,
                "candidate": one.request.candidate,
                "baseline": task.baseline,
                "annotator": one.request.oracle,
                "note": verdict.detail,
            },
        }
        for one in recorded
        if is_person(one) and (verdict := one.verdict) is not None
    ]


def _id(one: Recorded) -> str:
    return str(one.request.shown.get("id", one.number))


def _data(request: Request, task: Task) -> dict[str, str]:
    responses = task.responses_to(request.query)
    names = [task.baseline, request.candidate]
    first, second = names if request.baseline_first else reversed(names)
    return {
        "query": str(task.data["query_text"].sel(query=request.query).item()),
        "response_1": responses[first] or "",
        "response_2": responses[second] or "",
    }


def _results(choice: str, note: str, public_id: str) -> list[dict[str, Any]]:
    common = {"to_name": "query", "origin": "manual"}
    results = [
        {
            "id": f"{public_id}-v",
            "from_name": "verdict",
            "type": "choices",
            "value": {"choices": [choice]},
            **common,
        }
    ]
    if note:
        results.append(
            {
                "id": f"{public_id}-n",
                "from_name": "note",
                "type": "textarea",
                "value": {"text": [note]},
                **common,
            }
        )
    return results
